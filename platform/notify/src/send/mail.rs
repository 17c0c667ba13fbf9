//! Mail by SMTP. One pool of connections for each account, as reusing them triples what a server takes.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sekisho_kernel::Cx;

use super::guard::Guard;
use super::{Letter, SendError, outward};
use crate::Attachment;
use crate::attachment::Place;
use crate::settings::{Encryption, SmtpSettings};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// An SMTP command may take so long.
const TIME: Duration = Duration::from_secs(20);
/// Pools kept; more accounts than that means some are opened anew.
const MOST_POOLS: usize = 64;

/// Sends mail.
pub struct Mail {
    guard: Guard,
    roots: Vec<Vec<u8>>,
    pools: Mutex<HashMap<SmtpSettings, Transport>>,
}

impl Mail {
    /// Connects only where `guard` permits; `roots` (PEM) are trusted beside the machine's.
    pub fn new(guard: Guard, roots: Vec<Vec<u8>>) -> Self {
        Self { guard, roots, pools: Mutex::default() }
    }

    /// Hands the letter to the account's server.
    pub async fn send(
        &self,
        cx: &Cx,
        letter: &Letter,
        account: &SmtpSettings,
        address: &str,
        name: &str,
    ) -> Result<String, SendError> {
        let message = compose(cx, letter, account, address, name)?;
        let transport = self.transport(account).await?;
        match transport.send(message).await {
            Ok(response) => {
                let said = response.message().collect::<Vec<_>>().join(" ");
                Ok(format!("{} {said}", response.code()).chars().take(300).collect())
            }
            Err(error) => {
                if !error.is_response() {
                    // The server may have moved; look its name up again next time.
                    self.forget(account);
                }
                Err(judge(&error))
            }
        }
    }

    fn forget(&self, account: &SmtpSettings) {
        if let Ok(mut pools) = self.pools.lock() {
            pools.remove(account);
        }
    }

    async fn transport(&self, account: &SmtpSettings) -> Result<Transport, SendError> {
        if let Ok(pools) = self.pools.lock()
            && let Some(transport) = pools.get(account)
        {
            return Ok(transport.clone());
        }
        let transport = self.connectable(account).await?;
        if let Ok(mut pools) = self.pools.lock() {
            if pools.len() >= MOST_POOLS {
                pools.clear();
            }
            pools.insert(account.clone(), transport.clone());
        }
        Ok(transport)
    }

    async fn connectable(&self, account: &SmtpSettings) -> Result<Transport, SendError> {
        // The connection goes to the address judged here; the certificate is still checked for the name.
        let server = if account.from_operator {
            account.host.clone()
        } else {
            let found = self.guard.resolve(&account.host, account.port, false).await;
            let found = found.map_err(|error| match error {
                super::guard::GuardError::Unknown(_) => SendError::later(error.to_string()),
                other => SendError::Never(other.to_string()),
            })?;
            found.first().map(|found| found.ip().to_string()).unwrap_or_default()
        };
        let tls = match account.encryption {
            Encryption::None => Tls::None,
            Encryption::Tls => Tls::Wrapper(self.tls(&account.host)?),
            Encryption::StartTls => Tls::Required(self.tls(&account.host)?),
        };
        let mut builder = Transport::builder_dangerous(server)
            .port(account.port)
            .timeout(Some(TIME))
            .tls(tls)
            .hello_name(ClientId::Domain(domain_of(&account.from)))
            .pool_config(
                PoolConfig::new()
                    .max_size(account.connections.clamp(1, 50))
                    .idle_timeout(Duration::from_secs(60)),
            );
        if !account.user.is_empty() {
            builder = builder.credentials(Credentials::new(account.user.clone(), account.password.clone()));
        }
        Ok(builder.build())
    }

