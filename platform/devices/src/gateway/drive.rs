//! One connection's task: moves bytes between the socket and the conversation and carries out its effects.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use sekisho_crypto::certificates::{self, DeviceName};
use sekisho_kernel::{Actor, Cx, Language};
use sekisho_wire::{
    CertificateRequest, Document, Filter, Get, TimeBeacon, TimeQuestion, Topic, decode, encode,
};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::server::TlsStream;

use super::deliver::Notice;
use super::mailbox::{Connection, Letter};
use super::upload::{self, Upload};
use super::{Shared, asks, files};
use crate::keep::Word;
use crate::picture;
use crate::session::{CloseReason, Downlink, Effect, Input, Kept, Refusal, Session, Step};

/// rustls may hold so much for one connection in each direction.
const TLS_BUFFER: usize = 16 * 1024;
/// Bytes not yet taken by the device; one that lets more pile up is cut off.
const MOST_OUTPUT: usize = 256 * 1024;
/// Time for the farewell to leave.
const FAREWELL: Duration = Duration::from_secs(2);
/// A living device is noted so often.
const NOTE_ALIVE: u64 = 60_000;

/// Drives one connection from the first byte to the last.
pub(crate) async fn run(
    shared: Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
    permit: OwnedSemaphorePermit,
) {
    let proven = tokio::select! {
        () = shared.stop.cancelled() => return,
        proven = prove(&shared, stream, peer) => proven,
    };
    match proven {
        Ok((stream, connection)) => Driver::new(shared, stream, connection, peer, permit).run().await,
        Err(why) => {
            metrics::counter!("sekisho_devices_refused_total", "why" => why).increment(1);
            tracing::debug!(%peer, why, "a device was not let in");
        }
    }
}

/// The TLS handshake, and whether the certificate's device may connect.
async fn prove(
    shared: &Arc<Shared>,
    stream: TcpStream,
    peer: SocketAddr,
) -> Result<(TlsStream<TcpStream>, Arc<Connection>), &'static str> {
    let _ = stream.set_nodelay(true);
    let stream = timeout(shared.options.handshake_within, shared.tls.accept(stream))
        .await
        .map_err(|_| "handshake_slow")?
        .map_err(|_| "handshake")?;
    let (_, tls) = stream.get_ref();
    let certificate = tls.peer_certificates().and_then(|chain| chain.first()).ok_or("certificate")?;
    let facts = certificates::read(certificate).map_err(|_| "certificate")?;
    let name = DeviceName::of(&facts).map_err(|_| "certificate")?;
    let mut cx = Cx::new(shared.world.clone(), name.tenant, Actor::Device { id: name.device }, Language::Ja);
    cx.address = Some(peer.ip());
    let row = match shared.devices.admit(&cx, &name, &facts.spki_sha256).await {
        Ok(row) => row.ok_or("not_enrolled")?,
        Err(error) => {
            tracing::warn!(%error, "a device cannot be looked up");
            return Err("store");
        }
    };
    Ok((stream, Connection::new(name.tenant, name.device, row.kind, cx.fresh_id())))
}

struct Driver {
    shared: Arc<Shared>,
    stream: TlsStream<TcpStream>,
    connection: Arc<Connection>,
    session: Session,
    peer: SocketAddr,
    output: Vec<u8>,
    /// Words the queue had no room for. While there are any, nothing more is read.
    stalled: VecDeque<Upload>,
    unproven: Option<OwnedSemaphorePermit>,
    noted_alive: u64,
    closed: Option<CloseReason>,
}

/// What became of the socket.
enum Turn {
    Step(Step),
    Wrote,
    Broken,
}

impl Driver {
    fn new(
        shared: Arc<Shared>,
        mut stream: TlsStream<TcpStream>,
        connection: Arc<Connection>,
        peer: SocketAddr,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        stream.get_mut().1.set_buffer_limit(Some(TLS_BUFFER));
        let now = shared.now();
        let session = Session::new(connection.device, shared.options.keep_alive, now);
        Self {
            shared,
            stream,
            connection,
            session,
            peer,
            output: Vec::new(),
            stalled: VecDeque::new(),
            unproven: Some(permit),
            noted_alive: now,
            closed: None,
        }
    }

    async fn run(mut self) {
        while self.closed.is_none() {
            self.turn().await;
        }
        let reason = self.closed.unwrap_or(CloseReason::Broken);
        if reason != CloseReason::Broken {
            let farewell = async {
                let _ = self.stream.write_all(&self.output).await;
                let _ = self.stream.shutdown().await;
            };
            let _ = timeout(FAREWELL, farewell).await;
        }
        metrics::counter!("sekisho_devices_closed_total", "why" => reason.word()).increment(1);
        if self.unproven.is_some() {
            return;
        }
        self.shared.devices.registry().leave(&self.connection);
        tracing::info!(device = %self.connection.device, why = reason.word(), "a device left");
        let gone = Upload {
            from: self.connection.clone(),
            receipt: None,
            word: Word::Gone(self.connection.id, reason),
        };
        for upload in self.stalled.into_iter().filter(|upload| upload.receipt.is_none()).chain([gone]) {
            let _ = self.shared.uploads.send(upload).await;
        }
    }

