//! What a connected device costs, beside Mosquitto in the same run, and how many events a second are kept.
//!
//! `cargo bench -p sekisho-devices --bench connections [-- DEVICES]` (10,000 unless told; both processes need that many
//! open files). The fleet runs in a child process, so that the figures are the server's alone.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement, not part of the product"
)]

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls_pki_types::ServerName;
use sekisho_crypto::certificates::{self, Authority, ServerIdentity, client_config};
use sekisho_crypto::{LocalKeyFile, Vault, sha256, system_world};
use sekisho_devices::{Announcement, DeviceKind, Devices, GatewayOptions, NewDevice};
use sekisho_kernel::{Cx, TenantId, Timestamp, World};
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::{Place, Store, StoreOptions};
use sekisho_wire::{Enrol, Event, EventKind, GENESIS, encode};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

/// Devices that tell events, and how many each.
const TELLERS: usize = 1000;
const EVENTS: usize = 20;

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.first().is_some_and(|word| word == "fleet") {
        return fleet(&arguments[1..]).await;
    }
    let count = arguments.first().and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let dir = tempfile::tempdir().unwrap();
    let world = system_world();
    let (devices, trust, identity) = prepare(dir.path(), &world, count).await;
    let ours = ours(dir.path(), &world, devices, identity, count).await;
    let theirs = mosquitto(dir.path(), &trust, count).await;
    let beside = |told: fn(&Told) -> String| {
        theirs.as_ref().map_or_else(String::new, |theirs| format!("mosquitto: {}", told(theirs)))
    };
    let memory = |told: &Told| format!("{:.1} KiB", told.kib);
    let cpu = |told: &Told| format!("{:.2} ms", told.cpu_ms);
    let each = format!("{count} mutual-TLS devices");
    figure(
        &format!("{each}, memory each"),
        memory(&ours),
        beside(memory),
        "≤ 20 KiB",
        Some(ours.kib <= 20.0),
    );
    figure(
        &format!("{each}, CPU each to connect"),
        cpu(&ours),
        beside(cpu),
        "≤ 0.8 ms",
        Some(ours.cpu_ms <= 0.8),
    );
    let events = format!("events of {} devices at once, each durable before its PUBACK", TELLERS.min(count));
    figure(&events, ours.events.clone(), beside(|told| format!("{}, nothing stored", told.events)), "", None);
}

/// A figure as `make bench` collects it.
fn figure(what: &str, ours: String, beside: String, budget: &str, holds: Option<bool>) {
    println!(
        "@ {}",
        serde_json::json!({ "what": what, "ours": ours, "beside": beside, "budget": budget, "holds": holds })
    );
}

/// What a server cost, each device, and how its events went.
struct Told {
    kib: f64,
    cpu_ms: f64,
    events: String,
}

async fn prepare(dir: &Path, world: &Arc<dyn World>, count: usize) -> (Devices, String, Arc<ServerIdentity>) {
    let began = Instant::now();
    let migrations: Vec<_> =
        [sekisho_storage::migrations(), sekisho_devices::migrations()].into_iter().flatten().collect();
    let options = StoreOptions::at(Place::Sqlite(dir.join("bench.sqlite")));
    let lax = StoreOptions { durable: false, ..options.clone() };
    let store = Store::open(&lax, &migrations).await.unwrap();
    let devices = with(dir, world, &store);
    let tenant = TenantId(uuid::Uuid::from_u128(1));
    let cx = || Cx::system(world.clone(), tenant, "bench");
    let key = certificates::make_key().unwrap();
    let csr = certificates::make_request(&key, "box").unwrap();
    let csr = format!(
        "-----BEGIN CERTIFICATE REQUEST-----\n{}\n-----END CERTIFICATE REQUEST-----\n",
        data_encoding::BASE64.encode(&csr)
    );
    let mut list = std::io::BufWriter::new(std::fs::File::create(dir.join("fleet")).unwrap());
    let mut device_authority = String::new();
    for n in 0..count {
        let new = NewDevice { kind: DeviceKind::Smartbox, name: format!("box {n}"), site: None };
        let (_, claim) = devices.add_now(&cx(), new).await.unwrap();
        let ask = Enrol { claim: claim.to_string(), csr: csr.clone(), agent: String::new() };
        let enrolled = devices.enrol(&cx(), ask).await.unwrap();
        let (leaf, authority) = enrolled
            .certificate
            .split_at(enrolled.certificate.find("-----END CERTIFICATE-----").unwrap() + 26);
        device_authority = authority.to_owned();
        writeln!(list, "{} {}", enrolled.device, leaf.replace('\n', "|")).unwrap();
    }
    list.flush().unwrap();
    std::fs::write(dir.join("key.pem"), key.as_bytes()).unwrap();
    std::fs::write(dir.join("devices.pem"), device_authority).unwrap();
    let authority = Authority::generate("bench", world.now(), 1, &**world).unwrap();
    let until = world.now().plus(Duration::from_secs(86_400));
    let issued = authority.issue_server(&["localhost".into()], world.now(), until, &**world).unwrap();
    std::fs::write(dir.join("trust.pem"), authority.certificate_pem()).unwrap();
    std::fs::write(dir.join("server.pem"), &issued.chain_pem).unwrap();
    std::fs::write(dir.join("server.key"), issued.key_pem.as_bytes()).unwrap();
    println!("{count} devices enrolled in {:.1} s", began.elapsed().as_secs_f64());
    store.close().await.unwrap();
    // From here on every commit waits for the disk, as in production.
    let store = Store::open(&options, &migrations).await.unwrap();
    let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem).unwrap());
    (with(dir, world, &store), authority.certificate_pem().to_owned(), identity)
}

