//! `sekisho demo`: a whole invented company on one machine, with simulated devices that behave like real ones.

mod company;
mod lobby;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use ipnet::IpNet;
use sekisho_agent::box_logic::{KeyLine, PanelAction};
use sekisho_agent::driver::Cabinet;
use sekisho_agent::enrol::Trust;
use sekisho_agent::fleet::{BoxSetup, Pass, SimulatedBox};
use sekisho_agent::home::Home;
use sekisho_agent::panel::Badge;
use sekisho_kernel::Cx;
use serde::Serialize;

use self::company::{ADMINISTRATOR, Company, EMPLOYEE, KEEPER, PASSWORD};
use self::lobby::Doors;
use super::serve::log;
use crate::config::Config;
use crate::output::Output;
use crate::serving::{Extras, Serving, open};

/// How long the box may need to come online.
const PATIENCE: Duration = Duration::from_secs(15);

/// Run the demo.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Where its data lies; a restart goes on where it was
    #[arg(long, default_value = "demo-data", value_name = "DIR")]
    data: PathBuf,
    /// Port of the HTTPS pages
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// Port of the plain pages, for a browser on this machine
    #[arg(long, default_value_t = 8080)]
    http_port: u16,
    /// Port of the simulated box's panel
    #[arg(long, default_value_t = 8090)]
    panel_port: u16,
    /// Port of the device endpoint
    #[arg(long, default_value_t = 8883)]
    mqtt_port: u16,
    /// Port of probes and metrics
    #[arg(long, default_value_t = 9464)]
    probes_port: u16,
    /// Throw the old data away and start over
    #[arg(long)]
    fresh: bool,
}

/// Where the demo is and who may come in.
#[derive(Debug, Serialize)]
struct Entrance {
    url: String,
    http_url: String,
    mailbox: String,
    panel: String,
    probes: String,
    authority: Option<PathBuf>,
    people: Vec<SignIn>,
    guest: String,
    lobby: Option<Reception>,
}

/// The reception, for three tabs: the desk, the terminal, the telephone of a guest who comes today.
#[derive(Debug, Serialize)]
struct Reception {
    desk: String,
    terminal: String,
    guest: String,
}

#[derive(Debug, Serialize)]
struct SignIn {
    role: &'static str,
    name: &'static str,
    mail: &'static str,
    password: &'static str,
    id_number: &'static str,
}

/// Runs the command.
pub async fn run(command: Demo, output: &Output) -> anyhow::Result<()> {
    if command.fresh && command.data.exists() {
        if !command.data.join("sekisho.sqlite").exists() {
            bail!("{} does not look like a demo's data; it is left alone", command.data.display());
        }
        std::fs::remove_dir_all(&command.data)
            .with_context(|| format!("{} cannot be removed", command.data.display()))?;
    }
    let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut config = Config::defaults(&command.data);
    // Whoever tries a webhook or a payment provider runs its far side on this machine.
    config.outgoing.allowed_networks = vec![IpNet::from(IpAddr::V4(Ipv4Addr::LOCALHOST))];
    config.http.listen = loopback(command.port);
    config.http.public_url = format!("http://localhost:{}", command.http_port);
    config.devices.listen = loopback(command.mqtt_port);
    config.devices.public_address = format!("localhost:{}", command.mqtt_port);
    config.probes.listen = loopback(command.probes_port);
    config.http.drain_notice = 0;
    config.log.filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "warn".to_owned());
    log(&config.log)?;

    output.progress("opening the demo company …");
    let foundation = open(&config, true).await?;
    let mut company = Company::open_or_found(&foundation, &command.data).await?;
    let extras = Extras { plain: Some(loopback(command.http_port)), ..Extras::default() };
    let serving = Serving::start(&config, foundation, extras).await?;
    let cabinet = start_box(&serving, &company, &command).await?;
    first_morning(&cabinet, &mut company, &command.data).await?;
    let doors = open_lobby(&serving, &mut company, &command.data).await?;

    let url = format!("https://localhost:{}", command.port);
    let http_url = format!("http://localhost:{}", command.http_port);
    let entrance = Entrance {
        mailbox: format!("{http_url}/mailbox"),
        panel: cabinet
            .panel_addr()
            .map(|_| format!("http://localhost:{}", command.panel_port))
            .unwrap_or_default(),
        probes: format!("http://localhost:{}", command.probes_port),
        authority: serving.authority_file.clone(),
        guest: format!("{http_url}/b/{}", company.guest_token),
        lobby: doors.map(|doors| Reception {
            desk: format!("{http_url}/visitors"),
            terminal: format!("{http_url}/terminal#{}", doors.code),
            guest: format!("{http_url}/v/{}", doors.guest_page),
        }),
        people: vec![sign_in("administrator", &ADMINISTRATOR), sign_in("employee", &EMPLOYEE)],
        url,
        http_url,
    };
    output.result(entrance.sentence(), &entrance);
    let ended = serving.run().await;
    cabinet.stop().await;
    ended
}

