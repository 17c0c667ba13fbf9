//! The tenant's rules in Cedar: read, validated, and asked about what a grant allows.
//!
//! Rules only forbid. An allowing rule would be a right that nobody finds in the list of grants and that "who can?" could
//! not explain, so `permit` is refused when rules are saved.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Effect, Entities, Entity, EntityId, EntityTypeName, EntityUid,
    Policy, PolicyId, PolicySet, Request, Response, RestrictedExpression, Schema, ValidationMode, Validator,
};
use jiff::tz::TimeZone;
use miette::Diagnostic;
use sekisho_kernel::{PersonId, ResourceId, TenantId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::snapshot::Resource;
use crate::{Facts, Reason, Right};

/// A tenant may have so many rules; each costs about a microsecond of every decision it applies to.
pub const MOST_RULES: usize = 50;
/// The longest text of rules in bytes.
pub const LONGEST_RULES: usize = 64 * 1024;

/// The rule of ours by which grants allow.
pub(crate) const BASE_GRANTED: &str = "base.granted";
const BASE: &str = include_str!("policy.cedar");
/// The schema that rules are validated against, for the page that explains it.
pub const SCHEMA: &str = include_str!("policy.cedarschema");

/// What is wrong with rules that somebody wants to save.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, utoipa::ToSchema)]
#[error("line {line}, column {column}: {message}")]
pub struct RuleFault {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, in Cedar's words or ours.
    pub message: String,
    /// How to mend it, when that is known.
    pub help: Option<String>,
}

/// A tenant's rules, ready to be asked.
#[derive(Clone)]
pub struct Rules {
    /// The policies that can apply to each right.
    sets: [PolicySet; 3],
    names: HashMap<PolicyId, String>,
    /// How many are the tenant's own.
    count: usize,
    /// The groups and resources that rules name.
    literals: Literals,
    /// The saved text can no longer be read; then nothing is allowed until it is mended.
    unreadable: bool,
}

/// The groups and resources that rules name, as Cedar knows them. Whether something lies in a group or a resource can only
/// be asked of one of these: neither attributes nor context hold entities. So a question carries only those of a
/// person's groups and a resource's places that are here, which is what most of a decision would be spent on otherwise.
#[derive(Clone, Default)]
struct Literals {
    groups: HashMap<Uuid, EntityUid>,
    resources: HashMap<Uuid, EntityUid>,
}

impl Literals {
    fn note(&mut self, policy: &Policy) {
        let Some(types) = TYPES.as_ref() else { return };
        for literal in policy.entity_literals() {
            let list = match literal.type_name() {
                of if *of == types.group => &mut self.groups,
                of if *of == types.resource => &mut self.resources,
                _ => continue,
            };
            // Written otherwise than we write ids (in capitals, say), it is the id of nothing.
            if let Ok(id) = literal.id().unescaped().parse::<Uuid>()
                && id.to_string() == literal.id().unescaped()
            {
                list.insert(id, literal);
            }
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        NO_RULES.clone()
    }
}

static NO_RULES: LazyLock<Rules> = LazyLock::new(|| Rules::assemble(Vec::new()));

impl Rules {
    /// Reads and validates rules.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<RuleFault>> {
        if text.len() > LONGEST_RULES {
            return Err(vec![at(text, LONGEST_RULES, "the rules are longer than 64 KiB", None)]);
        }
        let parsed = PolicySet::from_str(text)
            .map_err(|errors| errors.iter().map(|error| fault(text, error)).collect::<Vec<_>>())?;
        let mut faults = Vec::new();
        if parsed.templates().next().is_some() {
            faults.push(at(text, 0, "templates (?principal, ?resource) cannot be used here", None));
        }
        let mut numbered: Vec<(usize, &Policy)> =
            parsed.policies().map(|policy| (number(policy.id()), policy)).collect();
        numbered.sort_by_key(|(number, _)| *number);
        if numbered.len() > MOST_RULES {
            faults.push(at(
                text,
                0,
                &format!("there are {} rules; at most {MOST_RULES} are possible", numbered.len()),
                None,
            ));
        }
        let mut named = BTreeMap::new();
        let mut policies = Vec::new();
        let mut read_to = 0;
        for (number, policy) in numbered {
            let name = policy
                .annotation("id")
                .filter(|id| !id.is_empty())
                .map_or_else(|| format!("rule{}", number + 1), ToOwned::to_owned);
            let source = policy.to_string();
            let begins =
                text.get(read_to..).and_then(|rest| rest.find(&source)).map_or(read_to, |at| read_to + at);
            read_to = begins + source.len();
            if policy.effect() == Effect::Permit {
                faults.push(at(
                    text,
                    begins,
                    "a rule can only forbid; to allow something, give a grant",
                    None,
                ));
            }
            if name.len() > 80 || name.starts_with("base.") {
                faults.push(at(
                    text,
                    begins,
                    "a rule's id has at most 80 letters and does not begin with \"base.\"",
                    None,
                ));
            }
            if named.insert(name.clone(), ()).is_some() {
                faults.push(at(text, begins, &format!("two rules have the id \"{name}\""), None));
            }
            policies.push((policy.new_id(PolicyId::new(&name)), name));
        }
        let validated = PolicySet::from_policies(policies.iter().map(|(policy, _)| policy.clone()));
        if let (Ok(set), Some(validator)) = (&validated, VALIDATOR.as_ref()) {
            let result = validator.validate(set, ValidationMode::Strict);
            faults.extend(result.validation_errors().map(|error| fault(text, error)));
        }
        faults.sort_by_key(|fault| (fault.line, fault.column));
        faults.dedup();
        if faults.is_empty() { Ok(Self::assemble(policies)) } else { Err(faults) }
    }

    /// Rules that were saved. They were valid then; what can no longer be read forbids everything.
    pub(crate) fn saved(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|faults| {
            tracing::error!(
                ?faults,
                "the saved rules can no longer be read; everything is denied until they are mended"
            );
            Self { unreadable: true, ..Self::default() }
        })
    }

    fn assemble(own: Vec<(Policy, String)>) -> Self {
        let base = PolicySet::from_str(BASE).unwrap_or_default();
        let mut unreadable = base.policies().count() != 2;
        let mut names = HashMap::new();
        let mut sets: [PolicySet; 3] = std::array::from_fn(|_| PolicySet::new());
        let mut literals = Literals::default();
        let count = own.len();
        let base = base.policies().map(|policy| {
            let name = policy.annotation("id").unwrap_or_default().to_owned();
            (policy.new_id(PolicyId::new(&name)), name)
        });
        for (policy, name) in base.collect::<Vec<_>>().into_iter().chain(own) {
            for (right, set) in Right::ALL.into_iter().zip(&mut sets) {
                if can_apply(&policy, right) && set.add(policy.clone()).is_err() {
                    unreadable = true;
                }
            }
            literals.note(&policy);
            names.insert(policy.id().clone(), name);
        }
        Self { sets, names, count, literals, unreadable }
    }

    /// How many rules of its own the tenant has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether the tenant's rules can say anything about the right at all.
    pub(crate) fn may_forbid(&self, right: Right) -> bool {
        self.unreadable || self.set(right).is_some_and(|set| set.num_of_policies() > 2)
    }

    fn set(&self, right: Right) -> Option<&PolicySet> {
        Right::ALL.iter().position(|known| *known == right).and_then(|index| self.sets.get(index))
    }

    /// Asks the rules about something that a grant allows. Returns the ids of the policies that determined the answer,
    /// or the reasons against it.
    pub(crate) fn judge(&self, question: &Question<'_>) -> Result<Vec<String>, Vec<Reason>> {
        let failed = |rule: &str| vec![Reason::RuleFailed { rule: rule.to_owned() }];
        let Some(set) = self.set(question.right).filter(|_| !self.unreadable) else {
            return Err(failed("*"));
        };
        let Some(person) = question.person_in_cedar(&self.literals.groups) else { return Err(failed("*")) };
        let Some(resource) = question.resource_in_cedar(&self.literals.resources) else {
            return Err(failed("*"));
        };
        let Some(response) = question.put_before(set, person, resource) else { return Err(failed("*")) };
        self.read(&response)
    }

    /// What Cedar's answer means.
    fn read(&self, response: &Response) -> Result<Vec<String>, Vec<Reason>> {
        let failed = |rule: &str| vec![Reason::RuleFailed { rule: rule.to_owned() }];
        let name = |id: &PolicyId| self.names.get(id).cloned().unwrap_or_else(|| id.to_string());
        // A rule that fails would be skipped, and with it what it forbids.
        let mut errors = response.diagnostics().errors().map(|error| match error {
            cedar_policy::AuthorizationError::PolicyEvaluationError(error) => error.policy_id(),
        });
        if let Some(rule) = errors.next() {
            return Err(failed(&name(rule)));
        }
        let mut determining: Vec<String> = response.diagnostics().reason().map(name).collect();
        determining.sort();
        match response.decision() {
            cedar_policy::Decision::Allow => Ok(determining),
            cedar_policy::Decision::Deny if determining.is_empty() => Err(failed("*")),
            cedar_policy::Decision::Deny => {
                Err(determining.into_iter().map(|rule| Reason::ForbiddenByRule { rule }).collect())
            }
        }
    }
}

