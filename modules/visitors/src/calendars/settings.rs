//! Mailboxes and calendars are set up, changed and taken away, by administrators.

use std::net::IpAddr;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_identity::{Administrator, read_mail};
use sekisho_kernel::{AuditEntry, Cx, PersonId, SiteId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use sekisho_web::{Checks, IfMatch};
use serde::Deserialize;

use super::Position;
use super::access::Access;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::CalendarId;
use crate::tables::words::VisitKind;
use crate::tables::{CalendarKind, calendar_files, read_calendars};
use crate::warrant::NotAllowed;

/// The most mailboxes and calendars of one organisation.
const MOST: u64 = 50;
/// The longest address or password.
const LONGEST: usize = 500;

/// A mailbox or calendar as a form describes it.
#[derive(Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorCalendarForm)]
pub struct CalendarForm {
    /// `mailbox` (invitations by mail, iMIP) or `collection` (a calendar on a server, CalDAV).
    pub kind: CalendarKind,
    /// What people call it.
    pub name: String,
    /// To which site guests come when an event names none.
    pub site: Option<SiteId>,
    /// What kind of visit it is.
    pub visit_kind: VisitKind,
    /// Of a calendar: whose it is. None: whoever organises an event is believed to.
    pub person: Option<PersonId>,
    /// How often it is read, in minutes; 1 to 60.
    pub every_minutes: u32,
    /// Of a mailbox: the name of its server, which speaks IMAP with TLS.
    pub host: String,
    /// Its port; 993 when it is 0.
    pub port: u16,
    /// The folder; `INBOX` when it is empty.
    pub folder: String,
    /// The reception's mail address, which people invite.
    pub address: String,
    /// How the mailbox's server names itself in `Authentication-Results`. Without it nothing is taken.
    pub authority: String,
    /// Of a calendar: the address of the collection (`https://…`).
    pub url: String,
    /// The user.
    pub user: String,
    /// The password; when something is changed and it is empty, it stays.
    pub password: String,
}

impl Default for CalendarForm {
    fn default() -> Self {
        Self {
            kind: CalendarKind::Mailbox,
            name: String::new(),
            site: None,
            visit_kind: VisitKind::Guest,
            person: None,
            every_minutes: 1,
            host: String::new(),
            port: 0,
            folder: String::new(),
            address: String::new(),
            authority: String::new(),
            url: String::new(),
            user: String::new(),
            password: String::new(),
        }
    }
}

/// Sets one up.
pub async fn add_calendar(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    form: CalendarForm,
) -> Result<CalendarId, VisitError> {
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let checked = checked(visitors, cx, form, None).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let tx = visitors.store.begin(cx).await?;
    if tx.find::<read_calendars::Entity>().filter(Condition::all()).count().await? >= MOST {
        return Err(VisitError::Rule("visitors-refused-calendars-full"));
    }
    let id: CalendarId = cx.fresh_id();
    let row = read_calendars::ActiveModel {
        id: Set(id),
        kind: Set(checked.form.kind),
        name: Set(checked.form.name.clone()),
        access_sealed: Set(checked.access.sealed(&keys, id)),
        site_id: Set(checked.site),
        visit_kind: Set(checked.form.visit_kind),
        person_id: Set(checked.form.person),
        every_minutes: Set(i64::from(checked.form.every_minutes)),
        position: Set(JsonText(Position::default())),
        tries: Set(0),
        next_at: Set(cx.now),
        lease_until: Set(Timestamp::EPOCH),
        version: Set(1),
        made_by: Set(maker),
        made_at: Set(cx.now),
        ..Default::default()
    };
    tx.insert::<read_calendars::Entity>(row).await?;
    tx.commit(checked.entry("connected_calendar.add", id)).await?;
    Ok(id)
}

/// Changes one, if it is as the caller has seen it. At another server it is read from the beginning.
pub async fn change_calendar(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: CalendarId,
    form: CalendarForm,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    use read_calendars::Column;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let before = one(&visitors.store.read(cx.tenant).await?, id).await?.ok_or(NotAllowed::Missing)?;
    let known = Access::open(&keys, id, &before.access_sealed)?;
    // What it is stays: a mailbox becomes no calendar.
    let form = CalendarForm { kind: before.kind, ..form };
    let checked = checked(visitors, cx, form, Some(&known)).await?;
    let tx = visitors.store.begin(cx).await?;
    let row = lock(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    if !seen.holds(row.version) || row.version != before.version {
        return Err(VisitError::Changed);
    }
    let same = checked.access.same_server(&known) && checked.access.folder == known.folder;
    let position = if same { row.position.0 } else { Position::default() };
    tx.update::<read_calendars::Entity>()
        .set(Column::Name, checked.form.name.clone())
        .set(Column::AccessSealed, checked.access.sealed(&keys, id))
        .set(Column::SiteId, checked.site)
        .set(Column::VisitKind, checked.form.visit_kind)
        .set(Column::PersonId, checked.form.person)
        .set(Column::EveryMinutes, i64::from(checked.form.every_minutes))
        .set(Column::Position, JsonText(position))
        .set(Column::Tries, 0_i64)
        .set(Column::NextAt, cx.now)
        .set(Column::FailingSince, Option::<Timestamp>::None)
        .set(Column::Wrong, Option::<String>::None)
        .set(Column::Version, row.version.saturating_add(1))
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    if !same {
        forget_files(&tx, id).await?;
    }
    Ok(tx.commit(checked.entry("connected_calendar.change", id)).await?)
}

/// Takes one away. Appointments that came from it stay.
pub async fn remove_calendar(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: CalendarId,
) -> Result<(), VisitError> {
    let tx = visitors.store.begin(cx).await?;
    let row = lock(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    forget_files(&tx, id).await?;
    tx.delete::<read_calendars::Entity>().filter(read_calendars::Column::Id.eq(id)).exec().await?;
    Ok(tx
        .commit(AuditEntry::done("connected_calendar.remove").on("connected_calendar", id, row.name))
        .await?)
}

/// One of them.
pub(super) async fn one(
    scope: &impl Scoped,
    id: CalendarId,
) -> Result<Option<read_calendars::Model>, StoreError> {
    scope.find::<read_calendars::Entity>().filter(read_calendars::Column::Id.eq(id)).one().await
}

async fn lock(tx: &Tx, id: CalendarId) -> Result<Option<read_calendars::Model>, StoreError> {
    let this = read_calendars::Column::Id.eq(id);
    tx.find::<read_calendars::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

async fn forget_files(tx: &Tx, id: CalendarId) -> Result<(), StoreError> {
    let of = calendar_files::Column::CalendarId.eq(id);
    tx.delete::<calendar_files::Entity>().filter(of).exec().await?;
    Ok(())
}

struct Checked {
    form: CalendarForm,
    site: SiteId,
    access: Access,
}

impl Checked {
    fn entry(&self, action: &'static str, id: CalendarId) -> AuditEntry {
        let entry = AuditEntry::done(action).on("connected_calendar", id, self.form.name.clone());
        let entry = entry.with("kind", self.form.kind).with("site", self.site);
        entry.with("server", if self.access.host.is_empty() { &self.access.url } else { &self.access.host })
    }
}

/// Reads the form; all that is wrong is said at once.
async fn checked(
    visitors: &Visitors,
    cx: &Cx,
    form: CalendarForm,
    known: Option<&Access>,
) -> Result<Checked, VisitError> {
    let mut checks = Checks::default();
    let name = checks.name("name", &form.name);
    if !(1..=60).contains(&form.every_minutes) {
        checks.wrong("every_minutes", "visitors-error-calendar-every");
    }
    let scope = visitors.store.read(cx.tenant).await?;
    let site = match form.site {
        Some(site) => sekisho_places::sites(&scope).await?.into_iter().find(|known| known.id == site),
        None => None,
    };
    if site.is_none() {
        checks.wrong("site", "visitors-error-site");
    }
    let is_mailbox = form.kind == CalendarKind::Mailbox;
    let person = form.person.filter(|_| !is_mailbox);
    if let Some(person) = person
        && !visitors.identity.is_active(&scope, person).await?
    {
        checks.wrong("person", "visitors-error-person");
    }
    drop(scope);
    let mut access = Access { user: form.user.trim().to_owned(), ..Access::default() };
    if is_mailbox {
        let host = form.host.trim().to_lowercase();
        let odd = |sign: char| !(sign.is_alphanumeric() || ".-:[]".contains(sign));
        if host.is_empty() || host.len() > LONGEST || host.contains(odd) {
            checks.wrong("host", "visitors-error-calendar-host");
        }
        match read_mail(&form.address) {
            Some(address) => access.address = address,
            None => checks.wrong("address", "visitors-error-mail"),
        }
        let authority = form.authority.trim();
        if authority.is_empty() {
            checks.wrong("authority", "visitors-error-calendar-authority");
        }
        if access.user.is_empty() {
            checks.wrong("user", "error-empty");
        }
        let folder = checks.line("folder", &form.folder);
        access.host = host;
        access.port = if form.port == 0 { 993 } else { form.port };
        access.folder = if folder.is_empty() { "INBOX".to_owned() } else { folder };
        access.authority = checks.line("authority", authority);
    } else {
        access.url = form.url.trim().to_owned();
        if access.url.len() > LONGEST || visitors.notify.may_connect(&access.url).is_err() {
            checks.wrong("url", "visitors-error-calendar-url");
        } else if !access.user.is_empty() && !is_private(&access.url) {
            checks.wrong("user", "visitors-error-calendar-plain");
        }
    }
    if [&access.user, &form.password]
        .into_iter()
        .any(|text| text.len() > LONGEST || text.chars().any(char::is_control))
    {
        checks.wrong("password", "error-too-long");
    }
    access.password = match known {
        // A password goes to the server it was given for, and to no other.
        Some(known) if form.password.is_empty() && known.same_server(&access) => known.password.clone(),
        _ => form.password.clone(),
    };
    if access.password.is_empty() && !access.user.is_empty() {
        checks.wrong(
            "password",
            if known.is_some() { "visitors-error-calendar-password" } else { "error-empty" },
        );
    }
    checks.done::<VisitError>()?;
    let site = site.ok_or(NotAllowed::Missing)?.id;
    Ok(Checked { form: CalendarForm { name, person, ..form }, site, access })
}

/// Whether nobody reads along what goes there: it is encrypted, or does not leave this machine.
fn is_private(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    url.scheme() == "https" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn a_password_is_read_by_nobody_on_the_way() {
        for good in ["https://cal.example/", "http://127.0.0.1:5232/x/", "http://[::1]/"] {
            assert!(is_private(good), "{good}");
        }
        for bad in ["http://cal.example/", "http://10.0.0.1/", "http://127.0.0.1.cal.example/", "http:/x", ""]
        {
            assert!(!is_private(bad), "{bad}");
        }
    }
}
