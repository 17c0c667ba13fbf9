//! `sekisho device`: boxes, locks and agents, made known and shut out by the operator.

use anyhow::bail;
use clap::Subcommand;
use sekisho_devices::{ClaimCode, Device, DeviceBody, DeviceKind, NewDevice};
use sekisho_identity::Tenant;
use sekisho_kernel::{DeviceId, SiteId, Timestamp};

use super::Whose;
use super::installation::{Installation, confirm};
use crate::output::Output;

/// Boxes, locks and agents.
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// All of them
    List(Whose),
    /// One of them, with its last report
    Show(Which),
    /// Make one known; prints the claim code it enrols with, once
    Add(Add),
    /// A new claim code for a device that is set up again; the old one is void
    ClaimCode(Which),
    /// Shut one out for good: its live connection ends within a second
    Revoke(Revoke),
}

/// Which device.
#[derive(Debug, clap::Args)]
pub struct Which {
    #[command(flatten)]
    whose: Whose,
    /// Its name or id
    device: String,
}

/// A new device.
#[derive(Debug, clap::Args)]
pub struct Add {
    #[command(flatten)]
    whose: Whose,
    /// What people call it
    name: String,
    /// What it is
    #[arg(long, value_enum, default_value_t = Kind::Smartbox)]
    kind: Kind,
    /// The site it stands at, by name or id
    #[arg(long)]
    site: Option<String>,
}

/// Which device, and that it is meant.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    which: Which,
    /// Its name once more, instead of typing it at the terminal
    #[arg(long, value_name = "NAME")]
    yes: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kind {
    /// A key cabinet with bins and a panel
    Smartbox,
    /// A lock, reader or controller of doors
    Door,
    /// An agent in a private network
    Agent,
}

impl From<Kind> for DeviceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Smartbox => Self::Smartbox,
            Kind::Door => Self::Door,
            Kind::Agent => Self::Agent,
        }
    }
}

/// Runs the command.
pub async fn run(command: DeviceCommand, output: &Output) -> anyhow::Result<()> {
    match command {
        DeviceCommand::List(whose) => {
            Installation::with_tenant(&whose, async |at, tenant| list(at, tenant, output).await).await
        }
        DeviceCommand::Show(which) => which.with_device(async |_, _, device| show(device, output)).await,
        DeviceCommand::Add(add) => {
            Installation::with_tenant(&add.whose, async |at, tenant| add.run(at, tenant, output).await).await
        }
        DeviceCommand::ClaimCode(which) => {
            which.with_device(async |at, tenant, device| claim(at, tenant, &device, output).await).await
        }
        DeviceCommand::Revoke(revoke) => {
            let which = &revoke.which;
            which.with_device(async |at, tenant, device| revoke.run(at, tenant, &device, output).await).await
        }
    }
}

/// A moment, or a word for never.
fn moment(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), |at| format!("{:.0}", at.to_jiff()))
}

