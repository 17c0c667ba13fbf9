//! Passwords: Argon2id (RFC 9106) with 19 MiB, two passes, one lane, the floor OWASP names. A check costs some 30 ms of
//! one core, so as many run at once as there are cores, a few wait, and the rest are told to come again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use tokio::sync::Semaphore;

use crate::{CryptoError, Secret};

/// The longest password that is looked at, in characters. Longer ones only cost time.
pub const LONGEST: usize = 128;

/// How many may wait for a core before others are refused.
const LONGEST_QUEUE: usize = 64;

/// Hashes `password` into a PHC string with a fresh salt.
///
/// # Errors
/// [`CryptoError::PasswordTooLong`], or [`CryptoError::Busy`] when too many are waiting.
pub async fn hash(password: &Secret) -> Result<String, CryptoError> {
    if password.expose().chars().count() > LONGEST {
        return Err(CryptoError::PasswordTooLong);
    }
    let password = password.clone();
    in_turn(move || hash_now(&password)).await
}

/// Whether `password` is the one `phc` was made from.
///
/// # Errors
/// [`CryptoError::Busy`] when too many are waiting; [`CryptoError::Malformed`] when `phc` is no PHC string.
pub async fn verify(password: &Secret, phc: &str) -> Result<bool, CryptoError> {
    verify_or_decoy(password, Some(phc)).await
}

/// Like [`verify`]; without a hash (nobody has this mail address, or no password yet) it takes the same time and says no,
/// so that the time does not tell which addresses exist.
///
/// # Errors
/// As [`verify`].
pub async fn verify_or_decoy(password: &Secret, phc: Option<&str>) -> Result<bool, CryptoError> {
    let known = phc.is_some();
    let phc = match phc {
        Some(phc) => phc.to_owned(),
        None => decoy().await?,
    };
    let too_long = password.expose().chars().count() > LONGEST;
    let password = if too_long { Secret::new("") } else { password.clone() };
    let same = in_turn(move || {
        let parsed = PasswordHash::new(&phc).map_err(|_| CryptoError::Malformed("a password hash"))?;
        Ok(argon2()?.verify_password(password.expose().as_bytes(), &parsed).is_ok())
    })
    .await?;
    Ok(same && known && !too_long)
}

/// Whether `phc` was made with weaker settings than today's, so that it is made again at the next sign-in.
pub fn is_dated(phc: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(phc) else { return true };
    Params::try_from(&parsed).ok().is_none_or(|params| {
        params.m_cost() < Params::DEFAULT_M_COST || params.t_cost() < Params::DEFAULT_T_COST
    })
}

async fn decoy() -> Result<String, CryptoError> {
    static DECOY: OnceLock<String> = OnceLock::new();
    if let Some(phc) = DECOY.get() {
        return Ok(phc.clone());
    }
    let phc = hash(&Secret::new("the password of nobody")).await?;
    Ok(DECOY.get_or_init(|| phc).clone())
}

fn argon2() -> Result<Argon2<'static>, CryptoError> {
    let params =
        Params::new(19 * 1024, 2, 1, None).map_err(|_| CryptoError::Failed("setting up Argon2id"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &Secret) -> Result<String, CryptoError> {
    let mut salt = [0; 16];
    aws_lc_rs::rand::fill(&mut salt).map_err(|_| CryptoError::Failed("making a salt"))?;
    let hash = argon2()?
        .hash_password_with_salt(password.expose().as_bytes(), &salt)
        .map_err(|_| CryptoError::Failed("hashing a password"))?;
    Ok(hash.to_string())
}

/// Runs `work` on a blocking thread when it is its turn.
async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CryptoError> + Send + 'static,
) -> Result<T, CryptoError> {
    static TURNS: OnceLock<Arc<Semaphore>> = OnceLock::new();
    static WAITING: AtomicUsize = AtomicUsize::new(0);
    struct Waiting;
    impl Drop for Waiting {
        fn drop(&mut self) {
            WAITING.fetch_sub(1, Ordering::Relaxed);
        }
    }
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let turns = TURNS.get_or_init(|| Arc::new(Semaphore::new(cores())));
    let waiting = Waiting;
    if WAITING.fetch_add(1, Ordering::Relaxed) >= LONGEST_QUEUE {
        return Err(CryptoError::Busy);
    }
    let turn = turns.clone().acquire_owned().await.map_err(|_| CryptoError::Failed("waiting for a turn"))?;
    drop(waiting);
    // The turn goes along: a request that is given up does not stop the work that was begun for it.
    let work = move || {
        let done = work();
        drop(turn);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| CryptoError::Failed("hashing a password"))?
}
