//! Lists: cursors, JSON pages, CSV, and the tags by which two writers notice each other.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sekisho_kernel::Kind;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Asker, Result, WebError};

/// The fewest and the most rows of one API page, and how many when none is asked for.
const LIMITS: (u64, u64, u64) = (1, 200, 50);

/// `?cursor=…&limit=…` of a list.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Paging {
    /// Where the last page ended, as it said itself.
    pub cursor: Option<String>,
    /// How many rows are wanted.
    pub limit: Option<u64>,
}

impl Paging {
    /// How many rows to show: what is wanted, within 1 and 200.
    pub fn limit(&self) -> u64 {
        self.limit.unwrap_or(LIMITS.2).clamp(LIMITS.0, LIMITS.1)
    }

    /// Where to go on; `None` at the start.
    ///
    /// # Errors
    /// Invalid when the cursor is not one of ours.
    pub fn after<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        self.cursor.as_deref().filter(|cursor| !cursor.is_empty()).map(Cursor::decode).transpose()
    }
}

/// A place in a list. It holds the sort values of the last row shown, so rows added meanwhile do no harm; it grants
/// nothing: the query it goes into is bound to the tenant and the reader's rights as ever.
pub struct Cursor;

impl Cursor {
    /// Writes a place as a text without meaning to others.
    pub fn encode(place: &impl Serialize) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
    }

    /// Reads it back.
    ///
    /// # Errors
    /// Invalid when it was not made by [`Cursor::encode`] of the same list.
    pub fn decode<T: DeserializeOwned>(cursor: &str) -> Result<T> {
        URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|json| serde_json::from_slice(&json).ok())
            .ok_or_else(|| WebError::invalid("cursor", "error-cursor"))
    }
}

/// A JSON list: `{"items": […], "next_cursor": …}`.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct JsonList<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; absent on the last.
    pub next_cursor: Option<String>,
}

impl<T: Serialize> JsonList<T> {
    /// From at most `limit` + 1 rows, of which the one too many only tells that there is a next page.
    pub fn of<P: Serialize>(mut rows: Vec<T>, limit: u64, place: impl Fn(&T) -> P) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| Cursor::encode(&place(last)));
        Self { items: rows, next_cursor }
    }

    /// A list that is always whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

impl<T: Serialize> IntoResponse for JsonList<T> {
    fn into_response(self) -> Response {
        axum::Json(self).into_response()
    }
}

/// A CSV file (RFC 4180, UTF-8 with a byte order mark so that Excel reads Japanese). Cells that a spreadsheet would run as
/// a formula get an apostrophe before them.
pub fn csv<R, C>(_: &Asker, filename: &str, header: &[String], rows: R) -> Response
where
    R: IntoIterator<Item = C>,
    C: IntoIterator,
    C::Item: AsRef<str>,
{
    match write_csv(header, rows) {
        Ok(bytes) => (
            StatusCode::OK,
            [
                (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::CONTENT_DISPOSITION, disposition(filename)),
            ],
            bytes,
        )
            .into_response(),
        Err(error) => WebError::broken(format!("csv: {error}")).into_response(),
    }
}

/// A CSV file that is written while it is read: however many rows there are, one part of them is held at a time. `next` gives
/// the rows after a place (none: from the beginning) and the place to go on from (none: that was all). The first part is read
/// at once, so that a failure there is an answer.
///
/// # Errors
/// What `next` says of the first part.
pub async fn csv_in_parts<P, F, N>(filename: &str, header: Vec<String>, next: F) -> Result
where
    P: Send + 'static,
    F: Fn(Option<P>) -> N + Send + 'static,
    N: Future<Output = Result<(Vec<Vec<String>>, Option<P>)>> + Send,
{
    let (rows, place) = next(None).await?;
    let first = write_csv(&header, rows).map_err(|error| WebError::broken(format!("csv: {error}")))?;
    let rest = futures_util::stream::try_unfold((place, next), |(place, next)| async move {
        let Some(place) = place else { return Ok::<_, std::io::Error>(None) };
        let part = next(Some(place)).await;
        let (rows, place) = part.map_err(|error| std::io::Error::other(error.chain().to_owned()))?;
        let bytes = write_rows(Vec::new(), rows).map_err(std::io::Error::other)?;
        Ok(Some((Bytes::from(bytes), (place, next))))
    });
    let first = futures_util::stream::once(async move { Ok::<_, std::io::Error>(Bytes::from(first)) });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_DISPOSITION, disposition(filename)),
    ];
    let body = Body::from_stream(futures_util::StreamExt::chain(first, rest));
    Ok((headers, body).into_response())
}

fn write_csv<R, C>(header: &[String], rows: R) -> std::result::Result<Vec<u8>, csv::Error>
where
    R: IntoIterator<Item = C>,
    C: IntoIterator,
    C::Item: AsRef<str>,
{
    let begun = write_rows(Vec::from("\u{feff}".as_bytes()), [header])?;
    write_rows(begun, rows)
}