    /// Waits for whatever comes first and deals with it.
    async fn turn(&mut self) {
        let now = self.shared.now();
        let may_read = self.stalled.is_empty() && self.session.may_read(now);
        let deadline = if self.stalled.is_empty() { self.session.deadline(now) } else { now + 1000 };
        let deadline: Instant = self.shared.began + Duration::from_millis(deadline);
        tokio::select! {
            biased;
            () = self.connection.rung() => self.read_letters(),
            () = room(&self.shared), if !self.stalled.is_empty() => self.unstall(),
            turn = io(&mut self.stream, &mut self.output, &mut self.session, &self.shared, may_read) => match turn {
                Turn::Step(step) => self.apply(step),
                Turn::Wrote => {}
                Turn::Broken => self.closed = Some(CloseReason::Broken),
            },
            () = sleep_until(deadline) => {
                // A device that we do not read is not silent.
                if self.stalled.is_empty() {
                    let step = self.session.step(Input::Tick, self.shared.now());
                    self.apply(step);
                }
            }
        }
    }

    /// Puts into the queue what it now has room for.
    fn unstall(&mut self) {
        while let Some(upload) = self.stalled.pop_front() {
            if let Err(error) = self.shared.uploads.try_send(upload) {
                return self.stalled.push_front(error.into_inner());
            }
        }
    }

    fn read_letters(&mut self) {
        for letter in self.connection.take() {
            let now = self.shared.now();
            let step = match letter {
                Letter::Settled(receipt, kept) => self.session.step(Input::Settled { receipt, kept }, now),
                Letter::Send(message) => self.session.step(Input::Send(*message), now),
                Letter::Close(reason) => self.session.step(Input::Close(reason), now),
            };
            self.apply(step);
        }
    }

    fn apply(&mut self, step: Step) {
        self.output.extend_from_slice(&step.output);
        for effect in step.effects {
            match effect {
                Effect::Live => self.live(),
                Effect::Subscribed(filter) => self.subscribed(filter),
                Effect::Received { receipt, topic, payload } => self.received(receipt, topic, payload),
                Effect::Sent(Topic::Command(id)) => {
                    let _ = self.shared.notices.send(Notice::Sent(self.connection.tenant, id.uuid()));
                }
                Effect::Sent(_) => {}
                Effect::Closed(reason) => self.closed = Some(reason),
            }
        }
        if self.output.len() > MOST_OUTPUT {
            self.closed = Some(CloseReason::Slow);
        }
        let now = self.shared.now();
        if self.unproven.is_none() && now.saturating_sub(self.noted_alive) > NOTE_ALIVE {
            self.noted_alive = now;
            self.upload(None, Word::Alive);
        }
    }

    fn live(&mut self) {
        self.unproven = None;
        metrics::counter!("sekisho_devices_connections_total").increment(1);
        tracing::info!(device = %self.connection.device, peer = %self.peer, "a device came");
        self.shared.devices.registry().enter(self.connection.clone());
        self.upload(None, Word::Came(self.connection.id));
    }

    fn subscribed(&mut self, filter: Filter) {
        if filter != Filter::Answers {
            let _ = self.shared.notices.send(Notice::Listens(self.connection.clone(), filter));
        }
    }

    fn received(&mut self, receipt: Option<u16>, topic: Topic, payload: Vec<u8>) {
        match topic {
            Topic::Event(_) | Topic::Ack(_) | Topic::Heartbeat => match upload::word_of(topic, payload) {
                Some(word) => {
                    self.noted_alive = self.shared.now();
                    self.upload(receipt, word);
                }
                None => upload::refuse(&self.connection, receipt, Refusal::Payload),
            },
            Topic::Picture(seq) => match picture::read(seq, &payload) {
                // Checked before anything is asked of the store: whoever floods us must not reach it.
                Some(_) if !self.shared.devices.may_picture(self.connection.device) => {
                    picture::refused("quota");
                    upload::refuse(&self.connection, receipt, Refusal::Quota);
                }
                Some(picture) => self.upload(receipt, Word::Picture(Box::new(picture))),
                None => {
                    picture::refused("unreadable");
                    upload::refuse(&self.connection, receipt, Refusal::Payload);
                }
            },
            Topic::Ask(n) => match asks::read(n, &payload) {
                Some(ask) => {
                    // The answer is the answer; nothing has to be kept before the question is acknowledged.
                    self.kept(receipt);
                    asks::answer(&self.shared, &self.connection, self.peer.ip(), ask);
                }
                None => upload::refuse(&self.connection, receipt, Refusal::Payload),
            },
            Topic::Report(Document::Time) => match decode::<TimeQuestion>(&payload) {
                Ok(question) => {
                    let beacon = TimeBeacon { now: self.shared.world.now(), nonce: question.nonce };
                    self.kept(receipt);
                    self.document(Document::Time, encode(&beacon));
                }
                Err(_) => upload::refuse(&self.connection, receipt, Refusal::Payload),
            },
            Topic::Report(_) => match decode::<CertificateRequest>(&payload) {
                Ok(request) => self.renew(receipt, request),
                Err(_) => upload::refuse(&self.connection, receipt, Refusal::Payload),
            },
            Topic::Get(n) => match decode::<Get>(&payload).ok().filter(|get| get.n == n) {
                Some(get) => {
                    self.kept(receipt);
                    files::answer(&self.shared, &self.connection, get);
                }
                None => upload::refuse(&self.connection, receipt, Refusal::Payload),
            },
            Topic::Command(_) | Topic::Config(_) | Topic::Answer(_) | Topic::Part(_) => {
                upload::refuse(&self.connection, receipt, Refusal::Topic);
            }
        }
    }

