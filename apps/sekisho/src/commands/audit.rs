//! `sekisho audit verify`: an export of the record, checked with nothing but a public key.

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use sekisho_audit::{PublicKey, Report, VerifyError};

use crate::output::Output;

/// Check an export of the record.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Prove that no entry was changed, removed, inserted or moved
    Verify(Verify),
}

/// What is verified.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// The export (JSON Lines), as the record's page gives it
    export: PathBuf,
    /// The tenant's public key: the text itself, or a file that holds it
    #[arg(long)]
    key: String,
    /// A checkpoint saved earlier, to see that the record goes on from it; can be given more than once
    #[arg(long)]
    kept: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(command: Audit, output: &Output) -> anyhow::Result<()> {
    let Audit::Verify(verify) = command;
    let key = match std::fs::read_to_string(&verify.key) {
        Ok(text) => text,
        Err(_) => verify.key,
    };
    let file =
        File::open(&verify.export).with_context(|| format!("{} cannot be read", verify.export.display()))?;
    let mut kept = Vec::new();
    for path in &verify.kept {
        let note = std::fs::read_to_string(path);
        kept.push(note.with_context(|| format!("{} cannot be read", path.display()))?);
    }
    let key = PublicKey::parse(&key).ok_or(VerifyError::Key)?;
    let report = sekisho_audit::verify(BufReader::new(file), &key, &kept)?;
    output.result(sentence(&report), &report);
    if report.holds() { Ok(()) } else { bail!("the export does not prove what it claims") }
}

/// What was found, in words.
fn sentence(report: &Report) -> String {
    let scope = if report.full { "the whole record" } else { "a part of the record" };
    let mut text = format!(
        "{}: {scope}, {} entries, {} checkpoints; the newest covers {} entries with root {}",
        report.origin, report.entries, report.checkpoints, report.size, report.root
    );
    for problem in &report.problems {
        text.push_str(&format!("\n  {problem}"));
    }
    if report.holds() {
        text.push_str("\nnothing was changed, removed, inserted or moved");
    }
    text
}
