//! The commands: one file each, named after the verb.

mod audit;
mod config;
mod demo;
mod device;
mod doctor;
mod founding;
mod installation;
mod keys;
mod person;
mod serve;
mod setup;
mod sim;
mod tenant;
mod token;
mod update;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::output::Output;

/// The version, and whether the validated cryptographic module is in.
const VERSION: &str = if cfg!(feature = "fips") {
    concat!(env!("CARGO_PKG_VERSION"), " (fips)")
} else {
    env!("CARGO_PKG_VERSION")
};

/// One server through which a workplace's every passage goes.
#[derive(Debug, Parser)]
#[command(name = "sekisho", version = VERSION, max_term_width = 100)]
pub struct Arguments {
    /// Print one JSON object instead of sentences
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a whole invented company on this machine, to look at and to try
    Demo(Box<demo::Demo>),
    /// Set up an installation: configuration, keys, database, the first organisation and its administrator
    Setup(Box<setup::Setup>),
    /// Run the server
    Serve(serve::Serve),
    /// Look over the installation and say what is wrong and what to do
    Doctor(doctor::Doctor),
    /// The organisations of this installation
    #[command(subcommand)]
    Tenant(tenant::TenantCommand),
    /// People who cannot get in any more
    #[command(subcommand)]
    Person(person::PersonCommand),
    /// API tokens of people
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Boxes, locks and agents
    #[command(subcommand)]
    Device(device::DeviceCommand),
    /// Signed software for boxes: keys, signatures, publishing
    #[command(subcommand)]
    Update(update::UpdateCommand),
    /// The keys that seal what is stored: new ones, and everything sealed anew
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Simulate boxes and people against a running server
    Sim(Box<sim::Sim>),
    /// Check an export of the record with nothing but a public key
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// The configuration file, for every command that needs the server's data.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ConfigFile {
    /// Configuration file (TOML); without it /etc/sekisho/sekisho.toml when it is there, else defaults and environment
    #[arg(long, env = "SEKISHO_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl ConfigFile {
    fn read(&self) -> anyhow::Result<Config> {
        Config::read(self.config.as_deref())
    }
}

/// Which installation, and which organisation in it.
#[derive(Clone, Debug, clap::Args)]
pub struct Whose {
    #[command(flatten)]
    file: ConfigFile,
    /// The organisation: its name, a host name of it, or its id. Not needed while there is only one
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

/// Runs the chosen command.
pub async fn run(arguments: Arguments, output: &Output) -> anyhow::Result<()> {
    match arguments.command {
        Command::Demo(command) => demo::run(*command, output).await,
        Command::Setup(command) => setup::run(*command, output).await,
        Command::Serve(command) => serve::run(command, output).await,
        Command::Doctor(command) => doctor::run(command, output).await,
        Command::Tenant(command) => tenant::run(command, output).await,
        Command::Person(command) => person::run(command, output).await,
        Command::Token(command) => token::run(command, output).await,
        Command::Device(command) => device::run(command, output).await,
        Command::Update(command) => update::run(command, output).await,
        Command::Keys(command) => keys::run(command, output).await,
        Command::Sim(command) => sim::run(*command, output).await,
        Command::Audit(command) => audit::run(command, output),
        Command::Config(command) => config::run(command, output),
    }
}
