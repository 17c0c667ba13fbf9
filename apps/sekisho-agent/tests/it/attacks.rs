//! One test for each of the attacks the framework is made against.

pub mod stand;

use std::time::Duration;

use sekisho_agent::updates::check::{CheckError, Trusted, check_root};
use sekisho_updates::offline::{RootDocument, TargetsDocument};
use sekisho_updates::{LARGEST_DOCUMENT, SignError, Version};

use stand::{NOW, People, Stand, YEAR, image, key};

#[tokio::test]
async fn a_whole_chain_is_believed_and_remembered() {
    let mut stand = Stand::new();
    let first = stand.check(&stand.fresh()).await.unwrap();
    assert_eq!(first.images, [image(Version(1, 0, 0), 1)]);
    assert_eq!((first.root_version, first.targets_version), (1, 1));
    stand.release(&image(Version(1, 1, 0), 1));
    let second = stand.check(&first.trusted).await.unwrap();
    assert_eq!(second.images.len(), 2);
    let again = stand.check(&second.trusted).await.unwrap();
    assert_eq!((again.images, again.targets_version), (second.images, 2), "the same again is the same");
}

#[tokio::test]
async fn an_older_timestamp_or_snapshot_is_refused() {
    let mut stand = Stand::new();
    let old: Vec<_> =
        ["timestamp.json", "snapshot.json", "targets.json"].map(|name| (name, stand.get(name))).into();
    stand.release(&image(Version(1, 1, 0), 1));
    let trusted = stand.check(&stand.fresh()).await.unwrap().trusted;
    // All of the old state, validly signed and still in its time.
    for (name, bytes) in &old {
        stand.put(name, bytes.clone());
    }
    assert!(matches!(stand.check(&trusted).await, Err(CheckError::Older(_))));
    // A new timestamp by a server that lost its memory: the snapshot it names is older.
    stand.number = 0;
    stand.publish(NOW);
    assert!(matches!(stand.check(&trusted).await, Err(CheckError::Older(_))));
    // A new timestamp and a new snapshot that name the old targets.
    stand.number = 50;
    let new = stand.targets.clone();
    stand.targets = TargetsDocument::read(&old[2].1).unwrap();
    stand.publish(NOW);
    let refused = stand.check(&trusted).await;
    assert!(matches!(refused, Err(CheckError::Older(_))), "{refused:?}");
    stand.targets = new;
    stand.publish(NOW);
    assert!(stand.check(&trusted).await.is_ok());
}

#[tokio::test]
async fn a_state_frozen_past_its_time_is_refused() {
    let mut stand = Stand::new();
    let trusted = stand.check(&stand.fresh()).await.unwrap().trusted;
    let later = NOW.plus(Duration::from_secs(4 * 86_400));
    assert!(matches!(stand.check_at(&trusted, later).await, Err(CheckError::Expired("timestamp"))));
    stand.publish(later);
    assert!(stand.check_at(&trusted, later).await.is_ok());
    let much_later = NOW.plus(YEAR * 2);
    stand.publish(much_later);
    assert!(matches!(stand.check_at(&trusted, much_later).await, Err(CheckError::Expired("root"))));
}

#[tokio::test]
async fn documents_of_different_states_are_not_mixed() {
    let mut stand = Stand::new();
    let old = stand.get("snapshot.json");
    let old_targets = stand.get("targets.json");
    stand.release(&image(Version(1, 1, 0), 1));
    let new = stand.get("snapshot.json");
    stand.put("snapshot.json", old);
    assert!(matches!(stand.check(&stand.fresh()).await, Err(CheckError::Mixed(_) | CheckError::TooLarge(_))));
    stand.put("snapshot.json", new);
    stand.put("targets.json", old_targets);
    assert!(matches!(stand.check(&stand.fresh()).await, Err(CheckError::Mixed(_) | CheckError::TooLarge(_))));
}

