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
    /// Of a guest who went: when the day after that of their arrival begins.
    pub next_day: Option<Timestamp>,
}

impl Standing {
    /// Of a guest who went and is expected on another day of the same visit: from when the reception is open for them again.
    pub fn back_from(&self) -> Option<Timestamp> {
        let from = self.next_day?.max(self.opens_at);
        (self.state == VisitState::Left && from < self.ends_at).then_some(from)
    }

    /// Whether the guest went and is expected on another day of the same visit.
    pub fn comes_again(&self) -> bool {
        self.back_from().is_some()
    }

    /// Whether that day has come.
    fn is_back(&self, now: Timestamp) -> bool {
        self.back_from().is_some_and(|from| (from..self.ends_at).contains(&now))
    }
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
    /// Somebody who may says that the guest came.
    Arrive,
    /// Somebody who may lets the guest in, checked in or not.
    Admit,
    /// Somebody who may does not let the guest in.
    Refuse,
    /// Somebody who may says that the guest went.
    Leave,
    /// A pass or code was shown on the way out.
    CheckOut,
    /// Somebody says that they are coming to meet the guest.
    Answer,
    /// Somebody who was asked asks somebody else.
    PassOn,
    /// The guest asks for another time.
    Propose,
    /// Time, place or host are changed.
    Change,
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
    /// The guest has not come.
    NotHere,
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
            Self::NotHere => "not_here",
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
        // Heard of late, from a terminal that had no network: the guest came in time after all.
        (Happening::CheckIn, NoShow) if (visit.opens_at..visit.ends_at).contains(&now) => Ok(Arrived),
        // Of a visit of several days the pass opens once on each of them.
        (Happening::CheckIn | Happening::Arrive, Left) if visit.is_back(now) => Ok(Arrived),
        (Happening::CheckIn, Arrived | Admitted | Left) => Err(Refusal::Used),

        // A person at the desk knows better than the clock: whoever comes late is let in all the same.
        (Happening::Arrive, Draft | Invited | Registered | NoShow) => Ok(Arrived),
        (Happening::Arrive, Arrived | Admitted) => Err(Refusal::Here),
        (Happening::Admit, Left) if visit.is_back(now) => Ok(Admitted),
        (Happening::Admit, Draft | Invited | Registered | Arrived | NoShow) => Ok(Admitted),
        (Happening::Admit, Admitted) => Err(Refusal::Here),

        (Happening::Refuse, Left) if visit.is_back(now) => Ok(Refused),
        (Happening::Refuse, Draft | Invited | Registered | Arrived | NoShow) => Ok(Refused),
        (Happening::Refuse, Admitted) => Err(Refusal::Here),

        // Nobody can have left before the reception opens for them.
        (Happening::Leave, early @ (Draft | Invited | Registered)) if now < visit.opens_at => Ok(early),
        // Whoever was waved through unseen leaves like everybody else.
        (Happening::Leave, Draft | Invited | Registered) => Ok(Left),
        // Nobody saw this guest come. They took the wrong button on their way in, or somebody else has the code: the visit
        // stays open, and the desk, which sees who goes, can still say that they left.
        (Happening::CheckOut, unseen @ (Draft | Invited | Registered)) => Ok(unseen),
        (Happening::Leave | Happening::CheckOut, Arrived | Admitted | NoShow | Left) => Ok(Left),
        (Happening::Leave | Happening::CheckOut, ended @ (Refused | Cancelled)) => Ok(ended),

        (Happening::Answer | Happening::PassOn, Arrived) => Ok(Arrived),
        (Happening::Answer | Happening::PassOn, Draft | Invited | Registered) => Err(Refusal::NotHere),
        (Happening::Answer | Happening::PassOn, Admitted) => Err(Refusal::Here),

        (Happening::Propose, Draft | Invited | Registered) if now >= visit.ends_at => Err(Refusal::Over),
        (Happening::Propose | Happening::Change, same @ (Draft | Invited | Registered)) => Ok(same),

        // Days of a visit that are still to come can be moved and called off like one that has not begun.
        (Happening::Invite | Happening::Propose | Happening::Change, Left) if visit.comes_again() => Ok(Left),
        (Happening::Cancel, Left) if visit.comes_again() => Ok(Cancelled),

        (Happening::Miss, Draft | Invited | Registered) if now < visit.ends_at => Err(Refusal::NotYet),
        (Happening::Miss, Draft | Invited | Registered | NoShow) => Ok(NoShow),

        (Happening::Cancel, Draft | Invited | Registered) => Ok(Cancelled),

        (
            Happening::Miss | Happening::Cancel | Happening::Invite | Happening::Propose | Happening::Change,
            Arrived | Admitted,
        ) => Err(Refusal::Here),
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

