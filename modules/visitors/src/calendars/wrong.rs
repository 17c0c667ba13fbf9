//! Why a mailbox or calendar cannot be read: a word for the page, with a sentence that says what to do.

use sekisho_host::Fault;
use sekisho_notify::ConnectError;
use sekisho_notify::send::guard::GuardError;
use sekisho_notify::send::http::NoAnswer;

/// Why it cannot be read.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// The server does not do what it should.
    Server(&'static str),
    /// Somebody changed its settings meanwhile: what was read with the old ones does not count.
    Changed,
    /// Something of ours broke.
    Fault(Fault),
}

impl Wrong {
    /// The words there are, for the texts.
    #[cfg(test)]
    pub(crate) const WORDS: [&'static str; 12] = [
        "inside",
        "unknown_host",
        "unreachable",
        "tls",
        "sign_in",
        "folder",
        "slow",
        "garbled",
        "too_much",
        "missing",
        "server",
        "broken",
    ];

    /// The word on the page.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Server(word) => word,
            Self::Changed | Self::Fault(_) => "broken",
        }
    }
}

sekisho_host::faults!(Wrong);

impl From<ConnectError> for Wrong {
    fn from(error: ConnectError) -> Self {
        Self::Server(match error {
            ConnectError::Guard(GuardError::Unknown(_)) => "unknown_host",
            ConnectError::Guard(_) => "inside",
            ConnectError::Unreachable(_) => "unreachable",
            ConnectError::Tls(_) => "tls",
        })
    }
}

impl From<NoAnswer> for Wrong {
    fn from(error: NoAnswer) -> Self {
        Self::Server(match error {
            NoAnswer::Address(GuardError::Unknown(_)) => "unknown_host",
            NoAnswer::Address(_) => "inside",
            NoAnswer::Untrusted(_) => "tls",
            NoAnswer::Late(_) => "slow",
            NoAnswer::Failed(_) => "unreachable",
            NoAnswer::TooLong => "too_much",
        })
    }
}

/// The sentence of a word.
pub(crate) fn text_of(word: &str) -> String {
    format!("visitors-calendar-wrong-{}", word.replace('_', "-"))
}