async fn list(installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<()> {
    let scope = installation.foundation().store.read(tenant.id).await?;
    let devices = installation.foundation().devices.devices(&scope).await?;
    let rows: Vec<DeviceBody> = devices.into_iter().map(DeviceBody::from).collect();
    output.list(
        &rows,
        "no device is known; `sekisho device add NAME` makes one known",
        &["id", "name", "kind", "state", "last seen"],
        |row| {
            vec![
                row.id.to_string(),
                row.name.clone(),
                row.kind.to_owned(),
                row.state.to_owned(),
                moment(row.last_seen),
            ]
        },
    );
    Ok(())
}

impl Which {
    /// Works with the device that is meant, in its organisation.
    async fn with_device<T>(
        &self,
        work: impl AsyncFnOnce(&Installation, &Tenant, Device) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        Installation::with_tenant(&self.whose, async |installation, tenant| {
            let device = find(installation, tenant, &self.device).await?;
            work(installation, tenant, device).await
        })
        .await
    }
}

async fn find(installation: &Installation, tenant: &Tenant, wanted: &str) -> anyhow::Result<Device> {
    let scope = installation.foundation().store.read(tenant.id).await?;
    let all = installation.foundation().devices.devices(&scope).await?;
    drop(scope);
    let mut found = all.into_iter().filter(|one| one.id.to_string() == wanted || one.name == wanted);
    match (found.next(), found.next()) {
        (Some(device), None) => Ok(device),
        (None, _) => {
            bail!("{} has no device {wanted}; see `sekisho device list`", tenant.name)
        }
        _ => bail!("several devices are called {wanted}; give the id (`sekisho device list`)"),
    }
}

fn show(device: Device, output: &Output) -> anyhow::Result<()> {
    let row = DeviceBody::from(device);
    let power = match (row.mains, row.battery) {
        (Some(true), _) => "mains".to_owned(),
        (Some(false), Some(battery)) => format!("battery, {battery} %"),
        (Some(false), None) => "battery".to_owned(),
        (None, _) => "not told yet".to_owned(),
    };
    output.result(
        format!(
            "{} ({}, {})\n  id           {}\n  last seen    {}\n  certificate  until {}\n  agent        {}\n  power        {power}",
            row.name,
            row.kind,
            row.state,
            row.id,
            moment(row.last_seen),
            moment(row.certificate_until),
            row.agent.as_deref().unwrap_or("not told yet"),
        ),
        &row,
    );
    Ok(())
}

fn tell_claim(
    output: &Output,
    installation: &Installation,
    name: &str,
    device: DeviceId,
    claim: &ClaimCode,
) -> anyhow::Result<()> {
    let server = &installation.config.http.public_url;
    output.result(
        format!(
            "{name} enrols with this code, once, within 30 minutes:\n\n  {claim}\n\n  sekisho-agent enrol --server {server} --claim {claim} --dir DIR"
        ),
        &serde_json::json!({ "device": device, "claim": claim.to_string() }),
    );
    Ok(())
}

async fn claim(
    installation: &Installation,
    tenant: &Tenant,
    device: &Device,
    output: &Output,
) -> anyhow::Result<()> {
    let cx = installation.cx(tenant.id);
    let devices = &installation.foundation().devices;
    let claim = devices.claim_now(&cx, device.id).await.map_err(|error| installation.explained(error))?;
    tell_claim(output, installation, &device.name, device.id, &claim)
}

impl Add {
    async fn run(&self, installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<()> {
        let site = match &self.site {
            Some(wanted) => Some(site(installation, tenant, wanted).await?),
            None => None,
        };
        let new = NewDevice { kind: self.kind.into(), name: self.name.clone(), site };
        let cx = installation.cx(tenant.id);
        let devices = &installation.foundation().devices;
        let (device, claim) =
            devices.add_now(&cx, new).await.map_err(|error| installation.explained(error))?;
        tell_claim(output, installation, &self.name, device, &claim)
    }
}

async fn site(installation: &Installation, tenant: &Tenant, wanted: &str) -> anyhow::Result<SiteId> {
    let scope = installation.foundation().store.read(tenant.id).await?;
    let sites = sekisho_places::sites(&scope).await?;
    match sites.iter().find(|site| site.id.to_string() == wanted || site.name == wanted) {
        Some(site) => Ok(site.id),
        None => {
            let names = sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>().join(", ");
            bail!("{} has no site {wanted}; there are: {names}", tenant.name)
        }
    }
}

impl Revoke {
    async fn run(
        &self,
        installation: &Installation,
        tenant: &Tenant,
        device: &Device,
        output: &Output,
    ) -> anyhow::Result<()> {
        let what = format!("{} will be shut out and must be made known anew to come back.", device.name);
        confirm(output, self.yes.as_deref(), &device.name, &what)?;
        let cx = installation.cx(tenant.id);
        let devices = &installation.foundation().devices;
        devices.revoke_now(&cx, device.id).await.map_err(|error| installation.explained(error))?;
        output.result(format!("{} is shut out", device.name), &serde_json::json!({ "revoked": device.id }));
        Ok(())
    }
}
