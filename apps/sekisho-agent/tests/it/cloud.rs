//! As little of a server as a box needs: mutual TLS, MQTT 5, a memory of what it heard, a way to answer.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use mqtt_protocol_core::mqtt::{
    Connection, Version,
    common::Cursor,
    connection::{Event, role},
    packet::{GenericPacketTrait as _, Packet, Qos, v5_0},
    result_code::{ConnectReasonCode, PubackReasonCode, SubackReasonCode},
};
use sekisho_agent::enrol;
use sekisho_agent::fleet::{BoxSetup, SimulatedBox};
use sekisho_agent::home::Home;
use sekisho_crypto::certificates::{
    Authority, DeviceName, DeviceRoots, ServerIdentity, device_server_config,
};
use sekisho_crypto::{SealingPair, SigningKey};
use sekisho_kernel::{DeviceId, TenantId, World};
use sekisho_wire::{
    Answer, AnswerKind, Ask, AskKind, BoxConfig, CertificateReply, CertificateRequest, Command, CommandKind,
    Document, Enrolled, Event as BoxEvent, GENESIS, Get, Part, PartKind, RepositoryFile, SignedCommand, Sync,
    TimeBeacon, Topic,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_rustls::TlsAcceptor;

use crate::stand::{config, id};

pub const PATIENCE: Duration = Duration::from_secs(20);

type Heard = (Topic, Vec<u8>);
type Answers = Box<dyn Fn(&AskKind) -> Option<AnswerKind> + Send + std::marker::Sync>;

pub struct Cloud {
    shared: Arc<Shared>,
    address: String,
}

struct Shared {
    authority: Authority,
    key: SigningKey,
    world: Arc<dyn World>,
    heard: watch::Sender<Vec<Heard>>,
    down: broadcast::Sender<Heard>,
    answers: Mutex<Answers>,
    /// Publishes are heard, but not confirmed: the server has not committed them.
    pub holds: AtomicBool,
    /// Only pictures are not confirmed.
    holds_pictures: AtomicBool,
    /// The key pictures are sealed to, when the camera is on.
    camera: Mutex<Option<Vec<u8>>>,
    /// The repository of updates, by the names of its files, and its root document.
    files: Mutex<HashMap<String, Vec<u8>>>,
    /// Never sent.
    withheld: Mutex<Option<Document>>,
    /// So many events are refused.
    refuses: AtomicU32,
    connections: watch::Sender<u32>,
}

impl Cloud {
    pub async fn start() -> Self {
        let world = sekisho_crypto::system_world();
        let now = world.now();
        let authority = Authority::generate("Test", now.minus(Duration::from_secs(60)), 1, &*world).unwrap();
        let tomorrow = now.plus(Duration::from_secs(86_400));
        let issued = authority
            .issue_server(&["127.0.0.1".to_owned()], now.minus(Duration::from_secs(60)), tomorrow, &*world)
            .unwrap();
        let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem).unwrap());
        let roots = Arc::new(DeviceRoots::new());
        roots.set(tenant(), std::slice::from_ref(authority.certificate_der())).unwrap();
        let acceptor = TlsAcceptor::from(device_server_config(identity, roots, &world).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            authority,
            key: SigningKey::generate(&*world).unwrap(),
            world,
            heard: watch::channel(Vec::new()).0,
            down: broadcast::channel(64).0,
            answers: Mutex::new(Box::new(|_| None)),
            holds: AtomicBool::new(false),
            holds_pictures: AtomicBool::new(false),
            camera: Mutex::new(None),
            files: Mutex::default(),
            withheld: Mutex::new(None),
            refuses: AtomicU32::new(0),
            connections: watch::channel(0).0,
        });
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (shared, acceptor) = (Arc::clone(&serving), acceptor.clone());
                tokio::spawn(async move { shared.serve(acceptor, socket).await });
            }
        });
        Self { shared, address }
    }

    /// Enrols a device into `folder`, as the web side would.
    pub fn enrol(&self, folder: &Path) -> Home {
        let prepared = enrol::prepare("CLAIM").unwrap();
        let csr = sekisho_crypto::certificates::pem_to_der(&prepared.body.csr).unwrap();
        let certificate = pem(&self.shared.certify(&csr));
        let enrolled = Enrolled {
            tenant: tenant().to_string(),
            device: device().to_string(),
            kind: "smartbox".to_owned(),
            certificate: format!("{certificate}{}", self.shared.authority.certificate_pem()),
            address: self.address.clone(),
            server_trust: self.shared.authority.certificate_pem().to_owned(),
            command_key: base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.shared.key.public()),
            update_root: self
                .shared
                .files
                .lock()
                .unwrap()
                .get("1.root.json")
                .map(|root| String::from_utf8(root.clone()).unwrap()),
        };
        let home = Home::at(folder);
        home.install(&enrolled, &prepared.key_pem).unwrap();
        home
    }

    pub async fn box_in(&self, folder: &Path) -> SimulatedBox {
        SimulatedBox::start(self.setup_in(folder)).await.unwrap()
    }

    /// How a box in `folder` is started.
    pub fn setup_in(&self, folder: &Path) -> BoxSetup {
        let home = Home::at(folder);
        let home = if home.is_enrolled() { home } else { self.enrol(folder) };
        let mut setup = BoxSetup::new(home, sekisho_crypto::system_world(), 4);
        setup.panel = Some("127.0.0.1:0".parse().unwrap());
        setup.longest_pause = Duration::from_millis(200);
        setup
    }

    pub fn answer_with(
        &self,
        answers: impl Fn(&AskKind) -> Option<AnswerKind> + Send + std::marker::Sync + 'static,
    ) {
        *self.shared.answers.lock().unwrap() = Box::new(answers);
    }

    pub fn hold(&self, holds: bool) {
        self.shared.holds.store(holds, Ordering::SeqCst);
    }

    /// Boxes are set up to take pictures; the pair that opens them.
    pub fn camera_on(&self) -> SealingPair {
        let pair = SealingPair::generate().unwrap();
        *self.shared.camera.lock().unwrap() = Some(pair.public.clone());
        pair
    }

    /// Boxes are offered these files.
    pub fn serve_files(&self, files: HashMap<String, Vec<u8>>) {
        *self.shared.files.lock().unwrap() = files;
    }

    /// Boxes are never sent this document.
    pub fn withhold(&self, document: Document) {
        *self.shared.withheld.lock().unwrap() = Some(document);
    }

    pub fn hold_pictures(&self, holds: bool) {
        self.shared.holds_pictures.store(holds, Ordering::SeqCst);
    }

    pub fn heard_topics(&self) -> Vec<Topic> {
        self.shared.heard.borrow().iter().map(|(topic, _)| *topic).collect()
    }

    /// Refuses the next events.
    pub fn refuse(&self, events: u32) {
        self.shared.refuses.store(events, Ordering::SeqCst);
    }

    pub fn send(&self, topic: Topic, payload: Vec<u8>) {
        let _ = self.shared.down.send((topic, payload));
    }

    pub fn order(&self, number: u128, kind: CommandKind) -> Topic {
        let (topic, payload) = self.shared.order(number, kind);
        self.send(topic, payload);
        topic
    }

    /// Waits until something heard so far is wanted.
    pub async fn hears<T>(&self, mut wanted: impl FnMut(&Topic, &[u8]) -> Option<T>) -> T {
        let mut heard = self.shared.heard.subscribe();
        let mut found = None;
        let waiting = heard.wait_for(|heard| {
            found = heard.iter().find_map(|(topic, payload)| wanted(topic, payload));
            found.is_some()
        });
        tokio::time::timeout(PATIENCE, waiting).await.expect("nothing of the kind was heard").unwrap();
        found.unwrap()
    }

    pub fn heard_events(&self) -> Vec<BoxEvent> {
        let heard = self.shared.heard.borrow();
        let events = heard.iter().filter(|(topic, _)| matches!(topic, Topic::Event(_)));
        events.map(|(_, payload)| sekisho_wire::decode(payload).unwrap()).collect()
    }

    pub fn heard_bytes(&self) -> Vec<u8> {
        self.shared.heard.borrow().iter().flat_map(|(_, payload)| payload.clone()).collect()
    }

    pub fn connected(&self) -> u32 {
        *self.shared.connections.borrow()
    }

    pub async fn connections(&self, at_least: u32) {
        let mut connections = self.shared.connections.subscribe();
        let waiting = connections.wait_for(|count| *count >= at_least);
        tokio::time::timeout(PATIENCE, waiting).await.expect("no connection").unwrap();
    }
}

