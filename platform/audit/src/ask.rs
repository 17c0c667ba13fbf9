//! What a page or program asks of the record, as it stands in the address.

use sekisho_kernel::{EntryId, Outcome, Timestamp};
use sekisho_web::{Cursor, Result, WebError, from_local};
use serde::Deserialize;
use uuid::Uuid;

use crate::Filter;

/// The query of the list, of exports and of the API alike. Empty means not asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Ask {
    pub q: String,
    pub from: String,
    pub to: String,
    pub actor: String,
    pub action: String,
    pub kind: String,
    pub target: String,
    pub outcome: String,
    pub request: String,
    pub cursor: String,
    pub limit: Option<u64>,
    pub format: String,
}

impl Ask {
    /// The filter; times without an offset are read in `zone`.
    pub(crate) fn filter(&self, zone: &str) -> Result<Filter> {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let outcome = match self.outcome.as_str() {
            "" => None,
            "done" => Some(Outcome::Done),
            "refused" => Some(Outcome::Refused),
            "failed" => Some(Outcome::Failed),
            _ => return Err(WebError::invalid("outcome", "audit-wrong-outcome")),
        };
        Ok(Filter {
            from: time(&self.from, zone).map_err(|()| WebError::invalid("from", "audit-wrong-time"))?,
            to: time(&self.to, zone).map_err(|()| WebError::invalid("to", "audit-wrong-time"))?,
            actor: id(&self.actor).map_err(|()| WebError::invalid("actor", "audit-wrong-id"))?,
            action: text(&self.action),
            target_kind: text(&self.kind),
            target: id(&self.target).map_err(|()| WebError::invalid("target", "audit-wrong-id"))?,
            outcome,
            request: id(&self.request).map_err(|()| WebError::invalid("request", "audit-wrong-id"))?,
            text: text(&self.q),
        })
    }

    /// Where the list goes on.
    pub(crate) fn before(&self) -> Result<Option<EntryId>> {
        Some(self.cursor.as_str()).filter(|cursor| !cursor.is_empty()).map(Cursor::decode).transpose()
    }

    /// How many entries are wanted.
    pub(crate) fn count(&self) -> u64 {
        self.limit.unwrap_or(50).clamp(1, 200)
    }

    /// The same question for an export, without place in the list.
    pub(crate) fn query(&self) -> String {
        [
            ("q", &self.q),
            ("from", &self.from),
            ("to", &self.to),
            ("actor", &self.actor),
            ("action", &self.action),
            ("kind", &self.kind),
            ("target", &self.target),
            ("outcome", &self.outcome),
            ("request", &self.request),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", sekisho_web::escape_query(value)))
        .collect::<Vec<_>>()
        .join("&")
    }
}

fn time(text: &str, zone: &str) -> std::result::Result<Option<Timestamp>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let exact = serde_json::from_value(serde_json::Value::String(text.to_owned())).ok();
    exact.or_else(|| from_local(text, zone)).map(Some).ok_or(())
}

fn id(text: &str) -> std::result::Result<Option<Uuid>, ()> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| ()) }
}

#[cfg(test)]
mod tests {
    use super::Ask;
    use sekisho_kernel::Timestamp;

    #[test]
    fn reads_times_of_people_and_of_programs() {
        let ask = Ask {
            from: "2026-11-22T09:00".to_owned(),
            to: "2026-11-22T00:00:00Z".to_owned(),
            ..Ask::default()
        };
        let filter = ask.filter("Asia/Tokyo").unwrap();
        assert_eq!(filter.from, Some(Timestamp::from_secs(1_795_305_600)));
        assert_eq!(filter.from, filter.to);
        assert!(Ask { from: "yesterday".to_owned(), ..Ask::default() }.filter("UTC").is_err());
        assert!(Ask { actor: "me".to_owned(), ..Ask::default() }.filter("UTC").is_err());
        assert!(Ask { outcome: "maybe".to_owned(), ..Ask::default() }.filter("UTC").is_err());
        assert!(Ask { q: " ".to_owned(), ..Ask::default() }.filter("UTC").unwrap().is_empty());
        assert_eq!(
            Ask { q: "a b".to_owned(), action: "key.".to_owned(), ..Ask::default() }.query(),
            "q=a%20b&action=key."
        );
    }
}
