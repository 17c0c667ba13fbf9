//! Printers are added, changed and removed by administrators who have just proved who they are: what hangs at an address
//! that somebody typed gets the names of guests, long after that session is over.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::{Place, TenantKeys};
use sekisho_host::Fault;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, SiteId};
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_web::{Checks, IfMatch};
use serde::Deserialize;

use super::paper::Paper;
use super::printer::{Printer, web_address};
use super::run;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::PrinterId;
use crate::tables::printers::{ActiveModel, Column, Entity, Model};
use crate::warrant::NotAllowed;

/// The most printers of one organisation.
const MOST_PRINTERS: u64 = 200;

/// A printer as a form describes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorPrinterForm)]
pub struct PrinterForm {
    /// At which site.
    pub site: Option<SiteId>,
    /// What people call it.
    pub name: String,
    /// Where it is: `ipps://printer.example/ipp/print`.
    pub address: String,
    /// The name under which we sign in there; empty: none is needed. Only over `ipps`.
    pub user: String,
    /// The password for it. When a printer is changed, none leaves the one that is there; at another address, or under another
    /// name, it is to be typed again.
    pub password: Option<String>,
    /// What lies in it.
    pub paper: Paper,
    /// Whether a badge is printed here by itself when a guest comes to the site; one printer of a site does.
    pub by_itself: bool,
}

impl Default for PrinterForm {
    fn default() -> Self {
        Self {
            site: None,
            name: String::new(),
            address: String::new(),
            user: String::new(),
            password: None,
            paper: Paper::Label,
            by_itself: false,
        }
    }
}

/// Adds a printer.
pub async fn add_printer(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    form: PrinterForm,
) -> Result<PrinterId, VisitError> {
    let (form, site) = checked(visitors, cx, form).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let tx = visitors.store.begin(cx).await?;
    if tx.find::<Entity>().filter(Condition::all()).count().await? >= MOST_PRINTERS {
        return Err(VisitError::Rule("visitors-refused-printers-full"));
    }
    let id: PrinterId = cx.fresh_id();
    alone(&tx, site, form.by_itself).await?;
    let row = ActiveModel {
        id: Set(id),
        site_id: Set(site),
        name: Set(form.name.clone()),
        address: Set(form.address.clone()),
        login_sealed: Set(sealed(&keys, id, &form.user, form.password.as_deref())),
        paper: Set(form.paper),
        by_itself: Set(form.by_itself),
        version: Set(1),
        made_by: Set(maker),
        made_at: Set(cx.now),
        ..Default::default()
    };
    tx.insert::<Entity>(row).await?;
    tx.commit(told(AuditEntry::done("printer.add"), id, &form)).await?;
    Ok(id)
}

