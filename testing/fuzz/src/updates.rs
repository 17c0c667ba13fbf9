//! Signed documents of updates, as a server is handed them and as a device loads them.

use std::sync::LazyLock;

use sekisho_kernel::Timestamp;
use sekisho_updates::RoleKey;
use sekisho_updates::judge::{first_roots, publication};
use sekisho_updates::offline::{RootDocument, Signers, TargetsDocument};

const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);

/// A root document of somebody whose keys nobody here has, and that somebody's server.
static TRUSTED: LazyLock<(RootDocument, RoleKey)> = LazyLock::new(|| {
    let key = || RoleKey::generate(&*sekisho_crypto::system_world()).unwrap();
    let (signer, online) = (key(), key());
    let public = signer.public();
    let signers = Signers {
        root: vec![public],
        root_threshold: 1,
        targets: vec![public],
        targets_threshold: 1,
        online: online.public(),
    };
    let mut root = RootDocument::first(&signers, Timestamp::from_secs(2_000_000_000)).unwrap();
    root.sign(&signer, None).unwrap();
    (root, online)
});

/// A root document and, after a NUL, a targets document: read or refused; never believed, whatever they say of themselves.
pub(crate) fn documents(bytes: &[u8]) {
    let (trusted, online) = &*TRUSTED;
    let half = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let (root, targets) = bytes.split_at(half);
    let _ = sekisho_agent::updates::check::check_root(root);
    let offered: Vec<RootDocument> = RootDocument::read(root).into_iter().collect();
    assert!(
        first_roots(&offered, online.public(), NOW).is_err(),
        "it names a key that nobody but this server has"
    );
    let targets = targets.get(1..).unwrap_or_default();
    for file in [targets, root] {
        let Ok(targets) = TargetsDocument::read(file) else { continue };
        let _ = (targets.images(), targets.version(), targets.expires());
        assert!(
            publication(trusted, &offered, &targets, None, online.public(), NOW).is_err(),
            "nobody signed it"
        );
    }
}
