//! What strangers send to a reception: calendar files, mails with them, what servers say of their senders, and answers of
//! calendar servers.

use sekisho_visitors::calendars::{dav, invitation, letter, sender};

/// All of them: read or refused.
pub(crate) fn strangers(bytes: &[u8]) {
    if let letter::Letter::From { mail, .. } = letter::read(bytes, "mx.acme.test") {
        assert!(mail.contains('@'), "a sender has an address");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(read) = invitation::read(text) {
        assert!(!read.uid.is_empty());
    }
    if sender::is_from([text].into_iter(), "mx.acme.test", "acme.test") {
        assert!(text.to_lowercase().contains("acme.test") && text.to_lowercase().contains("pass"));
    }
    if let Some(answer) = dav::read(text) {
        assert!(answer.files.iter().all(|file| file.href.starts_with('/')));
    }
}
