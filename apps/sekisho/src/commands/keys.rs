//! `sekisho keys`: new keys for what is stored, and everything sealed anew under them, while the server runs.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use sekisho_crypto::{Purpose, Vault, WrappedKeys as _};
use sekisho_identity::{Tenant, TenantState};
use sekisho_kernel::{AuditEntry, TenantId, Timestamp};
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::reseal::{Resealed, reseal};
use serde::Serialize;

use super::Whose;
use super::installation::Installation;
use crate::output::Output;

/// What is rotated; the blind index stays, for every look-up rests on it.
const ROTATED: [Purpose; 2] = [Purpose::Personal, Purpose::Secrets];

/// The keys that seal what is stored.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Add new keys; they seal from five minutes later on, when every server has read them
    Rotate(Rotate),
    /// Seal everything anew under the newest keys; stopped and begun again it goes on
    Reseal(Reseal),
}

/// Whose keys; all organisations' when none is named.
#[derive(Debug, clap::Args)]
pub struct Rotate {
    #[command(flatten)]
    whose: Whose,
    /// Also wrap the organisation's keys anew under the first key of the key file, after that was replaced
    #[arg(long)]
    rewrap: bool,
}

/// Whose values; all organisations' when none is named.
#[derive(Debug, clap::Args)]
pub struct Reseal {
    #[command(flatten)]
    whose: Whose,
    /// Wait until the new keys may be used, instead of saying when that is
    #[arg(long)]
    wait: bool,
}

#[derive(Serialize)]
struct Rotated {
    tenant: TenantId,
    name: String,
    personal: u32,
    secrets: u32,
    seals_from: Timestamp,
}

#[derive(Serialize)]
struct Sealed {
    tenant: TenantId,
    name: String,
    looked: u64,
    changed: u64,
    unreadable: u64,
}

/// Runs the command.
pub async fn run(command: KeysCommand, output: &Output) -> anyhow::Result<()> {
    match command {
        KeysCommand::Rotate(rotate) => {
            Installation::with(&rotate.whose.file, async |at| rotate.run(at, output).await).await
        }
        KeysCommand::Reseal(reseal) => {
            Installation::with(&reseal.whose.file, async |at| reseal.run(at, output).await).await
        }
    }
}

/// The organisations that are meant.
async fn meant(installation: &Installation, whose: &Whose) -> anyhow::Result<Vec<Arc<Tenant>>> {
    let tenants = match &whose.tenant {
        Some(wanted) => vec![installation.tenant(Some(wanted)).await?],
        None => {
            let all = installation.foundation().identity.tenants().await?;
            all.into_iter().filter(|tenant| tenant.state == TenantState::Active).collect()
        }
    };
    if tenants.is_empty() {
        bail!("there is no organisation yet; run `sekisho setup`");
    }
    Ok(tenants)
}

impl Rotate {
    async fn run(&self, installation: &Installation, output: &Output) -> anyhow::Result<()> {
        let tenants = meant(installation, &self.whose).await?;
        let foundation = installation.foundation();
        let mut rows = Vec::new();
        for tenant in tenants {
            let cx = installation.cx(tenant.id);
            if self.rewrap {
                foundation.vault.rewrap(tenant.id).await?;
            }
            let mut generations = Vec::new();
            for purpose in ROTATED {
                generations.push(foundation.vault.rotate(tenant.id, purpose).await?.generation);
            }
            let [personal, secrets] = generations[..] else { bail!("a purpose was not rotated") };
            let tx = foundation.store.begin(&cx).await?;
            let entry = AuditEntry::done("tenant_key.rotate").on("tenant", tenant.id, tenant.name.clone());
            tx.commit(entry.with("personal", personal).with("secrets", secrets)).await?;
            let seals_from = seals_from(installation, tenant.id).await?;
            rows.push(Rotated {
                tenant: tenant.id,
                name: tenant.name.clone(),
                personal,
                secrets,
                seals_from,
            });
        }
        let from = rows.iter().map(|row| row.seals_from).max().unwrap_or(Timestamp::EPOCH);
        let names = rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ");
        output.result(
            format!(
                "new keys for {names}. They seal from {:.0} on, when every server has read them; then run\n  sekisho keys reseal",
                from.to_jiff()
            ),
            &rows,
        );
        Ok(())
    }
}

/// When the newest keys of `tenant` begin to seal.
async fn seals_from(installation: &Installation, tenant: TenantId) -> anyhow::Result<Timestamp> {
    let foundation = installation.foundation();
    let stored = StoredKeys::new(foundation.store.clone(), foundation.world.clone()).load(tenant).await?;
    let newest = stored
        .iter()
        // A tenant's first keys seal at once: there is nothing older to seal with.
        .filter(|key| ROTATED.contains(&key.id.purpose) && key.id.generation > 1)
        .map(|key| key.created_at.plus(Vault::ROTATION_DELAY))
        .max();
    Ok(newest.unwrap_or(Timestamp::EPOCH))
}

impl Reseal {
    async fn run(&self, installation: &Installation, output: &Output) -> anyhow::Result<()> {
        let tenants = meant(installation, &self.whose).await?;
        let mut rows = Vec::new();
        for tenant in tenants {
            self.ready(installation, &tenant, output).await?;
            rows.push(seal_anew(installation, &tenant, output).await?);
        }
        let lines: Vec<String> = rows
            .iter()
            .map(|row| format!("{}: {} values looked at, {} sealed anew", row.name, row.looked, row.changed))
            .collect();
        output.result(lines.join("\n"), &rows);
        let unreadable: u64 = rows.iter().map(|row| row.unreadable).sum();
        if unreadable > 0 {
            bail!(
                "{unreadable} values do not open and stay as they are: changed or moved by something else than Sekisho; the log names them (RUST_LOG=error)"
            );
        }
        Ok(())
    }

    /// Waits for the new keys, or says when they can be used.
    async fn ready(
        &self,
        installation: &Installation,
        tenant: &Tenant,
        output: &Output,
    ) -> anyhow::Result<()> {
        let from = seals_from(installation, tenant.id).await?;
        let world = &installation.foundation().world;
        let wait = from.since(world.now());
        if wait.is_zero() {
            return Ok(());
        }
        if !self.wait {
            bail!(
                "the new keys of {} seal from {:.0} on, when every server has read them; run this again then, or with --wait",
                tenant.name,
                from.to_jiff()
            );
        }
        output.progress(format!("waiting for the new keys of {} until {:.0} …", tenant.name, from.to_jiff()));
        while world.now() < from {
            let left = from.since(world.now());
            output.bar((wait - left.min(wait)).as_secs(), wait.as_secs(), "seconds");
            tokio::time::sleep(left.min(Duration::from_secs(1))).await;
        }
        output.bar(0, 0, "");
        Ok(())
    }
}

async fn seal_anew(installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<Sealed> {
    let foundation = installation.foundation();
    let columns = installation.host.sealed_columns();
    let cx = installation.cx(tenant.id);
    let told = |done: &Resealed| {
        output.bar(done.changed, done.looked, &format!("sealed anew of those looked at, {}", tenant.name));
    };
    let done = reseal(&foundation.store, &foundation.vault, &cx, columns, told)
        .await
        .with_context(|| format!("{} is sealed anew in part; run the command again to go on", tenant.name))?;
    output.bar(0, 0, "");
    let Resealed { looked, changed, unreadable } = done;
    Ok(Sealed { tenant: tenant.id, name: tenant.name.clone(), looked, changed, unreadable })
}
