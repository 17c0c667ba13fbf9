//! A calendar on a server (CalDAV): what is new in it is taken, what is gone is called off. How far we are is kept when all of it
//! was dealt with; a file that was dealt with before a crash is known by its version.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::TenantKeys;
use sekisho_host::Fault;
use sekisho_identity::read_mail;
use sekisho_kernel::{Actor, Cx, PersonId};
use sekisho_notify::send::http::Request;
use sekisho_storage::Scoped as _;
use uuid::Uuid;

use super::access::Access;
use super::answer::{About, CameOf, again_or_refused, keep, settle};
use super::dav::{self, Answer, File};
use super::invitation::{self, Invitation};
use super::read::Rest;
use super::take_invitation::{Source, Taken, take_invitation, withdraw};
use super::why::{NotTaken, Why};
use super::wrong::Wrong;
use super::{Position, items};
use crate::Visitors;
use crate::tables::{calendar_files, read_calendars};

/// A longer answer is not read.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// So many files are asked for at once.
const BATCH: usize = 40;
/// So many files in one reading; the next takes the rest.
const MOST_FILES: usize = 200;

/// Reads what is new.
pub(super) async fn read(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
) -> Result<Rest, Wrong> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let access = Access::open(&keys, calendar.id, &calendar.access_sealed)?;
    let server = Server { visitors, access };
    let Some(news) = server.news(&calendar.position.0).await? else { return Ok(Rest::Nothing) };
    let known = known(visitors, cx, calendar).await?;
    let blind = |href: &str| keys.blind("visitors.calendar_href", href);
    let told: BTreeMap<Vec<u8>, &File> = news.files.iter().map(|file| (blind(&file.href), file)).collect();
    let is_new = |(href, file): &(&Vec<u8>, &&File)| {
        !file.gone && known.get(*href).is_none_or(|known| known.etag != file.etag)
    };
    let new: Vec<&File> = told.iter().filter(is_new).map(|(_, file)| *file).collect();
    for some in new.chunks(BATCH).take(MOST_FILES / BATCH) {
        let hrefs: Vec<&str> = some.iter().map(|file| file.href.as_str()).collect();
        for file in server.report(&dav::files(&hrefs)).await?.files {
            let before = known.get(&blind(&file.href));
            take(visitors, &cx.later(), calendar, &keys, &file, before).await?;
        }
    }
    let gone: Vec<&calendar_files::Model> = known
        .values()
        .filter(|row| told.get(&row.href_blind).map_or(news.is_all, |file| file.gone))
        .collect();
    for row in gone {
        forget(visitors, &cx.later(), calendar, row).await?;
    }
    if new.len() > MOST_FILES {
        return Ok(Rest::More);
    }
    keep(visitors, cx, calendar, &news.position).await?;
    Ok(if news.more { Rest::More } else { Rest::Nothing })
}

/// What there is to be looked at.
struct News {
    files: Vec<File>,
    /// Whether those are all files, so that others are gone.
    is_all: bool,
    position: Position,
    more: bool,
}

struct Server<'a> {
    visitors: &'a Visitors,
    access: Access,
}

