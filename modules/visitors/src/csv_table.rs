//! A CSV file that somebody brings: its rows by the names of their columns, in English or Japanese, in any order.

use std::collections::HashMap;

use crate::checks::VisitError;

/// The most rows of one file.
pub const MOST_ROWS: usize = 500;

/// The cells of one row by column.
pub(crate) type Cells = HashMap<&'static str, String>;

/// What a file looks like.
pub(crate) struct CsvTable {
    /// The columns, in English and Japanese; the first is their name here.
    pub(crate) columns: &'static [[&'static str; 2]],
    /// Those that must be there.
    pub(crate) needed: &'static [&'static str],
    /// The sentence that says so.
    pub(crate) lacking: &'static str,
}

/// A day as spreadsheets write it, in the form that is read: `2026/11/4` is `2026-11-04`.
pub(crate) fn day(typed: &str) -> String {
    let parts: Vec<String> = typed.trim().split(['/', '-']).map(|part| format!("{part:0>2}")).collect();
    if typed.trim().is_empty() { String::new() } else { parts.join("-") }
}

impl CsvTable {
    /// The rows by column, each with its line.
    pub(crate) fn rows(&self, text: &str) -> Result<Vec<(u64, Cells)>, VisitError> {
        // The reader counts lines by their last sign, and would name the line before the wrong one where lines end in two.
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let unreadable = |_| VisitError::invalid("csv", "visitors-error-csv");
        let header = reader.headers().map_err(unreadable)?.clone();
        let known = |name: &str| {
            let name = sekisho_crypto::fold(name);
            self.columns
                .iter()
                .find(|column| column.contains(&&*name))
                .and_then(|column| column.first().copied())
        };
        let columns: Vec<Option<&'static str>> = header.iter().map(known).collect();
        if !self.needed.iter().all(|column| columns.contains(&Some(*column))) {
            return Err(VisitError::invalid("csv", self.lacking));
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            if record.iter().all(str::is_empty) {
                continue;
            }
            let line = record.position().map_or(0, csv::Position::line);
            let cells = columns.iter().zip(record.iter());
            rows.push((
                line,
                cells.filter_map(|(column, cell)| Some(((*column)?, cell.to_owned()))).collect(),
            ));
        }
        if rows.is_empty() || rows.len() > MOST_ROWS {
            return Err(VisitError::invalid("csv", "visitors-error-csv-rows"));
        }
        Ok(rows)
    }
}