    fn kept(&mut self, receipt: Option<u16>) {
        if let Some(receipt) = receipt {
            self.connection.post(Letter::Settled(receipt, Kept::Yes));
        }
    }

    fn document(&self, document: Document, payload: Vec<u8>) {
        self.connection.send(Downlink { topic: Topic::Config(document), payload, life: None });
    }

    fn upload(&mut self, receipt: Option<u16>, word: Word) {
        let upload = Upload { from: self.connection.clone(), receipt, word };
        if !self.stalled.is_empty() {
            return self.stalled.push_back(upload);
        }
        if let Err(error) = self.shared.uploads.try_send(upload) {
            metrics::counter!("sekisho_devices_stalled_total").increment(1);
            self.stalled.push_back(error.into_inner());
        }
    }

    /// A new certificate over the live session; signing waits for the database, so it has a task of its own.
    fn renew(&self, receipt: Option<u16>, request: CertificateRequest) {
        let (shared, connection, address) = (self.shared.clone(), self.connection.clone(), self.peer.ip());
        self.shared.tasks.spawn(async move {
            let actor = Actor::Device { id: connection.device };
            let mut cx = Cx::new(shared.world.clone(), connection.tenant, actor, Language::Ja);
            cx.address = Some(address);
            match shared.devices.renew(&cx, connection.device, &request.csr).await {
                Ok(reply) => {
                    let topic = Topic::Config(Document::Certificate);
                    connection.send(Downlink { topic, payload: encode(&reply), life: None });
                    if let Some(receipt) = receipt {
                        connection.post(Letter::Settled(receipt, Kept::Yes));
                    }
                }
                Err(crate::DeviceError::WrongRequest) => {
                    upload::refuse(&connection, receipt, Refusal::Payload)
                }
                Err(error) => {
                    tracing::warn!(device = %connection.device, %error, "a certificate could not be renewed");
                    connection.post(Letter::Close(CloseReason::Unkept));
                }
            }
        });
    }
}

/// Waits until the queue has room.
async fn room(shared: &Shared) {
    drop(shared.uploads.reserve().await);
}

/// Writes what waits and reads what came. The read buffer lies on the stack of the poll, not in the task: ten thousand
/// idle tasks hold no buffers.
async fn io(
    stream: &mut TlsStream<TcpStream>,
    output: &mut Vec<u8>,
    session: &mut Session,
    shared: &Shared,
    may_read: bool,
) -> Turn {
    poll_fn(|task| {
        let mut stream = Pin::new(&mut *stream);
        if !output.is_empty() {
            while !output.is_empty() {
                match stream.as_mut().poll_write(task, output) {
                    Poll::Ready(Ok(0) | Err(_)) => return Poll::Ready(Turn::Broken),
                    Poll::Ready(Ok(written)) => {
                        output.drain(..written);
                    }
                    Poll::Pending => break,
                }
            }
            match stream.as_mut().poll_flush(task) {
                Poll::Ready(Err(_)) => return Poll::Ready(Turn::Broken),
                Poll::Ready(Ok(())) if output.is_empty() => {
                    output.shrink_to(0);
                    return Poll::Ready(Turn::Wrote);
                }
                _ => {}
            }
        }
        if !may_read {
            return Poll::Pending;
        }
        let mut bytes = [0; 4096];
        let mut buffer = ReadBuf::new(&mut bytes);
        match ready!(stream.poll_read(task, &mut buffer)) {
            Ok(()) if !buffer.filled().is_empty() => {
                Poll::Ready(Turn::Step(session.step(Input::Bytes(buffer.filled()), shared.now())))
            }
            Ok(()) | Err(_) => Poll::Ready(Turn::Broken),
        }
    })
    .await
}
