//! The ways out. A sender hands one letter to the outside and says how that ended.

pub mod chat;
pub mod chatwork;
pub mod guard;
pub mod http;
pub mod line_works;
pub mod mail;
pub mod mailbox;
pub mod push;
pub mod sms;
pub mod webhook;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sekisho_crypto::web_push::Vapid;
use sekisho_kernel::Cx;
use uuid::Uuid;

use crate::settings::{ChatAccount, SmsSettings, SmtpSettings};
use crate::{Attachment, DeliveryId, Lane};

/// A letter ready to go: texts in the recipient's language, links whole.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The same over all tries, so that the far side can fold duplicates.
    pub id: DeliveryId,
    /// How urgent.
    pub lane: Lane,
    /// One line.
    pub subject: String,
    /// Paragraphs, without links.
    pub body: String,
    /// Few words for a text message or push.
    pub short: String,
    /// Words and whole addresses.
    pub links: Vec<(String, String)>,
    /// The answers to what it asks, each with the address of its button.
    pub choices: Vec<(String, String)>,
    /// The address of the page with all answers, where there is room for one address only.
    pub all_choices: Option<String>,
    /// What a mail carries.
    pub attachments: Vec<Attachment>,
    /// Where it goes.
    pub destination: Destination,
    /// Name of the tenant, as senders and footers show it.
    pub from: String,
}

impl Letter {
    /// All buttons: the answers first.
    pub fn buttons(&self) -> impl Iterator<Item = &(String, String)> {
        self.choices.iter().chain(&self.links)
    }
}

/// Where a letter goes, opened from its seal just before.
#[derive(Clone, Debug)]
pub enum Destination {
    /// A mail address.
    Mail {
        /// The address.
        address: String,
        /// What to call them; may be empty.
        name: String,
        /// The account it is sent from.
        account: SmtpSettings,
    },
    /// A telephone.
    Sms {
        /// E.164 number.
        number: String,
        /// The gateway.
        gateway: SmsSettings,
    },
    /// A browser.
    Push {
        /// The browser's subscription.
        subscription: push::Subscription,
        /// The tenant's key, which the subscription is bound to.
        vapid: Arc<Vapid>,
    },
    /// A chat channel.
    Chat {
        /// The channel.
        channel: ChatAccount,
    },
}

impl Destination {
    /// The word of the means.
    pub fn means(&self) -> crate::Means {
        match self {
            Self::Mail { .. } => crate::Means::Mail,
            Self::Sms { .. } => crate::Means::Sms,
            Self::Push { .. } => crate::Means::Push,
            Self::Chat { .. } => crate::Means::Chat,
        }
    }

    /// The far side whose failing or slowness concerns all letters to it: what the breaker counts by.
    pub fn host(&self) -> String {
        let host_of =
            |url: &str| reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
        match self {
            Self::Mail { account, .. } => format!("smtp:{}:{}", account.host, account.port),
            Self::Sms { gateway, .. } => format!("sms:{}", host_of(&gateway.url).unwrap_or_default()),
            Self::Push { subscription, .. } => {
                format!("push:{}", host_of(&subscription.endpoint).unwrap_or_default())
            }
            Self::Chat { channel } => channel.limit(),
        }
    }
}

/// Why a letter was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may work later; the far side may have said when.
    #[error("{why}")]
    Later {
        /// What happened, without personal data.
        why: String,
        /// As long as the far side asked us to wait.
        wait: Option<Duration>,
        /// Whether the far side as a whole is at fault, so that others to it should wait too.
        whole: bool,
    },
    /// The address is gone for good: the subscription is forgotten.
    #[error("{0}")]
    Gone(String),
    /// Trying again cannot help.
    #[error("{0}")]
    Never(String),
}

impl SendError {
    /// Trouble of the far side as a whole.
    pub fn later(why: impl Into<String>) -> Self {
        Self::Later { why: why.into(), wait: None, whole: true }
    }
}

/// Hands letters to the outside.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends `letter`; tells what the far side answered, which is kept as the receipt.
    async fn send(&self, cx: &Cx, letter: &Letter) -> Result<String, SendError>;

    /// Sends a fact to a webhook endpoint.
    async fn post(&self, cx: &Cx, call: &webhook::Call) -> Result<String, SendError>;
}

/// The real ways out.
pub struct Outside {
    // A machine without any root certificates still runs; what needs HTTPS tells why it cannot go out.
    http: Result<http::Http, SendError>,
    mail: mail::Mail,
    push: push::Push,
    line_works: line_works::LineWorks,
}

impl Outside {
    /// Connects only where `guard` permits. `contact` is told to push services. `roots` are certificates (PEM) trusted beside those of the machine, for mail
    /// servers with a private authority.
    pub fn new(guard: guard::Guard, contact: String, roots: Vec<Vec<u8>>) -> Self {
        let http = http::Http::new(guard.clone(), &roots);
        Self {
            http,
            mail: mail::Mail::new(guard, roots),
            push: push::Push(contact),
            line_works: Default::default(),
        }
    }
}

impl Outside {
    fn http(&self) -> Result<&http::Http, SendError> {
        self.http.as_ref().map_err(Clone::clone)
    }
}

#[async_trait]
impl Sender for Outside {
    async fn send(&self, cx: &Cx, letter: &Letter) -> Result<String, SendError> {
        match &letter.destination {
            Destination::Mail { address, name, account } => {
                self.mail.send(cx, letter, account, address, name).await
            }
            Destination::Sms { number, gateway } => {
                sms::send(self.http()?, cx, letter, gateway, number).await
            }
            Destination::Push { subscription, vapid } => {
                self.push.send(self.http()?, cx, letter, subscription, vapid).await
            }
            Destination::Chat { channel } => match channel {
                ChatAccount::Hook(hook) => chat::send(self.http()?, cx, letter, hook).await,
                ChatAccount::LineWorks(account) => {
                    self.line_works.send(self.http()?, cx, letter, account).await
                }
                ChatAccount::Chatwork(account) => chatwork::send(self.http()?, cx, letter, account).await,
            },
        }
    }

    async fn post(&self, cx: &Cx, call: &webhook::Call) -> Result<String, SendError> {
        webhook::send(self.http()?, cx, call).await
    }
}

/// The id as the far side sees it.
pub(crate) fn outward(id: impl Into<Uuid>) -> String {
    id.into().simple().to_string()
}
