//! `/rights/rules`: the tenant's rules in Cedar, checked and tried on the grants before they take effect.

use axum::extract::State;
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_policy::{PolicyError, Preview, RuleFault, SCHEMA, Subject, Target};
use sekisho_web::parts::{Alert, Badge, Button, Card, Column, Empty, Field, FormBox, Grid, Row, Table, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts};
use serde::Deserialize;

use super::tabs;
use crate::labels::{Labels, Named, Wanted, right_word};
use crate::{Rights, RightsError};

/// Versions shown beside the editor, and changes shown in a preview.
const VERSIONS: u64 = 10;
const CHANGES: usize = 100;

/// The form; `act` tells which button was pressed.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct RulesForm {
    text: String,
    act: String,
}

/// The editor.
pub(crate) async fn show(asker: Asker, State(rights): State<Rights>) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    let text = rights
        .policy
        .rules(&scope, 1)
        .await?
        .into_iter()
        .next()
        .map(|version| version.text)
        .unwrap_or_default();
    drop(scope);
    page(&asker, &rights, FormState::empty().with("text", text), Outcome::None).await
}

async fn page(asker: &Asker, rights: &Rights, state: FormState, outcome: Outcome) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    let versions = rights.policy.rules(&scope, VERSIONS).await?;
    drop(scope);
    let mut wanted = Wanted::default();
    for who in versions.iter().filter_map(|version| version.saved_by) {
        wanted.subject(Subject::Person(who));
    }
    if let Outcome::Tried(tried) = &outcome {
        for change in tried.changes.iter().take(CHANGES) {
            wanted.subject(Subject::Person(change.person));
            wanted.target(&Target::Resource { id: change.resource });
        }
    }
    let names = rights.names_of(&asker.cx, &wanted).await?;
    let versions = versions.into_iter().map(|version| (version.saved_at, version.saved_by)).collect();
    Ok(asker.show(&RulesPage { state, outcome, versions, names }))
}

/// What came of the button that was pressed.
pub(super) enum Outcome {
    /// None was.
    None,
    /// The rules cannot be read.
    Faults(Vec<RuleFault>),
    /// They were tried on the grants.
    Tried(Preview),
}

/// The editor of the tenant's rules.
pub(super) struct RulesPage {
    pub(super) state: FormState,
    pub(super) outcome: Outcome,
    /// When the last versions were saved, and by whom.
    pub(super) versions: Vec<(Timestamp, Option<PersonId>)>,
    pub(super) names: Named,
}

impl Page for RulesPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let labels = self.names.labels(&t);
        let rows = self.versions.iter().map(|(saved_at, saved_by)| {
            let who = saved_by.map(|who| labels.subject(Subject::Person(who))).unwrap_or_default();
            Row::new().cell(reader.time(*saved_at, reader.zone())).cell(who)
        });
        let columns = ["rights-saved-at", "rights-saved-by"].map(|id| Column::new(t.get(id)));
        let history = Table::new(t.get("rights-rules-versions"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("rights-rules-none"), t.get("rights-rules-none-text")).icon("gavel"));
        let schema = Markup::raw(format!(
            "<details><summary>{}</summary><pre>{}</pre></details>",
            Markup::text(t.get("rights-rules-schema")),
            Markup::text(SCHEMA)
        ));
        let help = Markup::raw(format!("<p>{}</p>", Markup::text(t.get("rights-rules-help")))).then(schema);
        let side = Markup::from(Card::new(t.get("rights-rules-about")).body(help))
            .then(Card::new(t.get("rights-rules-versions")).flush().body(history));
        let above = match &self.outcome {
            Outcome::None => Markup::default(),
            Outcome::Faults(found) => faults(&t, found),
            Outcome::Tried(tried) => preview(reader, &labels, tried),
        };
        let main = above.then(Card::plain().body(editor(&t, &self.state)));
        reader
            .sheet("rights-rules")
            .crumb("/rights", "rights-title")
            .tabs(tabs(reader, true, "/rights/rules"))
            .body(Grid::main_and_side().add(main).add(side))
    }
}

