//! A mail as far as the reception reads it: from whom, and the calendar file in it. Pure.

use mail_parser::{Address, MessageParser, MimeHeaders as _};
use sekisho_identity::read_mail;

use super::sender;

/// The largest mail that is looked at.
pub const LARGEST: usize = 2 * 1024 * 1024;
/// The most parts of a mail.
const MOST_PARTS: usize = 200;

/// What a mail says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Letter {
    /// There is no calendar file in it: it is not for us.
    NotForUs,
    /// Nobody knows who sent it.
    Unverified,
    /// Whoever owns that address sent this file.
    From {
        /// The address, as it is compared.
        mail: String,
        /// The file.
        file: String,
    },
}

/// Reads a mail that lay in the mailbox of the server named `authority`.
pub fn read(mail: &[u8], authority: &str) -> Letter {
    if mail.len() > LARGEST || most_parts(mail) > MOST_PARTS {
        return Letter::NotForUs;
    }
    let Some(message) = MessageParser::default().parse(mail) else { return Letter::NotForUs };
    let is = |part: &mail_parser::MessagePart<'_>, main: &str, sub: &str| {
        part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case(main)
                && kind.subtype().is_some_and(|kind| kind.eq_ignore_ascii_case(sub))
        })
    };
    let calendar = message.parts.iter().find(|part| is(part, "text", "calendar"));
    let calendar = calendar.or_else(|| message.parts.iter().find(|part| is(part, "application", "ics")));
    let Some(calendar) = calendar else { return Letter::NotForUs };
    let file = match calendar.text_contents() {
        Some(text) => text.to_owned(),
        None => String::from_utf8_lossy(calendar.contents()).into_owned(),
    };
    // Of two senders one could be signed and the other shown.
    let froms = message.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("from")).count();
    let from = match message.from() {
        Some(Address::List(list)) if froms == 1 => match &list[..] {
            [one] => one.address.as_deref().and_then(read_mail),
            _ => None,
        },
        _ => None,
    };
    let Some(from) = from else { return Letter::Unverified };
    let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
    let results =
        message.headers_raw().filter(|(name, _)| name.eq_ignore_ascii_case("authentication-results"));
    if sender::is_from(results.map(|(_, value)| value), authority, domain) {
        Letter::From { mail: from, file }
    } else {
        Letter::Unverified
    }
}

/// How many parts a mail claims to have, at most; counted before they are taken apart.
fn most_parts(mail: &[u8]) -> usize {
    mail.windows(3).filter(|signs| *signs == b"\n--").count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = "Authentication-Results: mx.acme.test; dkim=pass header.d=acme.test\r\n";

    fn mail(headers: &str, kind: &str) -> String {
        format!(
            "{headers}To: reception@acme.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n\
             --b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\nQkVHSU46VkNBTEVOREFS\r\n--b--\r\n"
        )
    }

    fn read_text(mail: &str) -> Letter {
        read(mail.as_bytes(), "mx.acme.test")
    }

    #[test]
    fn a_verified_sender_and_the_file_are_found() {
        let good = Letter::From { mail: "Sato@acme.test".to_owned(), file: "BEGIN:VCALENDAR".to_owned() };
        for kind in
            ["text/calendar; method=REQUEST; charset=utf-8", "TEXT/Calendar", "application/ics; name=a.ics"]
        {
            assert_eq!(
                read_text(&mail(&format!("{HEAD}From: \"佐藤\" <Sato@ACME.test>\r\n"), kind)),
                good,
                "{kind}"
            );
        }
        assert_eq!(
            read_text(&mail(&format!("{HEAD}From: Sato@acme.test\r\n"), "text/html")),
            Letter::NotForUs
        );
    }

    #[test]
    fn who_may_be_somebody_else_is_nobody() {
        let calendar = "text/calendar";
        for headers in [
            "From: Sato@acme.test\r\n".to_owned(),
            format!("{HEAD}From: Sato@acme.test\r\nFrom: evil@evil.example\r\n"),
            format!("{HEAD}From: evil@evil.example, Sato@acme.test\r\n"),
            format!("{HEAD}From: Sato@acme.test <evil@evil.example>\r\n"),
            format!("{HEAD}From: team: Sato@acme.test;\r\n"),
            format!("{HEAD}From: \r\n"),
            format!("{HEAD}Sender: Sato@acme.test\r\n"),
            format!("{HEAD}From: Sato@acme.test.evil.example\r\n"),
            format!("Authentication-Results: mx.acme.test; none\r\n{HEAD}From: Sato@acme.test\r\n"),
            "Authentication-Results: mx.evil.example; dkim=pass header.d=acme.test\r\nFrom: Sato@acme.test\r\n".to_owned(),
        ] {
            assert_eq!(read_text(&mail(&headers, calendar)), Letter::Unverified, "{headers}");
        }
        // What stands below the headers is no header.
        let below = mail("From: Sato@acme.test\r\n", calendar).replace("hello", HEAD);
        assert_eq!(read_text(&below), Letter::Unverified);
    }

    #[test]
    fn a_calendar_in_a_mail_that_was_forwarded_is_not_the_senders() {
        let inner = mail(&format!("{HEAD}From: Sato@acme.test\r\n"), "text/calendar");
        let outer = format!("{HEAD}From: Suzuki@acme.test\r\nContent-Type: message/rfc822\r\n\r\n{inner}");
        assert_eq!(read_text(&outer), Letter::NotForUs);
        assert_eq!(read(&vec![b'x'; LARGEST + 1], "mx.acme.test"), Letter::NotForUs);
        assert_eq!(read("\n--b".repeat(1000).as_bytes(), "mx.acme.test"), Letter::NotForUs);
    }

    proptest! {
        #[test]
        fn nothing_breaks_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400), cut in 0usize..400) {
            let _ = read(&bytes, "mx.acme.test");
            let good = mail(&format!("{HEAD}From: Sato@acme.test\r\n"), "text/calendar");
            let mut broken = good.into_bytes();
            broken.truncate(cut);
            broken.extend(bytes);
            let _ = read(&broken, "mx.acme.test");
        }
    }
}