fn write_rows<R, C>(begun: Vec<u8>, rows: R) -> std::result::Result<Vec<u8>, csv::Error>
where
    R: IntoIterator<Item = C>,
    C: IntoIterator,
    C::Item: AsRef<str>,
{
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(begun);
    for row in rows {
        let row: Vec<String> = row.into_iter().map(|cell| harmless(cell.as_ref())).collect();
        writer.write_record(&row)?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn harmless(cell: &str) -> String {
    let is_number = || cell.parse::<f64>().is_ok();
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') if !is_number() => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

/// `attachment` with the name in both spellings (RFC 6266).
pub fn disposition(filename: &str) -> HeaderValue {
    let plain: String = filename
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
        .collect();
    let text =
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", crate::escape_query(filename));
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

/// The tag of a thing's present state, from its revision: send it as `ETag`, ask for it with [`if_match`].
pub fn etag(revision: impl std::fmt::Display) -> (axum::http::HeaderName, HeaderValue) {
    let tag = HeaderValue::from_str(&format!("\"{revision}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    (header::ETAG, tag)
}

/// A change by somebody who has not seen the present state fails as its `If-Match` says (412).
pub fn precondition(error: impl Into<WebError>) -> WebError {
    let error = error.into();
    if error.kind() == &Kind::Conflict { error.answering(StatusCode::PRECONDITION_FAILED) } else { error }
}

/// Refuses a change by somebody who has not seen the present state: `If-Match` must name `revision`. Required of programs;
/// forms carry the revision in a field instead.
///
/// # Errors
/// Conflict when it names another revision; invalid when it is absent.
pub fn if_match(headers: &HeaderMap, revision: impl std::fmt::Display) -> Result<()> {
    let Some(wanted) = headers.get(header::IF_MATCH) else {
        return Err(WebError::invalid("If-Match", "error-if-match"));
    };
    let present = format!("\"{revision}\"");
    let named = wanted.to_str().unwrap_or_default();
    if named.split(',').map(str::trim).any(|tag| tag == "*" || tag == present) {
        Ok(())
    } else {
        let chain = format!("If-Match {named}, present {present}");
        Err(WebError::new(Kind::Conflict, "error-conflict", chain).answering(StatusCode::PRECONDITION_FAILED))
    }
}

/// What a program says it has seen: its `If-Match` header, to be compared where the change is made, behind everybody else
/// who changes the same thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// For changes that do not say what was seen, such as those of a form without a revision.
    pub const ANY: Self = Self(None);

    /// One revision that was seen.
    pub fn seen(revision: impl std::fmt::Display) -> Self {
        Self(Some(format!("\"{revision}\"")))
    }

    /// Whether the header was sent.
    ///
    /// # Errors
    /// Invalid when it was not.
    pub fn required(self) -> Result<Self> {
        if self.0.is_some() { Ok(self) } else { Err(WebError::invalid("If-Match", "error-if-match")) }
    }

    /// Whether `revision` is what was seen, or nothing was said.
    pub fn holds(&self, revision: impl std::fmt::Display) -> bool {
        let present = format!("\"{revision}\"");
        self.0
            .as_deref()
            .is_none_or(|seen| seen.split(',').map(str::trim).any(|tag| tag == "*" || tag == present))
    }
}

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for IfMatch {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self> {
        let sent = parts.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        Ok(Self(sent.map(str::to_owned)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_knows_its_next_page() {
        let list = JsonList::of(vec![1, 2, 3], 2, |row| *row);
        assert_eq!(list.items, [1, 2]);
        let paging = Paging { cursor: list.next_cursor, limit: Some(0) };
        assert_eq!(paging.after::<i32>().unwrap(), Some(2));
        assert_eq!(paging.limit(), 1);
        assert!(JsonList::of(vec![1, 2], 2, |row| *row).next_cursor.is_none());
        assert!(Cursor::decode::<i32>("!").is_err());
    }

    #[test]
    fn csv_runs_no_formula() {
        let bytes = write_csv(&["名前".to_owned()], [["=cmd()"], ["-3"], ["a\"b"]]).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}名前\r\n'=cmd()\r\n-3\r\n\"a\"\"b\"\r\n");
    }

    #[test]
    fn writers_notice_each_other() {
        let headers =
            |tag: &'static str| HeaderMap::from_iter([(header::IF_MATCH, HeaderValue::from_static(tag))]);
        assert!(if_match(&headers("\"3\""), 3).is_ok());
        assert!(if_match(&headers("\"2\", \"3\""), 3).is_ok());
        assert!(if_match(&headers("\"2\""), 3).is_err());
        assert!(if_match(&HeaderMap::new(), 3).is_err());
        assert!(IfMatch::seen(3).holds(3) && !IfMatch::seen(2).holds(3));
        assert!(IfMatch(Some("\"1\", \"3\"".to_owned())).holds(3) && IfMatch(Some("*".to_owned())).holds(3));
        assert!(IfMatch::ANY.holds(3) && IfMatch::ANY.required().is_err());
    }
}
