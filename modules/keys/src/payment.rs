//! What a booking costs, and what a payment page tells about it (K4). No card, no account number ever comes here: whoever
//! pays does so at the provider, and the provider says, signed, that it was done. Rules only; `payment/provider.rs` speaks
//! to the provider.

pub(crate) mod pages;
pub(crate) mod provider;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sekisho_kernel::Timestamp;

use crate::ids::BookingId;
use crate::tables::words::Currency;

/// The most that is asked for one booking, in the currency's whole units.
const MOST: i64 = 10_000_000;
/// A signature older or newer than this is a replay (the provider's own libraries say five minutes).
const TOLERANCE_S: u64 = 300;
/// Signatures looked at in one header; the provider sends two while its secret is being changed.
const MOST_SIGNATURES: usize = 8;

impl Currency {
    /// Digits behind the point.
    const fn digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Usd | Self::Eur => 2,
        }
    }

    /// The most that is asked for one booking, in the currency's smallest unit.
    pub const fn most(self) -> i64 {
        MOST * 10_i64.pow(self.digits())
    }

    /// An amount as somebody typed it (`3,000`, `12.50`, full-width digits too), in the currency's smallest unit; none
    /// when it is no amount. Where half the world writes `12,50` for twelve and a half, a comma that does not part
    /// thousands is not guessed at.
    pub fn read(self, typed: &str) -> Option<i64> {
        let plain: String = sekisho_crypto::fold(typed)
            .chars()
            .filter(|sign| !matches!(sign, ' ' | '¥' | '$' | '€' | '円'))
            .collect();
        let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
        let digits = usize::try_from(self.digits()).ok()?;
        let all_digits = |text: &str| text.chars().all(|sign| sign.is_ascii_digit());
        let whole = thousands(whole)?;
        if whole.is_empty() || !all_digits(&whole) || !all_digits(part) || part.len() > digits {
            return None;
        }
        // What does not fit is more than can be asked for, whatever it was.
        let whole: i64 = whole.parse().unwrap_or(i64::MAX);
        let part: i64 = format!("{part:0<digits$}").parse().unwrap_or(0);
        Some(whole.saturating_mul(10_i64.pow(self.digits())).saturating_add(part))
    }

    /// An amount as people read it: `¥3,000`, `$12.50`.
    pub fn shown(self, amount: i64) -> String {
        let unit = 10_u64.pow(self.digits());
        let (whole, part) = (amount.unsigned_abs() / unit, amount.unsigned_abs() % unit);
        let whole = whole.to_string();
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let sign = match self {
            Self::Jpy => "¥",
            Self::Usd => "$",
            Self::Eur => "€",
        };
        match self.digits() {
            0 => format!("{sign}{grouped}"),
            digits => format!("{sign}{grouped}.{part:0width$}", width = usize::try_from(digits).unwrap_or(2)),
        }
    }
}

/// The digits of a number whose commas, if it has any, part thousands.
fn thousands(typed: &str) -> Option<String> {
    let mut groups = typed.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let parted =
        rest.is_empty() || (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    parted.then(|| [first].into_iter().chain(rest).collect())
}

/// Counts the questions that a page without a sign-in makes us ask the provider, so that nobody who knows the address of
/// a booking can make a thousand of them. Each process counts for itself: it bounds a load, it guards no secret.
#[derive(Default)]
pub(crate) struct Asked(Mutex<HashMap<BookingId, (Timestamp, u32)>>);

/// Questions about one booking in [`ASKED_WITHIN`].
const MOST_ASKED: u32 = 10;
const ASKED_WITHIN: Duration = Duration::from_secs(60);
/// Bookings remembered before those that are quiet are forgotten.
const MOST_REMEMBERED: usize = 10_000;

impl Asked {
    /// Whether the provider may be asked about this booking once more now.
    pub(crate) fn may(&self, booking: BookingId, now: Timestamp) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_old = |since: Timestamp| now.since(since) >= ASKED_WITHIN;
        if asked.len() >= MOST_REMEMBERED {
            asked.retain(|_, (since, _)| !is_old(*since));
        }
        let (since, times) = asked.entry(booking).or_insert((now, 0));
        if is_old(*since) {
            (*since, *times) = (now, 0);
        }
        *times = times.saturating_add(1);
        *times <= MOST_ASKED
    }
}

/// Why what claims to come from the provider is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotBelieved {
    /// The header is missing or not of the form `t=…,v1=…`.
    #[error("no readable signature")]
    Unreadable,
    /// Signed too long ago, or in the future.
    #[error("the signature is too old")]
    Stale,
    /// Signed with another secret, or changed on the way.
    #[error("the signature is wrong")]
    Wrong,
}

