//! What an administrator sets up: mail and SMS accounts, chat channels. All of it is sealed in the table, as passwords and
//! addresses that are passwords stand in it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How the connection to a mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS after `STARTTLS`, never without it (port 587).
    #[default]
    StartTls,
    /// None: a server on the same machine.
    None,
}

/// A mail account.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SmtpSettings {
    /// Name of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// User name; empty when the server asks for none.
    pub user: String,
    /// Password.
    pub password: String,
    /// Address of the sender.
    pub from: String,
    /// Name of the sender; empty for the tenant's.
    pub from_name: String,
    /// Connections at the same time.
    pub connections: u32,
    /// Whether the operator of the installation set it, who may name a server inside. Never read from a tenant's row.
    #[serde(skip)]
    pub from_operator: bool,
}

impl Default for SmtpSettings {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            encryption: Encryption::default(),
            user: String::new(),
            password: String::new(),
            from: String::new(),
            from_name: String::new(),
            connections: 8,
            from_operator: false,
        }
    }
}

/// An SMS gateway with an HTTP interface; `{to}` and `{text}` stand for number and words.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SmsSettings {
    /// `POST`, or what the gateway wants.
    pub method: String,
    /// The address, perhaps with `{to}` and `{text}` in its query.
    pub url: String,
    /// Headers, such as `authorization`.
    pub headers: BTreeMap<String, String>,
    /// `application/json`, `application/x-www-form-urlencoded` or other; decides how the places are escaped.
    pub content_type: String,
    /// The body.
    pub body: String,
}

/// Which chat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// Slack, by an incoming webhook.
    Slack,
    /// Microsoft Teams, by a workflow that takes a webhook.
    Teams,
    /// LINE WORKS, by an incoming webhook.
    LineWorks,
    /// Any other program that takes JSON.
    Json,
}

/// A chat channel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChatSettings {
    /// Which chat.
    pub kind: ChatKind,
    /// The address, which is its own password.
    pub url: String,
}

/// A LINE WORKS bot that writes into a room.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct LineWorksSettings {
    /// Client ID of the app.
    pub client_id: String,
    /// Client secret of the app.
    pub client_secret: String,
    /// Service account of the app.
    pub service_account: String,
    /// Private key of the service account (PEM).
    pub private_key: String,
    /// Number of the bot.
    pub bot: String,
    /// Id of the room, in which the bot is a member.
    pub channel: String,
    /// Another address than `https://www.worksapis.com`, such as a proxy's.
    pub api: String,
    /// Another address than `https://auth.worksmobile.com`.
    pub auth: String,
}

/// A Chatwork room.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct ChatworkSettings {
    /// Number of the room.
    pub room: String,
    /// API token of whoever writes there.
    pub token: String,
    /// Another address than `https://api.chatwork.com`.
    pub api: String,
}

/// A chat of whatever kind, as a letter is handed to it.
#[derive(Clone, PartialEq, Eq)]
pub enum ChatAccount {
    /// By an address that is its own password.
    Hook(ChatSettings),
    /// A LINE WORKS bot.
    LineWorks(LineWorksSettings),
    /// A Chatwork room.
    Chatwork(ChatworkSettings),
}

impl ChatAccount {
    /// The word of its kind.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Hook(hook) => hook.kind.word(),
            Self::LineWorks(_) => "line_works",
            Self::Chatwork(_) => "chatwork",
        }
    }

    /// What has a limit of its own at the far side: the address, the bot's room, the writer.
    pub fn limit(&self) -> String {
        match self {
            Self::Hook(hook) => format!("chat:{}", hook.url),
            Self::LineWorks(account) => format!("line_works:{}:{}", account.bot, account.channel),
            Self::Chatwork(account) => format!("chatwork:{}:{}", account.room, account.token),
        }
    }
}

impl ChatKind {
    /// The word in the table and in texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::LineWorks => "line_works_hook",
            Self::Json => "json",
        }
    }
}

/// A configured way out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ChannelSettings {
    /// A mail account.
    Smtp(SmtpSettings),
    /// An SMS gateway.
    Sms(SmsSettings),
    /// A chat channel by an incoming webhook.
    Chat(ChatSettings),
    /// A LINE WORKS bot.
    LineWorks(LineWorksSettings),
    /// A Chatwork room.
    Chatwork(ChatworkSettings),
}

impl ChannelSettings {
    /// The word of its kind, in the table and in texts.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "smtp",
            Self::Sms(_) => "sms",
            Self::Chat(chat) => chat.kind.word(),
            Self::LineWorks(_) => "line_works",
            Self::Chatwork(_) => "chatwork",
        }
    }
}

// Passwords, and addresses that are passwords, never reach a log.
impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpSettings({}:{})", self.host, self.port)
    }
}
impl fmt::Debug for SmsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SmsSettings(…)")
    }
}
impl fmt::Debug for ChatSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChatSettings({:?}, …)", self.kind)
    }
}
impl fmt::Debug for LineWorksSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LineWorksSettings({}, …)", self.bot)
    }
}
impl fmt::Debug for ChatworkSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChatworkSettings({}, …)", self.room)
    }
}
impl fmt::Debug for ChatAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
impl fmt::Debug for ChannelSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::{ChannelSettings, SmtpSettings};

    #[test]
    fn passwords_stay_out_of_logs_and_operators_marks_out_of_rows() {
        let smtp =
            SmtpSettings { password: "hunter2".to_owned(), from_operator: true, ..SmtpSettings::default() };
        assert!(!format!("{smtp:?}").contains("hunter2"));
        let row = serde_json::to_string(&ChannelSettings::Smtp(smtp)).unwrap();
        let forged = row.replacen('{', "{\"from_operator\":true,", 1);
        let ChannelSettings::Smtp(read) = serde_json::from_str(&forged).unwrap() else { panic!() };
        assert!(!read.from_operator);
    }
}