impl Server<'_> {
    /// What changed since then; none: nothing.
    async fn news(&self, position: &Position) -> Result<Option<News>, Wrong> {
        if position.ctag.is_none() {
            let token = position.token.as_deref();
            let asked = match self.ask("REPORT", "1", &dav::sync(token)).await? {
                Said::Refused(_, body) if token.is_some() && dav::is_token_refused(&body) => {
                    (self.ask("REPORT", "1", &dav::sync(None)).await?, None)
                }
                said => (said, token),
            };
            match asked {
                (Said::Several(answer), token) if answer.token.is_some() => {
                    let position = Position { token: answer.token, ..Position::default() };
                    let is_all = token.is_none() && !answer.more;
                    return Ok(Some(News { files: answer.files, is_all, position, more: answer.more }));
                }
                (Said::Refused(status @ (401 | 404 | 410 | 429 | 500..), _), _) if status != 501 => {
                    return Err(refused(status));
                }
                // It knows no tokens.
                _ => {}
            }
        }
        let ctag = self.several("PROPFIND", "0", &dav::state()).await?.ctag;
        if ctag.is_some() && ctag == position.ctag {
            return Ok(None);
        }
        let files = self.several("PROPFIND", "1", &dav::versions()).await?.files;
        // Without either, all versions are compared each time.
        let position = Position { ctag, ..Position::default() };
        Ok(Some(News { files, is_all: true, position, more: false }))
    }

    async fn report(&self, body: &str) -> Result<Answer, Wrong> {
        self.several("REPORT", "1", body).await
    }

    async fn several(&self, method: &str, depth: &str, body: &str) -> Result<Answer, Wrong> {
        match self.ask(method, depth, body).await? {
            Said::Several(answer) => Ok(answer),
            Said::Refused(status, _) => Err(refused(status)),
        }
    }

    async fn ask(&self, method: &str, depth: &str, body: &str) -> Result<Said, Wrong> {
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Wrong::Server("garbled"))?;
        let mut headers = vec![
            ("content-type".to_owned(), "application/xml; charset=utf-8".to_owned()),
            ("depth".to_owned(), depth.to_owned()),
        ];
        if !self.access.user.is_empty() {
            let account = STANDARD.encode(format!("{}:{}", self.access.user, self.access.password));
            headers.push(("authorization".to_owned(), format!("Basic {account}")));
        }
        let request = Request { method, url: &self.access.url, headers, body: body.as_bytes().to_vec() };
        // Without a client nothing goes out from here at all.
        let http = self.visitors.notify.http().map_err(|_| Wrong::Server("unreachable"))?;
        let (status, body) = http.exchange(request, MOST_BYTES).await?;
        let body = String::from_utf8_lossy(&body);
        match status.as_u16() {
            207 => Ok(Said::Several(dav::read(&body).ok_or(Wrong::Server("garbled"))?)),
            status => Ok(Said::Refused(status, body.into_owned())),
        }
    }
}

enum Said {
    Several(Answer),
    Refused(u16, String),
}

fn refused(status: u16) -> Wrong {
    Wrong::Server(match status {
        401 | 403 => "sign_in",
        404 | 410 => "missing",
        408 | 429 | 500.. => "server",
        // Somewhere else, or no calendar server at all.
        _ => "garbled",
    })
}

/// The files that were dealt with, by their blind address.
async fn known(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
) -> Result<BTreeMap<Vec<u8>, calendar_files::Model>, Fault> {
    let of = calendar_files::Column::CalendarId.eq(calendar.id);
    let scope = visitors.store.read(cx.tenant).await?;
    let rows = scope.find::<calendar_files::Entity>().filter(of).all().await?;
    Ok(rows.into_iter().map(|row| (row.href_blind.clone(), row)).collect())
}

/// Deals with one file.
async fn take(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    keys: &TenantKeys,
    file: &File,
    before: Option<&calendar_files::Model>,
) -> Result<(), Wrong> {
    // It went between two questions; the next reading knows.
    let Some(data) = file.data.as_deref().filter(|_| !file.gone) else { return Ok(()) };
    let read = invitation::read(data);
    let source = Source { calendar, sender: None, own: "" };
    let came = match &read {
        // Tasks and notes are not for us.
        Err(invitation::BadFile::NoEvent) => CameOf::Nothing,
        Err(bad) => CameOf::Refused(Why::File(*bad)),
        Ok(file) => match take_invitation(visitors, cx, source, file).await {
            Ok(taken) => CameOf::Taken(taken),
            Err(NotTaken::Why(why)) => CameOf::Refused(why),
            Err(not_taken) => again_or_refused(visitors, cx, calendar, not_taken).await?,
        },
    };
    let event = read.as_ref().ok().and_then(|file| file.event.as_ref().or(file.overrides.first()));
    let person = match (&read, matches!(came, CameOf::Taken(Taken::PassedOver) | CameOf::Nothing)) {
        (Ok(file), false) => responsible(visitors, cx, calendar, file).await?,
        _ => None,
    };
    let href = keys.blind("visitors.calendar_href", &file.href);
    let uid = match &read {
        Ok(file) => Some(items::blind(keys, &file.uid)),
        Err(invitation::BadFile::NoEvent) => None,
        // Whatever stands in it now, it may be the same event still.
        Err(_) => before.and_then(|before| before.uid_blind.clone()),
    };
    // Under this address another event stood before: it is gone.
    if let Some(before) = before.filter(|before| before.uid_blind != uid) {
        call_off(visitors, cx, calendar, before).await?;
    }
    let row = calendar_files::ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(before.map_or_else(|| cx.fresh_id::<Uuid>(), |before| before.id)),
        calendar_id: Set(calendar.id),
        href_blind: Set(href.clone()),
        etag: Set(file.etag.clone()),
        uid_blind: Set(uid),
    };
    let summary = event.map(|event| event.summary.as_str()).unwrap_or_default();
    let once: String = href.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let once = format!("{}/{once}/{}", calendar.id, file.etag);
    let about = About { position: None, file: Some(row), summary, once };
    settle(visitors, cx, calendar, person, came, &about).await?;
    Ok(())
}

