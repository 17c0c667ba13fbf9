//! AuthZEN Authorization API 1.0: other systems ask our policy as they would ask any decision point.
//!
//! Subjects are of type `person` (or `user`), resources are named by their id whatever their type, and an action is one of
//! our rights (`view`, `exchange`, `manage`, also `can_read`, `can_use`) or an act in words of the trade (`key.take_out`), which takes
//! *exchange* unless `properties.right` says otherwise.

use axum::Json;
use axum::extract::State;
use sekisho_kernel::{PersonId, ResourceId, Timestamp};
use sekisho_policy::{Ask, Decision, Facts, GrantId, Reason, Right};
use sekisho_web::{Asker, Result, WebError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Rights;

/// Questions of one batch.
const MOST_QUESTIONS: usize = 1_000;

/// One of subject, action or resource.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = EvaluationEntity)]
pub(crate) struct Entity {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    properties: Value,
}

/// One question. In a batch, what is left out comes from the batch itself.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct Evaluation {
    subject: Option<Entity>,
    action: Option<Entity>,
    resource: Option<Entity>,
    context: Option<Value>,
}

/// A batch.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
pub(crate) struct Evaluations {
    #[serde(flatten)]
    common: Evaluation,
    #[serde(default)]
    evaluations: Vec<Evaluation>,
    #[serde(default)]
    options: Options,
}

#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = EvaluationOptions)]
struct Options {
    #[serde(default)]
    evaluations_semantic: String,
}

/// Answers one question.
#[utoipa::path(post, path = "/access/v1/evaluation", tag = "authzen", request_body = Evaluation, responses((status = 200, description = "The decision; its context holds the reasons", body = Answer), (status = 422, description = "The question is incomplete")))]
pub(crate) async fn evaluation(
    asker: Asker,
    State(rights): State<Rights>,
    Json(body): Json<Evaluation>,
) -> Result {
    let decision = decide(&asker, &rights, &body).await?;
    Ok(asker.json(answer(decision)))
}

/// Answers many questions, in their order.
#[utoipa::path(post, path = "/access/v1/evaluations", tag = "authzen", request_body = Evaluations, responses((status = 200, description = "The decisions in the order of the questions", body = Answers), (status = 422, description = "A question is incomplete")))]
pub(crate) async fn evaluations(
    asker: Asker,
    State(rights): State<Rights>,
    Json(body): Json<Evaluations>,
) -> Result {
    if body.evaluations.is_empty() {
        return evaluation(asker, State(rights), Json(body.common)).await;
    }
    if body.evaluations.len() > MOST_QUESTIONS {
        return Err(WebError::invalid("evaluations", "error-field"));
    }
    let mut answers = Vec::with_capacity(body.evaluations.len());
    for one in body.evaluations {
        let whole = Evaluation {
            subject: one.subject.or_else(|| body.common.subject.clone()),
            action: one.action.or_else(|| body.common.action.clone()),
            resource: one.resource.or_else(|| body.common.resource.clone()),
            context: one.context.or_else(|| body.common.context.clone()),
        };
        let decision = decide(&asker, &rights, &whole).await?;
        let stop = match body.options.evaluations_semantic.as_str() {
            "deny_on_first_deny" => !decision.allowed,
            "permit_on_first_permit" => decision.allowed,
            _ => false,
        };
        answers.push(answer(decision));
        if stop {
            break;
        }
    }
    Ok(asker.json(Answers { evaluations: answers }))
}

/// The answer to one question.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = EvaluationAnswer)]
struct Answer {
    decision: bool,
    context: Why,
}

/// The answers to a batch; a batch without questions is one itself and gets one answer.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = EvaluationAnswers)]
struct Answers {
    evaluations: Vec<Answer>,
}

/// What the decision rests on.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = EvaluationContext)]
struct Why {
    reasons: Vec<Reason>,
    grant: Option<GrantId>,
    policies: Vec<String>,
    revision: i64,
}

fn answer(decision: Decision) -> Answer {
    let Decision { allowed, reasons, grant, policies, revision } = decision;
    Answer { decision: allowed, context: Why { reasons, grant, policies, revision } }
}

/// Reads the question and asks. Ids that name nothing of ours are a question like any other: the answer is no.
async fn decide(asker: &Asker, rights: &Rights, ask: &Evaluation) -> Result<Decision> {
    let missing = |field| WebError::invalid(field, "error-field");
    let subject = ask.subject.as_ref().ok_or_else(|| missing("subject"))?;
    let action =
        ask.action.as_ref().filter(|action| !action.name.is_empty()).ok_or_else(|| missing("action"))?;
    let resource = ask.resource.as_ref().ok_or_else(|| missing("resource"))?;
    if subject.kind.is_empty() || subject.id.is_empty() {
        return Err(missing("subject"));
    }
    if resource.kind.is_empty() || resource.id.is_empty() {
        return Err(missing("resource"));
    }
    let nobody = uuid::Uuid::nil();
    let known_kind = matches!(subject.kind.as_str(), "person" | "user");
    let person = subject.id.parse::<PersonId>().ok().filter(|_| known_kind).unwrap_or(PersonId(nobody));
    let what = resource.id.parse::<ResourceId>().unwrap_or(ResourceId(nobody));
    let context = ask.context.clone().unwrap_or_default();
    let time = |name: &str| {
        context.get(name).and_then(Value::as_str).and_then(|time| time.parse::<jiff::Timestamp>().ok())
    };
    let zone = context.get("zone").and_then(Value::as_str).unwrap_or_default();
    if !zone.is_empty() && jiff::tz::TimeZone::get(zone).is_err() {
        return Err(missing("context"));
    }
    let question = Ask {
        person,
        right: right_of(action),
        action: &action.name,
        resource: what,
        zone,
        facts: Facts {
            verified_at: time("verified_at").map(Timestamp::from),
            address: context.get("ip").and_then(Value::as_str).and_then(|address| address.parse().ok()),
            second_person: context
                .get("second_person")
                .and_then(Value::as_str)
                .and_then(|id| id.parse().ok()),
        },
    };
    let at = time("time").map_or(asker.cx.now, Timestamp::from);
    Ok(rights.policy.decide_at(&asker.cx, at, &question).await?)
}

fn right_of(action: &Entity) -> Right {
    let named = action.properties.get("right").and_then(Value::as_str).and_then(Right::from_word);
    named.or_else(|| Right::from_word(&action.name)).unwrap_or(match action.name.as_str() {
        "can_read" | "read" => Right::View,
        "can_delete" | "can_update" => Right::Manage,
        _ => Right::Exchange,
    })
}
