//! `sekisho token`: API tokens of people, made and withdrawn by the operator.

use anyhow::bail;
use clap::Subcommand;
use sekisho_identity::{NewToken, PeopleFilter, Person, Tenant, TokenRow};
use sekisho_kernel::{PersonId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::Whose;
use super::installation::Installation;
use crate::output::Output;

/// API tokens of people.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Those that work
    List(List),
    /// Make one; it acts as the person within its scopes, and its text is shown once
    Add(Add),
    /// Withdraw one; the next request with it fails
    Revoke(Revoke),
}

/// Whose tokens.
#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    whose: Whose,
    /// Only those of this person, by mail address
    #[arg(long, value_name = "ADDRESS")]
    person: Option<String>,
}

/// A new token.
#[derive(Debug, clap::Args)]
pub struct Add {
    #[command(flatten)]
    whose: Whose,
    /// Mail address of the person as whom it acts
    #[arg(long, value_name = "ADDRESS")]
    person: String,
    /// What it is for
    #[arg(long)]
    name: String,
    /// What it may touch: keys:read, devices:write, *:read …; can be given more than once
    #[arg(long = "scope", value_name = "ROOM:RIGHT", required = true)]
    scopes: Vec<String>,
    /// Days until it expires, at most 366
    #[arg(long, default_value_t = 90)]
    days: u32,
}

/// Which token.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    whose: Whose,
    /// Its id, as `sekisho token list` shows it
    token: Uuid,
}

#[derive(Serialize)]
struct Listed {
    person: PersonId,
    #[serde(flatten)]
    token: TokenRow,
    #[serde(skip)]
    owner: String,
}

/// Runs the command.
pub async fn run(command: TokenCommand, output: &Output) -> anyhow::Result<()> {
    match command {
        TokenCommand::List(list) => {
            Installation::with_tenant(&list.whose, async |at, tenant| list.run(at, tenant, output).await)
                .await
        }
        TokenCommand::Add(add) => {
            Installation::with_tenant(&add.whose, async |at, tenant| add.run(at, tenant, output).await).await
        }
        TokenCommand::Revoke(revoke) => {
            Installation::with_tenant(&revoke.whose, async |at, tenant| revoke.run(at, tenant, output).await)
                .await
        }
    }
}

/// Every working token of the organisation, or of one person in it.
async fn all(
    installation: &Installation,
    tenant: &Tenant,
    only: Option<PersonId>,
) -> anyhow::Result<Vec<Listed>> {
    let foundation = installation.foundation();
    let cx = installation.cx(tenant.id);
    let scope = foundation.store.read(tenant.id).await?;
    let people: Vec<Person> = foundation.identity.people(&cx, &scope, &PeopleFilter::default()).await?;
    let mut found = Vec::new();
    for person in people.into_iter().filter(|person| only.is_none_or(|only| only == person.id)) {
        for token in foundation.identity.tokens(&cx, &scope, person.id).await? {
            found.push(Listed { person: person.id, owner: person.name.clone(), token });
        }
    }
    Ok(found)
}

/// Who has this mail address.
pub(super) async fn person(
    installation: &Installation,
    tenant: &Tenant,
    mail: &str,
) -> anyhow::Result<PersonId> {
    let foundation = installation.foundation();
    let scope = foundation.store.read(tenant.id).await?;
    match foundation.identity.by_mail(&installation.cx(tenant.id), &scope, mail).await? {
        Some(person) => Ok(person),
        None => bail!("nobody of {} has the mail address {mail}", tenant.name),
    }
}

fn day(at: Timestamp) -> String {
    at.rfc3339().split('T').next().unwrap_or_default().to_owned()
}

impl List {
    async fn run(&self, installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<()> {
        let only = match &self.person {
            Some(mail) => Some(person(installation, tenant, mail).await?),
            None => None,
        };
        let rows = all(installation, tenant, only).await?;
        output.list(
            &rows,
            "no token works",
            &["id", "person", "for", "scopes", "expires", "last used"],
            |row| {
                vec![
                    row.token.id.to_string(),
                    row.owner.clone(),
                    row.token.name.clone(),
                    row.token.scopes.join(" "),
                    day(row.token.expires_at),
                    row.token.used_at.map_or_else(|| "never".to_owned(), day),
                ]
            },
        );
        Ok(())
    }
}

impl Add {
    async fn run(&self, installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<()> {
        let owner = person(installation, tenant, &self.person).await?;
        let new = NewToken { name: self.name.clone(), scopes: self.scopes.clone(), days: self.days };
        let identity = &installation.foundation().identity;
        let (row, token) = identity
            .make_token(&installation.cx(tenant.id), owner, &new)
            .await
            .map_err(|error| installation.explained(error))?;
        output.result(
            format!(
                "{}\n\nThis text is not shown again. It works until {}.",
                token.expose(),
                day(row.expires_at)
            ),
            &serde_json::json!({ "token": token.expose(), "about": row }),
        );
        Ok(())
    }
}

impl Revoke {
    async fn run(&self, installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<()> {
        let found = all(installation, tenant, None).await?;
        let Some(listed) = found.iter().find(|listed| listed.token.id == self.token) else {
            bail!("no working token of {} has the id {}; see `sekisho token list`", tenant.name, self.token);
        };
        let identity = &installation.foundation().identity;
        identity
            .revoke_token(&installation.cx(tenant.id), listed.person, self.token)
            .await
            .map_err(|error| installation.explained(error))?;
        output.result(
            format!("the token “{}” of {} is withdrawn", listed.token.name, listed.owner),
            &serde_json::json!({ "revoked": self.token }),
        );
        Ok(())
    }
}
