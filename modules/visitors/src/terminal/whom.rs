//! Whom a guest may call at a terminal: people found by name, at most five and their names masked, and the departments
//! that the organisation offers there. A terminal names them by references that mean something to it alone.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::{ColumnTrait, QuerySelect};
use sekisho_crypto::{Place, TenantKeys, equal, search_form};
use sekisho_host::Fault;
use sekisho_identity::{PeopleFilter, PersonKind};
use sekisho_kernel::{Cx, GroupId, Kind, PersonId, Timestamp};
use sekisho_storage::Scoped;
use sekisho_web::{Result, WebError};
use serde::Serialize;
use uuid::Uuid;

use super::settings::TerminalSettings;
use super::signed::At;
use crate::Visitors;
use crate::ids::TerminalId;
use crate::tables::terminals;

/// The fewest letters of a search.
const FEWEST_LETTERS: usize = 3;
/// The most people shown.
const MOST_HITS: usize = 5;
/// The most searches of one terminal, and within which time.
const MOST_SEARCHES: i64 = 40;
const SEARCHES_WITHIN: Duration = Duration::from_secs(5 * 60);
/// How long a person found may be called.
const REFERENCE_LIFE: Duration = Duration::from_secs(15 * 60);

/// Somebody or something a terminal may call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whom {
    Person(PersonId),
    Department(GroupId),
}

/// A person found.
#[derive(Serialize)]
pub(crate) struct Hit {
    #[serde(rename = "ref")]
    reference: String,
    name: String,
    department: String,
}

/// A department to choose.
#[derive(Serialize)]
pub(crate) struct Department {
    #[serde(rename = "ref")]
    reference: String,
    name: String,
}

/// People whose name or its reading holds what was typed.
pub(crate) async fn find(
    visitors: &Visitors,
    at: &At,
    settings: &TerminalSettings,
    typed: &str,
) -> Result<Vec<Hit>> {
    let wanted = search_form(typed);
    if !settings.search || wanted.chars().count() < FEWEST_LETTERS {
        return Ok(Vec::new());
    }
    count_search(visitors, at).await?;
    let keys = visitors.vault.keys(at.cx.tenant).await.map_err(Fault::from)?;
    let scope = visitors.store.read(at.cx.tenant).await?;
    let filter = PeopleFilter {
        search: typed.trim().to_owned(),
        kind: Some(PersonKind::User),
        limit: 20,
        ..PeopleFilter::default()
    };
    let people = visitors.identity.people(&at.cx, &scope, &filter).await.map_err(Fault::from)?;
    // The search of the administration also knows whole addresses and numbers. Here nobody learns whose they are.
    let by_name = |name: &str| search_form(name).contains(&wanted);
    let named = people
        .into_iter()
        .filter(|person| by_name(&person.name) || person.kana.as_deref().is_some_and(by_name))
        .take(MOST_HITS);
    let mut hits = Vec::new();
    for person in named {
        let groups = visitors.identity.groups_of(&scope, person.id).await?;
        let department = groups.into_iter().find(|group| settings.departments.contains(&group.id));
        hits.push(Hit {
            reference: sealed(&keys, at.row.id, person.id, at.cx.now),
            name: masked(&person.name),
            department: department.map(|group| group.name).unwrap_or_default(),
        });
    }
    Ok(hits)
}

/// The departments that may be called, in the order of the settings.
pub(crate) async fn departments(
    visitors: &Visitors,
    at: &At,
    settings: &TerminalSettings,
) -> Result<Vec<Department>> {
    let keys = visitors.vault.keys(at.cx.tenant).await.map_err(Fault::from)?;
    let scope = visitors.store.read(at.cx.tenant).await?;
    let groups = visitors.identity.groups(&scope).await?;
    let named = settings.departments.iter().filter_map(|id| groups.iter().find(|group| group.id == *id));
    Ok(named
        .map(|group| Department {
            reference: reference_of(&keys, at.row.id, group.id),
            name: group.name.clone(),
        })
        .collect())
}