    fn tls(&self, host: &str) -> Result<TlsParameters, SendError> {
        let mut builder = TlsParameters::builder(host.to_owned());
        for root in &self.roots {
            if let Ok(root) = Certificate::from_pem(root) {
                builder = builder.add_root_certificate(root);
            }
        }
        builder.build_rustls().map_err(|error| SendError::Never(error.to_string()))
    }
}

fn domain_of(address: &str) -> String {
    address.rsplit_once('@').map_or("localhost", |(_, domain)| domain).to_owned()
}

fn judge(error: &lettre::transport::smtp::Error) -> SendError {
    let mut why = error.to_string();
    if let Some(cause) = std::error::Error::source(error) {
        why = format!("{why}: {cause}");
    }
    let why: String = why.chars().filter(|letter| !letter.is_control()).take(300).collect();
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    match code.as_str() {
        // Mailbox unavailable, user not local, name not allowed: this address will not work.
        "550" | "551" | "553" => SendError::Gone(why),
        _ if error.is_permanent() => SendError::Never(why),
        // A mailbox that is full or grey-listed says nothing about the others.
        "450" | "452" => SendError::Later { why, wait: None, whole: false },
        _ => SendError::later(why),
    }
}

fn compose(
    cx: &Cx,
    letter: &Letter,
    account: &SmtpSettings,
    address: &str,
    name: &str,
) -> Result<Message, SendError> {
    let parse = |address: &str| {
        address.parse::<Address>().map_err(|_| SendError::Gone("not a mail address".to_owned()))
    };
    let display = |name: &str| {
        let name: String = name.chars().filter(|letter| !letter.is_control()).take(100).collect();
        (!name.is_empty()).then_some(name)
    };
    let from_name = if account.from_name.is_empty() { &letter.from } else { &account.from_name };
    let at = SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(cx.now.as_micros()).unwrap_or(0));
    let subject: String = letter.subject.chars().filter(|letter| !letter.is_control()).collect();
    let mut message = Message::builder()
        .from(Mailbox::new(display(from_name), parse(&account.from)?))
        .to(Mailbox::new(display(name), parse(address)?))
        .subject(subject)
        .date(at)
        .message_id(Some(format!("<{}@{}>", outward(letter.id), domain_of(&account.from))));
    // Answers of absence robots to robots help nobody (RFC 3834).
    for (header, value) in [("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")] {
        if let Ok(header) = HeaderName::new_from_ascii(header.to_owned()) {
            message = message.raw_header(HeaderValue::new(header, value.to_owned()));
        }
    }
    let words = words(letter)?;
    let beside: Vec<SinglePart> = letter
        .attachments
        .iter()
        .filter(|attachment| !matches!(attachment.place, Place::Among { .. }))
        .map(beside)
        .collect::<Result<_, _>>()?;
    let whole = if beside.is_empty() {
        words
    } else {
        beside.into_iter().fold(MultiPart::mixed().multipart(words), MultiPart::singlepart)
    };
    message.multipart(whole).map_err(|error| SendError::Never(error.to_string()))
}

/// The same words three ways, the best last: plain, HTML with its pictures, and the calendar object if there is one.
/// Calendar programs look for it here (RFC 6047, 2.4).
fn words(letter: &Letter) -> Result<MultiPart, SendError> {
    let pictures: Vec<(&Attachment, &str)> = letter
        .attachments
        .iter()
        .filter_map(|attachment| match &attachment.place {
            Place::Among { cid } => Some((attachment, cid.as_str())),
            _ => None,
        })
        .collect();
    let plain = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(plain(letter));
    let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(html(letter));
    let words = MultiPart::alternative().singlepart(plain);
    let mut words = if pictures.is_empty() {
        words.singlepart(html)
    } else {
        let mut related = MultiPart::related().singlepart(html);
        for (picture, cid) in pictures {
            let inline =
                lettre::message::Attachment::new_inline_with_name(cid.to_owned(), picture.file_name());
            related = related.singlepart(inline.body(picture.bytes.clone(), kind(&picture.content_type)?));
        }
        words.multipart(related)
    };
    for attachment in &letter.attachments {
        if let Place::Calendar { method } = attachment.place {
            let kind = kind(&format!("text/calendar; charset=utf-8; method={}", method.word()))?;
            words = words.singlepart(SinglePart::builder().header(kind).body(attachment.bytes.clone()));
        }
    }
    Ok(words)
}

