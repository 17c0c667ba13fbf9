//! Channels, texts, delivery with retries, dead letters, receipts.
//!
//! A use case tells somebody something with [`Notify::tell`], inside its own transaction: what is committed will be told,
//! what is rolled back never is. A dispatcher takes what is due under a lease, lane by lane and fair between tenants, and
//! hands it to a [`send::Sender`]. It may be handed over twice, always with the same id, and is never forgotten: what
//! cannot be delivered is dead, shown to administrators, and sent again when they say so.

mod acts;
mod api;
mod api_acts;
mod attachment;
mod channels;
mod connect;
mod contacts;
mod dispatch;
mod message;
mod mine;
mod notices;
mod on_the_way;
mod pages;
mod people_events;
mod question;
mod receipts;
mod render;
mod retry;
mod run;
pub mod send;
mod settings;
pub mod tables;
mod tell;
mod vapid;
mod ways_out;
mod webhook_settings;
mod webhooks;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use acts::{ActError, Answered, Chosen, Said};
pub use attachment::{Attachment, CalendarMethod};
pub use channels::{Channel, ChannelError, channels};
pub use connect::{ConnectError, Connection};
pub use contacts::{Contact, Contacts, ContactsError, Home, People, base_of};
pub use message::{Arg, ChannelId, DeliveryId, Lane, Link, Means, Message, Recipient};
pub use mine::{Browser, MineError, NoticeKind};
pub use notices::{MailboxMessage, Notice, SendAgainError, count as count_notices, notices, undelivered};
pub use people_events::{SUBSCRIPTIONS, hear_of_people};
pub use question::{Choice, Question};
pub use receipts::{Receipt, ReceiptChoice, receipts};
pub use settings::{
    ChannelSettings, ChatAccount, ChatKind, ChatSettings, ChatworkSettings, Encryption, LineWorksSettings,
    SmsSettings, SmtpSettings,
};
pub use tables::{EndpointId, SubscriptionId, migrations};
pub use webhook_settings::{Fact, NewWebhook, WebhookError};

use ipnet::IpNet;
use sekisho_crypto::{CryptoError, Vault};
use sekisho_kernel::{FieldError, Kind, Kinded, Language, World};
use sekisho_storage::{Store, StoreError};
use sekisho_web::{Catalog, TextSource, Texts};

use retry::Breaker;
use send::Sender;
use send::guard::Guard;

/// Why a message could not be taken or a setting not be kept.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
    /// The tenant's keys failed.
    #[error("keys")]
    Keys(#[from] CryptoError),
    /// A value cannot be written down or read.
    #[error("content")]
    Content(#[from] serde_json::Error),
    /// What the message carries is too much, too many, or of no use to a mail program.
    #[error("{0}")]
    Attachments(String),
    /// The question the message puts has no answers, or too many.
    #[error("{0}")]
    Question(&'static str),
    /// Who is reached how could not be found out.
    #[error("contacts")]
    Contacts(#[from] ContactsError),
}

impl Kinded for NotifyError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Attachments(_) => {
                Kind::Invalid(vec![FieldError { field: "attachments", text: "notify-error-attachments" }])
            }
            Self::Keys(_) | Self::Content(_) | Self::Question(_) | Self::Contacts(_) => Kind::Broken,
        }
    }
}

/// What the operator of the installation decides.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Everything goes into the demo's mailbox and nothing to the outside.
    pub mailbox: bool,
    /// The mail account of tenants that have none of their own.
    pub smtp: Option<SmtpSettings>,
    /// Networks that are not public and that tenants may still name, such as the operator's own chat server.
    pub allowed_networks: Vec<IpNet>,
    /// `mailto:` or `https:` address by which push services find the operator.
    pub push_contact: String,
    /// Certificates (PEM) trusted beside those of the machine.
    pub roots: Vec<Vec<u8>>,
}

/// Tells people things.
#[derive(Clone)]
pub struct Notify(Arc<Inner>);

