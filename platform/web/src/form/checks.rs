//! What every form of every module asks of the words typed into it.

use sekisho_kernel::FieldError;

/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// The longest note, in characters.
const LONGEST_NOTE: usize = 1000;

/// Collects what is wrong with a form, so that all of it is said at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes that a field is wrong; `text` is the id of the sentence that says how.
    pub fn wrong(&mut self, field: &'static str, text: &'static str) {
        self.0.push(FieldError { field, text });
    }

    /// A name: trimmed, not empty, at most 100 characters on one line.
    pub fn name(&mut self, field: &'static str, typed: &str) -> String {
        let name = self.line(field, typed);
        if name.is_empty() {
            self.wrong(field, "error-empty");
        }
        name
    }

    /// One line that may be empty, trimmed, of at most 100 characters.
    pub fn line(&mut self, field: &'static str, typed: &str) -> String {
        let line = typed.trim();
        if line.chars().count() > LONGEST_NAME || line.chars().any(char::is_control) {
            self.wrong(field, "error-too-long");
        }
        line.to_owned()
    }

    /// A note that may be empty, trimmed, of at most 1000 characters.
    pub fn note(&mut self, field: &'static str, typed: &str) -> String {
        let note = typed.trim();
        let odd = |sign: char| sign.is_control() && sign != '\n' && sign != '\r';
        if note.chars().count() > LONGEST_NOTE || note.chars().any(odd) {
            self.wrong(field, "error-too-long");
        }
        note.to_owned()
    }

    /// Whether nothing was wrong until here.
    pub fn good(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing was wrong, or all that was.
    ///
    /// # Errors
    ///
    /// Every field that is wrong.
    pub fn done<E: From<Vec<FieldError>>>(self) -> Result<(), E> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(checks: Checks) -> Vec<(&'static str, &'static str)> {
        checks.0.iter().map(|error| (error.field, error.text)).collect()
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let mut checks = Checks::default();
        assert_eq!(checks.name("name", "  車庫 "), "車庫");
        assert_eq!(checks.line("room", ""), "");
        assert_eq!(checks.note("note", "one\r\ntwo"), "one\r\ntwo");
        assert!(checks.good());
        checks.name("name", "  ");
        checks.line("room", "a\nb");
        checks.line("floor", &"あ".repeat(LONGEST_NAME + 1));
        checks.note("note", "a\u{0}b");
        let all = [
            ("name", "error-empty"),
            ("room", "error-too-long"),
            ("floor", "error-too-long"),
            ("note", "error-too-long"),
        ];
        assert_eq!(wrong(checks), all);
    }
}