fn beside(attachment: &Attachment) -> Result<SinglePart, SendError> {
    let content_type = match attachment.place {
        // Programs that took the object among the words would take it a second time as `text/calendar`.
        Place::Calendar { .. } => "application/ics",
        _ => attachment.content_type.as_str(),
    };
    let part = lettre::message::Attachment::new(attachment.file_name());
    Ok(part.body(attachment.bytes.clone(), kind(content_type)?))
}

fn kind(content_type: &str) -> Result<ContentType, SendError> {
    ContentType::parse(content_type).map_err(|error| SendError::Never(error.to_string()))
}

/// The text of a mail, links on lines of their own.
pub fn plain(letter: &Letter) -> String {
    let mut text = letter.body.clone();
    for (words, url) in letter.buttons() {
        text.push_str(&format!("\n\n{words}\n{url}"));
    }
    text.push_str(&format!("\n\n-- \n{}\n", letter.from));
    text
}

/// The same as simple HTML: no pictures but those it carries, no outside styles, readable in light and dark.
pub fn html(letter: &Letter) -> String {
    let mut html = String::from(
        "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"></head>\
         <body style=\"margin:0;padding:24px;font-family:'Noto Sans JP','Hiragino Sans','Yu Gothic UI',sans-serif;line-height:1.7;font-size:16px\"><div style=\"max-width:560px;margin:0 auto\">",
    );
    html.push_str(&format!(
        "<h1 style=\"font-size:20px;line-height:1.4;margin:0 0 16px\">{}</h1>",
        escape(&letter.subject)
    ));
    for paragraph in letter.body.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
        html.push_str(&format!(
            "<p style=\"margin:0 0 16px\">{}</p>",
            escape(paragraph.trim()).replace('\n', "<br>")
        ));
    }
    for picture in &letter.attachments {
        if let Place::Among { cid } = &picture.place {
            html.push_str(&format!(
                "<p style=\"margin:24px 0\"><img src=\"cid:{cid}\" alt=\"{}\" style=\"max-width:100%;height:auto\"></p>",
                escape(&picture.name)
            ));
        }
    }
    // Answers stand side by side; their long addresses are in the plain text.
    let mut row = String::new();
    for (number, (words, url)) in letter.choices.iter().enumerate() {
        let colours =
            if number == 0 { "background:#1f5fbf;color:#ffffff" } else { "color:#1f5fbf;background:#ffffff" };
        row.push_str(&format!(
            "<a href=\"{}\" style=\"display:inline-block;margin:0 8px 8px 0;padding:12px 24px;border-radius:8px;border:1px solid #1f5fbf;{colours};text-decoration:none\">{}</a>",
            escape(url),
            escape(words)
        ));
    }
    if !row.is_empty() {
        html.push_str(&format!("<p style=\"margin:24px 0\">{row}</p>"));
    }
    for (words, url) in &letter.links {
        html.push_str(&format!(
            "<p style=\"margin:24px 0\"><a href=\"{0}\" style=\"display:inline-block;padding:12px 24px;border-radius:8px;background:#1f5fbf;color:#ffffff;text-decoration:none\">{1}</a></p><p style=\"margin:0 0 16px;font-size:13px;word-break:break-all\">{0}</p>",
            escape(url),
            escape(words)
        ));
    }
    html.push_str(&format!(
        "<p style=\"margin:32px 0 0;padding-top:12px;border-top:1px solid #8888;font-size:13px\">{}</p></div></body></html>",
        escape(&letter.from)
    ));
    html
}

fn escape(text: &str) -> String {
    sekisho_web::Markup::text(text).to_string()
}
