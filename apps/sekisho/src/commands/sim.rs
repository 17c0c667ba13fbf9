//! `sekisho sim`: simulated boxes with real agents, certificates and connections, and invented people before them.

mod furnish;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use sekisho_agent::driver::Cabinet;
use sekisho_agent::enrol::{EnrolError, Trust, enrol};
use sekisho_agent::fleet::{Behaviour, BoxSetup, Fleet, Pass};
use sekisho_agent::home::Home;
use sekisho_crypto::system_world;
use serde::Serialize;

use self::furnish::Furnisher;
use super::serve::log;
use crate::config::{LogConfig, LogFormat};
use crate::output::Output;

/// How often the tally is told.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// The least time between two movements of a hand.
const BREATH: Duration = Duration::from_millis(500);
/// The server lets in so many claim codes a minute from one address.
const PAUSE: Duration = Duration::from_secs(3);

/// Simulate boxes and people against a running server.
#[derive(Debug, clap::Args)]
pub struct Sim {
    /// The server, like https://keys.example.jp
    #[arg(long, value_name = "URL")]
    server: String,
    /// Authorities to trust, as a PEM file (the server's authority.pem)
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Boxes
    #[arg(long, default_value_t = 10)]
    devices: usize,
    /// Claim codes for them, one a line
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    claims: Option<PathBuf>,
    /// An administrator's API token with which the boxes are made known (scope *:write; with --furnish, which invites
    /// people, *:admin)
    #[arg(long, env = "SEKISHO_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// With a token: also hang a key into each bin, and give an invented person a badge and the right to take them
    #[arg(long, requires = "token")]
    furnish: bool,
    /// Where the boxes live. They go on where they were when it is given again; without it they are gone afterwards
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Bins of each box, with a fob in each
    #[arg(long, default_value_t = 4)]
    bins: u16,
    /// A badge somebody carries, with the PIN to it: SERIAL or SERIAL=PIN; can be given more than once
    #[arg(long = "badge", value_name = "SERIAL[=PIN]", value_parser = pass)]
    badges: Vec<Pass>,
    /// Visits an hour to each box; 0: nobody comes
    #[arg(long, default_value_t = 30.0, value_name = "COUNT")]
    visits_per_hour: f64,
    /// The same seed makes the same people
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seconds to run; without it until Ctrl-C
    #[arg(long, value_name = "SECONDS")]
    duration: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Tallied {
    devices: usize,
    connected: usize,
    seconds: u64,
    taken: u64,
    returned: u64,
    in_vain: u64,
}

fn pass(text: &str) -> Result<Pass, String> {
    let (badge, pin) = match text.split_once('=') {
        Some((badge, pin)) => (badge, Some(pin.to_owned())),
        None => (text, None),
    };
    if badge.is_empty() {
        Err("a badge is SERIAL or SERIAL=PIN".to_owned())
    } else {
        Ok(Pass { badge: badge.to_owned(), pin })
    }
}

/// Runs the command.
pub async fn run(command: Sim, output: &Output) -> anyhow::Result<()> {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "error".to_owned());
    log(&LogConfig { filter, format: LogFormat::Text })?;
    let scratch = match &command.dir {
        Some(dir) => Scratch { dir: dir.clone(), kept: true },
        None => Scratch::new()?,
    };
    let homes: Vec<Home> =
        (0..command.devices).map(|number| Home::at(scratch.dir.join(format!("box-{number:05}")))).collect();
    let passes = command.enrol_all(&homes, output).await?;
    let world = system_world();
    let setups = homes
        .into_iter()
        .enumerate()
        .map(|(number, home)| BoxSetup {
            cabinet: Cabinet::with_fobs(
                command.bins,
                (1..=command.bins).map(|bin| (bin, furnish::fob(number, bin))),
            ),
            forgetful: !scratch.kept,
            ..BoxSetup::new(home, world.clone(), command.bins)
        })
        .collect();
    let behaviour =
        Behaviour { passes, visits_per_hour: command.visits_per_hour, pause: BREATH, seed: command.seed };
    output.progress(format!("starting {} boxes …", command.devices));
    let fleet = Fleet::start(setups, behaviour).await.context("a box did not start")?;
    let tallied = command.watch(&fleet, output).await;
    fleet.stop().await;
    output.result(
        format!(
            "{} of {} boxes connected; in {} s {} keys taken, {} returned, {} visits in vain",
            tallied.connected,
            tallied.devices,
            tallied.seconds,
            tallied.taken,
            tallied.returned,
            tallied.in_vain
        ),
        &tallied,
    );
    Ok(())
}

