//! What commands print: sentences for people, or one JSON object with `--json`. Results go to standard output, everything
//! else to standard error.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
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

    /// A list: a table for people, an array for programs.
    pub fn list<T: Serialize>(
        &self,
        rows: &[T],
        empty: &str,
        heads: &[&str],
        cells: impl Fn(&T) -> Vec<String>,
    ) {
        let table = if rows.is_empty() {
            empty.to_owned()
        } else {
            table(heads, &rows.iter().map(cells).collect::<Vec<_>>())
        };
        self.result(table, &rows);
    }

    /// What happens while a command works.
    pub fn progress(&self, sentence: impl AsRef<str>) {
        if !self.json {
            let _ = writeln!(std::io::stderr(), "{}", sentence.as_ref());
        }
    }

    /// How far long work has come: a line that redraws itself, on a terminal only. An empty sentence wipes it.
    pub fn bar(&self, done: u64, all: u64, sentence: &str) {
        let mut stderr = std::io::stderr();
        if self.json || !stderr.is_terminal() {
            return;
        }
        let _ = if sentence.is_empty() {
            write!(stderr, "\r\x1b[K")
        } else {
            const WIDTH: u64 = 30;
            let filled = (done.min(all) * WIDTH).checked_div(all).unwrap_or(0);
            let line: String = (0..WIDTH).map(|place| if place < filled { '█' } else { '░' }).collect();
            write!(stderr, "\r\x1b[K{line} {done}/{all} {sentence}")
        };
        let _ = stderr.flush();
    }

    /// Asks the person at the terminal; `None` when there is none.
    pub fn ask(&self, question: &str) -> Option<String> {
        let stdin = std::io::stdin();
        if self.json || !stdin.is_terminal() {
            return None;
        }
        let mut stderr = std::io::stderr();
        let _ = write!(stderr, "{question}: ");
        let _ = stderr.flush();
        let mut line = String::new();
        stdin.lock().read_line(&mut line).ok()?;
        Some(line.trim().to_owned())
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

/// Columns as wide as their widest cell. East Asian characters take two places on a terminal.
fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = heads.iter().map(|head| head.to_uppercase()).collect();
    let lines: Vec<&Vec<String>> = std::iter::once(&heads).chain(rows).collect();
    let widths: Vec<usize> = (0..heads.len())
        .map(|column| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    let draw = |line: &Vec<String>| {
        let mut text = String::new();
        for (cell, wide) in line.iter().zip(&widths) {
            text.push_str(cell);
            text.push_str(&" ".repeat(wide - width(cell).min(*wide) + 2));
        }
        text.trim_end().to_owned()
    };
    lines.into_iter().map(draw).collect::<Vec<_>>().join("\n")
}

fn width(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if ('\u{1100}'..='\u{ffdc}').contains(&c) && !('\u{2010}'..='\u{2e7f}').contains(&c) {
                2
            } else {
                1
            }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = vec![vec!["1".to_owned(), "青葉".to_owned()], vec!["22".to_owned(), "b".to_owned()]];
        assert_eq!(table(&["id", "name"], &rows), "ID  NAME\n1   青葉\n22  b");
    }
}