impl Shared {
    fn certify(&self, csr: &[u8]) -> Vec<u8> {
        let name = DeviceName { tenant: tenant(), device: device() }.to_string();
        let now = self.world.now();
        let (from, until) = (now.minus(Duration::from_secs(60)), now.plus(Duration::from_secs(90 * 86_400)));
        self.authority.sign_request(csr, &name, from, until, &*self.world).unwrap()
    }

    fn order(&self, number: u128, kind: CommandKind) -> Heard {
        let now = self.world.now();
        let command = Command {
            id: id(number),
            device: device(),
            kind,
            not_before: now,
            not_after: now.plus(Duration::from_secs(10)),
        };
        let topic = Topic::Command(command.id);
        let command = sekisho_wire::encode(&command);
        let signature = self.key.sign(&SignedCommand::signed_bytes(&command)).to_vec();
        (topic, sekisho_wire::encode(&SignedCommand { command, signature }))
    }

    async fn serve(&self, acceptor: TlsAcceptor, socket: TcpStream) -> Option<()> {
        let mut stream = acceptor.accept(socket).await.ok()?;
        let mut connection: Connection<role::Server> = Connection::new(Version::Undetermined);
        connection.set_auto_pub_response(false);
        connection.set_auto_ping_response(true);
        let mut down = self.down.subscribe();
        let mut buffer = vec![0; 4096];
        loop {
            let mut events = Vec::new();
            tokio::select! {
                read = stream.read(&mut buffer) => {
                    let count = read.ok().filter(|count| *count > 0)?;
                    let mut cursor = Cursor::new(&buffer[..count]);
                    while (cursor.position() as usize) < count {
                        events.extend(connection.recv(&mut cursor));
                    }
                }
                sent = down.recv() => {
                    let (topic, payload) = sent.ok()?;
                    let packet_id = connection.acquire_packet_id().ok()?;
                    let publish = v5_0::Publish::builder()
                        .topic_name(topic.format(device())).unwrap()
                        .qos(Qos::AtLeastOnce).packet_id(packet_id).payload(payload).build().unwrap();
                    events.extend(connection.checked_send(publish));
                }
            }
            let mut queue = std::collections::VecDeque::from(events);
            while let Some(event) = queue.pop_front() {
                match event {
                    Event::RequestSendPacket { packet, .. } => {
                        stream.write_all(&packet.to_continuous_buffer()).await.ok()?
                    }
                    Event::NotifyPacketReceived(packet) => queue.extend(self.packet(&mut connection, packet)),
                    Event::NotifyError(_) | Event::RequestClose => return None,
                    _ => {}
                }
            }
            stream.flush().await.ok()?;
        }
    }

