//! The form that gives a right.

use axum::extract::State;
use ipnet::IpNet;
use sekisho_policy::{Conditions, NewGrant, Right, ScheduleId, Subject, Target};
use sekisho_web::parts::{Card, Field, Filters, FormBox, Grid};
use sekisho_web::{
    Asker, Form, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts, escape_query, from_local,
};
use serde::Deserialize;

use crate::labels::{kind_word, read_subject, read_target, subject_value, target_value};
use crate::{Rights, RightsError};

/// People, groups and resources in the form's lists; a search narrows them.
const CHOICES: u64 = 500;
/// So many fit into a list without a search above it.
const FEW: usize = 40;

/// The form's fields as they are typed; also the address of a prefilled form.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct GrantForm {
    subject: String,
    right: String,
    target: String,
    schedule: Option<ScheduleId>,
    valid_from: String,
    valid_until: String,
    step_up_minutes: Option<u32>,
    networks: String,
    second_person: bool,
    note: String,
    /// Narrows the lists of a prefilled form.
    q: String,
}

impl GrantForm {
    /// The address of the form with what was chosen in it.
    fn address(&self) -> String {
        let Self { subject, right, target, note, .. } = self;
        let part = |name: &str, typed: &str| format!("{name}={}", escape_query(typed));
        let parts = [("subject", subject), ("right", right), ("target", target), ("note", note)];
        let parts: Vec<String> = parts.into_iter().map(|(name, typed)| part(name, typed)).collect();
        format!("/rights/new?{}", parts.join("&"))
    }

    fn read(&self, zone: &str) -> std::result::Result<NewGrant, RightsError> {
        let time = |typed: &str, field| match typed.trim() {
            "" => Ok(None),
            typed => from_local(typed, zone).map(Some).ok_or(RightsError::field(field, "rights-error-time")),
        };
        let networks = self
            .networks
            .split([',', '\n', ' '])
            .map(str::trim)
            .filter(|typed| !typed.is_empty())
            .map(|typed| {
                typed.parse::<IpNet>().or_else(|_| typed.parse::<std::net::IpAddr>().map(IpNet::from))
            })
            .collect::<std::result::Result<Vec<_>, _>>()
            .map_err(|_| RightsError::field("networks", "rights-error-networks"))?;
        Ok(NewGrant {
            subject: read_subject(&self.subject).ok_or(RightsError::NoSuchSubject)?,
            right: Right::from_word(&self.right).ok_or(RightsError::field("right", "rights-error-right"))?,
            target: read_target(&self.target).ok_or(RightsError::field("target", "rights-error-target"))?,
            schedule: self.schedule,
            valid_from: time(&self.valid_from, "valid_from")?,
            valid_until: time(&self.valid_until, "valid_until")?,
            conditions: Conditions {
                step_up_within_s: self
                    .step_up_minutes
                    .filter(|minutes| *minutes > 0)
                    .map(|minutes| minutes.saturating_mul(60)),
                networks,
                second_person: self.second_person,
            },
            note: self.note.trim().to_owned(),
        })
    }
}

/// The form for a new grant; the address may fill it in, as "allow next time" does.
pub(crate) async fn new(asker: Asker, State(rights): State<Rights>, Query(ask): Query<GrantForm>) -> Result {
    let state = FormState::empty()
        .with("subject", &ask.subject)
        .with("right", if ask.right.is_empty() { Right::Exchange.word() } else { &ask.right })
        .with("target", &ask.target)
        .with("note", &ask.note);
    show_form(&asker, &rights, state, ask.q).await
}

async fn show_form(asker: &Asker, rights: &Rights, state: FormState, search: String) -> Result {
    let mut subjects = rights.names.choices(&asker.cx, &search, CHOICES).await?;
    if let Some(chosen) = read_subject(state.value("subject"))
        && !subjects.iter().any(|(subject, _)| *subject == chosen)
    {
        let names = rights.names.of(&asker.cx, &[chosen]).await?;
        subjects.extend(names);
    }
    let targets = targets(asker, rights).await?;
    let scope = rights.store.read(asker.cx.tenant).await?;
    let schedules = rights.policy.schedules(&scope).await?;
    drop(scope);
    let schedules =
        schedules.into_iter().map(|schedule| (schedule.id.to_string(), schedule.terms.name)).collect();
    let administrator = asker.is_administrator();
    Ok(asker.show(&NewGrantPage { state, search, subjects, targets, schedules, administrator }))
}

/// The form that gives a right.
pub(super) struct NewGrantPage {
    pub(super) state: FormState,
    /// What narrowed the lists.
    pub(super) search: String,
    pub(super) subjects: Vec<(Subject, String)>,
    pub(super) targets: Vec<(String, String)>,
    pub(super) schedules: Vec<(String, String)>,
    pub(super) administrator: bool,
}

impl Page for NewGrantPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state, search) = (reader.texts(), &self.state, &*self.search);
        let many = !search.is_empty() || self.subjects.len() > FEW;
        let narrow = Filters::new("/rights/new", t.get("rights-search-do"))
            .search(t.get("rights-narrow"), search)
            .field(Field::hidden("target", state.value("target")))
            .field(Field::hidden("right", state.value("right")));
        let help = Card::new(t.get("rights-help-title")).body(Markup::raw(format!(
            "<p>{}</p><p>{}</p>",
            Markup::text(t.get("rights-help-1")),
            Markup::text(t.get("rights-help-2"))
        )));
        let form = when_and_how(self.who_and_what(&t), state, &self.schedules, &t);
        let form = Card::plain().body(Markup::from(many.then_some(narrow)).then(form));
        reader
            .sheet("rights-new")
            .crumb("/rights", "rights-title")
            .body(Grid::main_and_side().add(form).add(help))
    }
}

