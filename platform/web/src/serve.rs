//! The listener under the site: TLS, HTTP/1 and 2, limits on connections, patience with slow clients, and a graceful end.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use ipnet::IpNet;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::proxies::Peer;

/// How much one listener takes on.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at the same time.
    pub connections: usize,
    /// Connections of one address at the same time.
    pub per_address: u32,
    /// Proxies, whose connections are many people's.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a TLS handshake, and then the head of a request, may take.
    pub patience: Duration,
    /// How long a connection may lie still.
    pub idle: Duration,
    /// How long answers under way may take when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            per_address: 512,
            trusted_proxies: Vec::new(),
            patience: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            drain: Duration::from_secs(20),
        }
    }
}

/// Serves `app` on `listener` until `shutdown`, with the usual limits.
///
/// # Errors
/// Only when the listener itself is broken.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    app: Router,
    shutdown: CancellationToken,
) -> io::Result<()> {
    serve_within(Limits::default(), listener, tls, app, shutdown).await
}

/// Serves `app` on `listener` until `shutdown`; then lets answers under way end, for at most `limits.drain`.
///
/// # Errors
/// Only when the listener itself is broken.
pub async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    app: Router,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let door = Arc::new(Door {
        seats: Arc::new(Semaphore::new(limits.connections)),
        addresses: Mutex::new(HashMap::new()),
        tls: tls.map(with_protocols).map(TlsAcceptor::from),
        app,
        limits,
    });
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        // Without a free seat nothing is accepted: the system's queue fills and clients wait.
        let seat = tokio::select! {
            seat = door.seats.clone().acquire_owned() => seat.map_err(io::Error::other)?,
            () = shutdown.cancelled() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((stream, address)) => {
                let Some(guest) = Guest::enter(&door, address.ip().to_canonical(), seat) else {
                    metrics::counter!("sekisho_connections_refused_total").increment(1);
                    continue;
                };
                tasks.spawn(hold(door.clone(), stream, address, graceful.watcher(), guest));
            }
            // Out of descriptors, or a connection that died in the queue: the next may work.
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                sleep(Duration::from_millis(50)).await;
            }
        }
        while tasks.try_join_next().is_some() {}
    }
    drop(listener);
    if timeout(door.limits.drain, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were cut that did not end in time");
    }
    tasks.shutdown().await;
    Ok(())
}

/// Offers HTTP/2, then HTTP/1.1.
fn with_protocols(config: Arc<ServerConfig>) -> Arc<ServerConfig> {
    if !config.alpn_protocols.is_empty() {
        return config;
    }
    let mut config = (*config).clone();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

struct Door {
    seats: Arc<Semaphore>,
    addresses: Mutex<HashMap<IpAddr, u32>>,
    tls: Option<TlsAcceptor>,
    app: Router,
    limits: Limits,
}

/// One connection's place; leaving frees it.
struct Guest {
    door: Arc<Door>,
    address: IpAddr,
    _seat: OwnedSemaphorePermit,
}

impl Guest {
    fn enter(door: &Arc<Door>, address: IpAddr, seat: OwnedSemaphorePermit) -> Option<Self> {
        let is_proxy = door.limits.trusted_proxies.iter().any(|net| net.contains(&address));
        let mut addresses = door.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = addresses.entry(address).or_default();
        if *count >= door.limits.per_address && !is_proxy {
            return None;
        }
        *count += 1;
        Some(Self { door: door.clone(), address, _seat: seat })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut addresses = self.door.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = addresses.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}

/// One connection from handshake to end.
async fn hold(
    door: Arc<Door>,
    stream: TcpStream,
    address: std::net::SocketAddr,
    watcher: Watcher,
    guest: Guest,
) {
    // Small answers should not wait for more to come; a socket that refuses this still works.
    let _ = stream.set_nodelay(true);
    let stream = Patient::new(stream, door.limits.idle);
    let outcome = match &door.tls {
        None => converse(&door, stream, false, Peer { address, encrypted: false }, watcher).await,
        Some(acceptor) => match timeout(door.limits.patience, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                converse(&door, stream, h2, Peer { address, encrypted: true }, watcher).await
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err("the TLS handshake took too long".into()),
        },
    };
    if let Err(error) = outcome {
        tracing::debug!(%address, error, "connection ended");
    }
    drop(guest);
}

async fn converse<I>(
    door: &Door,
    io: I,
    h2: bool,
    peer: Peer,
    watcher: Watcher,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    // The protocol is known from the handshake. Guessing it from the first bytes would wait for them without limit.
    builder = if h2 { builder.http2_only() } else { builder.http1_only() };
    builder.http1().timer(TokioTimer::new()).header_read_timeout(door.limits.patience).max_buf_size(64 << 10);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .max_header_list_size(32 << 10)
        .keep_alive_interval(Duration::from_secs(20))
        .keep_alive_timeout(Duration::from_secs(20));
    let app = door.app.clone();
    let answer = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        app.clone().oneshot(request)
    });
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(io), answer).into_owned();
    watcher.watch(connection).await
}

/// A stream that gives up when neither side says anything for a while.
struct Patient {
    stream: TcpStream,
    limit: Duration,
    alarm: Pin<Box<Sleep>>,
}

impl Patient {
    fn new(stream: TcpStream, limit: Duration) -> Self {
        Self { stream, limit, alarm: Box::pin(sleep(limit)) }
    }

    fn moved<T>(&mut self, polled: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.alarm.as_mut().reset(Instant::now() + self.limit);
            return polled;
        }
        match self.alarm.as_mut().poll(cx) {
            Poll::Ready(()) => {
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the connection lay still")))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.moved(polled, cx)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.moved(polled, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