impl Sim {
    /// Enrols every box that has no certificate yet; answers with what the people carry.
    async fn enrol_all(&self, homes: &[Home], output: &Output) -> anyhow::Result<Vec<Pass>> {
        let mut passes = self.badges.clone();
        let new: Vec<(usize, &Home)> =
            homes.iter().enumerate().filter(|(_, home)| !home.is_enrolled()).collect();
        let authorities = match &self.ca {
            Some(path) => Some(
                std::fs::read_to_string(path)
                    .with_context(|| format!("{} cannot be read", path.display()))?,
            ),
            None => None,
        };
        let mut furnisher = match &self.token {
            Some(token) => Some(Furnisher::new(&self.server, token, authorities.as_deref(), self.bins)?),
            None => None,
        };
        if let Some(furnisher) = furnisher.as_mut().filter(|_| self.furnish) {
            passes.push(furnisher.person().await?);
        }
        let mut claims = self.claims()?.into_iter();
        let trust = authorities.map_or(Trust::System, Trust::Authorities);
        let all = u64::try_from(new.len()).unwrap_or(u64::MAX);
        for (done, (number, home)) in new.into_iter().enumerate() {
            let claim = match &mut furnisher {
                Some(furnisher) => furnisher.device(number, self.furnish).await?,
                None => claims.next().context(
                    "there are more boxes than claim codes; give --token, or more codes with --claims",
                )?,
            };
            self.enrol_patiently(home, &claim, &trust).await?;
            output.bar(u64::try_from(done).unwrap_or(0) + 1, all, "boxes enrolled");
        }
        output.bar(0, 0, "");
        if passes.is_empty() && self.visits_per_hour > 0.0 {
            output.progress("nobody carries a badge (--badge or --furnish), so nobody takes a key");
        }
        Ok(passes)
    }

    fn claims(&self) -> anyhow::Result<Vec<String>> {
        let Some(path) = &self.claims else { return Ok(Vec::new()) };
        let text =
            std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
    }

    /// Enrols one box; where the server lets in only so many, waits for its turn.
    async fn enrol_patiently(&self, home: &Home, claim: &str, trust: &Trust) -> anyhow::Result<()> {
        let world = system_world();
        loop {
            match enrol(home, &self.server, claim, trust, &world).await {
                Ok(_) => return Ok(()),
                Err(EnrolError::Refused(429, _)) => tokio::time::sleep(PAUSE).await,
                Err(error) => {
                    return Err(error).with_context(|| format!("box in {}", home.folder().display()));
                }
            }
        }
    }

    /// Watches until the time is over or somebody says stop.
    async fn watch(&self, fleet: &Fleet, output: &Output) -> Tallied {
        let mut seconds = 0;
        let mut ticks = tokio::time::interval(TELL_EVERY);
        // The first tick is at once.
        ticks.tick().await;
        let mut told = self.tallied(fleet, seconds);
        while self.duration.is_none_or(|wanted| seconds < wanted) {
            tokio::select! {
                _ = ticks.tick() => seconds += TELL_EVERY.as_secs(),
                _ = tokio::signal::ctrl_c() => break,
            }
            told = self.tallied(fleet, seconds);
            let words = format!(
                "seconds; {} connected, {} taken, {} returned",
                told.connected, told.taken, told.returned
            );
            output.bar(seconds, self.duration.unwrap_or(seconds), &words);
        }
        output.bar(0, 0, "");
        told
    }

    fn tallied(&self, fleet: &Fleet, seconds: u64) -> Tallied {
        let tally = fleet.tally();
        Tallied {
            devices: self.devices,
            connected: fleet.online(),
            seconds,
            taken: tally.taken.load(Ordering::Relaxed),
            returned: tally.returned.load(Ordering::Relaxed),
            in_vain: tally.in_vain.load(Ordering::Relaxed),
        }
    }
}

/// The folder of the boxes, removed afterwards unless it was given.
struct Scratch {
    dir: PathBuf,
    kept: bool,
}

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let mut mark = [0; 8];
        system_world().fill(&mut mark);
        let dir = std::env::temp_dir().join(format!("sekisho-sim-{:016x}", u64::from_be_bytes(mark)));
        std::fs::create_dir(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        Ok(Self { dir, kept: false })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let ours = |dir: &Path| dir.starts_with(std::env::temp_dir());
        if !self.kept && ours(&self.dir) {
            // What stays behind is a few certificates of boxes that do not exist.
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pass;

    #[test]
    fn badges_as_typed() {
        assert_eq!(pass("04A2").unwrap().pin, None);
        assert_eq!(pass("04A2=1357").unwrap().pin.as_deref(), Some("1357"));
        assert!(pass("").is_err());
    }
}
