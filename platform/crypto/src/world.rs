//! The real world: the machine's clock and AWS-LC's random generator.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_kernel::{Timestamp, World};

/// Time and chance as the machine has them. Made once, in the apps; everybody else is handed it.
pub fn system_world() -> Arc<dyn World> {
    Arc::new(System)
}

struct System;

impl World for System {
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    #[expect(
        clippy::expect_used,
        reason = "without chance no secret is safe; going on would be worse than stopping"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).expect("the random generator works");
    }
}