    const ALL: [Happening; 14] = [
        Happening::Invite,
        Happening::Register,
        Happening::CheckIn,
        Happening::Arrive,
        Happening::Admit,
        Happening::Refuse,
        Happening::Leave,
        Happening::CheckOut,
        Happening::Answer,
        Happening::PassOn,
        Happening::Propose,
        Happening::Change,
        Happening::Miss,
        Happening::Cancel,
    ];

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_secs(1_800_000_000 + minutes * 60)
    }

    fn visit(state: VisitState) -> Standing {
        Standing { state, opens_at: at(-60), ends_at: at(60), next_day: None }
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
            // Heard of late: the guest came before the end.
            (NoShow, 59, Ok(Arrived)),
            (NoShow, 60, Err(Refusal::Over)),
            (Refused, 0, Err(Refusal::Refused)),
            (Cancelled, 0, Err(Refusal::Cancelled)),
        ];
        for (state, minutes, want) in cases {
            assert_eq!(step(visit(state), Happening::CheckIn, at(minutes)), want, "{state:?} at {minutes}");
        }
    }

    #[test]
    fn nobody_leaves_before_they_can_have_come() {
        use VisitState::{Admitted, Arrived, Cancelled, Invited, Left, NoShow, Refused};
        let cases = [
            (Happening::Leave, Invited, -61, Invited),
            (Happening::Leave, Invited, -60, Left),
            (Happening::CheckOut, Invited, -61, Invited),
            (Happening::CheckOut, Invited, 0, Invited),
            (Happening::CheckOut, Arrived, -61, Left),
            (Happening::CheckOut, Admitted, 600, Left),
            (Happening::CheckOut, NoShow, 61, Left),
            (Happening::CheckOut, Refused, 0, Refused),
            (Happening::CheckOut, Cancelled, 0, Cancelled),
        ];
        for (what, state, minutes, want) in cases {
            assert_eq!(step(visit(state), what, at(minutes)), Ok(want), "{what:?} of {state:?} at {minutes}");
        }
    }

    #[test]
    fn each_refusal_says_what_is_so() {
        use VisitState::{Admitted, Arrived, Cancelled, Invited, Left, NoShow, Refused};
        let cases = [
            (Happening::Answer, Invited, Refusal::NotHere),
            (Happening::PassOn, NoShow, Refusal::Over),
            (Happening::Answer, Admitted, Refusal::Here),
            (Happening::PassOn, Left, Refusal::Gone),
            (Happening::Answer, Refused, Refusal::Refused),
            (Happening::Propose, Arrived, Refusal::Here),
            (Happening::Propose, Cancelled, Refusal::Cancelled),
            (Happening::Propose, Left, Refusal::Gone),
            (Happening::Change, Admitted, Refusal::Here),
        ];
        for (what, state, want) in cases {
            assert_eq!(step(visit(state), what, at(0)), Err(want), "{what:?} of {state:?}");
        }
        assert_eq!(step(visit(Invited), Happening::Propose, at(60)), Err(Refusal::Over));
    }

    #[test]
    fn of_a_visit_of_many_days_a_pass_opens_on_each() {
        use VisitState::{Admitted, Arrived, Cancelled, Left, Refused};
        let day = 24 * 60;
        let left = Standing { state: Left, opens_at: at(-60), ends_at: at(3 * day), next_day: Some(at(day)) };
        assert_eq!(step(left, Happening::CheckIn, at(day - 1)), Err(Refusal::Used));
        for (what, want) in
            [(Happening::CheckIn, Arrived), (Happening::Arrive, Arrived), (Happening::Admit, Admitted)]
        {
            assert_eq!(step(left, what, at(day)), Ok(want));
        }
        assert_eq!(step(left, Happening::Refuse, at(day)), Ok(Refused));
        assert_eq!(step(left, Happening::CheckIn, at(3 * day)), Err(Refusal::Used));
        assert_eq!(step(left, Happening::Cancel, at(60)), Ok(Cancelled));
        assert_eq!(step(left, Happening::Change, at(60)), Ok(Left));
        // Moved to begin later: not before the reception opens for it.
        let moved = Standing { opens_at: at(2 * day), ..left };
        assert_eq!(step(moved, Happening::CheckIn, at(day)), Err(Refusal::Used));
        // The last day, or the only one.
        let last = Standing { next_day: Some(at(3 * day)), ..left };
        assert_eq!(step(last, Happening::CheckIn, at(2 * day)), Err(Refusal::Used));
        assert_eq!(step(last, Happening::Cancel, at(60)), Err(Refusal::Gone));
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
        fn the_laws_hold_in_every_order(steps in proptest::collection::vec((0_usize..14, -200_i64..200), 0..40)) {
            let mut state = VisitState::Draft;
            for (what, minutes) in steps {
                let now = at(minutes);
                for leaving in [Happening::Leave, Happening::CheckOut] {
                    prop_assert!(step(visit(state), leaving, now).is_ok(), "{:?} cannot leave", state);
                }
                let Ok(next) = step(visit(state), ALL[what], now) else { continue };
                let over = matches!(state, VisitState::Cancelled | VisitState::Refused | VisitState::Left);
                prop_assert!(!(over && next.is_here()), "{:?} came back by {:?}", state, ALL[what]);
                if ALL[what] == Happening::CheckIn && state != VisitState::Arrived {
                    prop_assert!((-60..60).contains(&minutes));
                }
                state = next;
            }
        }
    }
}
