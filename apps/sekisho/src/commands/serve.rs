//! `sekisho serve`: the server itself.

use anyhow::Context as _;
use tracing_subscriber::EnvFilter;

use super::ConfigFile;
use crate::config::{Config, LogConfig, LogFormat};
use crate::output::Output;
use crate::serving::{Extras, Serving, open};

/// Run the server.
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    file: ConfigFile,
}

/// Runs the command.
pub async fn run(command: Serve, output: &Output) -> anyhow::Result<()> {
    let config = Config::read(command.file.config.as_deref())?;
    log(&config.log)?;
    let foundation = open(&config, false).await?;
    let serving = Serving::start(&config, foundation, Extras::default()).await?;
    // Without systemd there is nobody to tell.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
    output.result(
        format!("ready at {}", config.http.public_url),
        &serde_json::json!({ "ready": config.http.public_url }),
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
