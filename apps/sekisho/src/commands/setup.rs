//! `sekisho setup`: from nothing to an installation somebody can sign in to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use sekisho_identity::NewTenant;
use serde::Serialize;

use super::ConfigFile;
use super::founding::{Founded, Founding, found, wanted};
use super::installation::Installation;
use crate::config::{Config, USUAL_DATA, USUAL_FILE};
use crate::output::Output;
use crate::serving;

/// Set an installation up. What is not given is asked for at the terminal.
#[derive(Debug, clap::Args)]
pub struct Setup {
    #[command(flatten)]
    file: ConfigFile,
    /// Name of the first organisation
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    #[command(flatten)]
    founding: Founding,
    /// For a new configuration file: the address people type, like https://keys.example.jp
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// For a new configuration file: where the pages are served
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// For a new configuration file: the folder for keys and, without --database, the data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// For a new configuration file: PostgreSQL, as the server's plain role (postgres://ROLE:PASSWORD@HOST/DATABASE)
    #[arg(long, value_name = "URL", requires = "database_owner")]
    database: Option<String>,
    /// For a new configuration file: the same database as the role that owns the tables
    #[arg(long, value_name = "URL", requires = "database")]
    database_owner: Option<String>,
}

#[derive(Serialize)]
struct Done {
    #[serde(flatten)]
    founded: Founded,
    config: PathBuf,
    config_written: bool,
    key_file: PathBuf,
    mailed: bool,
}

/// Runs the command.
pub async fn run(command: Setup, output: &Output) -> anyhow::Result<()> {
    let path = command.file.config.clone().unwrap_or_else(|| PathBuf::from(USUAL_FILE));
    let written = !path.exists();
    let mut answers = None;
    if written {
        let new = command.new_config(output)?;
        // All questions come before the first file: who leaves one open begins again where nothing was begun.
        answers = Some(command.answers(output)?);
        write_config(&path, &new)?;
        output.progress(format!("wrote the configuration to {}", path.display()));
    } else {
        command.refuse_what_the_file_says(&path)?;
    }
    let config = Config::read(Some(&path))?;
    output.progress("making keys and tables …");
    Installation::with_config(config, async |installation| {
        let config = &installation.config;
        let done = Done {
            founded: command.found_first(installation, answers, &path, output).await?,
            config: path,
            config_written: written,
            key_file: config.keys.file.clone(),
            mailed: config.mail.is_some(),
        };
        output.result(done.sentence(), &done);
        Ok(())
    })
    .await
}

impl Setup {
    fn answers(&self, output: &Output) -> anyhow::Result<NewTenant> {
        self.founding.answers(output, &self.tenant, "--tenant")
    }

    /// Founds the first organisation, where there is none.
    async fn found_first(
        &self,
        installation: &Installation,
        answers: Option<NewTenant>,
        path: &Path,
        output: &Output,
    ) -> anyhow::Result<Founded> {
        let tenants = installation.foundation().identity.tenants().await?;
        if let Some(tenant) = tenants.first() {
            bail!(
                "this installation is set up already (it serves {}); `sekisho tenant add` founds another organisation, `sekisho serve --config {}` runs the server",
                tenant.name,
                path.display()
            );
        }
        // Made now, so that processes starting together later find one authority.
        if installation.config.http.certificate.is_none() {
            serving::own_authority(&installation.config, &installation.foundation().world)?;
        }
        let new = answers.map_or_else(|| self.answers(output), Ok)?;
        found(installation, &new).await
    }

    /// The configuration of a new installation, from flags and answers.
    fn new_config(&self, output: &Output) -> anyhow::Result<Config> {
        let data = self.data.clone().unwrap_or_else(|| PathBuf::from(USUAL_DATA));
        let mut config = Config::defaults(&std::path::absolute(data)?);
        let url = wanted(
            output,
            &self.public_url,
            "--public-url",
            "The address people will type (like https://keys.example.jp)",
        )?;
        let host =
            host_of(&url).with_context(|| format!("{url} is no address like https://keys.example.jp"))?;
        config.http.public_url = url.trim_end_matches('/').to_owned();
        config.devices.public_address = format!("{host}:{}", config.devices.listen.port());
        for name in self.founding.hosts.iter().cloned().chain([host]) {
            if !config.http.names.contains(&name) {
                config.http.names.push(name);
            }
        }
        if let Some(listen) = self.listen {
            config.http.listen = listen;
            // Devices come from where people come from.
            config.devices.listen.set_ip(listen.ip());
        }
        if let Some(database) = &self.database {
            config.store.url.clone_from(database);
            config.store.owner_url.clone_from(&self.database_owner);
        }
        Ok(config)
    }

    /// Flags for a new file say nothing about one that is there; silence would look like agreement.
    fn refuse_what_the_file_says(&self, path: &Path) -> anyhow::Result<()> {
        let given = [
            ("--public-url", self.public_url.is_some()),
            ("--listen", self.listen.is_some()),
            ("--data", self.data.is_some()),
            ("--database", self.database.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => bail!(
                "there is a configuration file at {}, so {flag} has no effect; change the file, or leave the flag out",
                path.display()
            ),
            None => Ok(()),
        }
    }
}

impl Done {
    fn sentence(&self) -> String {
        let mail = if self.mailed {
            "It is also mailed as soon as the server runs."
        } else {
            "No mail account is configured ([mail]), so nothing is mailed: hand it over yourself. The second step is then an\n  authenticator app, which the link adds right after the password."
        };
        format!(
            "\nSekisho is set up.\n\n  The administrator sets the first password here, once, within 24 hours:\n  {}\n  {mail}\n\n  configuration  {}\n  keys           {}   (keep a copy apart from the backups: without it they cannot be read)\n\nNext: sekisho serve --config {}\n",
            self.founded.invitation,
            self.config.display(),
            self.key_file.display(),
            self.config.display()
        )
    }
}

/// The host of `https://HOST[:PORT]`.
fn host_of(url: &str) -> Option<String> {
    let uri: axum::http::Uri = url.parse().ok()?;
    uri.scheme()?;
    uri.host().map(str::to_owned)
}

/// It may hold passwords, so only its owner reads it.
fn write_config(path: &Path, config: &Config) -> anyhow::Result<()> {
    serving::make_folder(path)?;
    let text = format!(
        "# Sekisho. Every setting can also be given as an environment variable: SEKISHO_HTTP__LISTEN=0.0.0.0:443.\n# `sekisho config check` says whether the file can be used.\n\n{}",
        toml::to_string(config)?
    );
    serving::write_private(path, &text)
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn the_host_of_an_address() {
        assert_eq!(host_of("https://keys.example.jp:8443/").as_deref(), Some("keys.example.jp"));
        assert_eq!(host_of("keys.example.jp"), None);
        assert_eq!(host_of("https://"), None);
    }
}
