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
            let mut config = Config::read(file.config.as_deref())?;
            config.store.url = without_password(&config.store.url);
            config.store.owner_url = config.store.owner_url.as_deref().map(without_password);
            output.result(toml::to_string(&config)?, &config);
        }
    }
    Ok(())
}

/// The address with `…` for its password.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:…@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("postgres://app:s3@cret@db:5432/x"), "postgres://app:…@db:5432/x");
        assert_eq!(without_password("sqlite:/var/lib/x"), "sqlite:/var/lib/x");
    }
}
