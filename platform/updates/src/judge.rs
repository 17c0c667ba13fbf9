//! What a server demands before it publishes: that everything people sign is signed by enough of them, all the way from the
//! root document it was given by hand. Devices judge again, by another program (`tough`), and do not take its word.

use sekisho_kernel::Timestamp;

use crate::offline::{RootDocument, TargetsDocument};
use crate::role_key::{PublicKey, SignError};

/// Why documents are not published.
#[derive(Debug, thiserror::Error)]
pub enum NotBelieved {
    /// Too few of those who may sign have signed.
    #[error("the {0} is not signed by enough of those who may")]
    Signature(&'static str),
    /// Older than what is published, or another of the same number.
    #[error("it is older than what is published")]
    Older,
    /// Its time is over.
    #[error("the time of the {0} is over")]
    Expired(&'static str),
    /// The root document names another key for the server.
    #[error("the root document names another key for the server")]
    OtherServer,
    /// Not a document.
    #[error("not readable: {0}")]
    Unreadable(#[from] SignError),
}

/// Judges the first root documents, from the one that nothing but the hand that brings it vouches for to the newest: each
/// signed by those the one before named, and only the newest has to name this server and to be in time. A server that
/// takes another's place begins so.
///
/// # Errors
/// [`NotBelieved`].
pub fn first_roots(
    offered: &[RootDocument],
    online: PublicKey,
    now: Timestamp,
) -> Result<Vec<RootDocument>, NotBelieved> {
    let first = offered.iter().min_by_key(|root| root.version());
    let first = first.ok_or(SignError::Wrong("there is no root document"))?;
    if !first.is_signed(None) {
        return Err(NotBelieved::Signature("root document"));
    }
    let mut roots = vec![first.clone()];
    roots.extend(follow(first, offered)?);
    named_and_in_time(roots.last().unwrap_or(first), online, now)?;
    Ok(roots)
}

/// The root documents of `offered` that follow the one that is trusted, in order.
fn follow(trusted: &RootDocument, offered: &[RootDocument]) -> Result<Vec<RootDocument>, NotBelieved> {
    let (mut newest, mut fresh) = (trusted, Vec::new());
    while let Some(next) = offered.iter().find(|root| Some(root.version()) == newest.version().checked_add(1))
    {
        if !next.is_signed(Some(newest)) {
            return Err(NotBelieved::Signature("root document"));
        }
        fresh.push(next.clone());
        newest = next;
    }
    Ok(fresh)
}

/// Follows root documents from the one that is trusted to the newest of `offered`, and judges the targets document by that.
/// What comes back is the root documents that are new, in order, and the targets.
///
/// # Errors
/// [`NotBelieved`].
pub fn publication(
    trusted: &RootDocument,
    offered: &[RootDocument],
    targets: &TargetsDocument,
    published: Option<&TargetsDocument>,
    online: PublicKey,
    now: Timestamp,
) -> Result<Vec<RootDocument>, NotBelieved> {
    let fresh = follow(trusted, offered)?;
    let newest = fresh.last().unwrap_or(trusted);
    named_and_in_time(newest, online, now)?;
    if !targets.is_signed(newest) {
        return Err(NotBelieved::Signature("targets document"));
    }
    if targets.expires() <= now {
        return Err(NotBelieved::Expired("targets document"));
    }
    let older = |published: &TargetsDocument| {
        targets.version() < published.version()
            || (targets.version() == published.version() && targets.images() != published.images())
    };
    if published.is_some_and(older) {
        return Err(NotBelieved::Older);
    }
    Ok(fresh)
}

fn named_and_in_time(root: &RootDocument, online: PublicKey, now: Timestamp) -> Result<(), NotBelieved> {
    if !root.trusts_online(online) {
        Err(NotBelieved::OtherServer)
    } else if root.expires() <= now {
        Err(NotBelieved::Expired("root document"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{NotBelieved, first_roots, publication};
    use crate::offline::{RootDocument, Signers, TargetsDocument};
    use crate::{RoleKey, SignError};
    use sekisho_kernel::Timestamp;

    const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);
    const YEAR: Duration = Duration::from_secs(365 * 86_400);

    fn key() -> RoleKey {
        RoleKey::generate(&*sekisho_crypto::system_world()).unwrap()
    }

    fn signers(root: &[&RoleKey], targets: &[&RoleKey], online: &RoleKey) -> Signers {
        let public = |keys: &[&RoleKey]| keys.iter().map(|key| key.public()).collect();
        Signers {
            root: public(root),
            root_threshold: root.len(),
            targets: public(targets),
            targets_threshold: targets.len(),
            online: online.public(),
        }
    }

    #[test]
    fn a_server_takes_only_a_whole_chain() {
        let (a, b, c, online) = (key(), key(), key(), key());
        let mut root = RootDocument::first(&signers(&[&a, &b], &[&c], &online), NOW.plus(YEAR)).unwrap();
        root.sign(&a, None).unwrap();
        let judged = |root: &RootDocument, by: &RoleKey| {
            let root = RootDocument::read(&root.to_bytes().unwrap()).unwrap();
            first_roots(&[root], by.public(), NOW).map(|roots| roots[0].version())
        };
        assert!(matches!(judged(&root, &online), Err(NotBelieved::Signature(_))), "one of two");
        root.sign(&b, None).unwrap();
        assert_eq!(judged(&root, &online).unwrap(), 1);
        assert!(matches!(judged(&root, &c), Err(NotBelieved::OtherServer)));
        let mut targets = TargetsDocument::first(NOW.plus(YEAR)).unwrap();
        let take = |root: &RootDocument, offered: &[RootDocument], targets: &TargetsDocument, now| {
            publication(root, offered, targets, None, online.public(), now).map(|fresh| fresh.len())
        };
        assert!(matches!(take(&root, &[], &targets, NOW), Err(NotBelieved::Signature(_))));
        targets.sign(&c, &root).unwrap();
        assert_eq!(take(&root, &[], &targets, NOW).unwrap(), 0);
        assert!(matches!(take(&root, &[], &targets, NOW.plus(YEAR * 2)), Err(NotBelieved::Expired(_))));
        // Other signers, of whom the old ones know nothing, and then with their consent.
        let d = key();
        let mut next = root.next(&signers(&[&d], &[&d], &online), NOW.plus(YEAR)).unwrap();
        next.sign(&d, Some(&root)).unwrap();
        assert!(matches!(take(&root, &[next.clone()], &targets, NOW), Err(NotBelieved::Signature(_))));
        next.sign(&a, Some(&root)).unwrap();
        next.sign(&b, Some(&root)).unwrap();
        assert!(matches!(next.sign(&c, Some(&root)), Err(SignError::NotASigner(_))));
        // From now on the old signer of targets counts for nothing.
        assert!(matches!(take(&root, &[next.clone()], &targets, NOW), Err(NotBelieved::Signature(_))));
        let mut second = targets.next(NOW.plus(YEAR)).unwrap();
        second.sign(&d, &next).unwrap();
        assert_eq!(take(&root, &[next.clone()], &second, NOW).unwrap(), 1);
        // All at once, as to a server that takes another's place: each is signed, and the newest names it.
        let other = key();
        let mut third = next.next(&signers(&[&d], &[&d], &other), NOW.plus(YEAR)).unwrap();
        third.sign(&d, Some(&next)).unwrap();
        let all = [third, next.clone(), root.clone()];
        assert_eq!(first_roots(&all, other.public(), NOW).unwrap().len(), 3);
        assert!(matches!(first_roots(&all, online.public(), NOW), Err(NotBelieved::OtherServer)));
        assert!(matches!(first_roots(&all[1..], other.public(), NOW), Err(NotBelieved::OtherServer)));
        assert!(matches!(first_roots(&all, other.public(), NOW.plus(YEAR)), Err(NotBelieved::Expired(_))));
        assert!(matches!(first_roots(&[], other.public(), NOW), Err(NotBelieved::Unreadable(_))));
        let unsigned = root.next(&signers(&[&c], &[&c], &other), NOW.plus(YEAR)).unwrap();
        let broken = first_roots(&[root.clone(), unsigned], other.public(), NOW);
        assert!(matches!(broken, Err(NotBelieved::Signature(_))));
        let older = publication(&next, &[], &second, Some(&second.next(NOW).unwrap()), online.public(), NOW);
        assert!(matches!(older, Err(NotBelieved::Older)));
    }
}
