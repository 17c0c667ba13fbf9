//! Inviting many at once from a CSV file: all of them or, when a line is wrong, none and a list of what is wrong where.

use sekisho_kernel::{AuditEntry, Cx};
use serde::Serialize;

use crate::Identity;
use crate::administrator::Administrator;
use crate::error::refusals;
use crate::invite_person::{InvitePersonError, NewPerson, ReadPerson};

/// Lines taken at once; larger files come in parts.
const MOST_LINES: usize = 2000;

refusals! {
    /// Why nobody was imported.
    ImportError {
        /// Not a CSV file with the columns we know.
        Unreadable => Invalid(vec![sekisho_kernel::FieldError { field: "file", text: "identity-import-unreadable" }]), "identity-import-unreadable", "not a CSV file with a column name";
        /// Too many lines.
        TooLong => Invalid(vec![sekisho_kernel::FieldError { field: "file", text: "identity-import-too-long" }]), "identity-import-too-long", "too many lines";
        /// Lines are wrong.
        Lines(_lines: Vec<WrongLine>) => Invalid(vec![sekisho_kernel::FieldError { field: "file", text: "identity-import-lines" }]), "identity-import-lines", "lines are wrong";
    }
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrongLine {
    /// Which, counted as editors do; the header is line 1.
    pub line: usize,
    /// Which column.
    pub field: &'static str,
    /// The id of the text that says what to do.
    pub text: &'static str,
}

/// What was imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// New people.
    pub people: usize,
}

impl Identity {
    /// Invites everybody in `file`: UTF-8 CSV (a byte order mark is fine) with the columns `name`, `kana`, `mail`,
    /// `phone`, `number`, `language`, `kind`; only `name` is required, order and case do not matter.
    pub async fn import_people(
        &self,
        cx: &Cx,
        by: Administrator,
        file: &[u8],
    ) -> Result<Imported, ImportError> {
        let lines = read_file(file)?;
        let keys = self.keys(cx.tenant).await?;
        let mut tx = self.store().begin(cx).await?;
        let mut wrong = Vec::new();
        let count = lines.len();
        for (line, person) in lines {
            match self.add_person(&mut tx, &keys, &person, by.person, &[]).await {
                Ok(invited) => {
                    let entry = AuditEntry::done("person.invite").on("person", invited.person, "");
                    tx.record(entry.with("import", true));
                }
                Err(InvitePersonError::Invalid(fields)) => {
                    // PostgreSQL gives the whole transaction up after an error, so the first is told alone.
                    wrong.extend(fields.iter().map(|field| WrongLine {
                        line,
                        field: field.field,
                        text: field.text,
                    }));
                    break;
                }
                Err(InvitePersonError::Broken(broken)) => return Err(broken.into()),
                Err(InvitePersonError::Missing | InvitePersonError::NoMail) => {
                    return Err(ImportError::Unreadable);
                }
            }
        }
        if !wrong.is_empty() {
            return Err(ImportError::Lines(wrong));
        }
        tx.commit(AuditEntry::done("person.import").with("people", count)).await?;
        Ok(Imported { people: count })
    }
}

fn read_file(file: &[u8]) -> Result<Vec<(usize, ReadPerson)>, ImportError> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    // The reader counts lines by their last sign, and would name the line before the wrong one where lines end in two.
    let ends_in_two = |at: usize| file.get(at..at + 2) == Some(b"\r\n");
    let file: Vec<u8> =
        file.iter().enumerate().filter(|(at, _)| !ends_in_two(*at)).map(|(_, byte)| *byte).collect();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(&*file);
    let header = reader.headers().map_err(|_| ImportError::Unreadable)?.clone();
    let column = |name: &str| header.iter().position(|found| found.eq_ignore_ascii_case(name));
    if column("name").is_none() {
        return Err(ImportError::Unreadable);
    }
    let mut people = Vec::new();
    let mut wrong = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| ImportError::Unreadable)?;
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let field = |name: &str| column(name).and_then(|at| record.get(at)).unwrap_or_default().to_owned();
        let new = NewPerson {
            name: field("name"),
            kana: field("kana"),
            mail: field("mail"),
            phone: field("phone"),
            number: field("number"),
            language: field("language"),
            guest: field("kind").eq_ignore_ascii_case("guest"),
            groups: Vec::new(),
        };
        match new.read() {
            Ok(person) => people.push((line, person)),
            Err(fields) => {
                wrong.extend(fields.iter().map(|field| WrongLine {
                    line,
                    field: field.field,
                    text: field.text,
                }));
            }
        }
        if people.len() > MOST_LINES {
            return Err(ImportError::TooLong);
        }
    }
    if wrong.is_empty() { Ok(people) } else { Err(ImportError::Lines(wrong)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_files_as_offices_write_them() {
        let file = "\u{feff}Mail,Name,number\r\nsato@example.jp,佐藤 花子,0042\r\n,\"鈴木, 一郎\",\r\n";
        let people = read_file(file.as_bytes()).unwrap();
        assert_eq!(people.len(), 2);
        assert_eq!(people[0].1.mail.as_deref(), Some("sato@example.jp"));
        assert_eq!(people[1].1.name, "鈴木, 一郎");
    }

    #[test]
    fn names_the_line_of_a_file_whose_lines_end_in_two_signs() {
        let ImportError::Lines(lines) = read_file(b"name,mail\r\na,\r\nb,c\r\n").unwrap_err() else {
            panic!("lines are wrong");
        };
        assert_eq!(lines.iter().map(|wrong| wrong.line).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn names_every_wrong_line() {
        let ImportError::Lines(lines) = read_file("name,mail\na,b\n,c@example.jp\n".as_bytes()).unwrap_err()
        else {
            panic!("lines are wrong");
        };
        assert_eq!(
            lines.iter().map(|line| (line.line, line.field)).collect::<Vec<_>>(),
            [(2, "mail"), (3, "name")]
        );
        assert!(matches!(read_file(b"\xff\xfe\x00"), Err(ImportError::Unreadable)));
        assert!(matches!(read_file(b""), Err(ImportError::Unreadable)));
    }
}