/// Whose event it is, to tell them when it cannot be taken.
async fn responsible(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    file: &Invitation,
) -> Result<Option<PersonId>, Fault> {
    if calendar.person_id.is_some() {
        return Ok(calendar.person_id);
    }
    let event = file.event.as_ref().or(file.overrides.first());
    let mail = event.and_then(|event| read_mail(&event.organizer.as_ref()?.mail));
    let Some(mail) = mail else { return Ok(None) };
    let scope = visitors.store.read(cx.tenant).await?;
    Ok(visitors.identity.by_mail(cx, &scope, &mail).await?)
}

/// A file is gone, and so is its event.
async fn forget(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    row: &calendar_files::Model,
) -> Result<(), Wrong> {
    call_off(visitors, cx, calendar, row).await?;
    let tx = visitors.store.begin(cx).await?;
    let this = Condition::all().add(calendar_files::Column::Id.eq(row.id));
    tx.delete::<calendar_files::Entity>().filter(this).exec().await?;
    Ok(tx.commit_bookkeeping("a file of a calendar is gone").await?)
}

/// What became of the event of a file is called off, in the name of whoever it was taken for.
async fn call_off(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    row: &calendar_files::Model,
) -> Result<(), Wrong> {
    let Some(uid) = &row.uid_blind else { return Ok(()) };
    let scope = visitors.store.read(cx.tenant).await?;
    // It stands at another address of the calendar.
    let elsewhere = Condition::all()
        .add(calendar_files::Column::CalendarId.eq(calendar.id))
        .add(calendar_files::Column::UidBlind.eq(uid.clone()))
        .add(calendar_files::Column::Id.ne(row.id));
    if scope.find::<calendar_files::Entity>().filter(elsewhere).one().await?.is_some() {
        return Ok(());
    }
    let items = items::all_of(&scope, uid).await?;
    let connected = scope.find::<read_calendars::Entity>().filter(Condition::all()).all().await?;
    drop(scope);
    // What came by another way, too, is called off there, as long as somebody reads it.
    let is_others = |id| id != calendar.id && connected.iter().any(|other| other.id == id);
    for item in items.iter().filter(|item| !is_others(item.calendar_id) && !item.called_off) {
        let as_them = cx.acting_as(Actor::Person { id: item.person_id });
        let came = match withdraw(visitors, &as_them, item).await {
            Ok(()) => CameOf::Taken(Taken::CalledOff),
            Err(NotTaken::Why(why)) => CameOf::Refused(why),
            Err(not_taken) => again_or_refused(visitors, cx, calendar, not_taken).await?,
        };
        let tx = visitors.store.begin(cx).await?;
        items::mark_called_off(&tx, item).await?;
        tx.commit_bookkeeping("an event is gone; that its appointment is called off is recorded").await?;
        let once = format!("{}/{}", calendar.id, item.id);
        let about = About { position: None, file: None, summary: "", once };
        settle(visitors, cx, calendar, Some(item.person_id), came, &about).await?;
    }
    Ok(())
}
