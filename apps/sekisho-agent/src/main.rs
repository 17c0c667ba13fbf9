//! The edge agent's command line: `enrol` once, then `run`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand, ValueEnum};
use sekisho_agent::enrol::{Trust, enrol};
use sekisho_agent::fleet::{Boots, BoxSetup, SimulatedBox};
use sekisho_agent::home::Home;
use sekisho_agent::panel::Badge;
use sekisho_agent::updates::Slot;
use sekisho_agent::updates::launch::{self, AGAIN, Next, Waits};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Runs beside a key cabinet: carries out what the server has decided, records what happens, takes keys back always.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Answers and log as JSON lines.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Makes this device known to a server, once, with the claim code an administrator was shown.
    Enrol(EnrolArguments),
    /// Runs the box: the program the last update left, or this one.
    Run(RunArguments),
    /// Judges updates by this root document from now on; for boxes that enrolled before anybody signed updates.
    Trust(TrustArguments),
}

#[derive(Args)]
struct EnrolArguments {
    /// The server, like https://keys.example.jp
    #[arg(long)]
    server: String,
    /// The claim code.
    #[arg(long, env = "SEKISHO_CLAIM")]
    claim: String,
    /// The folder the device lives in.
    #[arg(long)]
    dir: PathBuf,
    /// Authorities to trust, as a PEM file.
    #[arg(long, conflicts_with = "fingerprint")]
    ca: Option<PathBuf>,
    /// SHA-256 fingerprint of the server's certificate or of its authority.
    #[arg(long)]
    fingerprint: Option<String>,
}

#[derive(Args)]
struct TrustArguments {
    /// The folder the device lives in.
    #[arg(long)]
    dir: PathBuf,
    /// The root document, a JSON file. Whoever signs by it decides what runs here: bring it by hand.
    root: PathBuf,
}

#[derive(Args)]
struct RunArguments {
    /// The folder the device lives in.
    #[arg(long)]
    dir: PathBuf,
    /// Where the panel's page is served.
    #[arg(long, default_value = "127.0.0.1:8090")]
    panel: SocketAddr,
    /// The hardware.
    #[arg(long, value_enum, default_value_t = Driver::Simulated)]
    driver: Driver,
    /// Bins of a simulated cabinet when it is made; each gets a fob.
    #[arg(long, default_value_t = 12)]
    bins: u16,
    /// A badge beside a simulated cabinet, as LABEL=SERIAL; may be given again.
    #[arg(long = "badge", value_parser = badge)]
    badges: Vec<Badge>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Driver {
    /// A cabinet that exists only on the screen.
    Simulated,
}

fn badge(text: &str) -> Result<Badge, String> {
    let (label, serial) = text.split_once('=').ok_or("a badge is LABEL=SERIAL")?;
    Ok(Badge { label: label.to_owned(), serial: serial.to_owned() })
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log(arguments.json);
    let done = match arguments.command {
        Command::Enrol(command) => run_enrol(command, arguments.json).await,
        Command::Run(command) => match run(command, arguments.json).await {
            Ok(code) => return ExitCode::from(code),
            Err(error) => Err(error),
        },
        Command::Trust(command) => trust(&command, arguments.json),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let text = if arguments.json {
                serde_json::json!({ "error": format!("{error:#}") }).to_string()
            } else {
                format!("error: {error:#}")
            };
            let _ = writeln!(std::io::stderr(), "{text}");
            ExitCode::FAILURE
        }
    }
}

async fn run_enrol(arguments: EnrolArguments, json: bool) -> anyhow::Result<()> {
    let trust = match (arguments.ca, arguments.fingerprint) {
        (Some(path), _) => {
            let pem = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            Trust::Authorities(pem)
        }
        (None, Some(fingerprint)) => Trust::Fingerprint(fingerprint),
        (None, None) => Trust::System,
    };
    let world = sekisho_crypto::system_world();
    let home = Home::at(arguments.dir);
    let enrolled = enrol(&home, &arguments.server, &arguments.claim, &trust, &world).await?;
    let dir = home.folder().display();
    say(
        json,
        &serde_json::json!({ "device": enrolled.device, "kind": enrolled.kind, "dir": home.folder() }),
        &format!("enrolled as device {}\nnext: sekisho-agent run --dir {dir}", enrolled.device),
    );
    Ok(())
}

fn trust(arguments: &TrustArguments, json: bool) -> anyhow::Result<()> {
    let root = std::fs::read(&arguments.root).with_context(|| arguments.root.display().to_string())?;
    let number = Home::at(&arguments.dir).trust_update_root(&root)?;
    say(
        json,
        &serde_json::json!({ "root": number }),
        &format!("updates are judged by root document {number} from now on"),
    );
    Ok(())
}

/// Runs the box until somebody says stop, or until another program has to start. With which code the process ends.
async fn run(arguments: RunArguments, json: bool) -> anyhow::Result<u8> {
    // Listened for from the first moment: a service manager may say stop before the box runs.
    let mut told = Told::listen()?;
    if let Some(slot) = launch::own_slot() {
        if !launch::end_with_launcher() {
            anyhow::bail!("whoever started this program is gone");
        }
        let again = run_box(&arguments, Boots::Outside(slot), json, &mut told).await?;
        return Ok(if again { AGAIN } else { 0 });
    }
    let updates = Home::at(&arguments.dir).updates();
    loop {
        match launch::launch(&updates, Waits::default(), told.stop()).await? {
            Next::RunBase if run_box(&arguments, Boots::Outside(Slot::Base), json, &mut told).await? => {}
            Next::RunBase => return Ok(0),
            // Ended by the signal itself, or by us after it did not listen, is an end as well.
            Next::Stop(ended) => {
                let code = ended.and_then(|ended| ended.code()).unwrap_or(0);
                return Ok(u8::try_from(code).unwrap_or(1));
            }
        }
    }
}

async fn run_box(
    arguments: &RunArguments,
    boots: Boots,
    json: bool,
    told: &mut Told,
) -> anyhow::Result<bool> {
    let home = Home::at(&arguments.dir);
    let Driver::Simulated = arguments.driver;
    let mut setup = BoxSetup::new(home, sekisho_crypto::system_world(), arguments.bins);
    setup.boots = boots;
    setup.panel = Some(arguments.panel);
    setup.badges.clone_from(&arguments.badges);
    setup.longest_pause = Duration::from_secs(300);
    let running = SimulatedBox::start(setup).await?;
    let panel = running.panel_addr().map(|address| format!("http://{address}/"));
    say(
        json,
        &serde_json::json!({ "panel": panel }),
        &format!("panel: {}", panel.as_deref().unwrap_or("none")),
    );
    let again = tokio::select! {
        () = told.stop() => false,
        () = running.wants_restart() => true,
    };
    running.stop().await;
    Ok(again)
}

/// What the terminal and the service manager say.
struct Told {
    terminate: Signal,
    interrupt: Signal,
}

impl Told {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Until they say stop.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

fn say(json: bool, machine: &serde_json::Value, person: &str) {
    let _ =
        if json { writeln!(std::io::stdout(), "{machine}") } else { writeln!(std::io::stdout(), "{person}") };
}

fn log(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if json {
        log.json().init();
    } else {
        log.init();
    }
}
