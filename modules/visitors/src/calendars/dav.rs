//! What is asked of a calendar server (CalDAV, RFC 4791; `sync-collection`, RFC 6578) and what it answers. Pure.

use roxmltree::{Document, Node, ParsingOptions};

/// The most parts of an answer.
const MOST_NODES: u32 = 500_000;
/// The longest address of a file.
const LONGEST_HREF: usize = 2000;

/// One file as an answer tells of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct File {
    /// Its path on the server.
    pub href: String,
    /// Its version.
    pub etag: String,
    /// What stands in it, where that was asked.
    pub data: Option<String>,
    /// Whether it is there.
    pub gone: bool,
}

/// An answer of several parts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// The files.
    pub files: Vec<File>,
    /// Up to which state of the calendar that is.
    pub token: Option<String>,
    /// The same where the server knows no tokens.
    pub ctag: Option<String>,
    /// Whether there is more, which the server holds back.
    pub more: bool,
}

/// Asks what changed since `token`; without one, what there is.
pub fn sync(token: Option<&str>) -> String {
    let token = escaped(token.unwrap_or_default());
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?><sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"#
    )
}

/// Asks in which state the calendar is.
pub fn state() -> String {
    r#"<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:" xmlns:s="http://calendarserver.org/ns/"><prop><s:getctag/></prop></propfind>"#.to_owned()
}

/// Asks for the versions of all files.
pub fn versions() -> String {
    r#"<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><getetag/></prop></propfind>"#
        .to_owned()
}

/// Asks for these files.
pub fn files(hrefs: &[&str]) -> String {
    let hrefs: String = hrefs.iter().map(|href| format!("<d:href>{}</d:href>", escaped(href))).collect();
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?><calendar-multiget xmlns="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:"><d:prop><d:getetag/><calendar-data/></d:prop>{hrefs}</calendar-multiget>"#
    )
}

/// Whether a refusal means that the state we know is too old, and all must be asked for anew.
pub fn is_token_refused(body: &str) -> bool {
    body.contains("valid-sync-token")
}

/// Reads an answer of several parts (`multistatus`); none when it is no such thing.
pub fn read(body: &str) -> Option<Answer> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(body, options).ok()?;
    let root = document.root_element();
    if !is(&root, "multistatus") {
        return None;
    }
    let mut answer = Answer { token: child(&root, "sync-token").and_then(text), ..Answer::default() };
    for response in root.children().filter(|node| is(node, "response")) {
        let href = path(&child(&response, "href").and_then(text)?)?;
        let status = child(&response, "status").and_then(status);
        if status == Some(507) {
            answer.more = true;
            continue;
        }
        let mut file = File { href, gone: matches!(status, Some(404 | 410)), ..File::default() };
        for part in response.children().filter(|node| is(node, "propstat")) {
            if child(&part, "status").and_then(self::status).is_some_and(|status| status / 100 != 2) {
                continue;
            }
            let Some(prop) = child(&part, "prop") else { continue };
            file.etag = child(&prop, "getetag").and_then(text).unwrap_or(file.etag);
            file.data = child(&prop, "calendar-data").and_then(text).or(file.data);
            answer.ctag = child(&prop, "getctag").and_then(text).or(answer.ctag);
        }
        // The calendar itself has no version, or is a folder.
        if file.gone || (!file.etag.is_empty() && !file.href.ends_with('/')) {
            answer.files.push(file);
        }
    }
    Some(answer)
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn child<'a, 'b>(node: &Node<'a, 'b>, name: &str) -> Option<Node<'a, 'b>> {
    node.children().find(|node| is(node, name))
}

fn text(node: Node<'_, '_>) -> Option<String> {
    // A text may be in pieces.
    let text: String = node.children().filter_map(|part| part.text()).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// `HTTP/1.1 404 Not Found`
fn status(node: Node<'_, '_>) -> Option<u16> {
    text(node)?.split_whitespace().nth(1)?.parse().ok()
}

/// The path of an address, which may be a whole one.
fn path(href: &str) -> Option<String> {
    let path = match href.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..))?,
        None => href,
    };
    (path.starts_with('/') && path.len() <= LONGEST_HREF).then(|| path.to_owned())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            sign if sign.is_control() => {}
            sign => out.push(sign),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_are_read_in_every_clothing() {
        let body = r#"<?xml version='1.0' encoding='utf-8'?>
<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
  <response><href>/sato/office/</href><propstat><prop><getetag>"x"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response>
  <response><href>https://cal.example/sato/office/a%20b.ics</href><propstat><prop><getetag>"1"</getetag><C:calendar-data>BEGIN:VCALENDAR&#13;
<![CDATA[SUMMARY:a & b]]></C:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat>
    <propstat><prop><getetag>"wrong"</getetag></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>
  <response><href>/sato/office/gone.ics</href><status>HTTP/1.1 404 Not Found</status></response>
  <response><href>/sato/office/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>
  <sync-token>http://radicale.org/ns/sync/1</sync-token>
</multistatus>"#;
        let answer = read(body).unwrap();
        let [file, gone] = &answer.files[..] else { panic!("two: {answer:?}") };
        assert_eq!(
            (file.href.as_str(), file.etag.as_str(), file.gone),
            ("/sato/office/a%20b.ics", "\"1\"", false)
        );
        assert!(file.data.as_deref().unwrap().ends_with("SUMMARY:a & b"));
        assert!(gone.gone && answer.more);
        assert_eq!(answer.token.as_deref(), Some("http://radicale.org/ns/sync/1"));
        let state = r#"<d:multistatus xmlns:d="DAV:" xmlns:s="http://calendarserver.org/ns/"><d:response><d:href>/c/</d:href><d:propstat><d:prop><s:getctag>7</s:getctag></d:prop></d:propstat></d:response></d:multistatus>"#;
        assert_eq!(read(state).unwrap().ctag.as_deref(), Some("7"));
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for body in [
            "",
            "hello",
            "<html><body>multistatus</body></html>",
            "<multistatus xmlns='DAV:'><response></response></multistatus>",
            "<multistatus xmlns='DAV:'><response><href>evil.example/x</href></response></multistatus>",
            "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><multistatus xmlns='DAV:'><sync-token>&a;</sync-token></multistatus>",
            "<multistatus xmlns='DAV:'>",
        ] {
            assert_eq!(read(body), None, "{body}");
        }
        let deep = format!("<multistatus>{}{}</multistatus>", "<a>".repeat(50_000), "</a>".repeat(50_000));
        let _ = read(&deep);
    }

    #[test]
    fn what_we_ask_stays_what_we_ask() {
        for text in [sync(Some("<a>&\u{7}")), files(&["/a&b.ics", "/</d:href>"]), state(), versions()] {
            assert!(Document::parse(&text).is_ok(), "{text}");
        }
        assert!(sync(None).contains("<sync-token></sync-token>"));
    }

    proptest! {
        #[test]
        fn nothing_breaks_the_reader(body in "\\PC{0,200}", inner in "(<(/)?(response|href|propstat|prop|status|getetag)>|/a|\"1\"|HTTP/1.1 [0-9]{3} x|&#?[a-z0-9]{0,6};){0,24}") {
            let _ = read(&body);
            let _ = read(&format!("<multistatus xmlns='DAV:'>{inner}</multistatus>"));
        }
    }
}