    fn packet(&self, connection: &mut Connection<role::Server>, packet: Packet) -> Vec<Event> {
        match packet {
            Packet::V5_0Connect(connect) => {
                assert_eq!(connect.client_id(), device().to_string());
                let connack = v5_0::Connack::builder()
                    .session_present(false)
                    .reason_code(ConnectReasonCode::Success)
                    .build()
                    .unwrap();
                connection.checked_send(connack)
            }
            Packet::V5_0Subscribe(subscribe) => {
                let suback = v5_0::Suback::builder()
                    .packet_id(subscribe.packet_id())
                    .reason_codes(vec![SubackReasonCode::GrantedQos1])
                    .build()
                    .unwrap();
                let events = connection.checked_send(suback);
                let heard = self.heard.borrow();
                let newest = heard.iter().filter_map(|(topic, payload)| match topic {
                    Topic::Event(seq) => Some(Sync { last_seq: *seq, hash: sekisho_crypto::sha256(payload) }),
                    _ => None,
                });
                let sync =
                    newest.max_by_key(|sync| sync.last_seq).unwrap_or(Sync { last_seq: 0, hash: GENESIS });
                drop(heard);
                let _ = self.down.send((Topic::Config(Document::Sync), sekisho_wire::encode(&sync)));
                let public = self.camera.lock().unwrap().clone();
                let camera = public.map(|public| sekisho_wire::Camera { key: 1, public });
                let set_up = BoxConfig { camera, ..config() };
                let beacon = TimeBeacon { now: self.world.now(), nonce: 0 };
                let withheld = *self.withheld.lock().unwrap();
                for (document, payload) in [
                    (Document::Box, sekisho_wire::encode(&set_up)),
                    (Document::Time, sekisho_wire::encode(&beacon)),
                ] {
                    if withheld != Some(document) {
                        let _ = self.down.send((Topic::Config(document), payload));
                    }
                }
                self.connections.send_modify(|count| *count += 1);
                events
            }
            Packet::V5_0Publish(publish) => {
                let (from, topic) = Topic::parse(publish.topic_name()).unwrap();
                assert_eq!(from, device());
                let payload = publish.payload().as_slice().to_vec();
                if self.holds.load(Ordering::SeqCst) {
                    return Vec::new();
                }
                if matches!(topic, Topic::Picture(_)) && self.holds_pictures.load(Ordering::SeqCst) {
                    return Vec::new();
                }
                let fewer = |count: u32| count.checked_sub(1);
                if matches!(topic, Topic::Event(_))
                    && self.refuses.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok()
                {
                    let refusal = v5_0::Puback::builder()
                        .packet_id(publish.packet_id().unwrap())
                        .reason_code(PubackReasonCode::PayloadFormatInvalid)
                        .build();
                    return connection.checked_send(refusal.unwrap());
                }
                self.react(topic, &payload);
                self.heard.send_modify(|heard| heard.push((topic, payload)));
                match publish.packet_id() {
                    Some(packet_id) => {
                        connection.checked_send(v5_0::Puback::builder().packet_id(packet_id).build().unwrap())
                    }
                    None => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    fn react(&self, topic: Topic, payload: &[u8]) {
        match topic {
            Topic::Ask(n) => {
                let ask: Ask = sekisho_wire::decode(payload).unwrap();
                if let Some(kind) = (self.answers.lock().unwrap())(&ask.kind) {
                    if let AnswerKind::Released { command, bin, .. } = &kind {
                        let why = match ask.kind {
                            AskKind::Return { .. } => sekisho_wire::ReleaseReason::Return,
                            _ => sekisho_wire::ReleaseReason::Take,
                        };
                        let order = self.order(
                            command.uuid().as_u128(),
                            CommandKind::ReleaseBin { bin: *bin, key: None, why },
                        );
                        let _ = self.down.send(order);
                    }
                    let _ = self.down.send((Topic::Answer(n), sekisho_wire::encode(&Answer { n, kind })));
                }
            }
            Topic::Get(n) => {
                let get: Get = sekisho_wire::decode(payload).unwrap();
                let kind = part(&self.files.lock().unwrap(), &get);
                let _ = self.down.send((Topic::Part(n), sekisho_wire::encode(&Part { n, kind })));
            }
            Topic::Report(Document::CertificateRequest) => {
                let request: CertificateRequest = sekisho_wire::decode(payload).unwrap();
                let reply = CertificateReply {
                    certificate: self.certify(&request.csr),
                    chain: vec![self.authority.certificate_der().to_vec().into()],
                    not_after: self.world.now().plus(Duration::from_secs(90 * 86_400)),
                };
                let _ = self.down.send((Topic::Config(Document::Certificate), sekisho_wire::encode(&reply)));
            }
            _ => {}
        }
    }
}

/// A piece of a file, as a server gives it.
pub fn part(files: &HashMap<String, Vec<u8>>, get: &Get) -> PartKind {
    let name = match &get.file {
        RepositoryFile::Root(number) => format!("{number}.root.json"),
        RepositoryFile::Timestamp => "timestamp.json".to_owned(),
        RepositoryFile::Snapshot => "snapshot.json".to_owned(),
        RepositoryFile::Targets => "targets.json".to_owned(),
        RepositoryFile::Image(name) => name.clone(),
        RepositoryFile::Unknown => return PartKind::Missing,
    };
    let Some(bytes) = files.get(&name) else { return PartKind::Missing };
    let rest = bytes.get(usize::try_from(get.offset).unwrap()..).unwrap_or_default();
    PartKind::Bytes(rest.iter().take(1000).copied().collect())
}

pub fn tenant() -> TenantId {
    id(77)
}

pub fn device() -> DeviceId {
    id(1)
}

fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}
