//! Why something in a calendar was not taken: a word for the record, a sentence for whoever sent it.

use sekisho_host::{Fault, faults};
use sekisho_kernel::Kinded as _;

use super::invitation::BadFile;
use crate::checks::VisitError;
use crate::warrant::NotAllowed;

/// Why something was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// Nobody knows who sent it; nobody is told.
    NotVerified,
    /// It comes from somebody who does not work here; nobody is told.
    Stranger,
    /// The file is of no use.
    File(BadFile),
    /// Whoever organises it does not work here.
    UnknownOrganizer,
    /// It was sent by somebody else than who organises it.
    NotOrganizer,
    /// The reception is not among those who are invited.
    NotInvited,
    /// Nobody from outside comes.
    NoGuest,
    /// A time in it is none, or in a zone that nobody knows.
    NoTime,
    /// It is over.
    Past,
    /// It repeats in a way that is not offered.
    OddRule,
    /// It repeats on another clock than that of the site.
    OtherClock,
    /// It changes all later times at once.
    AndLater,
    /// That time of it is not there, or over.
    NoSuchTime,
    /// It was called off at the reception.
    CalledOffHere,
    /// Who sent it may not do that.
    NotAllowed,
    /// A rule of the reception forbids it; the sentence that says so.
    Rule(&'static str),
    /// Something of ours broke, again and again.
    Broken,
}

impl Why {
    /// The word in the record and on the page of calendars.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NotVerified => "not_verified",
            Self::Stranger => "stranger",
            Self::File(BadFile::Unreadable) => "unreadable",
            Self::File(BadFile::TooMuch) => "too_much",
            Self::File(BadFile::NoEvent) => "no_event",
            Self::File(BadFile::Several) => "several",
            Self::UnknownOrganizer => "unknown_organizer",
            Self::NotOrganizer => "not_organizer",
            Self::NotInvited => "not_invited",
            Self::NoGuest => "no_guest",
            Self::NoTime => "no_time",
            Self::Past => "past",
            Self::OddRule => "odd_rule",
            Self::OtherClock => "other_clock",
            Self::AndLater => "and_later",
            Self::NoSuchTime => "no_such_time",
            Self::CalledOffHere => "called_off_here",
            Self::NotAllowed => "not_allowed",
            Self::Rule(_) => "rule",
            Self::Broken => "broken",
        }
    }

    /// The words there are, for the texts.
    #[cfg(test)]
    pub(crate) const WORDS: [&'static str; 20] = [
        "not_verified",
        "stranger",
        "unreadable",
        "too_much",
        "no_event",
        "several",
        "unknown_organizer",
        "not_organizer",
        "not_invited",
        "no_guest",
        "no_time",
        "past",
        "odd_rule",
        "other_clock",
        "and_later",
        "no_such_time",
        "called_off_here",
        "not_allowed",
        "rule",
        "broken",
    ];

    /// The sentence.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Rule(text) => text.to_owned(),
            _ => text_of(self.word()),
        }
    }
}

/// The sentence of a word that stands on the page of calendars.
pub(crate) fn text_of(word: &str) -> String {
    format!("visitors-calendar-why-{}", word.replace('_', "-"))
}

/// Why nothing came of it.
#[derive(Debug)]
pub(crate) enum NotTaken {
    /// For this reason, which will not go away.
    Why(Why),
    /// Something broke; it is tried again.
    Fault(Fault),
    /// Somebody else did something at the same moment; it is tried again.
    Again,
}

impl From<Why> for NotTaken {
    fn from(why: Why) -> Self {
        Self::Why(why)
    }
}

faults!(NotTaken);

/// What a use case refused.
pub(crate) fn refused(error: VisitError) -> NotTaken {
    match error {
        VisitError::NotAllowed(NotAllowed::Fault(fault)) | VisitError::Fault(fault) => NotTaken::Fault(fault),
        VisitError::NotAllowed(_) => Why::NotAllowed.into(),
        VisitError::Invalid(fields) => {
            let text = fields.first().map_or("error-invalid", |field| field.text);
            if text == "visitors-error-past" { Why::Past.into() } else { Why::Rule(text).into() }
        }
        VisitError::Busy(_) | VisitError::Changed => NotTaken::Again,
        VisitError::RoomTaken(_) | VisitError::Refused(_) | VisitError::Rule(_) => {
            Why::Rule(error.text()).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wrong::{self, Wrong};
    use super::*;

    #[test]
    fn every_word_has_a_sentence() {
        let texts = crate::texts();
        let ids = Why::WORDS.map(text_of).into_iter().chain(Wrong::WORDS.map(wrong::text_of));
        for id in ids {
            assert!(texts.ja.contains(&format!("{id} = ")) && texts.en.contains(&format!("{id} = ")), "{id}");
        }
    }
}
