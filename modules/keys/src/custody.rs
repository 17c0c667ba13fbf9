//! Where one key is, and what each thing that happens to it means. Pure rules: no database, no clock.
//!
//! Two laws hold whatever the order of events, and a property test tries to break them: a key never has two open loans,
//! and a key that is put back is always taken back, whoever puts it, wherever, whenever.

use serde::{Deserialize, Serialize};

use crate::ids::{BinId, LoanId};

/// Where a key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Custody {
    /// Hanging in a bin.
    In(BinId),
    /// Its bin was released for somebody, who has not taken it yet.
    Released {
        /// The loan that will be, once the key leaves the bin.
        loan: LoanId,
        /// Where it still hangs.
        bin: BinId,
    },
    /// With its holder, known or not.
    Out(LoanId),
    /// Nobody knows: not in a bin, not on loan.
    Missing,
}

/// What happened to a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Happening {
    /// Its bin was released for a loan.
    Released(LoanId),
    /// The time to open it ran out, or the bin was closed with the key inside.
    NotTaken(LoanId),
    /// The fob left its bin, under this loan when one is known.
    Removed(Option<LoanId>),
    /// The fob appeared in a bin.
    Inserted(BinId),
    /// Somebody looked and it was not there.
    FoundMissing,
}

/// What follows from it, to be written down in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consequence {
    /// The loan begins.
    Take(LoanId),
    /// The loan ends with the key back in this bin.
    GiveBack(LoanId, BinId),
    /// The attempt ends; nothing was lent.
    CloseAttempt(LoanId),
    /// The loan ends because another began while nobody saw the key come back.
    Supersede(LoanId),
    /// A loan without a known holder begins.
    TakeByNobody,
    /// The key hangs in this bin from now on.
    Hang(BinId),
    /// The key hangs nowhere from now on.
    Unhang,
    /// Something is wrong and people are told.
    Trouble(Trouble),
}

/// What can be wrong with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// It left its bin though nobody was allowed to take it.
    RemovedByForce,
    /// It is neither in its bin nor on loan.
    Missing,
    /// It left the box unseen and is with somebody else now.
    Swapped,
}

/// Why a key cannot be released now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotThere {
    /// Somebody has it.
    Out,
    /// Somebody is taking it at this moment.
    BeingTaken,
    /// Nobody knows where it is.
    Missing,
}

/// Where the key is afterwards, and what follows. A happening that changes nothing has no consequences, so that the same
/// message told twice does no harm.
pub fn after(custody: Custody, happening: Happening) -> (Custody, Vec<Consequence>) {
    use Consequence::{CloseAttempt, GiveBack, Hang, Supersede, Take, TakeByNobody, Unhang};
    match (custody, happening) {
        (Custody::In(bin), Happening::Released(loan)) => (Custody::Released { loan, bin }, vec![]),
        // Whoever comes second is told no before this; a second release never replaces the first.
        (custody, Happening::Released(_)) => (custody, vec![]),

        (Custody::Released { loan, bin }, Happening::NotTaken(ended)) if loan == ended => {
            (Custody::In(bin), vec![CloseAttempt(loan)])
        }
        (custody, Happening::NotTaken(_)) => (custody, vec![]),

        (Custody::Released { loan, .. }, Happening::Removed(by)) if by.is_none_or(|by| by == loan) => {
            (Custody::Out(loan), vec![Unhang, Take(loan)])
        }
        // An earlier release was used after all: the box was offline when it reported it.
        (Custody::Released { loan, .. }, Happening::Removed(Some(by))) => {
            (Custody::Out(by), vec![CloseAttempt(loan), Unhang, Take(by)])
        }
        (Custody::In(_) | Custody::Missing, Happening::Removed(Some(by))) => {
            (Custody::Out(by), vec![Unhang, Take(by)])
        }
        (Custody::Out(held), Happening::Removed(Some(by))) if held != by => (
            Custody::Out(by),
            vec![Supersede(held), Unhang, Take(by), Consequence::Trouble(Trouble::Swapped)],
        ),
        (Custody::Out(loan), Happening::Removed(_)) => (Custody::Out(loan), vec![]),
        // The id of the loan without a holder is the writer's to make; until it is written the key is nowhere.
        (Custody::In(_) | Custody::Released { .. }, Happening::Removed(None)) => {
            (Custody::Missing, vec![Unhang, TakeByNobody, Consequence::Trouble(Trouble::RemovedByForce)])
        }
        (Custody::Missing, Happening::Removed(None)) => (Custody::Missing, vec![]),

        (Custody::In(old), Happening::Inserted(bin)) if old == bin => (Custody::In(bin), vec![]),
        (Custody::In(_) | Custody::Missing, Happening::Inserted(bin)) => (Custody::In(bin), vec![Hang(bin)]),
        (Custody::Released { loan, bin: old }, Happening::Inserted(bin)) if old == bin => {
            // Still there, or there again before its removal was told.
            (Custody::Released { loan, bin }, vec![])
        }
        (Custody::Released { loan, .. }, Happening::Inserted(bin)) => {
            (Custody::In(bin), vec![CloseAttempt(loan), Hang(bin)])
        }
        (Custody::Out(loan), Happening::Inserted(bin)) => {
            (Custody::In(bin), vec![GiveBack(loan, bin), Hang(bin)])
        }

        (Custody::In(_), Happening::FoundMissing) => {
            (Custody::Missing, vec![Unhang, Consequence::Trouble(Trouble::Missing)])
        }
        (Custody::Released { loan, .. }, Happening::FoundMissing) => {
            (Custody::Missing, vec![CloseAttempt(loan), Unhang, Consequence::Trouble(Trouble::Missing)])
        }
        (custody @ (Custody::Out(_) | Custody::Missing), Happening::FoundMissing) => (custody, vec![]),
    }
}