#[tokio::test]
async fn wrong_keys_and_too_few_are_refused() {
    let mut stand = Stand::new();
    // One of two that it takes.
    let mut targets = stand.targets.next(NOW.plus(YEAR)).unwrap();
    targets.sign(&stand.people.targets[0], &stand.root).unwrap();
    assert!(!targets.is_signed(&stand.root));
    // The same person twice is one person.
    targets.sign(&stand.people.targets[0], &stand.root).unwrap();
    assert_eq!(targets.signatures(&stand.root).made, 1);
    let whole = std::mem::replace(&mut stand.targets, targets);
    stand.publish(NOW);
    assert!(matches!(stand.check(&stand.fresh()).await, Err(CheckError::Signature(_))));
    // Whoever is not named cannot sign, and who signs for root does not sign for targets.
    let mut mine = whole.clone();
    assert!(matches!(mine.sign(&key(), &stand.root), Err(SignError::NotASigner(_))));
    assert!(matches!(mine.sign(&stand.people.root[0], &stand.root), Err(SignError::NotASigner(_))));
    // Somebody else's whole repository, perfect in itself.
    let theirs = Stand::new();
    assert!(matches!(theirs.check(&stand.fresh()).await, Err(CheckError::Signature(_))));
    // The server's own key, stolen: it says what is current, and can make no image.
    stand.targets = whole;
    stand.publish(NOW);
    let mut forged = serde_json::from_slice::<serde_json::Value>(&stand.get("targets.json")).unwrap();
    forged["signed"]["targets"]["smartbox-1.0.0"]["length"] = 6.into();
    stand.targets = TargetsDocument::read(&serde_json::to_vec(&forged).unwrap()).unwrap();
    stand.publish(NOW);
    assert!(matches!(stand.check(&stand.fresh()).await, Err(CheckError::Signature(_))));
}

#[tokio::test]
async fn data_without_end_is_cut_off() {
    let stand = Stand::new();
    for name in ["timestamp.json", "snapshot.json", "targets.json", "2.root.json"] {
        stand.shelf.endless.lock().unwrap().insert(name.to_owned(), 0);
        assert!(matches!(stand.check(&stand.fresh()).await, Err(CheckError::TooLarge(_))), "{name}");
        let read = stand.shelf.endless.lock().unwrap().remove(name).unwrap();
        assert!(read <= LARGEST_DOCUMENT + 120_000, "{name}: {read} bytes were read");
    }
    assert!(stand.check(&stand.fresh()).await.is_ok());
}

#[tokio::test]
async fn a_device_follows_three_changes_of_root() {
    let mut stand = Stand::new();
    let trusted = stand.check(&stand.fresh()).await.unwrap().trusted;
    for round in 2..=4 {
        let before = std::mem::replace(&mut stand.people, People::new());
        let mut next = stand.root.next(&stand.people.signers(), NOW.plus(YEAR)).unwrap();
        // New signers alone are not enough, nor are the old ones alone.
        for signers in [&stand.people.root, &before.root] {
            let mut alone = next.clone();
            for key in signers.iter().take(2) {
                alone.sign(key, Some(&stand.root)).unwrap();
            }
            assert!(!alone.is_signed(Some(&stand.root)));
        }
        for key in before.root.iter().take(2).chain(stand.people.root.iter().take(2)) {
            next.sign(key, Some(&stand.root)).unwrap();
        }
        assert!(next.is_signed(Some(&stand.root)));
        stand.root = next;
        assert_eq!(stand.root.version(), round);
        stand.targets = stand.targets.next(NOW.plus(YEAR)).unwrap();
        stand.people.sign_targets(&mut stand.targets, &stand.root);
        stand.publish(NOW);
    }
    let checked = stand.check(&trusted).await.unwrap();
    assert_eq!(checked.root_version, 4);
    // A link of the chain that the old signers did not sign breaks it.
    let mut forged = RootDocument::read(&stand.get("2.root.json")).unwrap();
    let thieves = People::new();
    forged = RootDocument::read(&forged.to_bytes().unwrap()).unwrap();
    assert!(forged.sign(&thieves.root[0], None).is_err());
    stand.put(
        "2.root.json",
        thieves.first_root().next(&thieves.signers(), NOW.plus(YEAR)).unwrap().to_bytes().unwrap(),
    );
    assert!(matches!(stand.check(&trusted).await, Err(CheckError::Signature(_))));
}

#[tokio::test]
async fn nothing_readable_is_nothing_believed() {
    let stand = Stand::new();
    for name in ["timestamp.json", "snapshot.json", "targets.json"] {
        let good = stand.get(name);
        for bad in [Vec::new(), b"{}".to_vec(), good[..good.len() / 2].to_vec()] {
            stand.put(name, bad);
            assert!(stand.check(&stand.fresh()).await.is_err(), "{name}");
        }
        stand.put(name, good);
    }
    assert!(stand.check(&Trusted::default()).await.is_err());
    let root = stand.root.to_bytes().unwrap();
    assert_eq!(check_root(&root).unwrap(), 1);
    let signers = stand.people.signers();
    let unsigned = RootDocument::first(&signers, NOW.plus(YEAR)).unwrap().to_bytes().unwrap();
    assert!(matches!(check_root(&unsigned), Err(CheckError::Signature(_))));
    assert!(
        RootDocument::first(&sekisho_updates::offline::Signers { root_threshold: 4, ..signers.clone() }, NOW)
            .is_err()
    );
    assert!(
        RootDocument::first(&sekisho_updates::offline::Signers { root_threshold: 0, ..signers }, NOW)
            .is_err()
    );
}