fn sign_in(role: &'static str, who: &company::Somebody) -> SignIn {
    SignIn { role, name: who.name, mail: who.mail, password: PASSWORD, id_number: who.number }
}

impl Entrance {
    fn sentence(&self) -> String {
        let people = self
            .people
            .iter()
            .map(|who| {
                format!(
                    "  {:<14} {:<24} password: {}   ID number at the box: {}",
                    who.role, who.mail, who.password, who.id_number
                )
            })
            .collect::<Vec<_>>()
            .join("\n");
        let trust = match &self.authority {
            Some(file) => format!("\n  (for {} trust {} in your browser)", self.url, file.display()),
            None => String::new(),
        };
        let lobby = self.lobby.as_ref().map_or_else(String::new, |lobby| {
            format!(
                "\n  reception      {}   (the desk)\n                 {}   (the terminal; its code is good for ten minutes)\n                 {}   (a guest's telephone)",
                lobby.desk, lobby.terminal, lobby.guest
            )
        });
        format!(
            "\nSekisho demo is ready.\n\n  pages          {}{trust}\n  the box        {}   (take and return keys with the mouse)\n  mailbox        {}   (every mail and code that would have gone out){lobby}\n\n{people}\n  guest          {}\n\nStop with Ctrl-C; the data stays for the next start (--fresh begins again).\n",
            self.http_url, self.panel, self.mailbox, self.guest
        )
    }
}

/// The SmartBox of the demo: an agent with a simulated cabinet, connected over MQTT and TLS like a real one.
async fn start_box(serving: &Serving, company: &Company, command: &Demo) -> anyhow::Result<SimulatedBox> {
    let foundation = serving.host.foundation();
    let world = foundation.world.clone();
    let home = Home::at(command.data.join("box"));
    if !home.is_enrolled() {
        let cx = Cx::system(world.clone(), company.tenant, "demo");
        let mut tx = foundation.store.begin(&cx).await?;
        let claim = foundation.devices.claim_again(&mut tx, company.device).await?;
        tx.commit_bookkeeping("the demo's box is claimed by the demo itself").await?;
        let server = format!("http://localhost:{}", command.http_port);
        sekisho_agent::enrol::enrol(&home, &server, &claim.to_string(), &Trust::System, &world)
            .await
            .context("the simulated box could not be enrolled")?;
    }
    let setup = BoxSetup {
        cabinet: Cabinet::with_fobs(company::BINS, company::fobs()),
        panel: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, command.panel_port))),
        badges: vec![
            Badge { label: EMPLOYEE.name.to_owned(), serial: company::BADGE.to_owned() },
            Badge { label: KEEPER.name.to_owned(), serial: company::KEEPER_BADGE.to_owned() },
        ],
        ..BoxSetup::new(home, world, company::BINS)
    };
    SimulatedBox::start(setup).await.context("the simulated box could not be started")
}

/// Somebody took a key before the visitor came: at the box, as anybody would, so that everything tells of it truly.
async fn first_morning(cabinet: &SimulatedBox, company: &mut Company, data: &Path) -> anyhow::Result<()> {
    let Some(key) = company.morning else { return Ok(()) };
    let pass = Pass { badge: company::KEEPER_BADGE.to_owned(), pin: Some(company::KEEPER_PIN.to_owned()) };
    let wanted =
        |keys: &[KeyLine]| keys.iter().map(|line| line.key).find(|on_offer| *on_offer == key.resource());
    let taken = match cabinet.wait_for(PATIENCE, |view| view.online).await {
        Some(_) => cabinet.visit(&pass, Duration::ZERO, wanted).await,
        None => None,
    };
    if taken.is_none() {
        tracing::warn!("nobody took a key this morning; everything else is there");
    }
    cabinet.press(PanelAction::End).await;
    company.morning_is_over(data)
}

/// Opens the reception; guests are told of it as by anybody's invitation.
async fn open_lobby(serving: &Serving, company: &mut Company, data: &Path) -> anyhow::Result<Option<Doors>> {
    let tenant = company.tenant;
    let Some(lobby) = &mut company.lobby else { return Ok(None) };
    let doors = lobby.open(serving.host.foundation(), tenant).await?;
    company.remember(data)?;
    Ok(Some(doors))
}

/// Where the demo remembers which company it founded.
fn memory(data: &Path) -> PathBuf {
    data.join("demo.json")
}