/// Something that grants allow, put before the rules.
pub(crate) struct Question<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) person: PersonId,
    /// All groups of the person.
    pub(crate) groups: Vec<Uuid>,
    pub(crate) right: Right,
    pub(crate) act: &'a str,
    pub(crate) resource: ResourceId,
    pub(crate) known: &'a Resource,
    /// All that the resource lies in.
    pub(crate) within: Vec<Uuid>,
    pub(crate) now: Timestamp,
    pub(crate) zone: &'a TimeZone,
    pub(crate) facts: Facts,
}

impl Question<'_> {
    /// The person, in those of their groups that are `named`.
    fn person_in_cedar(&self, named: &HashMap<Uuid, EntityUid>) -> Option<Entity> {
        let person = uid(&TYPES.as_ref()?.person, self.person.uuid());
        Entity::new(person, HashMap::from([self.tenant()]), those(named, &self.groups)).ok()
    }

    /// The resource, in those of its places that are `named`.
    fn resource_in_cedar(&self, named: &HashMap<Uuid, EntityUid>) -> Option<Entity> {
        let resource = uid(&TYPES.as_ref()?.resource, self.resource.uuid());
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let attributes = HashMap::from([
            self.tenant(),
            ("kind".to_owned(), text(&self.known.kind)),
            ("name".to_owned(), text(&self.known.name)),
        ]);
        Entity::new(resource, attributes, those(named, &self.within)).ok()
    }

    fn tenant(&self) -> (String, RestrictedExpression) {
        ("tenant".to_owned(), RestrictedExpression::new_string(self.tenant.to_string()))
    }

    fn put_before(&self, rules: &PolicySet, person: Entity, resource: Entity) -> Option<Response> {
        let action =
            TYPES.as_ref()?.actions.get(Right::ALL.iter().position(|right| *right == self.right)?)?;
        let context = Context::from_pairs(self.context()).ok()?;
        let request = Request::new(person.uid(), action.clone(), resource.uid(), context, None).ok()?;
        let entities = Entities::from_entities([person, resource], None).ok()?;
        Some(AUTHORIZER.is_authorized(&request, rules, &entities))
    }

    fn context(&self) -> Vec<(String, RestrictedExpression)> {
        let local = self.zone.to_datetime(self.now.to_jiff());
        let number = |number: i8| RestrictedExpression::new_long(i64::from(number));
        let mut pairs = vec![
            ("granted".to_owned(), RestrictedExpression::new_bool(true)),
            ("act".to_owned(), RestrictedExpression::new_string(self.act.to_owned())),
            ("hour".to_owned(), number(local.hour())),
            ("minute".to_owned(), number(local.minute())),
            ("weekday".to_owned(), number(local.weekday().to_monday_one_offset())),
            ("second_person".to_owned(), RestrictedExpression::new_bool(self.facts.second_person.is_some())),
        ];
        if let Some(verified_at) = self.facts.verified_at {
            let ago = i64::try_from(self.now.since(verified_at).as_secs()).unwrap_or(i64::MAX);
            pairs.push(("verified_s_ago".to_owned(), RestrictedExpression::new_long(ago)));
        }
        if let Some(address) = self.facts.address {
            pairs.push((
                "address".to_owned(),
                RestrictedExpression::new_ip(address.to_canonical().to_string()),
            ));
        }
        pairs
    }
}

