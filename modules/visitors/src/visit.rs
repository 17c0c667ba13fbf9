//! How far one visit got, and what each thing that happens to it means. Pure rules: no database, time passed in.
//!
//! Two laws hold whatever the order of events, and a property test tries to break them: a guest can always leave, and
//! nobody is shown in the building by a visit that was called off, refused or is over.

use sekisho_kernel::Timestamp;

use crate::tables::words::VisitState;

/// One visit as its rules see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// How far it got.
    pub state: VisitState,
    /// From when on its pass opens.
    pub opens_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
}

/// What happens to a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happening {
    /// The guest was told.
    Invite,
    /// The guest filled in the personal page.
    Register,
    /// A pass or code was shown at the reception.
    CheckIn,
    /// Somebody who may lets the guest in, checked in or not.
    Admit,
    /// Somebody who may does not let the guest in.
    Refuse,
    /// The guest went.
    Leave,
    /// The time is over and nobody came.
    Miss,
    /// It was called off.
    Cancel,
}

/// Why it cannot happen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The pass was used.
    Used,
    /// It is too early.
    NotYet,
    /// The time is over.
    Over,
    /// The visit was called off.
    Cancelled,
    /// The guest was refused.
    Refused,
    /// The guest is here.
    Here,
    /// The guest has gone.
    Gone,
}

impl Refusal {
    /// The word in facts and in the record.
    pub fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::NotYet => "not_yet",
            Self::Over => "over",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
            Self::Here => "here",
            Self::Gone => "gone",
        }
    }
}

/// The state afterwards. What has happened before may happen again without harm where the world repeats itself.
pub fn step(visit: Standing, what: Happening, now: Timestamp) -> Result<VisitState, Refusal> {
    use VisitState::{Admitted, Arrived, Cancelled, Draft, Invited, Left, NoShow, Refused, Registered};
    match (what, visit.state) {
        (Happening::Invite, Draft) => Ok(Invited),
        (Happening::Invite, Invited) => Ok(Invited),
        (Happening::Invite, Registered) => Ok(Registered),

        (Happening::Register, Draft | Invited | Registered) => Ok(Registered),
        // What is missing is filled in at the reception.
        (Happening::Register, here @ (Arrived | Admitted)) => Ok(here),

        (Happening::CheckIn, Draft | Invited | Registered) if now < visit.opens_at => Err(Refusal::NotYet),
        (Happening::CheckIn, Draft | Invited | Registered) if now >= visit.ends_at => Err(Refusal::Over),
        (Happening::CheckIn, Draft | Invited | Registered) => Ok(Arrived),
        (Happening::CheckIn, Arrived | Admitted | Left) => Err(Refusal::Used),

        // A person at the desk knows better than the clock: whoever comes late is let in all the same.
        (Happening::Admit, Draft | Invited | Registered | Arrived | NoShow) => Ok(Admitted),
        (Happening::Admit, Admitted) => Err(Refusal::Here),

        (Happening::Refuse, Draft | Invited | Registered | Arrived | NoShow) => Ok(Refused),
        (Happening::Refuse, Admitted) => Err(Refusal::Here),

        // Whoever was waved through unseen leaves like everybody else.
        (Happening::Leave, Draft | Invited | Registered | Arrived | Admitted | NoShow | Left) => Ok(Left),
        (Happening::Leave, ended @ (Refused | Cancelled)) => Ok(ended),

        (Happening::Miss, Draft | Invited | Registered) if now < visit.ends_at => Err(Refusal::NotYet),
        (Happening::Miss, Draft | Invited | Registered | NoShow) => Ok(NoShow),

        (Happening::Cancel, Draft | Invited | Registered) => Ok(Cancelled),

        (Happening::Miss | Happening::Cancel | Happening::Invite, Arrived | Admitted) => Err(Refusal::Here),
        (_, Left) => Err(Refusal::Gone),
        (_, NoShow) => Err(Refusal::Over),
        (_, Refused) => Err(Refusal::Refused),
        (_, Cancelled) => Err(Refusal::Cancelled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [Happening; 8] = [
        Happening::Invite,
        Happening::Register,
        Happening::CheckIn,
        Happening::Admit,
        Happening::Refuse,
        Happening::Leave,
        Happening::Miss,
        Happening::Cancel,
    ];

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000 + minutes * 60)
    }

    fn visit(state: VisitState) -> Standing {
        Standing { state, opens_at: at(-60), ends_at: at(60) }
    }

    #[test]
    fn a_pass_opens_once_and_in_its_time() {
        use VisitState::{Admitted, Arrived, Cancelled, Invited, Left, NoShow, Refused, Registered};
        let cases = [
            (Invited, -61, Err(Refusal::NotYet)),
            (Invited, -60, Ok(Arrived)),
            (Registered, 0, Ok(Arrived)),
            (Registered, 59, Ok(Arrived)),
            (Invited, 60, Err(Refusal::Over)),
            (Arrived, 0, Err(Refusal::Used)),
            (Admitted, 0, Err(Refusal::Used)),
            (Left, 0, Err(Refusal::Used)),
            (NoShow, 0, Err(Refusal::Over)),
            (Refused, 0, Err(Refusal::Refused)),
            (Cancelled, 0, Err(Refusal::Cancelled)),
        ];
        for (state, minutes, want) in cases {
            assert_eq!(step(visit(state), Happening::CheckIn, at(minutes)), want, "{state:?} at {minutes}");
        }
    }

    #[test]
    fn nobody_is_missed_before_the_end_or_while_here() {
        assert_eq!(step(visit(VisitState::Invited), Happening::Miss, at(59)), Err(Refusal::NotYet));
        assert_eq!(step(visit(VisitState::Invited), Happening::Miss, at(60)), Ok(VisitState::NoShow));
        assert_eq!(step(visit(VisitState::Admitted), Happening::Miss, at(600)), Err(Refusal::Here));
        assert_eq!(step(visit(VisitState::Arrived), Happening::Cancel, at(0)), Err(Refusal::Here));
    }

    proptest! {
        #[test]
        fn the_laws_hold_in_every_order(steps in proptest::collection::vec((0_usize..8, -200_i64..200), 0..40)) {
            let mut state = VisitState::Draft;
            for (what, minutes) in steps {
                let now = at(minutes);
                prop_assert!(step(visit(state), Happening::Leave, now).is_ok(), "{:?} cannot leave", state);
                let Ok(next) = step(visit(state), ALL[what], now) else { continue };
                let over = matches!(state, VisitState::Cancelled | VisitState::Refused | VisitState::Left);
                prop_assert!(!(over && next.is_here()), "{:?} came back by {:?}", state, ALL[what]);
                if next == VisitState::Arrived && state != VisitState::Arrived {
                    prop_assert!((-60..60).contains(&minutes));
                }
                state = next;
            }
        }
    }
}
