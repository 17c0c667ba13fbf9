//! `sekisho serve`: the server itself.

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use super::ConfigFile;
use crate::config::{Config, LogConfig, LogFormat};
use crate::output::Output;
use crate::roles::{Role, Roles, Sockets};
use crate::serving::{Extras, Serving, open};

/// Run the server.
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    file: ConfigFile,
    /// What this process does, when several share the work; without it, everything
    #[arg(long, env = "SEKISHO_ROLES", value_enum, value_delimiter = ',')]
    roles: Vec<Role>,
}

/// Runs the command.
pub async fn run(command: Serve, output: &Output) -> anyhow::Result<()> {
    let config = Config::read(command.file.config.as_deref())?;
    log(&config.log)?;
    let roles = Roles::of(command.roles);
    let sockets = Sockets::inherited(&config)?;
    let foundation = open(&config, false).await?;
    if foundation.identity.tenants().await?.is_empty() {
        tracing::warn!("nobody can sign in yet: `sekisho setup` founds the first organisation");
    }
    let words = roles.words();
    let serving = Serving::start(&config, foundation, Extras { roles, sockets, plain: None }).await?;
    // Without systemd there is nobody to tell.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    output.result(
        format!("ready at {}", config.http.public_url),
        &serde_json::json!({
            "ready": config.http.public_url,
            "roles": words,
            "listening": serving.addresses,
        }),
    );
    serving.run().await
}

/// Starts the log as configured.
pub(crate) fn log(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter).context("log.filter is not understood")?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}
