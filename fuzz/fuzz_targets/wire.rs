//! Payloads of devices: whatever bytes come, they are read or refused, and what was read is written back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sekisho_wire::{Ack, Answer, Ask, Event, Heartbeat, SignedCommand, Topic, decode, encode};

/// Reads `payload` as a `$message`; what is understood must survive writing and reading again.
macro_rules! round_trip {
    ($payload:expr, $($message:ty),+) => {$(
        if let Ok(message) = decode::<$message>($payload) {
            assert_eq!(decode::<$message>(&encode(&message)).expect("what we wrote can be read"), message);
        }
    )+};
}

fuzz_target!(|bytes: &[u8]| {
    let _ = std::str::from_utf8(bytes).map(Topic::parse);
    round_trip!(bytes, Event, Ask, Answer, Ack, Heartbeat, SignedCommand);
});