impl NewGrantPage {
    fn who_and_what(&self, t: &Texts) -> FormBox {
        let state = &self.state;
        let choose = || [(String::new(), t.get("rights-choose"))];
        let subjects = self.subjects.iter().map(|(subject, name)| {
            let word = match subject {
                Subject::Group(_) => t.with("rights-choice-group", [("name", name.as_str())]),
                Subject::Person(_) => name.clone(),
            };
            (subject_value(*subject), word)
        });
        let rights_of = [Right::Exchange, Right::View, Right::Manage]
            .into_iter()
            .filter(|right| self.administrator || *right != Right::Manage)
            .map(|right| (right.word(), t.get(&format!("rights-choice-{}", right.word()))));
        FormBox::post("/rights", state, t)
            .add(
                Field::select("subject", t.get("rights-subject"))
                    .options(choose())
                    .options(subjects)
                    .from(state, t)
                    .required(),
            )
            .add(Field::radio("right", t.get("rights-right")).options(rights_of).from(state, t).required())
            .add(
                Field::select("target", t.get("rights-target"))
                    .options(choose())
                    .options(self.targets.iter().cloned())
                    .from(state, t)
                    .required(),
            )
    }
}

fn when_and_how(form: FormBox, state: &FormState, schedules: &[(String, String)], t: &Texts) -> FormBox {
    let optional = t.get("rights-optional");
    form.heading(t.get("rights-form-when"))
        .add(
            Field::select("schedule", t.get("rights-schedule"))
                .options([(String::new(), t.get("rights-always"))])
                .options(schedules.iter().cloned())
                .from(state, t)
                .hint(t.get("rights-schedule-hint")),
        )
        .beside([
            Field::date_time("valid_from", t.get("rights-valid-from")).from(state, t).optional(&optional),
            Field::date_time("valid_until", t.get("rights-valid-until")).from(state, t).optional(&optional),
        ])
        .heading(t.get("rights-form-conditions"))
        .add(
            Field::number("step_up_minutes", t.get("rights-step-up"))
                .from(state, t)
                .optional(&optional)
                .attr("min", 1)
                .attr("max", 1440)
                .short()
                .hint(t.get("rights-step-up-hint")),
        )
        .add(
            Field::text("networks", t.get("rights-networks"))
                .from(state, t)
                .optional(&optional)
                .placeholder("192.0.2.0/24")
                .hint(t.get("rights-networks-hint")),
        )
        .add(Field::checkbox("second_person", t.get("rights-second-person")).from(state, t))
        .add(
            Field::lines("note", t.get("rights-note"))
                .from(state, t)
                .optional(&optional)
                .attr("maxlength", 500)
                .attr("rows", 2)
                .hint(t.get("rights-note-hint")),
        )
        .submit(t.get("rights-give"))
        .cancel("/rights", t.get("rights-cancel"))
}

/// What the asker may give rights on: administrators everything, others what they manage.
async fn targets(asker: &Asker, rights: &Rights) -> Result<Vec<(String, String)>> {
    let t = asker.texts();
    let named = |kind: &str, name: &str| {
        t.with("rights-choice-thing", [("kind", kind_word(&t, kind)), ("name", name.to_owned())])
    };
    if !asker.is_administrator() {
        let managed = rights.policy.reach(&asker.cx, asker.person()?, Right::Manage).await?;
        let choice = |reached: &sekisho_policy::Reached| {
            (target_value(&Target::Resource { id: reached.resource }), named(&reached.kind, &reached.name))
        };
        return Ok(managed.iter().filter(|reached| reached.now).map(choice).collect());
    }
    let scope = rights.store.read(asker.cx.tenant).await?;
    let resources = rights.policy.resources(&scope, 5_000).await?;
    let mut kinds: Vec<&str> = resources.iter().map(|known| known.kind.as_str()).collect();
    kinds.dedup();
    let mut targets: Vec<(String, String)> = kinds
        .into_iter()
        .map(|kind| {
            let target = Target::AllOf { kind: kind.to_owned() };
            (target_value(&target), t.with("rights-target-all-of", [("kind", kind_word(&t, kind))]))
        })
        .collect();
    targets.extend(
        resources
            .iter()
            .map(|known| (target_value(&Target::Resource { id: known.id }), named(&known.kind, &known.name))),
    );
    targets.push((target_value(&Target::Tenant), t.get("rights-target-tenant")));
    Ok(targets)
}

/// Gives a right.
pub(crate) async fn give(asker: Asker, State(rights): State<Rights>, form: Form<GrantForm>) -> Result {
    let (value, state) = form.split();
    let given = async {
        let typed = value?;
        let new = typed.read(asker.zone())?;
        if new.right == Right::Manage && asker.is_administrator() {
            asker.proven("rights", || typed.address())?;
        }
        if rights.names.of(&asker.cx, &[new.subject]).await?.is_empty() {
            return Err(RightsError::NoSuchSubject.into());
        }
        Ok(rights.give(&asker.cx, new).await?)
    };
    match given.await {
        Ok(id) => Ok(asker.done("rights-given", format!("/rights/{id}"))),
        Err(error) => show_form(&asker, &rights, state.failed(error)?, String::new()).await,
    }
}
