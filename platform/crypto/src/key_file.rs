//! The installation's key in a file of its own, readable by the server's user alone.
//!
//! The file is text: a first line that names the format, then one base64 key a line. The first key wraps; the others
//! only unwrap, so that a new key can be put above the old one and the tenants' keys wrapped anew at leisure.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sekisho_kernel::World;
use zeroize::Zeroizing;

use crate::hashing::sha256;
use crate::{CryptoError, KeyProvider};

const FIRST_LINE: &str = "sekisho key file 1";
const VERSION: u8 = 1;
const NAME: &str = "local-key-file";

/// A [`KeyProvider`] whose key lies in a local file with mode 0600.
pub struct LocalKeyFile {
    path: PathBuf,
    keys: Vec<([u8; 4], RandomizedNonceKey)>,
}

impl LocalKeyFile {
    /// Opens the key file at `path`; makes one with a fresh key when there is none.
    ///
    /// # Errors
    /// [`CryptoError::KeyFile`] when others may read it, when it is no key file, or when it cannot be read or made.
    pub fn open_or_create(path: &Path, random: &dyn World) -> Result<Self, CryptoError> {
        match Self::open(path) {
            Err(Trouble::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                create(path, random).map_err(|error| trouble(path, Trouble::Io(error)))?;
                Self::open(path).map_err(|error| trouble(path, error))
            }
            opened => opened.map_err(|error| trouble(path, error)),
        }
    }

    fn open(path: &Path) -> Result<Self, Trouble> {
        let mut file = File::open(path).map_err(Trouble::Io)?;
        refuse_loose(&file)?;
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(Trouble::Io)?;
        let mut lines = text.lines();
        if lines.next() != Some(FIRST_LINE) {
            return Err(Trouble::Content(format!(
                "its first line is not `{FIRST_LINE}`; is this the right file?"
            )));
        }
        let mut keys = Vec::new();
        for (number, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let broken =
                || Trouble::Content(format!("line {} is not a key of 32 bytes in base64", number + 2));
            let key = Zeroizing::new(STANDARD.decode(line.trim()).map_err(|_| broken())?);
            let aead = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| broken())?;
            keys.push((fingerprint(&key), aead));
        }
        if keys.is_empty() {
            return Err(Trouble::Content(
                "it holds no key; restore it from where you keep its copy".to_owned(),
            ));
        }
        Ok(Self { path: path.to_owned(), keys })
    }
}

#[async_trait]
impl KeyProvider for LocalKeyFile {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn wrap(&self, key: &[u8], context: &str) -> Result<Vec<u8>, CryptoError> {
        let (fingerprint, aead) = self.keys.first().ok_or(CryptoError::Failed("wrapping a key"))?;
        let mut body = key.to_vec();
        let nonce = aead
            .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut body)
            .map_err(|_| CryptoError::Failed("wrapping a key"))?;
        Ok([&[VERSION], fingerprint.as_slice(), nonce.as_ref(), &body].concat())
    }

    async fn unwrap(&self, wrapped: &[u8], context: &str) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        const NOT_OURS: CryptoError = CryptoError::Malformed("a wrapped key");
        let (version, rest) = wrapped.split_first().ok_or(NOT_OURS)?;
        let (wrapper, rest) = rest.split_at_checked(4).ok_or(NOT_OURS)?;
        let (nonce, body) = rest.split_at_checked(12).ok_or(NOT_OURS)?;
        if *version != VERSION {
            return Err(NOT_OURS);
        }
        let (_, aead) = self.keys.iter().find(|(fingerprint, _)| fingerprint == wrapper).ok_or_else(|| {
            let problem = format!(
                "the database was sealed under key {}, which is not in this file; put the file back that belongs to this database",
                hex::encode(wrapper)
            );
            CryptoError::KeyFile { path: self.path.clone(), problem }
        })?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NOT_OURS)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = aead
            .open_in_place(nonce, Aad::from(context.as_bytes()), &mut plain)
            .map_err(|_| CryptoError::Forged)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

impl std::fmt::Debug for LocalKeyFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalKeyFile").field("path", &self.path).finish_non_exhaustive()
    }
}

enum Trouble {
    Io(io::Error),
    Loose(u32),
    Content(String),
}

fn trouble(path: &Path, trouble: Trouble) -> CryptoError {
    let problem = match trouble {
        Trouble::Io(error) => format!("cannot be read or made ({error})"),
        Trouble::Loose(mode) => format!(
            "others may read or write it (mode {mode:04o}); run `chmod 600 {}`, and change the key if somebody may have read it",
            path.display()
        ),
        Trouble::Content(problem) => problem,
    };
    CryptoError::KeyFile { path: path.to_owned(), problem }
}

fn fingerprint(key: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = sha256(&[b"sekisho key fingerprint".as_slice(), key].concat());
    [a, b, c, d]
}

#[cfg(unix)]
fn refuse_loose(file: &File) -> Result<(), Trouble> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata().map_err(Trouble::Io)?.permissions().mode() & 0o7777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(Trouble::Loose(mode)) }
}

#[cfg(not(unix))]
fn refuse_loose(_: &File) -> Result<(), Trouble> {
    Ok(())
}

/// Writes the file aside and links it into place, so that nobody ever reads half of it and two servers starting at once
/// end with the same one.
fn create(path: &Path, random: &dyn World) -> io::Result<()> {
    let mut key = Zeroizing::new([0_u8; 32]);
    random.fill(&mut *key);
    let mut suffix = [0; 8];
    random.fill(&mut suffix);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let aside = folder.join(format!(".key-file-{}", hex::encode(suffix)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    let encoded = Zeroizing::new(STANDARD.encode(*key));
    let linked = file
        .write_all(format!("{FIRST_LINE}\n{}\n", *encoded).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| match std::fs::hard_link(&aside, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        });
    std::fs::remove_file(&aside)?;
    linked?;
    File::open(folder)?.sync_all()
}
