//! Who really sent a mail, by what the mailbox's own server says of it (`Authentication-Results`, RFC 8601). Pure.
//!
//! We check no signature ourselves: the server that took the mail saw from where it came, and we cannot. It writes what it
//! found into a header with its own name in it, and takes away what strangers wrote under that name (RFC 8601, 5). The
//! topmost header with the name that an administrator set is believed, any other is not read.

/// The longest header that is looked at.
const LONGEST: usize = 16 * 1024;

/// Whether the server named `authority` found that the mail comes from `domain`, told from the values of its
/// `Authentication-Results` from top to bottom.
///
/// It does when DMARC passed for that very domain, or when the domain itself signed the mail (DKIM). A signature of a domain
/// above or beside it is not enough without DMARC, which knows what belongs together.
pub fn is_from<'a>(results: impl Iterator<Item = &'a str>, authority: &str, domain: &str) -> bool {
    let authority = authority.trim();
    if authority.is_empty() || domain.is_empty() {
        return false;
    }
    let ours = results.map(read).find_map(|said| said.filter(|said| said.by.eq_ignore_ascii_case(authority)));
    ours.is_some_and(|said| {
        said.results.iter().any(|one| {
            let property = match one.method.as_str() {
                "dmarc" => "header.from",
                "dkim" => "header.d",
                _ => return false,
            };
            let names = || one.properties.iter().filter(|(name, _)| name == property);
            // What says two things at once says nothing.
            one.result == "pass"
                && names().count() == 1
                && names().all(|(_, value)| value.eq_ignore_ascii_case(domain))
        })
    })
}

/// What one header says.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    by: String,
    results: Vec<Finding>,
}

#[derive(Debug, PartialEq, Eq)]
struct Finding {
    method: String,
    result: String,
    properties: Vec<(String, String)>,
}

/// Reads a header's value; none when it does not say whose it is. When only what follows does not follow the grammar, or is
/// too long, it says nothing: a sender who brings the server to write such a thing must not have the next one believed.
fn read(value: &str) -> Option<Said> {
    let end = value.char_indices().map(|(at, _)| at).find(|at| *at >= LONGEST).unwrap_or(value.len());
    let (words, is_whole) = words(value.get(..end)?);
    let mut parts = words.split(|word| *word == Word::Semicolon);
    let by = match parts.next()? {
        // A version may follow.
        [Word::Text(by)] | [Word::Text(by), Word::Text(_)] => by.clone(),
        _ => return None,
    };
    let readable = is_whole && end == value.len();
    let results = readable.then(|| findings(parts)).flatten().unwrap_or_default();
    Some(Said { by, results })
}