struct Types {
    person: EntityTypeName,
    group: EntityTypeName,
    resource: EntityTypeName,
    actions: [EntityUid; 3],
}

static AUTHORIZER: LazyLock<Authorizer> = LazyLock::new(Authorizer::new);
static VALIDATOR: LazyLock<Option<Arc<Validator>>> = LazyLock::new(|| {
    Schema::from_cedarschema_str(SCHEMA).ok().map(|(schema, _)| Arc::new(Validator::new(schema)))
});
static TYPES: LazyLock<Option<Types>> = LazyLock::new(|| {
    let action = EntityTypeName::from_str("Action").ok()?;
    Some(Types {
        person: EntityTypeName::from_str("Person").ok()?,
        group: EntityTypeName::from_str("Group").ok()?,
        resource: EntityTypeName::from_str("Resource").ok()?,
        actions: Right::ALL
            .map(|right| EntityUid::from_type_name_and_id(action.clone(), EntityId::new(right.word()))),
    })
});

/// Those of `ids` that are `named`.
fn those(named: &HashMap<Uuid, EntityUid>, ids: &[Uuid]) -> HashSet<EntityUid> {
    if named.is_empty() {
        return HashSet::new();
    }
    ids.iter().filter_map(|id| named.get(id)).cloned().collect()
}

