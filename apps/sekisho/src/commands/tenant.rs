//! `sekisho tenant`: the organisations of an installation.

use clap::Subcommand;
use sekisho_identity::{Tenant, TenantState};
use serde::Serialize;

use super::ConfigFile;
use super::founding::{Founding, found};
use super::installation::{Installation, confirm};
use crate::output::Output;

/// The organisations of this installation.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// All of them
    List(ConfigFile),
    /// Found another one and invite its administrator
    Add(Add),
    /// One of them, with its rules
    Show(Show),
    /// Erase one for good: its keys are destroyed, so that nothing it sealed can be read again, in backups neither
    Erase(Erase),
}

/// A new organisation.
#[derive(Debug, clap::Args)]
pub struct Add {
    #[command(flatten)]
    file: ConfigFile,
    /// Its name
    name: Option<String>,
    #[command(flatten)]
    founding: Founding,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub struct Show {
    #[command(flatten)]
    file: ConfigFile,
    /// Its name, a host name of it, or its id
    tenant: String,
}

/// Which one, and that it is meant.
#[derive(Debug, clap::Args)]
pub struct Erase {
    #[command(flatten)]
    file: ConfigFile,
    /// Its name, a host name of it, or its id
    tenant: String,
    /// Its name once more, instead of typing it at the terminal
    #[arg(long, value_name = "NAME")]
    yes: Option<String>,
}

#[derive(Serialize)]
struct Row {
    id: sekisho_kernel::TenantId,
    name: String,
    state: TenantState,
    hosts: Vec<String>,
}

impl From<&Tenant> for Row {
    fn from(tenant: &Tenant) -> Self {
        Self { id: tenant.id, name: tenant.name.clone(), state: tenant.state, hosts: tenant.hosts.clone() }
    }
}

/// Runs the command.
pub async fn run(command: TenantCommand, output: &Output) -> anyhow::Result<()> {
    match command {
        TenantCommand::List(file) => Installation::with(&file, async |at| list(at, output).await).await,
        TenantCommand::Add(add) => Installation::with(&add.file, async |at| add.run(at, output).await).await,
        TenantCommand::Show(show) => {
            Installation::with(&show.file, async |at| show.run(at, output).await).await
        }
        TenantCommand::Erase(erase) => {
            Installation::with(&erase.file, async |at| erase.run(at, output).await).await
        }
    }
}

async fn list(installation: &Installation, output: &Output) -> anyhow::Result<()> {
    let tenants = installation.foundation().identity.tenants().await?;
    let rows: Vec<Row> = tenants.iter().map(|tenant| Row::from(&**tenant)).collect();
    output.list(
        &rows,
        "there is no organisation yet; `sekisho setup` founds the first",
        &["id", "name", "state", "hosts"],
        |row| vec![row.id.to_string(), row.name.clone(), word(row.state).to_owned(), row.hosts.join(", ")],
    );
    Ok(())
}

fn word(state: TenantState) -> &'static str {
    match state {
        TenantState::Active => "active",
        TenantState::Closed => "erased",
    }
}

impl Add {
    async fn run(&self, installation: &Installation, output: &Output) -> anyhow::Result<()> {
        let identity = &installation.foundation().identity;
        let others = identity.tenants().await?.iter().any(|tenant| tenant.state == TenantState::Active);
        if self.founding.hosts.is_empty() && others {
            anyhow::bail!("--host is missing: with several organisations each needs a host name of its own");
        }
        let new = self.founding.answers(output, &self.name, "NAME")?;
        let founded = found(installation, &new).await?;
        output.result(
            format!(
                "{} is founded as {}.\nIts administrator sets the first password here, once, within 24 hours:\n{}",
                new.name, founded.tenant, founded.invitation
            ),
            &founded,
        );
        Ok(())
    }
}

impl Show {
    async fn run(&self, installation: &Installation, output: &Output) -> anyhow::Result<()> {
        let tenant = installation.tenant(Some(&self.tenant)).await?;
        let foundation = installation.foundation();
        let scope = foundation.store.read(tenant.id).await?;
        let devices = foundation.devices.devices(&scope).await?;
        let online = devices.iter().filter(|device| device.online).count();
        let sites = sekisho_places::sites(&scope).await?.len();
        let settings = &tenant.settings;
        output.result(
            format!(
                "{} ({})\n  id              {}\n  host names      {}\n  sites           {sites}\n  devices         {}, {online} of them connected\n  two-step        {}\n  administration  {}\n  leavers kept    {} days",
                tenant.name,
                word(tenant.state),
                tenant.id,
                if tenant.hosts.is_empty() { "any".to_owned() } else { tenant.hosts.join(", ") },
                devices.len(),
                if settings.two_step { "everybody" } else { "whoever wants" },
                if settings.admin_networks.is_empty() {
                    "from everywhere".to_owned()
                } else {
                    settings.admin_networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
                },
                settings.keep_leavers_days,
            ),
            &serde_json::json!({
                "id": tenant.id, "name": tenant.name, "state": tenant.state, "hosts": tenant.hosts,
                "sites": sites, "devices": devices.len(), "online": online, "settings": settings,
            }),
        );
        Ok(())
    }
}

impl Erase {
    async fn run(&self, installation: &Installation, output: &Output) -> anyhow::Result<()> {
        let tenant = installation.tenant(Some(&self.tenant)).await?;
        confirm(
            output,
            self.yes.as_deref(),
            &tenant.name,
            &format!(
                "{} will be erased: nobody signs in any more, its devices are shut out, its keys are destroyed.",
                tenant.name
            ),
        )?;
        let cx = installation.cx(tenant.id);
        installation.host.erase_tenant(&cx, |step| output.progress(format!("{step} …"))).await?;
        output.result(
            format!(
                "{} is erased. What its keys had sealed cannot be read again, in backups neither; ids, times and its record stay.",
                tenant.name
            ),
            &serde_json::json!({ "tenant": tenant.id, "erased": true }),
        );
        Ok(())
    }
}
