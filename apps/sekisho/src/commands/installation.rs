//! An installation as the commands see it: opened like the server opens it, with the operator as the actor.

use std::sync::Arc;

use anyhow::{anyhow, bail};
use sekisho_host::{Foundation, Host};
use sekisho_identity::{Tenant, TenantState};
use sekisho_kernel::{Actor, Cx, Kind, Kinded, Language, TenantId};
use sekisho_storage::Place;
use sekisho_web::Texts;

use super::{ConfigFile, Whose};
use crate::config::Config;
use crate::output::Output;
use crate::serving;

/// The store, the keys and all rooms, without listeners.
pub(super) struct Installation {
    pub(super) config: Config,
    pub(super) host: Host,
}

impl Installation {
    /// Opens an installation that was set up before, and works in it.
    pub(super) async fn with<T>(
        file: &ConfigFile,
        work: impl AsyncFnOnce(&Self) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let config = file.read()?;
        let begun = config.keys.file.exists()
            && match config.store_options()?.place {
                Place::Sqlite(path) => path.exists(),
                Place::Postgres { .. } => true,
            };
        if !begun {
            bail!(
                "nothing is set up yet (there is no key file at {}); run `sekisho setup`",
                config.keys.file.display()
            );
        }
        Self::with_config(config, work).await
    }

    /// Opens what `config` names, made when it is not there, and works in it. When this returns, servers that run on the
    /// same store have been told what was done, even by work that then failed: a command that did something and just
    /// ended would leave them to find out by themselves.
    pub(super) async fn with_config<T>(
        config: Config,
        work: impl AsyncFnOnce(&Self) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        log_when_asked();
        // Facts told by a command reach their listeners only when all rooms are mounted.
        let host = serving::together(&config, serving::open(&config, false).await?);
        let this = Self { config, host };
        let done = work(&this).await;
        let told = this.foundation().store.close().await;
        let done = done?;
        told?;
        Ok(done)
    }

    /// Opens it, finds the organisation, and works for that.
    pub(super) async fn with_tenant<T>(
        whose: &Whose,
        work: impl AsyncFnOnce(&Self, &Tenant) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        Self::with(&whose.file, async |this| {
            let tenant = this.tenant(whose.tenant.as_deref()).await?;
            work(this, &tenant).await
        })
        .await
    }

    pub(super) fn foundation(&self) -> &Foundation {
        self.host.foundation()
    }

    /// The organisation that is meant; without words the only one there is.
    pub(super) async fn tenant(&self, wanted: Option<&str>) -> anyhow::Result<Arc<Tenant>> {
        let all = self.foundation().identity.tenants().await?;
        let open = || all.iter().filter(|tenant| tenant.state == TenantState::Active);
        let names = || open().map(|tenant| tenant.name.as_str()).collect::<Vec<_>>().join(", ");
        let Some(wanted) = wanted else {
            let mut open = open();
            return match (open.next(), open.next()) {
                (Some(only), None) => Ok(only.clone()),
                (None, _) => bail!("there is no organisation yet; run `sekisho setup`"),
                _ => bail!("there are several organisations ({}); say which with --tenant", names()),
            };
        };
        let is_it = |tenant: &&Arc<Tenant>| {
            tenant.id.to_string() == wanted
                || tenant.name == wanted
                || tenant.hosts.iter().any(|host| host == &wanted.to_lowercase())
        };
        let mut found = all.iter().filter(is_it);
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only.clone()),
            (None, _) => bail!("there is no organisation {wanted}; there are: {}", names()),
            _ => bail!("several organisations are called {wanted}; give the id (`sekisho tenant list`)"),
        }
    }

    /// The operator acts, now, for `tenant`. Whoever may read the key file has proved more than a second factor.
    pub(super) fn cx(&self, tenant: TenantId) -> Cx {
        let world = self.foundation().world.clone();
        let mut cx = Cx::new(world, tenant, Actor::System { name: operator() }, Language::En);
        cx.verified_at = Some(cx.now);
        cx
    }

    /// A refusal as a sentence; a failure with its whole chain.
    pub(super) fn explained<E: Kinded + Send + Sync + 'static>(&self, error: E) -> anyhow::Error {
        let texts = Texts::new(self.host.site().catalog.clone(), Language::En);
        match error.kind() {
            Kind::Broken => anyhow::Error::new(error),
            Kind::Invalid(fields) if !fields.is_empty() => {
                let words = |field: &sekisho_kernel::FieldError| {
                    format!("{}: {}", field.field, texts.get(field.text))
                };
                anyhow!("{}", fields.iter().map(words).collect::<Vec<_>>().join("; "))
            }
            _ => anyhow!("{}", texts.get(error.text())),
        }
    }

    /// Where links into `tenant` begin.
    pub(super) fn base(&self, tenant: &Tenant) -> String {
        sekisho_notify::base_of(&self.config.http.public_url, tenant.hosts.first().map(String::as_str))
    }
}

/// Who works at the command line, as the record names them.
pub(super) fn operator() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    match user.filter(|user| !user.is_empty()) {
        Some(user) => format!("command line: {user}"),
        None => "command line".to_owned(),
    }
}

/// Commands speak for themselves; the log is for whoever asks for it.
fn log_when_asked() {
    if let Ok(filter) = std::env::var("RUST_LOG") {
        let filter = tracing_subscriber::EnvFilter::new(filter);
        // Whoever called may have set up a log already.
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
    }
}

/// What cannot be undone is done only after its name was typed: as `--yes NAME`, or at the terminal.
pub(super) fn confirm(output: &Output, given: Option<&str>, name: &str, what: &str) -> anyhow::Result<()> {
    let typed = match given {
        Some(given) => given.to_owned(),
        None => output
            .ask(&format!("{what}\nThis cannot be undone. Type the name ({name}) to go on"))
            .ok_or_else(|| anyhow!("{what} This cannot be undone; to go on, add --yes {name:?}"))?,
    };
    if typed == name { Ok(()) } else { bail!("{typed:?} is not {name:?}; nothing was done") }
}