fn editor(t: &Texts, state: &FormState) -> FormBox {
    let act = |word: &str, text: &str| Button::submit(t.get(text)).attr("name", "act").attr("value", word);
    FormBox::post("/rights/rules", state, t)
        .add(
            Field::lines("text", t.get("rights-rules-text"))
                .from(state, t)
                .attr("rows", 18)
                .attr("spellcheck", "false")
                .attr("class", "code")
                .placeholder("@id(\"night\")\nforbid (principal, action == Action::\"exchange\", resource)\nwhen { context.hour < 6 };")
                .hint(t.get("rights-rules-hint")),
        )
        .button(act("try", "rights-rules-try").plain().icon("eye"))
        .button(act("save", "rights-rules-save").primary())
}

/// Tries rules or puts them in force.
pub(crate) async fn save(asker: Asker, State(rights): State<Rights>, form: Form<RulesForm>) -> Result {
    let (value, state) = form.split();
    let RulesForm { text, act } = value?;
    // Browsers send line breaks as CR LF.
    let text = text.replace("\r\n", "\n");
    if act == "save" {
        return match rights.save_rules(&asker.cx, &text).await {
            Ok(_) => Ok(asker.done("rights-rules-saved", "/rights/rules")),
            Err(RightsError::Policy(PolicyError::BadRules(found))) => {
                let state = state.wrong("text", "rights-error-rules");
                page(&asker, &rights, state, Outcome::Faults(found)).await
            }
            Err(error) => Err(error.into()),
        };
    }
    match rights.policy.preview(&asker.cx, &text).await {
        Ok(tried) => page(&asker, &rights, state, Outcome::Tried(tried)).await,
        Err(PolicyError::BadRules(found)) => {
            let state = state.wrong("text", "rights-error-rules");
            page(&asker, &rights, state, Outcome::Faults(found)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What is wrong, with line and column.
fn faults(t: &Texts, faults: &[RuleFault]) -> Markup {
    let rows = faults.iter().map(|fault| {
        let words = Markup::text(&fault.message);
        let help = fault
            .help
            .as_deref()
            .map(|help| Markup::raw(format!("<div class=\"hint\">{}</div>", Markup::text(help))));
        let place = [("line", fault.line.to_string()), ("column", fault.column.to_string())];
        Row::new().cell(t.with("rights-rules-place", place)).cell(words.then(help))
    });
    let columns = ["rights-rules-where", "rights-rules-what"].map(|id| Column::new(t.get(id)));
    Card::new(t.get("rights-rules-faults"))
        .flush()
        .body(Table::new(t.get("rights-rules-faults"), columns).rows(rows))
        .into()
}

/// Who would lose or get back what.
fn preview(reader: &Reader, labels: &Labels<'_>, tried: &Preview) -> Markup {
    let t = reader.texts();
    let rows = tried.changes.iter().take(CHANGES).map(|change| {
        let badge = if change.lost {
            Badge::new(t.get("rights-preview-lost")).tone(Tone::Warn)
        } else {
            Badge::new(t.get("rights-preview-back")).tone(Tone::Good)
        };
        let at: Vec<String> = change.at.iter().map(|at| reader.time(*at, reader.zone()).words()).collect();
        Row::new()
            .cell(labels.subject(Subject::Person(change.person)))
            .cell(right_word(&t, change.right))
            .cell(labels.target(&Target::Resource { id: change.resource }))
            .cell(badge)
            .cell(at.join(&t.get("rights-words-and")))
    });
    let columns =
        ["rights-subject", "rights-right", "rights-target", "rights-preview-change", "rights-preview-at"]
            .map(|id| Column::new(t.get(id)));
    let empty =
        Empty::new(t.get("rights-preview-none"), t.get("rights-preview-none-text")).icon("circle-check");
    let table = Table::new(t.get("rights-preview"), columns).rows(rows).empty(empty);
    let counts = [("changes", tried.changes.len().to_string()), ("tried", tried.tried.to_string())];
    let text = if tried.complete { "rights-preview-all" } else { "rights-preview-some" };
    let tone = if tried.changes.is_empty() { Tone::Good } else { Tone::Warn };
    let card = Card::new(t.get("rights-preview")).flush().body(table);
    Markup::from(Alert::new(tone, t.with(text, counts))).then(card)
}
