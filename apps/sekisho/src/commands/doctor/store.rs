//! What the store shows: engine, schema, guards, and the work that waits in it.

use std::time::Duration;

use sekisho_host::Foundation;
use sekisho_identity::TenantState;
use sekisho_storage::{Engine, Examination, Place, examine, jobs};

use super::Findings;
use crate::config::Config;
use crate::serving::open;
use crate::wiring;

/// A job that was due so long ago is not being run.
const STUCK: Duration = Duration::from_secs(15 * 60);
/// Clocks further apart than this make codes and leases disagree.
const APART: i64 = 5;

pub(super) async fn look(config: &Config, findings: &mut Findings) {
    let Ok(options) = config.store_options() else { return };
    if let Place::Sqlite(path) = &options.place
        && !path.exists()
    {
        findings.fail("store", format!("{} is not there", path.display()), "`sekisho setup` makes it");
        return;
    }
    let mut migrations = sekisho_host::migrations();
    migrations.extend(wiring::migrations());
    let found = match examine(&options, &migrations).await {
        Ok(found) => found,
        Err(error) => {
            let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            findings.fail(
                "store",
                format!("it does not answer: {error} {why}"),
                "look at store.url, and whether the database runs and lets the server's role in",
            );
            return;
        }
    };
    engine(&found, findings);
    if !schema(&found, findings) {
        return;
    }
    // With the schema as this server knows it, opening runs no migration.
    match open(config, false).await {
        Ok(foundation) => {
            if let Err(error) = work(&foundation, findings).await {
                findings.fail("work", format!("{error:#}"), "the log has more");
            }
        }
        Err(error) => findings.fail("store", format!("{error:#}"), "mend that first"),
    }
}

fn engine(found: &Examination, findings: &mut Findings) {
    match found.engine {
        Engine::Sqlite => match &found.too_old {
            Some(why) => findings.fail("store", why.clone(), "use a build of Sekisho with its own SQLite"),
            None => findings.ok("store", format!("SQLite {}", found.version)),
        },
        Engine::Postgres => {
            findings.ok("store", format!("PostgreSQL {}", found.version));
            match &found.role {
                Some(why) => findings.fail("database role", why.clone(), "see docs/guide/postgres.md"),
                None => findings.ok("database role", "a plain one, neither owner nor superuser"),
            }
            if found.unguarded.is_empty() {
                findings.ok("row security", "forced on every table of organisations");
            } else {
                findings.fail(
                    "row security",
                    format!("not forced on {}", found.unguarded.join(", ")),
                    "somebody switched it off: ALTER TABLE … ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
                );
            }
            let here = sekisho_crypto::system_world().now().as_secs();
            if let Some(there) = found.clock.filter(|there| (there - here).abs() > APART) {
                findings.warn(
                    "clock",
                    format!("the database's is {} s away from this machine's", (there - here).abs()),
                    "let a time server keep both",
                );
            }
        }
    }
}

/// Whether the schema is the one this server works with.
fn schema(found: &Examination, findings: &mut Findings) -> bool {
    if let Some(newest) = found.unknown.last() {
        findings.fail(
            "migrations",
            format!("the data was written by a newer version (it knows {newest})"),
            "run that version, or restore a backup from before the upgrade",
        );
    } else if found.pending.is_empty() {
        findings.ok("migrations", "all have run");
    } else {
        findings.warn(
            "migrations",
            format!("{} have not run, the first is {}", found.pending.len(), found.pending.join(", ")),
            "they run when the server starts; make a backup first",
        );
    }
    found.unknown.is_empty() && found.pending.is_empty()
}

async fn work(foundation: &Foundation, findings: &mut Findings) -> anyhow::Result<()> {
    let tenants = foundation.identity.tenants().await?;
    let open: Vec<_> = tenants.iter().filter(|tenant| tenant.state == TenantState::Active).collect();
    if open.is_empty() {
        findings.warn("organisations", "none: nobody can sign in", "`sekisho setup` founds the first");
    } else {
        findings.ok("organisations", format!("{}", open.len()));
    }
    let late = foundation.world.now().minus(STUCK);
    let standing = jobs::standing(&foundation.store, late).await?;
    if standing.overdue > 0 {
        findings.fail(
            "jobs",
            format!("{} are more than {} minutes late", standing.overdue, STUCK.as_secs() / 60),
            "is a server with the role worker running? its log says what holds them up",
        );
    } else if standing.dead > 0 {
        findings.warn(
            "jobs",
            format!("{} were given up", standing.dead),
            "the log says why, by the job's number",
        );
    } else {
        findings.ok("jobs", format!("{} waiting, none late", standing.waiting));
    }
    let scope = foundation.store.read_installation().await?;
    let dead = sekisho_notify::count_notices(&scope, "dead").await?;
    if dead > 0 {
        findings.warn(
            "messages",
            format!("{dead} could not be delivered"),
            "Settings › Notices shows why and sends them again",
        );
    } else {
        findings.ok("messages", "none undelivered");
    }
    for tenant in open {
        match foundation.vault.keys(tenant.id).await {
            Ok(_) => {}
            Err(error) => findings.fail(
                "keys",
                format!("those of {} cannot be opened: {error}", tenant.name),
                "put the key file back that belongs to this database",
            ),
        }
    }
    Ok(())
}
