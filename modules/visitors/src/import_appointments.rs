//! Many appointments from a CSV file: looked at as a whole first, made only when every row can be.

use std::collections::HashMap;

use sekisho_kernel::{AuditEntry, Cx, FieldError, Kind, Kinded, Language, PersonId, SiteId};
use sekisho_storage::Scope;
use serde::Serialize;

use crate::Visitors;
use crate::checks::VisitError;
use crate::csv_table::{self, Cells, CsvTable};
use crate::ids::AppointmentId;
use crate::make_appointment::{AppointmentForm, GuestForm, Plan, checked, make_in};
use crate::rooms::{RoomNames, RoomTaken, lock_all, not_free};
use crate::settings;
use crate::tables::words::VisitKind;
use crate::warrant::MayInvite;
use crate::watch::Watch;

/// What a file of appointments looks like.
const TABLE: CsvTable =
    CsvTable { columns: &COLUMNS, needed: &["starts", "ends", "name"], lacking: "visitors-error-csv-header" };

/// The columns, in English and Japanese.
const COLUMNS: [[&str; 2]; 15] = [
    ["starts", "開始"],
    ["ends", "終了"],
    ["site", "拠点"],
    ["name", "氏名"],
    ["reading", "ふりがな"],
    ["company", "会社名"],
    ["mail", "メールアドレス"],
    ["phone", "電話番号"],
    ["language", "言語"],
    ["companions", "同行者数"],
    ["kind", "種別"],
    ["host", "担当者"],
    ["room", "会議室"],
    ["place", "場所"],
    ["purpose", "用件"],
];

/// One row as it was read.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorImportRow)]
pub struct ImportedRow {
    /// Its line in the file.
    pub line: u64,
    /// The guest's name as it stands there.
    pub name: String,
    /// The beginning as it stands there.
    pub starts: String,
    /// What is wrong with it: field and id of the sentence.
    #[schema(value_type = Vec<Object>)]
    pub wrong: Vec<FieldError>,
    /// The appointment that was made of it.
    pub appointment: Option<AppointmentId>,
}

/// Reads the file and, unless it is a rehearsal or a row is wrong, makes an appointment of each row.
pub async fn import_appointments(
    visitors: &Visitors,
    cx: &Cx,
    text: &str,
    rehearsal: bool,
) -> Result<Vec<ImportedRow>, VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let (settings, _) = settings::load(&scope).await?;
    let sites: HashMap<String, SiteId> =
        sekisho_places::sites(&scope).await?.into_iter().map(|site| (site.name, site.id)).collect();
    let rooms = RoomNames::read(&scope).await?;
    let mut rows = Vec::new();
    let mut forms = Vec::new();
    for (line, cells) in TABLE.rows(text)? {
        let (form, wrong) = form_of(visitors, cx, &scope, (&sites, &rooms), &cells).await?;
        let cell = |name: &str| cells.get(name).cloned().unwrap_or_default();
        rows.push(ImportedRow { line, name: cell("name"), starts: cell("starts"), wrong, appointment: None });
        forms.push(form);
    }
    drop(scope);
    let mut plans = Vec::new();
    for (number, (row, form)) in rows.iter_mut().zip(forms).enumerate() {
        let Some(form) = form else { continue };
        let may = match visitors.may_invite(cx, form.site, &settings).await {
            Ok(may) => may,
            Err(error) if error.kind() == Kind::Broken => return Err(error.into()),
            Err(_) => {
                row.wrong.push(FieldError { field: "site", text: "visitors-refused-no-right" });
                continue;
            }
        };
        match checked(visitors, cx, &may, form).await {
            Ok(plan) => plans.push((number, may, plan)),
            Err(VisitError::Invalid(wrong)) => row.wrong.extend(wrong),
            Err(error) => return Err(error),
        }
    }
    let wants = |(number, _, plan): &(usize, MayInvite, Plan)| Some((*number, plan.details.room?));
    let numbers: Vec<usize> = plans.iter().filter_map(wants).map(|(number, _)| number).collect();
    let wanted = plans.iter().filter_map(|(_, _, plan)| Some((plan.details.room?, &plan.details.when)));
    let wanted: Vec<_> = wanted.collect();
    let taken = not_free(&visitors.store.read(cx.tenant).await?, &wanted).await?;
    for number in taken.into_iter().filter_map(|one| numbers.get(one)) {
        if let Some(row) = rows.get_mut(*number) {
            row.wrong.push(FieldError { field: "room", text: "visitors-error-room-taken" });
        }
    }
    if rehearsal || rows.iter().any(|row| !row.wrong.is_empty()) {
        return Ok(rows);
    }
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let watch = Watch::open(&tx, &keys).await?;
    lock_all(&tx, plans.iter().filter_map(|(_, _, plan)| plan.details.room)).await?;
    for (row, (_, may, plan)) in rows.iter_mut().zip(plans) {
        let (made, entry) = make_in(&mut tx, &keys, &watch, &may, &plan).await?;
        tx.record(entry);
        row.appointment = Some(made.id);
    }
    tx.commit(AuditEntry::done("appointment.import").with("appointments", rows.len())).await?;
    Ok(rows)
}