/// Changes a printer, if it is as the caller has seen it.
pub async fn change_printer(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: PrinterId,
    form: PrinterForm,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let (form, site) = checked(visitors, cx, form).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let tx = visitors.store.begin(cx).await?;
    let row = lock(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    if !seen.holds(row.version) {
        return Err(VisitError::Changed);
    }
    let known = login_of(&keys, &row)?;
    let (known_user, known_password) = known.split_once(':').unwrap_or_default();
    // a password goes nowhere but where it was typed for
    let same = row.address == form.address && known_user == form.user;
    let password = form.password.as_deref().or_else(|| same.then_some(known_password));
    if password.is_none() && !form.user.is_empty() && !known_password.is_empty() {
        return Err(VisitError::invalid("password", "visitors-error-printer-password"));
    }
    alone(&tx, site, form.by_itself).await?;
    tx.update::<Entity>()
        .set(Column::SiteId, site)
        .set(Column::Name, form.name.clone())
        .set(Column::Address, form.address.clone())
        .set(Column::LoginSealed, sealed(&keys, id, &form.user, password))
        .set(Column::Paper, form.paper)
        .set(Column::ByItself, form.by_itself)
        .set(Column::Version, row.version.saturating_add(1))
        .filter(Column::Id.eq(id))
        .exec()
        .await?;
    if row.address != form.address {
        run::look_anew(&tx, id).await?;
    }
    Ok(tx.commit(told(AuditEntry::done("printer.change"), id, &form)).await?)
}

/// Removes a printer. What waits for it is not printed.
pub async fn remove_printer(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: PrinterId,
) -> Result<(), VisitError> {
    let tx = visitors.store.begin(cx).await?;
    let row = lock(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    tx.delete::<Entity>().filter(Column::Id.eq(id)).exec().await?;
    Ok(tx.commit(AuditEntry::done("printer.remove").on("printer", id, row.name)).await?)
}

fn told(entry: AuditEntry, id: PrinterId, form: &PrinterForm) -> AuditEntry {
    let entry = entry.on("printer", id, form.name.clone()).with("site", form.site);
    entry.with("address", &form.address).with("by_itself", form.by_itself)
}

/// One printer of a site prints by itself.
async fn alone(tx: &Tx, site: SiteId, by_itself: bool) -> Result<(), StoreError> {
    if by_itself {
        tx.update::<Entity>().set(Column::ByItself, false).filter(Column::SiteId.eq(site)).exec().await?;
    }
    Ok(())
}

/// One printer.
pub(super) async fn printer(scope: &impl Scoped, id: PrinterId) -> Result<Option<Model>, StoreError> {
    scope.find::<Entity>().filter(Column::Id.eq(id)).one().await
}

/// The printers of a site, that which prints by itself first.
pub(super) async fn printers_of(scope: &impl Scoped, site: SiteId) -> Result<Vec<Model>, StoreError> {
    let of = scope.find::<Entity>().filter(Column::SiteId.eq(site));
    of.descending(Column::ByItself).ascending(Column::Name).ascending(Column::Id).all().await
}

async fn lock(tx: &Tx, id: PrinterId) -> Result<Option<Model>, StoreError> {
    tx.find::<Entity>().filter(Column::Id.eq(id)).refine(QuerySelect::lock_exclusive).one().await
}

/// The printer, ready to be asked; none: its address is none any more.
pub(super) fn ready(visitors: &Visitors, keys: &TenantKeys, row: &Model) -> Result<Option<Printer>, Fault> {
    let Ok(http) = visitors.notify.http() else { return Ok(None) };
    Ok(Printer::at(http, &row.address, &login_of(keys, row)?))
}

/// The name under which we sign in at the printer.
pub(super) fn user_of(keys: &TenantKeys, row: &Model) -> Result<String, Fault> {
    let login = login_of(keys, row)?;
    Ok(login.split_once(':').map(|(user, _)| user.to_owned()).unwrap_or_default())
}

fn login_of(keys: &TenantKeys, row: &Model) -> Result<String, Fault> {
    Ok(keys.open_text(&place(row.id), &row.login_sealed)?)
}

/// Name and password as they lie in the table.
fn sealed(keys: &TenantKeys, id: PrinterId, user: &str, password: Option<&str>) -> Vec<u8> {
    let login =
        if user.is_empty() { String::new() } else { format!("{user}:{}", password.unwrap_or_default()) };
    keys.seal_secret(&place(id), login.as_bytes())
}

fn place(id: PrinterId) -> Place<'static> {
    Place { table: "visitors_printers", column: "login", row: id.uuid() }
}

async fn checked(
    visitors: &Visitors,
    cx: &Cx,
    form: PrinterForm,
) -> Result<(PrinterForm, SiteId), VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let sites = sekisho_places::sites(&scope).await?;
    drop(scope);
    let mut checks = Checks::default();
    let site = form.site.filter(|id| sites.iter().any(|site| site.id == *id));
    if site.is_none() {
        checks.wrong("site", "visitors-error-site");
    }
    let name = checks.name("name", &form.name);
    let address = form.address.trim().to_owned();
    match web_address(&address).filter(|_| address.len() <= 500) {
        None => checks.wrong("address", "visitors-error-printer-address"),
        Some(url) if visitors.notify.may_connect(&url).is_err() => {
            checks.wrong("address", "visitors-error-printer-network");
        }
        Some(_) => {}
    }
    let user = checks.line("user", &form.user);
    if user.contains(':') {
        checks.wrong("user", "visitors-error-printer-user");
    } else if !user.is_empty() && !address.starts_with("ipps://") {
        checks.wrong("user", "visitors-error-printer-plain");
    }
    let password = form.password.filter(|password| !password.is_empty());
    if password.as_ref().is_some_and(|password| password.len() > 200) {
        checks.wrong("password", "error-too-long");
    }
    checks.done::<VisitError>()?;
    let site = site.ok_or_else(|| VisitError::invalid("site", "visitors-error-site"))?;
    Ok((PrinterForm { site: Some(site), name, address, user, password, ..form }, site))
}
