//! The list as a CSV file: brought in as a whole or not at all, and taken out in the same form.

use std::collections::HashMap;

use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, FieldError, Language, SiteId};
use sekisho_places::Site;
use serde::Serialize;

use super::entries::{WatchForm, add_in, fits, read_form};
use super::reads::WatchRow;
use crate::Visitors;
use crate::checks::VisitError;
use crate::csv_table::{self, Cells, CsvTable};
use crate::ids::WatchEntryId;

/// What a file looks like. Several names, and several sites, are parted by semicolons.
const TABLE: CsvTable =
    CsvTable { columns: &COLUMNS, needed: &["names", "reason"], lacking: "visitors-error-watch-header" };

/// The columns, in English and Japanese.
const COLUMNS: [[&str; 2]; 7] = [
    ["names", "氏名"],
    ["organisation", "会社名"],
    ["reason", "理由"],
    ["phone", "連絡先"],
    ["from", "開始日"],
    ["until", "終了日"],
    ["sites", "拠点"],
];

/// One row as it was read.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorWatchImportRow)]
pub struct WatchImportRow {
    /// Its line in the file.
    pub line: u64,
    /// The names as they stand there.
    pub names: String,
    /// What is wrong with it: field and id of the sentence.
    #[schema(value_type = Vec<Object>)]
    pub wrong: Vec<FieldError>,
    /// The entry that was made of it.
    pub entry: Option<WatchEntryId>,
}

/// Reads the file and, unless it is a rehearsal or a row is wrong, makes an entry of each row.
pub async fn import_watch_list(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    text: &str,
    rehearsal: bool,
) -> Result<Vec<WatchImportRow>, VisitError> {
    let sites = sekisho_places::sites(&visitors.store.read(cx.tenant).await?).await?;
    let ids: HashMap<&str, SiteId> = sites.iter().map(|site| (site.name.as_str(), site.id)).collect();
    let mut rows = Vec::new();
    let mut forms = Vec::new();
    for (line, cells) in TABLE.rows(text)? {
        let (form, unknown) = form_of(&ids, &cells);
        let mut wrong = Vec::new();
        if unknown {
            wrong.push(FieldError { field: "sites", text: "visitors-error-site-name" });
        }
        match read_form(cx, &sites, form) {
            Ok(form) => forms.push(form),
            Err(VisitError::Invalid(more)) => wrong.extend(more),
            Err(error) => return Err(error),
        }
        let names = cells.get("names").cloned().unwrap_or_default();
        rows.push(WatchImportRow { line, names, wrong, entry: None });
    }
    if rehearsal || rows.iter().any(|row| !row.wrong.is_empty()) {
        return Ok(rows);
    }
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    fits(&tx, u64::try_from(forms.len()).unwrap_or(u64::MAX)).await?;
    for (row, form) in rows.iter_mut().zip(forms) {
        let (id, entry) = add_in(&tx, &keys, &form).await?;
        tx.record(entry);
        row.entry = Some(id);
    }
    tx.commit(AuditEntry::done("watch_list.import").with("entries", rows.len())).await?;
    Ok(rows)
}

/// The form a row stands for, and whether it names a site that is not here.
fn form_of(sites: &HashMap<&str, SiteId>, cells: &Cells) -> (WatchForm, bool) {
    let cell = |name: &str| unguarded(cells.get(name).map(String::as_str).unwrap_or_default()).to_owned();
    let several = |name: &str| -> Vec<String> {
        let parts = cell(name);
        let parts = parts.split([';', '；', '\n']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let named = several("sites");
    let found: Vec<SiteId> = named.iter().filter_map(|name| sites.get(&**name).copied()).collect();
    let day = |name: &str| Some(csv_table::day(&cell(name))).filter(|day| !day.is_empty());
    let unknown = found.len() < named.len();
    let form = WatchForm {
        names: several("names"),
        organisation: cell("organisation"),
        reason: cell("reason"),
        phone: cell("phone"),
        sites: found,
        from: day("from"),
        until: day("until"),
    };
    (form, unknown)
}

/// The header and the rows of the file that can be brought in again.
pub(super) fn table_of(
    language: Language,
    sites: &[Site],
    rows: Vec<WatchRow>,
) -> (Vec<String>, Vec<Vec<String>>) {
    let column =
        |[english, japanese]: [&str; 2]| if language == Language::Ja { japanese } else { english }.to_owned();
    let name = |id: &SiteId| sites.iter().find(|site| site.id == *id).map(|site| site.name.clone());
    let rows = rows.into_iter().map(|row| {
        let at: Vec<String> = row.sites.iter().filter_map(name).collect();
        vec![
            row.names.join("; "),
            row.organisation,
            row.reason,
            row.phone,
            row.from.unwrap_or_default(),
            row.until.unwrap_or_default(),
            at.join("; "),
        ]
    });
    (COLUMNS.map(column).to_vec(), rows.collect())
}

/// A cell without the apostrophe that keeps spreadsheets from running it as a formula: +81… is a telephone number.
fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_as_spreadsheets_write_them() {
        for (typed, want) in
            [("2026/11/4", "2026-11-04"), (" 2026-11-04 ", "2026-11-04"), ("", ""), ("soon", "soon")]
        {
            assert_eq!(csv_table::day(typed), want);
        }
        assert_eq!(
            (unguarded("'+81 3"), unguarded("'tis"), unguarded("内線 1")),
            ("+81 3", "'tis", "内線 1")
        );
        let rows = TABLE.rows("氏名,理由,拠点\n山田 太郎; ヤマダ タロウ,苦情,本社；支店\n").unwrap();
        let id = SiteId(uuid::Uuid::nil());
        let (form, unknown) = form_of(&HashMap::from([("本社", id)]), &rows[0].1);
        assert_eq!((form.names.len(), form.sites, unknown), (2, vec![id], true));
    }
}