fn uid(of: &EntityTypeName, id: Uuid) -> EntityUid {
    let mut buffer = Uuid::encode_buffer();
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(id.hyphenated().encode_lower(&mut buffer)))
}

fn can_apply(policy: &Policy, right: Right) -> bool {
    let is = |uid: &EntityUid| uid.id().unescaped() == right.word();
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(list) => list.iter().any(is),
        ActionConstraint::Eq(uid) => is(&uid),
    }
}

/// Cedar numbers the policies of a text `policy0`, `policy1` …
fn number(id: &PolicyId) -> usize {
    id.to_string().trim_start_matches("policy").parse().unwrap_or(usize::MAX)
}

fn fault(text: &str, error: &(impl Diagnostic + ?Sized)) -> RuleFault {
    let offset = error.labels().and_then(|mut labels| labels.next()).map_or(0, |label| label.offset());
    at(text, offset, &error.to_string(), error.help().map(|help| help.to_string()))
}

fn at(text: &str, offset: usize, message: &str, help: Option<String>) -> RuleFault {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    RuleFault { line, column, message: message.to_owned(), help }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const IDS: std::ops::Range<u128> = 0..6;

    /// The question with everything there is to say, as Cedar's own manual would put it.
    fn judge_whole(rules: &Rules, question: &Question<'_>) -> Result<Vec<String>, Vec<Reason>> {
        let types = TYPES.as_ref().unwrap();
        let all = |of: &EntityTypeName| {
            IDS.map(|id| (Uuid::from_u128(id), uid(of, Uuid::from_u128(id)))).collect::<HashMap<_, _>>()
        };
        let person = question.person_in_cedar(&all(&types.group)).unwrap();
        let resource = question.resource_in_cedar(&all(&types.resource)).unwrap();
        let set = rules.set(question.right).unwrap();
        rules.read(&question.put_before(set, person, resource).unwrap())
    }

    /// A condition of a rule; every way the schema has to ask where somebody or something belongs.
    fn conditions() -> impl Strategy<Value = String> {
        let id = || IDS.prop_map(Uuid::from_u128);
        let leaf = prop_oneof![
            id().prop_map(|id| format!("principal in Group::\"{id}\"")),
            id().prop_map(|id| format!("resource in Resource::\"{id}\"")),
            id().prop_map(|id| format!("resource == Resource::\"{id}\"")),
            id().prop_map(|id| format!("principal == Person::\"{id}\"")),
            (id(), id()).prop_map(|(a, b)| format!("principal in [Group::\"{a}\", Group::\"{b}\"]")),
            (id(), id()).prop_map(|(a, b)| format!("Group::\"{a}\" in Group::\"{b}\"")),
            (id(), id()).prop_map(|(a, b)| {
                format!(
                    "resource in (if context.second_person then Resource::\"{a}\" else Resource::\"{b}\")"
                )
            }),
            id().prop_map(|id| format!("principal in Group::\"{}\"", id.to_string().to_uppercase())),
            Just("resource.kind == \"key\"".to_owned()),
            Just("context.hour < 9".to_owned()),
        ];
        leaf.prop_recursive(3, 8, 2, |inner| {
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) && ({b})")),
                (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || ({b})")),
                inner.prop_map(|a| format!("!({a})")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        /// Leaving out the groups and places that no rule names changes no answer.
        #[test]
        fn what_no_rule_names_makes_no_difference(
            written in prop::collection::vec(conditions(), 1..4),
            scope in prop::option::of((IDS, IDS)),
            groups in prop::collection::vec(IDS, 0..6),
            within in prop::collection::vec(IDS, 0..6),
            (person, resource) in (IDS, IDS),
            second in any::<bool>(),
        ) {
            let scope = scope.map_or_else(|| "principal, action, resource".to_owned(), |(group, place)| {
                format!("principal in Group::\"{}\", action, resource in Resource::\"{}\"", Uuid::from_u128(group), Uuid::from_u128(place))
            });
            let text: String = written.iter().map(|condition| format!("forbid ({scope}) when {{ {condition} }};\n")).collect();
            // Strict validation refuses what can never be true; that is not what is tried here.
            let Ok(rules) = Rules::parse(&text) else { return Ok(()) };
            let known = Resource { kind: "key".to_owned(), name: "Van".to_owned(), zone: None };
            let (person, resource) = (PersonId(Uuid::from_u128(person)), ResourceId(Uuid::from_u128(resource)));
            let question = Question {
                tenant: TenantId(Uuid::from_u128(99)),
                person,
                groups: groups.into_iter().map(Uuid::from_u128).collect(),
                right: Right::Exchange,
                act: "key.take_out",
                resource,
                known: &known,
                within: within.into_iter().map(Uuid::from_u128).filter(|id| *id != resource.uuid()).collect(),
                now: Timestamp::EPOCH,
                zone: &TimeZone::UTC,
                facts: Facts { second_person: second.then_some(person), ..Facts::default() },
            };
            prop_assert_eq!(rules.judge(&question), judge_whole(&rules, &question), "{}", text);
        }
    }

    /// What `judge` skips when a tenant has no rules is what evaluating our own rules says.
    #[test]
    fn our_own_rules_allow_what_is_granted_within_a_tenant() {
        let known = Resource { kind: "key".to_owned(), name: "Van".to_owned(), zone: None };
        for right in Right::ALL {
            let question = Question {
                tenant: TenantId(Uuid::from_u128(1)),
                person: PersonId(Uuid::from_u128(2)),
                groups: vec![Uuid::from_u128(3)],
                right,
                act: "key.take_out",
                resource: ResourceId(Uuid::from_u128(4)),
                known: &known,
                within: vec![Uuid::from_u128(5)],
                now: Timestamp::EPOCH,
                zone: &TimeZone::UTC,
                facts: Facts::default(),
            };
            assert_eq!(Rules::default().judge(&question), Ok(vec![BASE_GRANTED.to_owned()]));
            assert!(!Rules::default().may_forbid(right));
        }
    }
}
