//! What commands print: sentences for people, or one JSON object with `--json`. Results go to standard output, everything
//! else to standard error.

use std::io::Write as _;
use std::process::ExitCode;

use serde::Serialize;

/// Where a command's words go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// For people, or for programs.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// The result of a command: the sentence for people, the value for programs.
    pub fn result(&self, sentence: impl AsRef<str>, value: &impl Serialize) {
        let text = if self.json {
            serde_json::to_string(value).unwrap_or_default()
        } else {
            sentence.as_ref().to_owned()
        };
        // A closed pipe ends the reader's interest, not our work.
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    /// What happens while a command works.
    pub fn progress(&self, sentence: impl AsRef<str>) {
        if !self.json {
            let _ = writeln!(std::io::stderr(), "{}", sentence.as_ref());
        }
    }

    /// Why the command failed, with the whole chain; exit code 1.
    pub fn failed(&self, error: &anyhow::Error) -> ExitCode {
        let text = if self.json {
            serde_json::json!({ "error": format!("{error:#}") }).to_string()
        } else {
            format!("sekisho: {error:#}")
        };
        let _ = writeln!(std::io::stderr(), "{text}");
        ExitCode::FAILURE
    }
}
