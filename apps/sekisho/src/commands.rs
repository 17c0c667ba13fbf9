//! The commands: one file each, named after the verb.

mod audit;
mod config;
mod demo;
mod serve;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::output::Output;

/// One server through which a workplace's every passage goes.
#[derive(Debug, Parser)]
#[command(name = "sekisho", version, about, max_term_width = 100)]
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
    Demo(demo::Demo),
    /// Run the server
    Serve(serve::Serve),
    /// Check an export of the record with nothing but a public key
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// The configuration file, for every command that needs the server's data.
#[derive(Debug, clap::Args)]
pub struct ConfigFile {
    /// Configuration file (TOML); without it the defaults and the environment hold
    #[arg(long, env = "SEKISHO_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Runs the chosen command.
pub async fn run(arguments: Arguments, output: &Output) -> anyhow::Result<()> {
    match arguments.command {
        Command::Demo(command) => demo::run(command, output).await,
        Command::Serve(command) => serve::run(command, output).await,
        Command::Audit(command) => audit::run(command, output),
        Command::Config(command) => config::run(command, output),
    }
}