struct Inner {
    store: Store,
    vault: Vault,
    world: Arc<dyn World>,
    contacts: Arc<dyn Contacts>,
    catalog: OnceLock<Arc<Catalog>>,
    sender: Arc<dyn Sender>,
    guard: Guard,
    /// For other rooms; made at its first use and kept, with its connections.
    http: OnceLock<Arc<send::http::Http>>,
    tls: OnceLock<Arc<rustls::ClientConfig>>,
    options: Options,
    breaker: Mutex<Breaker>,
    vapid: vapid::Keys,
    kinds: Mutex<Vec<NoticeKind>>,
    handlers: Mutex<HashMap<&'static str, acts::Handler>>,
    running: AtomicBool,
    /// When something was last told in this process, in microseconds.
    told_at: AtomicI64,
}

impl Notify {
    /// With the ways out that `options` decide.
    pub fn new(
        store: Store,
        vault: Vault,
        world: Arc<dyn World>,
        contacts: Arc<dyn Contacts>,
        options: Options,
    ) -> Self {
        let guard = Guard::allowing(options.allowed_networks.clone());
        let sender: Arc<dyn Sender> = if options.mailbox {
            Arc::new(send::mailbox::Mailbox::new(store.clone()))
        } else {
            Arc::new(send::Outside::new(guard.clone(), options.push_contact.clone(), options.roots.clone()))
        };
        Self::with_sender(store, vault, world, contacts, options, sender)
    }

    /// With a way out of one's own.
    pub fn with_sender(
        store: Store,
        vault: Vault,
        world: Arc<dyn World>,
        contacts: Arc<dyn Contacts>,
        options: Options,
        sender: Arc<dyn Sender>,
    ) -> Self {
        let guard = Guard::allowing(options.allowed_networks.clone());
        Self(Arc::new(Inner {
            store,
            vault,
            world,
            contacts,
            catalog: OnceLock::new(),
            sender,
            guard,
            http: OnceLock::new(),
            tls: OnceLock::new(),
            options,
            breaker: Mutex::default(),
            vapid: vapid::Keys::default(),
            kinds: Mutex::default(),
            handlers: Mutex::default(),
            running: AtomicBool::new(false),
            told_at: AtomicI64::new(0),
        }))
    }

    /// A client for addresses that tenants typed, of other rooms too: guarded like our own.
    pub fn http(&self) -> Result<Arc<send::http::Http>, send::SendError> {
        if let Some(http) = self.0.http.get() {
            return Ok(http.clone());
        }
        let made = Arc::new(send::http::Http::new(self.0.guard.clone(), &self.0.options.roots)?);
        Ok(self.0.http.get_or_init(|| made).clone())
    }

    /// Whether a connection to an address that a tenant typed may be made at all.
    pub fn may_connect(&self, url: &str) -> Result<(), send::guard::GuardError> {
        self.0.guard.url(url).map(drop)
    }

    /// Gives the texts of all modules; once, before the first message is sent.
    pub fn speak(&self, catalog: Arc<Catalog>) {
        let _ = self.0.catalog.set(catalog);
    }

    /// The texts in one language, for words that a module puts together itself; none before [`Notify::speak`].
    pub fn texts(&self, language: Language) -> Option<Texts> {
        self.0.catalog.get().map(|catalog| Texts::new(catalog.clone(), language))
    }

    /// Whether everything goes into the demo's mailbox.
    pub fn is_mailbox(&self) -> bool {
        self.0.options.mailbox
    }

    fn breaker<T>(&self, ask: impl FnOnce(&mut Breaker) -> T) -> T {
        ask(&mut self.0.breaker.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that a message was told, so that a dispatcher looks when the transaction commits.
    fn was_told(&self) {
        self.0.told_at.store(self.0.world.now().as_micros(), Ordering::SeqCst);
    }

    fn is_running(&self) -> bool {
        self.0.running.load(Ordering::SeqCst)
    }
}

/// The entries of the rail.
pub use pages::{nav, samplers};

/// The texts of this room.
pub fn texts() -> TextSource {
    TextSource {
        module: "notify",
        ja: include_str!("../texts/ja.ftl"),
        en: include_str!("../texts/en.ftl"),
        zh: include_str!("../texts/zh.ftl"),
        ko: include_str!("../texts/ko.ftl"),
    }
}
