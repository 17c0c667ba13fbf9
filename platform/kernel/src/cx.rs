//! The context of a request: who asks, for which tenant, when, in which language. It goes first into every use case.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{DeviceId, Language, PersonId, RequestId, TenantId, Timestamp};

/// Time and chance, passed in so that tests can hold both still.
pub trait World: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
    /// Fills `bytes` with chance fit for secrets.
    fn fill(&self, bytes: &mut [u8]);
}

/// Who acts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Actor {
    /// Nobody has been identified.
    Nobody,
    /// A person, signed in or identified at a device.
    Person {
        /// Who.
        id: PersonId,
    },
    /// A person through an API token.
    Token {
        /// The person who made the token.
        id: PersonId,
        /// The token.
        token: Uuid,
    },
    /// Somebody without an account, known by a booking or pass.
    Guest {
        /// The booking or visit that identifies them.
        id: Uuid,
    },
    /// A device of the tenant.
    Device {
        /// Which.
        id: DeviceId,
    },
    /// Sekisho itself: a job, a schedule, the command line.
    System {
        /// The name of the job or command.
        name: String,
    },
}

impl Actor {
    /// The person behind the act, signed in or through a token.
    pub fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { id } | Self::Token { id, .. } => Some(*id),
            _ => None,
        }
    }
}

/// The context of one request. The tenant comes from here and nowhere else.
#[derive(Clone)]
pub struct Cx {
    /// The tenant the request is for.
    pub tenant: TenantId,
    /// Who acts.
    pub actor: Actor,
    /// The time of the request; one value from first to last.
    pub now: Timestamp,
    /// The language of the answer.
    pub language: Language,
    /// The number under which the log has this request.
    pub request: RequestId,
    /// The client's address, behind trusted proxies only.
    pub address: Option<IpAddr>,
    /// When the actor last proved a second factor; `None` when never in this session.
    pub verified_at: Option<Timestamp>,
    world: Arc<dyn World>,
}

impl Cx {
    /// A context for `tenant` and `actor`, at the time of `world`, with a fresh request number.
    pub fn new(world: Arc<dyn World>, tenant: TenantId, actor: Actor, language: Language) -> Self {
        let now = world.now();
        let request = RequestId(fresh_uuid(&*world, now));
        Self { tenant, actor, now, language, request, address: None, verified_at: None, world }
    }

    /// A context for Sekisho itself: jobs, schedules, commands.
    pub fn system(world: Arc<dyn World>, tenant: TenantId, name: &str) -> Self {
        Self::new(world, tenant, Actor::System { name: name.to_owned() }, Language::Ja)
    }

    /// The same request done by `actor`, as after a badge or code has named a person.
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }

    /// The same request for the same tenant at this very moment: long-lived tasks call it at each step.
    pub fn later(&self) -> Self {
        Self { now: self.world.now(), ..self.clone() }
    }

    /// Whether the actor proved who they are within the last `limit`. A proof from the future (a clock set back) counts,
    /// too: it was made in this session.
    pub fn proven_within(&self, limit: Duration) -> bool {
        self.verified_at.is_some_and(|at| self.now.since(at) < limit)
    }

    /// A new id of any typed kind, ordered by the request's time.
    pub fn fresh_id<T: From<Uuid>>(&self) -> T {
        fresh_uuid(&*self.world, self.now).into()
    }

    /// `N` bytes of chance fit for secrets.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.world.fill(&mut bytes);
        bytes
    }

    /// Time and chance themselves, for tasks that outlive the request.
    pub fn world(&self) -> &Arc<dyn World> {
        &self.world
    }
}

impl std::fmt::Debug for Cx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cx")
            .field("tenant", &self.tenant)
            .field("actor", &self.actor)
            .field("now", &self.now)
            .field("request", &self.request)
            .finish_non_exhaustive()
    }
}

/// UUID version 7: 48 bits of milliseconds, then 12 bits of the millisecond's fraction (RFC 9562, 6.2 method 3), then
/// chance.
fn fresh_uuid(world: &dyn World, now: Timestamp) -> Uuid {
    let micros = now.as_micros().max(0).unsigned_abs();
    let fraction = u16::try_from((micros % 1000) * 4096 / 1000).unwrap_or(0);
    let mut bytes = [0; 10];
    let (head, tail) = bytes.split_at_mut(2);
    head.copy_from_slice(&fraction.to_be_bytes());
    world.fill(tail);
    uuid::Builder::from_unix_timestamp_millis(micros / 1000, &bytes).into_uuid()
}
