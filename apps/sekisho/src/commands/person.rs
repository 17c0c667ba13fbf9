//! `sekisho person`: a way back in for whoever no administrator can help, the last administrator first of all.

use clap::Subcommand;
use sekisho_identity::Tenant;
use serde_json::json;

use super::Whose;
use super::installation::Installation;
use super::token::person;
use crate::output::Output;

/// People who cannot get in any more.
#[derive(Debug, Subcommand)]
pub enum PersonCommand {
    /// Print a one-time link by which somebody sets a password; it also unlocks. Nothing is mailed
    Link(Link),
}

/// Whose link.
#[derive(Debug, clap::Args)]
pub struct Link {
    #[command(flatten)]
    whose: Whose,
    /// Mail address under which the person signs in
    mail: String,
    /// The authenticator app and the recovery codes are lost: they stop working, and the link adds an app anew
    #[arg(long)]
    lost_app: bool,
}

/// Runs the command.
pub async fn run(command: PersonCommand, output: &Output) -> anyhow::Result<()> {
    match command {
        PersonCommand::Link(link) => {
            Installation::with_tenant(&link.whose, async |at, tenant| link.run(at, tenant, output).await)
                .await
        }
    }
}

impl Link {
    async fn run(&self, installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<()> {
        let person = person(installation, tenant, &self.mail).await?;
        let identity = &installation.foundation().identity;
        let cx = installation.cx(tenant.id);
        let by = identity.administrator(&cx).await.map_err(|error| installation.explained(error))?;
        let link = identity
            .hand_over_link(&cx, by, person, self.lost_app)
            .await
            .map_err(|error| installation.explained(error))?;
        output.result(
            format!(
                "{}\n\nIt sets a password once, within 24 hours, and is not shown again. Whoever has it can sign in as {}.",
                link.url.expose(),
                self.mail
            ),
            &json!({ "person": person, "url": link.url.expose(), "expires_at": link.expires_at }),
        );
        Ok(())
    }
}
