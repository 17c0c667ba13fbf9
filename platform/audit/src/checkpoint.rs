//! Checkpoints: the size and root of the tree, signed (C2SP tlog-checkpoint and signed-note, Ed25519).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sekisho_crypto::{SigningKey, verify_signature};
use sekisho_kernel::TenantId;
use signed_note::{Note, Signature};
use tlog_tiles::checkpoint::Checkpoint;
use tlog_tiles::tlog::Hash;

use crate::AuditError;

const ED25519: u8 = 1;

/// The origin of a tenant's tree: its name in checkpoints and keys.
pub(crate) fn origin(tenant: TenantId) -> String {
    format!("sekisho/{tenant}")
}

/// The public half of the key that signs a tenant's checkpoints. As text it is what C2SP verifiers take:
/// `origin+id+base64`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicKey {
    origin: String,
    key: [u8; 32],
}

impl PublicKey {
    pub(crate) fn new(origin: String, key: [u8; 32]) -> Self {
        Self { origin, key }
    }

    /// Reads the text form; `None` when it is not one, or its id does not fit.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().splitn(3, '+');
        let (origin, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let (kind, key) =
            STANDARD.decode(key).ok()?.split_first().map(|(kind, key)| (*kind, key.to_vec()))?;
        let key = Self { origin: origin.to_owned(), key: key.try_into().ok()? };
        let fits =
            kind == ED25519 && signed_note::is_key_name_valid(origin) && format!("{:08x}", key.id()) == id;
        fits.then_some(key)
    }

    /// The tree it speaks for.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    fn id(&self) -> u32 {
        signed_note::key_id(&self.origin, &self.typed())
    }

    fn typed(&self) -> Vec<u8> {
        [[ED25519].as_slice(), &self.key].concat()
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}+{:08x}+{}", self.origin, self.id(), STANDARD.encode(self.typed()))
    }
}

/// A checkpoint whose signature was checked.
#[derive(Clone, PartialEq, Debug)]
pub struct SignedCheckpoint {
    /// The tree's name.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Its root.
    pub root: Hash,
}

/// Signs size and root; gives the note's text.
pub(crate) fn sign(key: &SigningKey, origin: &str, size: u64, root: Hash) -> Result<String, AuditError> {
    const BROKEN: AuditError = AuditError::Damaged("a checkpoint could not be written");
    let text = Checkpoint::new(origin, size, root, "").map_err(|_| BROKEN)?.to_bytes();
    let id = PublicKey::new(origin.to_owned(), key.public()).id();
    let signature = Signature::new(origin.to_owned(), id, key.sign(&text).to_vec()).map_err(|_| BROKEN)?;
    let note = Note::new(&text, &[signature]).map_err(|_| BROKEN)?;
    String::from_utf8(note.to_bytes()).map_err(|_| BROKEN)
}

/// Reads a note and checks that `key` signed it for its own tree. Signatures of others (witnesses) may stand beside.
pub(crate) fn open(note: &str, key: &PublicKey) -> Option<SignedCheckpoint> {
    let (text, signatures) = note.rsplit_once("\n\n")?;
    let text = format!("{text}\n");
    let signed = signatures.lines().any(|line| {
        Signature::from_bytes(line.as_bytes()).is_ok_and(|signature| {
            signature.name() == key.origin
                && signature.id() == key.id()
                && verify_signature(&key.key, text.as_bytes(), signature.signature())
        })
    });
    let checkpoint = Checkpoint::from_bytes(text.as_bytes()).ok()?;
    (signed && checkpoint.origin() == key.origin).then(|| SignedCheckpoint {
        origin: checkpoint.origin().to_owned(),
        size: checkpoint.size(),
        root: *checkpoint.hash(),
    })
}

#[cfg(test)]
mod tests {
    use super::{PublicKey, open, sign};
    use sekisho_crypto::{SigningKey, system_world};
    use signed_note::{Note, StandardVerifier, VerifierList};
    use tlog_tiles::tlog::record_hash;

    #[test]
    fn the_published_verifier_accepts_our_notes() {
        let key = SigningKey::generate(&*system_world()).unwrap();
        let public = PublicKey::new("sekisho/x".to_owned(), key.public());
        let note = sign(&key, "sekisho/x", 7, record_hash(b"root")).unwrap();
        let verifier = StandardVerifier::new(&public.to_string()).unwrap();
        let known = VerifierList::new(vec![Box::new(verifier)]);
        assert_eq!(Note::from_bytes(note.as_bytes()).unwrap().verify(&known).unwrap().0.len(), 1);
        let opened = open(&note, &public).unwrap();
        assert_eq!((opened.size, opened.root), (7, record_hash(b"root")));
        assert_eq!(PublicKey::parse(&public.to_string()), Some(public.clone()));
        for bad in ["", "x", "sekisho/x+00000000+AAAA", &public.to_string().replace("/x", "/y")] {
            assert!(PublicKey::parse(bad).is_none(), "{bad}");
        }
        let other = PublicKey::new("sekisho/y".to_owned(), key.public());
        assert!(open(&note, &other).is_none());
        for at in 0..note.len() {
            let mut bytes = note.clone().into_bytes();
            bytes[at] ^= 1;
            let opened = String::from_utf8(bytes).ok().and_then(|note| open(&note, &public));
            assert!(opened.is_none(), "byte {at}");
        }
    }
}
