//! A page to try a printer with. It answers at once, and plainly, what went wrong.

use sekisho_host::Fault;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx};
use serde::Serialize;

use super::abilities::{self, Form};
use super::content::{About, words};
use super::face::Face;
use super::ipp::{Attributes, group};
use super::paper::Paper;
use super::printer::{Printer, Sent};
use super::printers::{printer, ready};
use super::run::document;
use super::settings;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::PrinterId;
use crate::tables::words::{Trouble, VisitKind};
use crate::warrant::NotAllowed;

/// What became of a try.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorPrinterTry)]
pub struct Tried {
    /// What went wrong; none: the printer took the page.
    pub trouble: Option<Trouble>,
    /// What the printer calls its kind.
    pub model: String,
    /// How the page was sent: a media type.
    pub form: String,
}

/// Prints a page with invented words on a printer.
pub async fn try_printer(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: PrinterId,
) -> Result<Tried, VisitError> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let row = printer(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    let (settings, _) = settings::load(&scope).await?;
    let site = sekisho_places::site(&scope, row.site_id).await?;
    drop(scope);
    let t = words(visitors, &settings);
    let word = |id: &str| t.as_ref().map(|t| t.get(id)).unwrap_or_default();
    let about = About {
        organisation: visitors.identity.tenant(cx).await.map_err(Fault::from)?.name.clone(),
        kind: VisitKind::Guest,
        name: word("visitors-badge-try-name"),
        company: word("visitors-badge-try-company"),
        host: row.name.clone(),
        site: site.map(|site| site.name).unwrap_or_default(),
        until: String::new(),
    };
    let face = about.face(&settings, t.as_ref(), String::new());
    let tried = match ready(visitors, &keys, &row)? {
        None => Tried { trouble: Some(Trouble::NotAllowed), ..Tried::default() },
        Some(printer) => attempt(&printer, &face, row.paper).await,
    };
    let entry = AuditEntry::done("printer.try").on("printer", id, row.name).with("trouble", tried.trouble);
    visitors.record(cx, entry).await?;
    Ok(tried)
}

async fn attempt(printer: &Printer, face: &Face, paper: Paper) -> Tried {
    let mut tried = Tried::default();
    let says = match printer.describe().await {
        Ok(says) => says,
        Err(trouble) => return Tried { trouble: Some(trouble), ..tried },
    };
    let says = says.first(group::PRINTER);
    tried.model =
        says.word("printer-make-and-model").chars().filter(|sign| !sign.is_control()).take(100).collect();
    let Some(form) = abilities::form(says) else {
        return Tried { trouble: Some(Trouble::NoFormat), ..tried };
    };
    tried.form = form.mime().to_owned();
    tried.trouble = abilities::trouble(says, paper);
    if tried.trouble.is_some() {
        return tried;
    }
    tried.trouble = sent(printer, face, paper, form, says).await.err();
    tried
}

async fn sent(
    printer: &Printer,
    face: &Face,
    paper: Paper,
    form: Form,
    says: Attributes<'_>,
) -> Result<(), Trouble> {
    let document = document(face, paper, form).await.ok_or(Trouble::NoFormat)?;
    match printer.print("sekisho", form, paper, says, &document).await {
        Ok(_) => Ok(()),
        Err(Sent::Perhaps) => Err(Trouble::Unreachable),
        Err(Sent::No(trouble)) => Err(trouble),
        Err(Sent::Busy) => Err(abilities::hint(says).unwrap_or(Trouble::Stopped)),
    }
}
