//! `sekisho`: the one server and its commands. No rules and no SQL here: commands read their arguments, call the rooms, and print.

mod commands;
mod config;
mod output;
mod probes;
mod roles;
mod serving;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = commands::Arguments::parse();
    let output = output::Output::new(arguments.json);
    sekisho_host::raise_open_files();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return output.failed(&anyhow::Error::new(error).context("no runtime could be started"));
        }
    };
    match runtime.block_on(commands::run(arguments, &output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output.failed(&error),
    }
}