/// Whether `body` was signed by whoever knows `secret`, just now: `t=SECONDS,v1=HEX` with HMAC-SHA-256 over
/// `SECONDS.BODY` (Stripe, "Verify webhook signatures manually").
pub fn believe(secret: &str, header: &str, body: &[u8], now: Timestamp) -> Result<(), NotBelieved> {
    let mut at = None;
    let mut signatures = Vec::new();
    for part in header.split(',').take(MOST_SIGNATURES + 1) {
        match part.trim().split_once('=') {
            Some(("t", seconds)) => at = Some(seconds),
            Some(("v1", signature)) => signatures.extend(hex(signature)),
            _ => {}
        }
    }
    let text = at.ok_or(NotBelieved::Unreadable)?;
    let at: i64 = text.parse().map_err(|_| NotBelieved::Unreadable)?;
    if signatures.is_empty() {
        return Err(NotBelieved::Unreadable);
    }
    if at.abs_diff(now.as_secs()) > TOLERANCE_S {
        return Err(NotBelieved::Stale);
    }
    let signed = [text.as_bytes(), b".", body].concat();
    let ours = sekisho_crypto::hmac_sha256(secret.as_bytes(), &signed);
    match signatures.iter().any(|signature| sekisho_crypto::equal(&ours, signature)) {
        true => Ok(()),
        false => Err(NotBelieved::Wrong),
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        use Currency::{Eur, Jpy, Usd};
        for (currency, typed, want) in [
            (Jpy, "3000", Some(3000)),
            (Jpy, "３，０００円", Some(3000)),
            (Jpy, "¥ 1,000,000", Some(1_000_000)),
            (Jpy, "10.5", None),
            (Jpy, "0", Some(0)),
            (Jpy, "-5", None),
            (Jpy, "99999999999999999999", Some(i64::MAX)),
            (Jpy, "10000001", Some(10_000_001)),
            (Eur, "12,50", None),
            (Eur, "12,5", None),
            (Eur, "1,250", Some(125_000)),
            (Eur, "1,250.50", Some(125_050)),
            (Eur, "1,25,000", None),
            (Eur, "1250,000", None),
            (Eur, ",500", None),
            (Eur, "500,", None),
            (Eur, "12.50,000", None),
            (Jpy, "1，234，567", Some(1_234_567)),
            (Usd, "12.5", Some(1250)),
            (Usd, "12.505", None),
            (Usd, "$1,234.56", Some(123_456)),
            (Usd, ".5", None),
            (Usd, "", None),
        ] {
            assert_eq!(currency.read(typed), want, "{typed}");
        }
        assert_eq!((Jpy.most(), Usd.most()), (10_000_000, 1_000_000_000));
        assert_eq!(Jpy.shown(1_234_567), "¥1,234,567");
        assert_eq!(Usd.shown(123_405), "$1,234.05");
        assert_eq!(Jpy.shown(999), "¥999");
    }

    #[test]
    fn questions_about_one_booking_are_few_and_take_nothing_from_another() {
        let (asked, now) = (Asked::default(), Timestamp::from_secs(1_700_000_000));
        let (one, other) = (BookingId(uuid::Uuid::from_u128(1)), BookingId(uuid::Uuid::from_u128(2)));
        assert_eq!((0..100).filter(|_| asked.may(one, now)).count(), 10);
        assert!(asked.may(other, now));
        assert!(!asked.may(one, now.plus(Duration::from_secs(59))));
        assert!(asked.may(one, now.plus(Duration::from_secs(60))));
    }

    #[test]
    fn only_the_provider_is_believed_and_only_now() {
        let now = Timestamp::from_secs(1_700_000_000);
        let (secret, body) = ("whsec_test", br#"{"type":"x"}"#);
        let sign = |secret: &str, at: i64, body: &[u8]| {
            let signed = [at.to_string().as_bytes(), b".", body].concat();
            let mac = sekisho_crypto::hmac_sha256(secret.as_bytes(), &signed);
            format!("t={at},v1={}", data_encoding::HEXLOWER.encode(&mac))
        };
        let good = sign(secret, 1_700_000_000, body);
        assert_eq!(believe(secret, &good, body, now), Ok(()));
        assert_eq!(
            believe(secret, &format!("{good},v1=00,v0=abc"), body, now),
            Ok(()),
            "while secrets change"
        );
        assert_eq!(believe("another", &good, body, now), Err(NotBelieved::Wrong));
        assert_eq!(believe(secret, &good, br#"{"type":"y"}"#, now), Err(NotBelieved::Wrong));
        let moved = good.replace("t=1700000000", "t=1700000001");
        assert_eq!(believe(secret, &moved, body, now), Err(NotBelieved::Wrong), "the time is signed, too");
        for late in [1_700_000_000 - 301, 1_700_000_000 + 301] {
            assert_eq!(believe(secret, &sign(secret, late, body), body, now), Err(NotBelieved::Stale));
        }
        for bad in ["", "t=1700000000", "v1=00", "t=x,v1=00", "t=1700000000,v1=zz", "t==,v1"] {
            assert_eq!(believe(secret, bad, body, now), Err(NotBelieved::Unreadable), "{bad}");
        }
    }
}
