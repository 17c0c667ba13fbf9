//! Far sides for tests: a mail server that speaks ESMTP with STARTTLS and AUTH, and an HTTP server that answers as told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sekisho_crypto::certificates::{Authority, ServerIdentity, server_config};
use sekisho_kernel::{Timestamp, World};
use sekisho_teststore::TestWorld;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A mail as the server got it.
#[derive(Clone, Debug)]
pub struct Mail {
    pub from: String,
    pub to: String,
    pub encrypted: bool,
    pub user: Option<String>,
    pub data: String,
}

/// A mail server on the loopback address.
pub struct MailServer {
    pub address: SocketAddr,
    pub root_pem: Vec<u8>,
    pub mails: Arc<Mutex<Vec<Mail>>>,
    pub connections: Arc<Mutex<u32>>,
    /// Answers to the next `RCPT`s instead of 250.
    pub refusals: Arc<Mutex<Vec<&'static str>>>,
}

impl MailServer {
    /// Offers STARTTLS, demands AUTH (user `office`, password `secret`) after it.
    pub async fn start() -> Self {
        let world: Arc<dyn World> = TestWorld::new();
        let long_ago = Timestamp::from_secs(1_700_000_000);
        let authority = Authority::generate("test mail", long_ago, 30, &*world).unwrap();
        let end = Timestamp::from_secs(2_500_000_000);
        let issued = authority.issue_server(&["localhost".to_owned()], long_ago, end, &*world).unwrap();
        let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem).unwrap());
        let acceptor = TlsAcceptor::from(server_config(identity, &world).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            root_pem: authority.certificate_pem().as_bytes().to_vec(),
            mails: Arc::default(),
            connections: Arc::default(),
            refusals: Arc::default(),
        };
        let (mails, connections, refusals) =
            (server.mails.clone(), server.connections.clone(), server.refusals.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                let (acceptor, mails, refusals) = (acceptor.clone(), mails.clone(), refusals.clone());
                tokio::spawn(async move {
                    let mut plain =
                        Talk { encrypted: false, mails: mails.clone(), refusals: refusals.clone() };
                    let mut stream = stream;
                    if plain.run(&mut stream, true).await
                        && let Ok(mut tls) = acceptor.accept(stream).await
                    {
                        Talk { encrypted: true, mails, refusals }.run(&mut tls, false).await;
                    }
                });
            }
        });
        server
    }
}

struct Talk {
    encrypted: bool,
    mails: Arc<Mutex<Vec<Mail>>>,
    refusals: Arc<Mutex<Vec<&'static str>>>,
}

impl Talk {
    /// Speaks until the end; tells whether TLS is to begin.
    async fn run<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut S, greet: bool) -> bool {
        let mut stream = BufReader::new(stream);
        if greet {
            stream.write_all(b"220 localhost ESMTP\r\n").await.unwrap();
        }
        let (mut from, mut to, mut user) = (String::new(), String::new(), None);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return false;
            }
            let line = line.trim_end().to_owned();
            let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            let answer = match word.as_str() {
                "EHLO" if self.encrypted => {
                    "250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned()
                }
                "EHLO" => "250-localhost\r\n250-8BITMIME\r\n250 STARTTLS".to_owned(),
                "STARTTLS" => {
                    stream.write_all(b"220 go on\r\n").await.unwrap();
                    stream.flush().await.unwrap();
                    return true;
                }
                "AUTH" => {
                    let given = line
                        .rsplit(' ')
                        .next()
                        .and_then(|text| STANDARD.decode(text).ok())
                        .unwrap_or_default();
                    if given == b"\0office\0secret" {
                        user = Some("office".to_owned());
                        "235 welcome".to_owned()
                    } else {
                        "535 who are you".to_owned()
                    }
                }
                "MAIL" if !self.encrypted => "530 STARTTLS first".to_owned(),
                "MAIL" if user.is_none() => "530 who are you".to_owned(),
                "MAIL" => {
                    from = line;
                    "250 ok".to_owned()
                }
                "RCPT" => {
                    to = line;
                    let refusal = {
                        let mut refusals = self.refusals.lock().unwrap();
                        (!refusals.is_empty()).then(|| refusals.remove(0))
                    };
                    refusal.unwrap_or("250 ok").to_owned()
                }
                "DATA" => {
                    stream.write_all(b"354 go on\r\n").await.unwrap();
                    stream.flush().await.unwrap();
                    let mut data = String::new();
                    loop {
                        let mut line = String::new();
                        stream.read_line(&mut line).await.unwrap();
                        if line == ".\r\n" {
                            break;
                        }
                        data.push_str(&line);
                    }
                    self.mails.lock().unwrap().push(Mail {
                        from: from.clone(),
                        to: to.clone(),
                        encrypted: self.encrypted,
                        user: user.clone(),
                        data,
                    });
                    "250 2.0.0 queued as 77".to_owned()
                }
                "QUIT" => "221 bye".to_owned(),
                _ => "250 ok".to_owned(),
            };
            if stream.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                return false;
            }
            let _ = stream.flush().await;
        }
    }
}

/// A call as the server got it.
#[derive(Clone, Debug)]
pub struct Got {
    pub head: String,
    /// The body, when it is text.
    pub body: String,
    /// Bytes of the body.
    pub length: usize,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }
}

/// An HTTP server on the loopback address.
pub struct HttpServer {
    pub address: SocketAddr,
    pub got: Arc<Mutex<Vec<Got>>>,
    /// Whole answers, the next first; `200` when none is left.
    pub answers: Arc<Mutex<Vec<String>>>,
}

/// An answer without a body.
pub fn answer(status: &str, headers: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: 0\r\n\r\n")
}

impl HttpServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server =
            Self { address: listener.local_addr().unwrap(), got: Arc::default(), answers: Arc::default() };
        let (got, answers) = (server.got.clone(), server.answers.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (got, answers) = (got.clone(), answers.clone());
                tokio::spawn(async move { talk(stream, &got, &answers).await });
            }
        });
        server
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn calls(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

async fn talk(stream: TcpStream, got: &Mutex<Vec<Got>>, answers: &Mutex<Vec<String>>) {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        let mut call = Got { head, body: String::new(), length: 0 };
        let length: usize = call.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        call.length = body.len();
        call.body = String::from_utf8(body).unwrap_or_default();
        got.lock().unwrap().push(call);
        let next = {
            let mut answers = answers.lock().unwrap();
            if answers.is_empty() { answer("200 OK", "") } else { answers.remove(0) }
        };
        if stream.write_all(next.as_bytes()).await.is_err() {
            return;
        }
    }
}
