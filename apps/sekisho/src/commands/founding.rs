//! Founding an organisation, as `setup` does with the first and `tenant add` with every other.

use anyhow::{Context as _, anyhow};
use sekisho_identity::{Founder, NewPerson, NewTenant, TenantSettings};
use sekisho_kernel::{PersonId, TenantId};
use serde::Serialize;

use super::installation::{Installation, operator};
use crate::output::Output;

/// How a new organisation is reached, and who runs it.
#[derive(Debug, clap::Args)]
pub struct Founding {
    /// Host name it answers under; the first is the one in links. An only organisation needs none: it answers on every name
    #[arg(long = "host", value_name = "HOST")]
    pub(super) hosts: Vec<String>,
    /// Name of its administrator
    #[arg(long, value_name = "NAME")]
    admin_name: Option<String>,
    /// Mail address of its administrator
    #[arg(long, value_name = "ADDRESS")]
    admin_mail: Option<String>,
    /// Language of its administrator: ja or en
    #[arg(long, default_value = "ja", value_parser = ["ja", "en"])]
    language: String,
}

/// An organisation that was founded.
#[derive(Serialize)]
pub(super) struct Founded {
    pub(super) tenant: TenantId,
    pub(super) administrator: PersonId,
    /// Where the administrator sets the first password, once, within 24 hours.
    pub(super) invitation: String,
}

impl Founding {
    /// What is to be founded, from flags and answers at the terminal.
    pub(super) fn answers(
        &self,
        output: &Output,
        name: &Option<String>,
        name_flag: &str,
    ) -> anyhow::Result<NewTenant> {
        Ok(NewTenant {
            name: wanted(output, name, name_flag, "Name of the organisation")?,
            hosts: self.hosts.clone(),
            settings: TenantSettings::default(),
            administrator: Founder {
                person: NewPerson {
                    name: wanted(output, &self.admin_name, "--admin-name", "Name of its administrator")?,
                    mail: wanted(
                        output,
                        &self.admin_mail,
                        "--admin-mail",
                        "Mail address of its administrator",
                    )?,
                    language: self.language.clone(),
                    ..NewPerson::default()
                },
                password: None,
            },
            by: operator(),
        })
    }
}

/// Founds it and invites its administrator.
pub(super) async fn found(installation: &Installation, new: &NewTenant) -> anyhow::Result<Founded> {
    let identity = &installation.foundation().identity;
    let founded = identity.found_tenant(new).await.map_err(|error| installation.explained(error))?;
    let tenant = installation.tenant(Some(&founded.tenant.to_string())).await?;
    let token = founded.token.context("the administrator got no link")?;
    Ok(Founded {
        tenant: founded.tenant,
        administrator: founded.administrator,
        invitation: format!("{}/invitation/{}", installation.base(&tenant), token.expose()),
    })
}

/// What a flag says, or the answer at the terminal.
pub(super) fn wanted(
    output: &Output,
    given: &Option<String>,
    flag: &str,
    question: &str,
) -> anyhow::Result<String> {
    let text = match given {
        Some(text) => Some(text.clone()),
        None => output.ask(question),
    };
    text.filter(|text| !text.trim().is_empty()).ok_or_else(|| anyhow!("{flag} is missing ({question})"))
}