/// The form a row stands for, and what of it names nothing that is here.
async fn form_of(
    visitors: &Visitors,
    cx: &Cx,
    scope: &Scope,
    (sites, rooms): (&HashMap<String, SiteId>, &RoomNames),
    cells: &Cells,
) -> Result<(Option<AppointmentForm>, Vec<FieldError>), VisitError> {
    let cell = |name: &str| cells.get(name).map(String::as_str).unwrap_or_default();
    let mut wrong = Vec::new();
    let site = match (cell("site"), sites.len()) {
        ("", 1) => sites.values().next().copied(),
        (name, _) => sites.get(name).copied(),
    };
    let Some(site) = site else {
        wrong.push(FieldError { field: "site", text: "visitors-error-site-name" });
        return Ok((None, wrong));
    };
    let host: Option<PersonId> = match cell("host") {
        "" => None,
        mail => {
            let found = visitors.identity.by_mail(cx, scope, mail).await?;
            if found.is_none() {
                wrong.push(FieldError { field: "host", text: "visitors-error-person" });
            }
            found
        }
    };
    let kind = match cell("kind") {
        "" => Some(VisitKind::Guest),
        word => VisitKind::from_word(word),
    };
    if kind.is_none() {
        wrong.push(FieldError { field: "kind", text: "visitors-error-kind" });
    }
    let language = match cell("language") {
        "" => None,
        tag => Language::guest_from_tag(tag),
    };
    if language.is_none() && !cell("language").is_empty() {
        wrong.push(FieldError { field: "language", text: "visitors-error-language-tag" });
    }
    let room = rooms.named(site, cell("room"));
    if room.is_none() && !cell("room").is_empty() {
        wrong.push(FieldError { field: "room", text: "visitors-error-room-unknown" });
    }
    let companions = match cell("companions") {
        "" => 0,
        number => number.parse().unwrap_or(-1),
    };
    let guest = GuestForm {
        name: cell("name").to_owned(),
        reading: cell("reading").to_owned(),
        company: cell("company").to_owned(),
        mail: cell("mail").to_owned(),
        phone: cell("phone").to_owned(),
        language,
        companions,
    };
    // Dates as spreadsheets write them: 2026/11/24 9:00.
    let time = |name: &str| civil(cell(name));
    let form = AppointmentForm {
        site,
        kind: kind.unwrap_or(VisitKind::Guest),
        host,
        deputies: Vec::new(),
        group: None,
        room,
        room_taken: RoomTaken::Refuse,
        place: cell("place").to_owned(),
        starts: time("starts"),
        ends: time("ends"),
        purpose: cell("purpose").to_owned(),
        note: String::new(),
        guests: vec![guest],
    };
    Ok((Some(form), wrong))
}

/// A time as spreadsheets write it, in the form that is read: `2026/11/24 9:00` is `2026-11-24T09:00`.
fn civil(typed: &str) -> String {
    let Some((day, time)) = typed.trim().split_once([' ', 'T']) else { return typed.to_owned() };
    let time: Vec<String> = time.trim().split(':').take(2).map(|part| format!("{part:0>2}")).collect();
    format!("{}T{}", csv_table::day(day), time.join(":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreadsheets_write_times_their_own_way() {
        for typed in ["2026/11/4 9:00", "2026-11-04T09:00", "2026-11-04 09:00:00", " 2026/11/04 9:00 "] {
            assert_eq!(civil(typed), "2026-11-04T09:00", "{typed}");
        }
        assert_eq!(civil("soon"), "soon");
    }

    #[test]
    fn a_file_is_read_by_its_header() {
        let read = |text| TABLE.rows(text);
        let rows =
            read("\u{feff}氏名,開始,Ends,余分\r\n山田,2026/11/4 9:00,2026/11/4 10:00,x\r\n,,,\r\n").unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].0, &*rows[0].1["name"], rows[0].1.len()), (2, "山田", 3));
        for wrong in ["", "name\nx", "starts,ends,name\n"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