/// Whom a reference means, for the terminal it was given to.
pub(crate) fn resolve(
    keys: &TenantKeys,
    terminal: TerminalId,
    settings: &TerminalSettings,
    now: Timestamp,
    reference: &str,
) -> Option<Whom> {
    let department =
        |id: &&GroupId| equal(reference_of(keys, terminal, **id).as_bytes(), reference.as_bytes());
    if let Some(id) = settings.departments.iter().find(department) {
        return Some(Whom::Department(*id));
    }
    let bytes = URL_SAFE_NO_PAD.decode(reference).ok()?;
    let plain = keys.open(&place(terminal), &bytes).ok()?;
    let (id, until) = plain.split_at_checked(16)?;
    let until = Timestamp::from_micros(i64::from_be_bytes(until.try_into().ok()?));
    (now <= until).then_some(Whom::Person(PersonId(Uuid::from_slice(id).ok()?)))
}

/// The name as a stranger may see it: enough to know whom one means, too little to make a list of.
pub(crate) fn masked(name: &str) -> String {
    const DOT: char = '○';
    let words: Vec<&str> = name.split_whitespace().collect();
    match words.split_last() {
        Some((last, first)) if !first.is_empty() => {
            // Of a name in letters the initial stays; of one in signs, where one sign is half of it, none does.
            let initial = last.chars().next().filter(|letter| u32::from(*letter) < 0x2E80);
            let initial = initial.map(String::from).unwrap_or_default();
            format!("{} {initial}{DOT}{DOT}", first.join(" "))
        }
        _ => {
            let letters: Vec<char> = name.trim().chars().collect();
            let shown = letters.len().div_ceil(2).min(4);
            letters.iter().take(shown).chain(&[DOT, DOT]).collect()
        }
    }
}

fn place(terminal: TerminalId) -> Place<'static> {
    Place { table: "visitors_terminals", column: "whom", row: terminal.uuid() }
}

fn sealed(keys: &TenantKeys, terminal: TerminalId, person: PersonId, now: Timestamp) -> String {
    let mut plain = person.uuid().as_bytes().to_vec();
    plain.extend(now.plus(REFERENCE_LIFE).as_micros().to_be_bytes());
    URL_SAFE_NO_PAD.encode(keys.seal(&place(terminal), &plain))
}

fn reference_of(keys: &TenantKeys, terminal: TerminalId, group: GroupId) -> String {
    let of = [terminal.uuid().as_bytes().as_slice(), group.uuid().as_bytes()].concat();
    URL_SAFE_NO_PAD.encode(keys.mac("visitors.department", &of))
}

/// Counts a search of the terminal, or says that it must wait.
async fn count_search(visitors: &Visitors, at: &At) -> Result<()> {
    use terminals::Column;
    let now = at.cx.now;
    let tx = visitors.store.begin(&at.cx).await?;
    let this = Column::Id.eq(at.row.id);
    let query = tx.find::<terminals::Entity>().filter(this.clone()).refine(QuerySelect::lock_exclusive);
    let row = query.one().await?.ok_or_else(super::signed::unknown)?;
    let over = row.searches_since.plus(SEARCHES_WITHIN);
    let (searches, since) =
        if over <= now { (1, now) } else { (row.searches.saturating_add(1), row.searches_since) };
    if searches > MOST_SEARCHES {
        let wait = u32::try_from(over.since(now).as_secs().saturating_add(1)).unwrap_or(u32::MAX);
        return Err(WebError::new(Kind::Busy(wait), "error-busy", "a terminal searched too often"));
    }
    let update = tx.update::<terminals::Entity>().set(Column::Searches, searches);
    update.set(Column::SearchesSince, since).filter(this).exec().await?;
    Ok(tx.commit_bookkeeping("searches of a terminal are counted").await?)
}

/// The name of whom a guest called, as the guest saw it.
pub(crate) async fn shown(visitors: &Visitors, cx: &Cx, host: Option<PersonId>) -> Result<String> {
    let Some(host) = host else { return Ok(String::new()) };
    let scope = visitors.store.read(cx.tenant).await?;
    let name = visitors.identity.display_names(&scope, &[host]).await?.remove(&host);
    Ok(name.map(|name| masked(&name)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn names_are_masked() {
        for (name, shown) in [
            ("佐藤 美咲", "佐藤 ○○"),
            ("佐藤美咲", "佐藤○○"),
            ("田中", "田○○"),
            ("John Smith", "John S○○"),
            ("Mary Ann O'Neil", "Mary Ann O○○"),
            ("Madonna", "Mado○○"),
            ("", "○○"),
        ] {
            assert_eq!(masked(name), shown, "{name}");
        }
    }
}