/// What follows the name; none when it does not follow the grammar.
fn findings<'a>(parts: impl Iterator<Item = &'a [Word]>) -> Option<Vec<Finding>> {
    let mut results = Vec::new();
    for part in parts {
        match part {
            [] => {}
            [Word::Text(none)] if none.eq_ignore_ascii_case("none") => {}
            [Word::Text(method), Word::Equals, Word::Text(result), rest @ ..] => {
                let mut properties = Vec::new();
                let mut rest = rest;
                while let [Word::Text(name), Word::Equals, Word::Text(value), more @ ..] = rest {
                    properties.push((name.to_ascii_lowercase(), value.clone()));
                    rest = more;
                }
                if !rest.is_empty() {
                    return None;
                }
                // `dkim/1` is `dkim`.
                let method = method.split('/').next().unwrap_or_default().to_ascii_lowercase();
                results.push(Finding { method, result: result.to_ascii_lowercase(), properties });
            }
            _ => return None,
        }
    }
    Some(results)
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Word {
    Text(String),
    Equals,
    Semicolon,
}

/// The words of a value, and whether they are all of it: comments and folding are nothing, a quoted text is one word.
fn words(value: &str) -> (Vec<Word>, bool) {
    let mut words = Vec::new();
    let is_whole = read_words(value, &mut words).is_some();
    (words, is_whole)
}

fn read_words(value: &str, words: &mut Vec<Word>) -> Option<()> {
    let mut signs = value.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            ';' => words.push(Word::Semicolon),
            '=' => words.push(Word::Equals),
            '(' => {
                let mut depth = 1_u32;
                while depth > 0 {
                    match signs.next()? {
                        '(' => depth += 1,
                        ')' => depth -= 1,
                        '\\' => drop(signs.next()?),
                        _ => {}
                    }
                }
            }
            ')' => return None,
            '"' => {
                let mut text = String::new();
                loop {
                    match signs.next()? {
                        '"' => break,
                        '\\' => text.push(signs.next()?),
                        sign => text.push(sign),
                    }
                }
                words.push(Word::Text(text));
            }
            sign if sign.is_ascii_whitespace() => {}
            sign if sign.is_control() => return None,
            first => {
                let mut text = String::from(first);
                let more = |sign: &char| !sign.is_ascii_whitespace() && !"=;()\"".contains(*sign);
                while let Some(sign) = signs.next_if(more) {
                    text.push(sign);
                }
                words.push(Word::Text(text));
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from(headers: &[&str], domain: &str) -> bool {
        is_from(headers.iter().copied(), "mx.acme.test", domain)
    }

    #[test]
    fn what_servers_write_is_understood() {
        for header in [
            " mx.acme.test;\r\n dkim=pass header.d=acme.test header.s=x header.b=abc;\r\n spf=pass smtp.mailfrom=a@acme.test",
            "mx.acme.test; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=acme.test",
            "MX.acme.test 1; spf=none; dkim=PASS (1024-bit key; unprotected (x)) header.d=ACME.test header.i=@acme.test",
            "mx.acme.test; dkim=fail reason=\"bad; dkim=pass\" header.d=acme.test; dkim=pass header.d=acme.test",
            "\"mx.acme.test\"; dkim=fail header.d=other.example; dmarc=pass header.from=\"acme.test\"",
            "mx.acme.test; dkim/1=pass header.d=acme.test;",
        ] {
            assert!(from(&[header], "acme.test"), "{header}");
        }
    }

    #[test]
    fn what_is_not_said_of_this_domain_by_this_server_is_nothing() {
        for header in [
            "mx.acme.test; none",
            "mx.acme.test; spf=pass smtp.mailfrom=acme.test",
            "mx.acme.test; dkim=fail header.d=acme.test",
            "mx.acme.test; dkim=pass",
            "mx.acme.test; dkim=pass header.i=@acme.test",
            "mx.acme.test; dkim=pass header.d=evil.example header.i=acme.test",
            "mx.acme.test; dkim=pass header.d=acme.test.evil.example",
            "mx.acme.test; dkim=pass header.d=test",
            "mx.acme.test; dkim=pass header.d=evil.example header.d=acme.test",
            "mx.acme.test; dkim=fail header.d=acme.test (dkim=pass header.d=acme.test)",
            "mx.acme.test; dkim=fail reason=\"; dkim=pass header.d=acme.test\"",
            "mx.acme.test; x=\"dkim=pass header.d=acme.test",
            "mx.acme.test; (dkim=pass header.d=acme.test",
            "mx.acme.test.evil.example; dkim=pass header.d=acme.test",
            "evil.example; dkim=pass header.d=acme.test",
            "dkim=pass header.d=acme.test",
            "; dkim=pass header.d=acme.test",
            "",
        ] {
            assert!(!from(&[header], "acme.test"), "{header}");
        }
        let good = "mx.acme.test; dkim=pass header.d=acme.test";
        assert!(
            !is_from([good].into_iter(), "", "acme.test") && !is_from([good].into_iter(), " ", "acme.test")
        );
        assert!(!from(&[good], "") && !from(&[good], "sub.acme.test"));
    }

    #[test]
    fn only_the_topmost_of_that_name_counts() {
        let (good, bad) =
            ("mx.acme.test; dkim=pass header.d=acme.test", "mx.acme.test; dkim=fail header.d=acme.test");
        let other = "mx.elsewhere.example; dkim=fail header.d=acme.test";
        assert!(!from(&[bad, good], "acme.test"), "a forged one below the real one");
        assert!(from(&[other, good, bad], "acme.test"));
        let long = format!("mx.acme.test; {}", "dkim=fail header.d=x.example; ".repeat(1000));
        for odd in [
            "mx.acme.test; spf=pass smtp.mailfrom=(",
            "mx.acme.test 1; dkim=fail)",
            "mx.acme.test; a b",
            &long,
        ] {
            assert!(!from(&[odd, good], "acme.test"), "one that cannot be read is still the topmost: {odd}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_the_reader_and_chance_proves_nothing(value in "[a-z .;=()\"\\\\/@-]{0,80}") {
            let header = format!("mx.acme.test; {value}");
            prop_assert!(!from(&[&header], "acme.test") || value.contains("acme.test"));
        }
    }
}
