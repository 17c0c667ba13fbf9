//! What this room asks of others: names of people and groups.

use std::collections::HashMap;

use async_trait::async_trait;
use sekisho_identity::{Identity, PeopleFilter};
use sekisho_kernel::Cx;
use sekisho_policy::Subject;
use sekisho_storage::Store;
use sekisho_web::Result;

/// Tells what people and groups are called.
#[async_trait]
pub trait Names: Send + Sync {
    /// The names of these; those that are gone have none.
    async fn of(&self, cx: &Cx, subjects: &[Subject]) -> Result<HashMap<Subject, String>>;

    /// People and groups to choose from, groups first; `search` is part of a name, empty means all. At most `most`.
    async fn choices(&self, cx: &Cx, search: &str, most: u64) -> Result<Vec<(Subject, String)>>;
}

/// Identity's answer.
pub struct NamesOfIdentity {
    /// Where the names are.
    pub identity: Identity,
    /// Where to read them.
    pub store: Store,
}

#[async_trait]
impl Names for NamesOfIdentity {
    async fn of(&self, cx: &Cx, subjects: &[Subject]) -> Result<HashMap<Subject, String>> {
        let scope = self.store.read(cx.tenant).await?;
        let people: Vec<_> = subjects
            .iter()
            .filter_map(|subject| match subject {
                Subject::Person(id) => Some(*id),
                Subject::Group(_) => None,
            })
            .collect();
        let people = self.identity.display_names(&scope, &people).await?;
        let mut names: HashMap<_, _> =
            people.into_iter().map(|(id, name)| (Subject::Person(id), name)).collect();
        if subjects.iter().any(|subject| matches!(subject, Subject::Group(_))) {
            let groups = self.identity.groups(&scope).await?;
            names.extend(groups.into_iter().map(|group| (Subject::Group(group.id), group.name)));
        }
        Ok(names)
    }

    async fn choices(&self, cx: &Cx, search: &str, most: u64) -> Result<Vec<(Subject, String)>> {
        let scope = self.store.read(cx.tenant).await?;
        let mut choices: Vec<_> = self
            .identity
            .groups(&scope)
            .await?
            .into_iter()
            .filter(|group| group.name.to_lowercase().contains(&search.to_lowercase()))
            .map(|group| (Subject::Group(group.id), group.name))
            .collect();
        let filter = PeopleFilter { search: search.to_owned(), limit: most, ..PeopleFilter::default() };
        let people = self.identity.people(cx, &scope, &filter).await?;
        choices.extend(people.into_iter().map(|person| (Subject::Person(person.id), person.name)));
        choices.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(choices)
    }
}
