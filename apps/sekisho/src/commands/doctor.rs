//! `sekisho doctor`: looks over the installation without changing it, and says what is wrong and what to do.

mod machine;
mod store;

use serde::Serialize;

use super::ConfigFile;
use crate::output::Output;

/// Look over the installation.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    #[command(flatten)]
    file: ConfigFile,
}

/// How a thing was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It works, and should be looked at.
    Warn,
    /// It does not work, or is not safe.
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    what: &'static str,
    state: State,
    /// What was found.
    found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    advice: String,
}

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, what: &'static str, found: impl Into<String>) {
        self.0.push(Finding { what, state: State::Ok, found: found.into(), advice: String::new() });
    }

    pub(super) fn warn(&mut self, what: &'static str, found: impl Into<String>, advice: impl Into<String>) {
        self.0.push(Finding { what, state: State::Warn, found: found.into(), advice: advice.into() });
    }

    pub(super) fn fail(&mut self, what: &'static str, found: impl Into<String>, advice: impl Into<String>) {
        self.0.push(Finding { what, state: State::Fail, found: found.into(), advice: advice.into() });
    }

    fn count(&self, state: State) -> usize {
        self.0.iter().filter(|finding| finding.state == state).count()
    }
}

/// Runs the command. It fails when something it looked at does.
pub async fn run(command: Doctor, output: &Output) -> anyhow::Result<()> {
    let mut findings = Findings::default();
    match command.file.read() {
        Err(error) => findings.fail(
            "configuration",
            format!("{error:#}"),
            "mend the file, then `sekisho config check`; nothing else was looked at",
        ),
        Ok(config) => {
            findings.ok("configuration", "it can be used");
            machine::look(&config, command.file.config.as_deref(), &mut findings).await;
            store::look(&config, &mut findings).await;
        }
    }
    let (fails, warns) = (findings.count(State::Fail), findings.count(State::Warn));
    let lines: Vec<String> = findings.0.iter().map(sentence).collect();
    output.result(
        format!("{}\n\n{} looked at, {warns} to look at, {fails} wrong", lines.join("\n"), findings.0.len()),
        &serde_json::json!({ "checks": findings.0, "warnings": warns, "failures": fails }),
    );
    if fails > 0 {
        anyhow::bail!("{fails} of {} checks failed", findings.0.len());
    }
    Ok(())
}

fn sentence(finding: &Finding) -> String {
    let word = match finding.state {
        State::Ok => "ok  ",
        State::Warn => "warn",
        State::Fail => "FAIL",
    };
    let mut line = format!("{word}  {:<16} {}", finding.what, finding.found);
    if !finding.advice.is_empty() {
        line.push_str(&format!("\n      {:<16} → {}", "", finding.advice));
    }
    line
}