/// Whether the key can be released now, and from which bin.
pub fn release(custody: Custody) -> Result<BinId, NotThere> {
    match custody {
        Custody::In(bin) => Ok(bin),
        Custody::Released { .. } => Err(NotThere::BeingTaken),
        Custody::Out(_) => Err(NotThere::Out),
        Custody::Missing => Err(NotThere::Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn loan(n: u8) -> LoanId {
        LoanId(Uuid::from_u128(u128::from(n)))
    }
    fn bin(n: u8) -> BinId {
        BinId(Uuid::from_u128(1000 + u128::from(n)))
    }

    #[test]
    fn what_follows_from_what_happens() {
        use Consequence::*;
        use Custody::{In, Missing, Out, Released};
        use Happening::{FoundMissing, Inserted, NotTaken, Removed};
        let (a, b) = (bin(1), bin(2));
        let (x, y) = (loan(1), loan(2));
        let cases = [
            (In(a), Happening::Released(x), Released { loan: x, bin: a }, vec![]),
            (Released { loan: x, bin: a }, Happening::Released(y), Released { loan: x, bin: a }, vec![]),
            (Released { loan: x, bin: a }, Removed(Some(x)), Out(x), vec![Unhang, Take(x)]),
            (Released { loan: x, bin: a }, Removed(None), Out(x), vec![Unhang, Take(x)]),
            (Released { loan: x, bin: a }, NotTaken(x), In(a), vec![CloseAttempt(x)]),
            (Released { loan: y, bin: a }, NotTaken(x), Released { loan: y, bin: a }, vec![]),
            // told late: the first release was used, the second is void
            (Released { loan: y, bin: a }, Removed(Some(x)), Out(x), vec![CloseAttempt(y), Unhang, Take(x)]),
            // told late: the attempt was closed already
            (In(a), Removed(Some(x)), Out(x), vec![Unhang, Take(x)]),
            (
                In(a),
                Removed(None),
                Missing,
                vec![Unhang, TakeByNobody, Trouble(super::Trouble::RemovedByForce)],
            ),
            (Out(x), Inserted(b), In(b), vec![GiveBack(x, b), Hang(b)]),
            (Missing, Inserted(b), In(b), vec![Hang(b)]),
            (In(a), Inserted(a), In(a), vec![]),
            (In(a), FoundMissing, Missing, vec![Unhang, Trouble(super::Trouble::Missing)]),
            (Out(x), FoundMissing, Out(x), vec![]),
            (
                Out(x),
                Removed(Some(y)),
                Out(y),
                vec![Supersede(x), Unhang, Take(y), Trouble(super::Trouble::Swapped)],
            ),
        ];
        for (before, happening, want, consequences) in cases {
            assert_eq!(after(before, happening), (want, consequences), "{before:?} {happening:?}");
        }
    }

    #[test]
    fn only_a_hanging_key_is_released() {
        assert_eq!(release(Custody::In(bin(1))), Ok(bin(1)));
        assert_eq!(release(Custody::Released { loan: loan(1), bin: bin(1) }), Err(NotThere::BeingTaken));
        assert_eq!(release(Custody::Out(loan(1))), Err(NotThere::Out));
        assert_eq!(release(Custody::Missing), Err(NotThere::Missing));
    }

    fn happenings() -> impl Strategy<Value = Happening> {
        let id = 1_u8..6;
        prop_oneof![
            id.clone().prop_map(|n| Happening::Released(loan(n))),
            id.clone().prop_map(|n| Happening::NotTaken(loan(n))),
            proptest::option::of(id.clone()).prop_map(|n| Happening::Removed(n.map(loan))),
            id.prop_map(|n| Happening::Inserted(bin(n))),
            Just(Happening::FoundMissing),
        ]
    }

    proptest! {
        /// Any sequence whatever: one open loan at most, a returned key hangs where it was put, every loan that began
        /// has ended when the key hangs.
        #[test]
        fn never_two_open_loans_and_returning_never_refused(story in prop::collection::vec(happenings(), 0..60)) {
            let mut custody = Custody::In(bin(1));
            let mut open: Vec<LoanId> = vec![];
            let mut nobody = 100_u8;
            for happening in story {
                let (mut next, consequences) = after(custody, happening);
                for consequence in consequences {
                    match consequence {
                        Consequence::Take(id) => { open.retain(|one| *one != id); open.push(id) }
                        Consequence::TakeByNobody => {
                            nobody = nobody.wrapping_add(1).max(100);
                            open.push(loan(nobody));
                            next = Custody::Out(loan(nobody));
                        }
                        Consequence::GiveBack(id, _) | Consequence::Supersede(id) => open.retain(|one| *one != id),
                        _ => {}
                    }
                    prop_assert!(open.len() <= 1, "{open:?}");
                }
                if let Happening::Inserted(at) = happening {
                    let here = matches!(next, Custody::In(bin) | Custody::Released { bin, .. } if bin == at);
                    prop_assert!(here, "put into {at:?}, became {next:?}");
                }
                if let Custody::In(_) = next {
                    prop_assert!(open.is_empty());
                }
                // the same thing told twice changes nothing more
                let again = after(next, happening);
                prop_assert_eq!(again.0, next);
                custody = next;
            }
        }
    }
}
