//! `sekisho config`: check what is set, or show it whole.

use clap::Subcommand;

use super::ConfigFile;
use crate::config::Config;
use crate::output::Output;

/// Check or show the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say whether the configuration can be used, and if not, why
    Check(ConfigFile),
    /// Print every setting as it holds, as TOML to begin with
    Show(ConfigFile),
}

/// Runs the command.
pub fn run(command: ConfigCommand, output: &Output) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Check(file) => {
            Config::read(file.config.as_deref())?;
            output.result("the configuration can be used", &serde_json::json!({ "usable": true }));
        }
        ConfigCommand::Show(file) => {
            let config = Config::read(file.config.as_deref())?.without_secrets();
            output.result(toml::to_string(&config)?, &config);
        }
    }
    Ok(())
}