fn with(dir: &Path, world: &Arc<dyn World>, store: &Store) -> Devices {
    let file = LocalKeyFile::open_or_create(&dir.join("master.key"), &**world).unwrap();
    let keys = Arc::new(StoredKeys::new(store.clone(), world.clone()));
    Devices::new(store.clone(), Vault::new(Arc::new(file), keys, world.clone()))
}

async fn ours(
    dir: &Path,
    world: &Arc<dyn World>,
    devices: Devices,
    identity: Arc<ServerIdentity>,
    count: usize,
) -> Told {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    devices.announce(Announcement::default());
    let stop = CancellationToken::new();
    let options = GatewayOptions {
        handshakes_per_address: 100_000,
        handshakes_per_second: 100_000,
        ..GatewayOptions::default()
    };
    let served = tokio::spawn({
        let (devices, world, stop) = (devices.clone(), world.clone(), stop.clone());
        async move { devices.serve(listener, identity, world, options, stop).await.unwrap() }
    });
    let me = std::process::id();
    let mut child = start_fleet(dir, address, count, "sekisho");
    let told = report("sekisho", me, &mut child, count).await;
    stop.cancel();
    served.await.unwrap();
    told
}

async fn mosquitto(dir: &Path, _: &str, count: usize) -> Option<Told> {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let path = |name: &str| dir.join(name).display().to_string();
    let config = format!(
        "listener {port} 127.0.0.1\ncafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate true\nuse_identity_as_username true\nmax_connections -1\nlog_type error\n",
        path("devices.pem"),
        path("server.pem"),
        path("server.key")
    );
    std::fs::write(dir.join("mosquitto.conf"), config).unwrap();
    if std::fs::metadata("/usr/sbin/mosquitto").is_err() {
        println!("mosquitto is not installed (apt-get install mosquitto): no peer in this run");
        return None;
    }
    // It changes to its own user and must be able to read what we wrote.
    let _ = std::process::Command::new("chmod").args(["-R", "a+rX", &dir.display().to_string()]).status();
    let mut broker = Command::new("/usr/sbin/mosquitto")
        .arg("-c")
        .arg(path("mosquitto.conf"))
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut child = start_fleet(dir, SocketAddr::from(([127, 0, 0, 1], port)), count, "mosquitto");
    let told = report("mosquitto", broker.id().unwrap(), &mut child, count).await;
    broker.kill().await.unwrap();
    Some(told)
}

fn start_fleet(dir: &Path, address: SocketAddr, count: usize, what: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["fleet", &dir.display().to_string(), &address.to_string(), &count.to_string(), what])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// Measures the server process `pid` around what the fleet says it did.
async fn report(name: &str, pid: u32, child: &mut Child, count: usize) -> Told {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (memory, cpu) = (resident_kib(pid), cpu_ms(pid));
    child.stdin.as_mut().unwrap().write_all(b"go\n").await.unwrap();
    let connected = lines.next_line().await.unwrap().unwrap_or_default();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let each = |value: f64| value / f64::from(u32::try_from(count).unwrap());
    let kib = each((resident_kib(pid).saturating_sub(memory)) as f64);
    let cpu_ms = each((cpu_ms(pid) - cpu) as f64);
    println!("{name}: {connected}; {kib:.1} KiB and {cpu_ms:.2} CPU-ms each");
    child.stdin.as_mut().unwrap().write_all(b"go\n").await.unwrap();
    let mut events = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        println!("{name}: {line}");
        events = line.rsplit(": ").next().unwrap_or_default().to_owned();
    }
    child.wait().await.unwrap();
    Told { kib, cpu_ms, events }
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

fn cpu_ms(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10
}

/// The child: connects everybody, says so, waits, tells events, says how that went.
async fn fleet(arguments: &[String]) {
    let dir = Path::new(&arguments[0]);
    let (address, count): (SocketAddr, usize) =
        (arguments[1].parse().unwrap(), arguments[2].parse().unwrap());
    let ours = arguments[3] == "sekisho";
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let (trust, key, list, world) = (read("trust.pem"), read("key.pem"), read("fleet"), system_world());
    told_to_go().await;
    let (began, gate) = (Instant::now(), Arc::new(Semaphore::new(64)));
    let mut tasks = Vec::new();
    for line in list.lines().take(count) {
        let (id, certificate) = line.split_once(' ').unwrap();
        let tls = client_config(&trust, Some((&certificate.replace('|', "\n"), &key)), &world).unwrap();
        let (id, gate) = (id.to_owned(), gate.clone());
        tasks.push(tokio::spawn(async move {
            let _turn = gate.acquire().await.unwrap();
            Device::connect(address, TlsConnector::from(tls), id).await
        }));
    }
    let (mut fleet, mut failed) = (Vec::new(), 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(device) => fleet.push(device),
            Err(_) => failed += 1,
        }
    }
    println!("{} connected, {failed} failed, in {:.1} s", fleet.len(), began.elapsed().as_secs_f64());
    told_to_go().await;
    let began = Instant::now();
    let tellers: Vec<_> =
        fleet.drain(..fleet.len().min(TELLERS)).map(|device| tokio::spawn(device.tell(ours))).collect();
    let mut waits = Vec::new();
    for teller in tellers {
        waits.extend(teller.await.unwrap());
    }
    let spent = began.elapsed().as_secs_f64();
    waits.sort();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "{} events by {TELLERS} devices acknowledged in {spent:.2} s: {:.0} a second, p50 {:.1} ms, p99 {:.1} ms",
        waits.len(),
        waits.len() as f64 / spent,
        at(0.5),
        at(0.99)
    );
}

/// Waits for the parent's word.
async fn told_to_go() {
    let read = || std::io::stdin().read_line(&mut String::new());
    tokio::task::spawn_blocking(read).await.unwrap().unwrap();
}

struct Device {
    id: String,
    stream: TlsStream<TcpStream>,
}

impl Device {
    async fn connect(address: SocketAddr, tls: TlsConnector, id: String) -> std::io::Result<Self> {
        let stream = tls
            .connect(ServerName::try_from("localhost").unwrap(), TcpStream::connect(address).await?)
            .await?;
        let mut device = Self { id, stream };
        let mut connect = vec![0, 4, b'M', b'Q', b'T', b'T', 5, 2, 0x02, 0x58, 0];
        text(&mut connect, &device.id);
        device.send(0x10, &connect).await?;
        if device.receive().await?.0 != 0x20 {
            return Err(std::io::Error::other("not let in"));
        }
        let mut subscribe = vec![0, 1, 0];
        text(&mut subscribe, &format!("sk/1/{}/cmd/+", device.id));
        subscribe.push(1);
        device.send(0x82, &subscribe).await?;
        device.receive().await?;
        Ok(device)
    }

    async fn tell(mut self, _: bool) -> Vec<Duration> {
        let mut prev = GENESIS;
        let mut waits = Vec::new();
        for seq in 1..=EVENTS as u64 {
            let payload = encode(&Event { seq, at: Timestamp::EPOCH, prev, kind: EventKind::DoorClosed });
            prev = sha256(&payload);
            let mut publish = Vec::new();
            text(&mut publish, &format!("sk/1/{}/evt/{seq}", self.id));
            publish.extend([0, 2, 0]);
            publish.extend(payload);
            let began = Instant::now();
            self.send(0x32, &publish).await.unwrap();
            while self.receive().await.unwrap().0 != 0x40 {}
            waits.push(began.elapsed());
        }
        waits
    }

    async fn send(&mut self, kind: u8, body: &[u8]) -> std::io::Result<()> {
        let mut packet = vec![kind];
        if body.len() > 127 {
            packet.push(u8::try_from(body.len() % 128).unwrap() | 0x80);
            packet.push(u8::try_from(body.len() / 128).unwrap());
        } else {
            packet.push(u8::try_from(body.len()).unwrap());
        }
        packet.extend_from_slice(body);
        self.stream.write_all(&packet).await?;
        self.stream.flush().await
    }

    async fn receive(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let kind = self.stream.read_u8().await?;
        let mut length = usize::from(self.stream.read_u8().await?);
        if length > 127 {
            length = length % 128 + usize::from(self.stream.read_u8().await?) * 128;
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok((kind & 0xf0, body))
    }
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(text.as_bytes());
}
