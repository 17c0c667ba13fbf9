//! The ways out a tenant has set up.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::Place;
use sekisho_kernel::{AuditEntry, Cx, Kind, Kinded, PersonId, TenantId};
use sekisho_storage::{Scope, Scoped, StoreError};
use uuid::Uuid;

use crate::send::push::Subscription;
use crate::tables::{notify_channels, notify_subscriptions};
use crate::{
    ChannelId, ChannelSettings, ChatAccount, ChatworkSettings, Lane, LineWorksSettings, Means, Message,
    Notify, NotifyError, Recipient, SmsSettings, SmtpSettings,
};

/// Why a way out could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// There is none such.
    #[error("no such channel")]
    Missing,
    /// It has no name, or one field is of no use.
    #[error("a field is not usable")]
    Invalid(&'static str, &'static str),
    /// The store or the keys failed.
    #[error("channel")]
    Broken(#[from] NotifyError),
}

impl Kinded for ChannelError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::Invalid(field, text) => Kind::Invalid(vec![sekisho_kernel::FieldError { field, text }]),
            Self::Broken(error) => error.kind(),
        }
    }
}

impl From<StoreError> for ChannelError {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.into())
    }
}

/// A way out as it is listed; its settings stay sealed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Channel {
    /// Which.
    pub id: ChannelId,
    /// `smtp`, `sms`, `slack`, `teams`, `line_works`, `line_works_hook`, `chatwork`, `json`.
    pub kind: String,
    /// What people call it.
    pub name: String,
}

pub(crate) fn place(id: ChannelId) -> Place<'static> {
    Place { table: "notify_channels", column: "settings", row: id.uuid() }
}

pub(crate) fn subscription_place(id: Uuid) -> Place<'static> {
    Place { table: "notify_subscriptions", column: "content", row: id }
}

/// The tenant's ways out by name.
pub async fn channels(scope: &impl Scoped) -> Result<Vec<Channel>, StoreError> {
    let rows = scope
        .find::<notify_channels::Entity>()
        .filter(notify_channels::Column::RemovedAt.is_null())
        .ascending(notify_channels::Column::Name)
        .all()
        .await?;
    Ok(rows.into_iter().map(|row| Channel { id: row.id, kind: row.kind, name: row.name }).collect())
}

impl Notify {
    /// Sets up a way out, or changes one. The caller has checked that the actor administers the tenant.
    pub async fn save_channel(
        &self,
        cx: &Cx,
        id: Option<ChannelId>,
        name: &str,
        settings: &ChannelSettings,
    ) -> Result<ChannelId, ChannelError> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(ChannelError::Invalid("name", "notify-error-name"));
        }
        self.check(settings)?;
        let keys = self.0.vault.keys(cx.tenant).await.map_err(NotifyError::from)?;
        let plain = serde_json::to_vec(settings).map_err(NotifyError::from)?;
        let tx = self.0.store.begin(cx).await?;
        let (id, entry) = match id {
            None => {
                let id: ChannelId = cx.fresh_id();
                tx.insert::<notify_channels::Entity>(notify_channels::ActiveModel {
                    tenant_id: Set(cx.tenant),
                    id: Set(id),
                    kind: Set(settings.word().to_owned()),
                    name: Set(name.to_owned()),
                    settings: Set(keys.seal_secret(&place(id), &plain)),
                    version: Set(1),
                    removed_at: Set(None),
                })
                .await?;
                (id, AuditEntry::done("channel.add"))
            }
            Some(id) => {
                let changed = tx
                    .update::<notify_channels::Entity>()
                    .set(notify_channels::Column::Name, name)
                    .set(notify_channels::Column::Kind, settings.word())
                    .set(notify_channels::Column::Settings, keys.seal_secret(&place(id), &plain))
                    .filter(this(id))
                    .exec()
                    .await?;
                if changed == 0 {
                    return Err(ChannelError::Missing);
                }
                (id, AuditEntry::done("channel.change"))
            }
        };
        tx.commit(entry.on("channel", id, name).with("kind", settings.word())).await?;
        Ok(id)
    }

    /// Takes a way out away; what is still queued for it dies and can be seen.
    pub async fn remove_channel(&self, cx: &Cx, id: ChannelId) -> Result<(), ChannelError> {
        let tx = self.0.store.begin(cx).await?;
        let row = row(&tx, id).await?;
        tx.update::<notify_channels::Entity>()
            .set(notify_channels::Column::RemovedAt, cx.now)
            .filter(this(id))
            .exec()
            .await?;
        tx.commit(AuditEntry::done("channel.remove").on("channel", id, row.name)).await?;
        Ok(())
    }

    /// Sends a test message through a channel: into the chat, or to the person who asks.
    pub async fn send_test(&self, cx: &Cx, id: ChannelId, person: PersonId) -> Result<(), ChannelError> {
        let mut tx = self.0.store.begin(cx).await?;
        let row = row(&tx, id).await?;
        let (to, means) = match row.kind.as_str() {
            "smtp" => (Recipient::Person { id: person }, Means::Mail),
            "sms" => (Recipient::Person { id: person }, Means::Sms),
            _ => (Recipient::Channel { id, language: cx.language }, Means::Chat),
        };
        let message = Message::new(to, Lane::Operational, "notify-test").by(&[means]);
        self.tell(&mut tx, message.link("notify-test-link", "/settings/notices")).await?;
        tx.commit(AuditEntry::done("channel.test").on("channel", id, row.name)).await?;
        Ok(())
    }

    /// One way out as it is listed.
    pub(crate) async fn channel(&self, cx: &Cx, id: ChannelId) -> Result<Channel, ChannelError> {
        let scope = self.0.store.read(cx.tenant).await?;
        let row = row(&scope, id).await?;
        Ok(Channel { id: row.id, kind: row.kind, name: row.name })
    }

    fn check(&self, settings: &ChannelSettings) -> Result<(), ChannelError> {
        let url = |url: &str| self.0.guard.url(&url.replace(['{', '}'], "")).map(|_| ());
        let other = |address: &str| match address {
            "" => Ok(()),
            address => url(address).map_err(|_| ChannelError::Invalid("api", "notify-error-url")),
        };
        match settings {
            ChannelSettings::Smtp(smtp) => {
                if smtp.host.trim().is_empty() || smtp.port == 0 {
                    return Err(ChannelError::Invalid("host", "notify-error-host"));
                }
                if !smtp.from.contains('@') {
                    return Err(ChannelError::Invalid("from", "notify-error-mail"));
                }
                if smtp.encryption == crate::Encryption::None && !smtp.user.is_empty() {
                    return Err(ChannelError::Invalid("encryption", "notify-error-plain-password"));
                }
                Ok(())
            }
            ChannelSettings::Sms(sms) => {
                url(&sms.url).map_err(|_| ChannelError::Invalid("url", "notify-error-url"))?;
                let whole = |place: &str| sms.url.contains(place) || sms.body.contains(place);
                if !whole("{to}") || !whole("{text}") {
                    return Err(ChannelError::Invalid("body", "notify-error-places"));
                }
                Ok(())
            }
            ChannelSettings::Chat(chat) => {
                url(&chat.url).map_err(|_| ChannelError::Invalid("url", "notify-error-url"))
            }
            ChannelSettings::LineWorks(account) => {
                check_line_works(account)?;
                other(&account.api)?;
                other(&account.auth)
            }
            ChannelSettings::Chatwork(account) => {
                check_chatwork(account)?;
                other(&account.api)
            }
        }
    }

    async fn settings_of(
        &self,
        scope: &Scope,
        tenant: TenantId,
        which: Condition,
    ) -> Result<Option<ChannelSettings>, NotifyError> {
        let row = scope
            .find::<notify_channels::Entity>()
            .filter(which.add(notify_channels::Column::RemovedAt.is_null()))
            .descending(notify_channels::Column::Id)
            .one()
            .await?;
        let Some(row) = row else { return Ok(None) };
        let plain = self.0.vault.keys(tenant).await?.open(&place(row.id), &row.settings)?;
        Ok(Some(serde_json::from_slice(&plain)?))
    }

    /// The account mail goes out from: the tenant's own, else the operator's.
    pub(crate) async fn mail_account(
        &self,
        scope: &Scope,
        tenant: TenantId,
    ) -> Result<Option<SmtpSettings>, NotifyError> {
        if self.is_mailbox() {
            return Ok(Some(SmtpSettings::default()));
        }
        let own = Condition::all().add(notify_channels::Column::Kind.eq("smtp"));
        Ok(match self.settings_of(scope, tenant, own).await? {
            Some(ChannelSettings::Smtp(smtp)) => Some(smtp),
            _ => self.0.options.smtp.clone().map(|smtp| SmtpSettings { from_operator: true, ..smtp }),
        })
    }

    pub(crate) async fn sms_gateway(
        &self,
        scope: &Scope,
        tenant: TenantId,
    ) -> Result<Option<SmsSettings>, NotifyError> {
        if self.is_mailbox() {
            return Ok(Some(SmsSettings::default()));
        }
        let own = Condition::all().add(notify_channels::Column::Kind.eq("sms"));
        Ok(match self.settings_of(scope, tenant, own).await? {
            Some(ChannelSettings::Sms(sms)) => Some(sms),
            _ => None,
        })
    }

    pub(crate) async fn chat_channel(
        &self,
        scope: &Scope,
        tenant: TenantId,
        target: Option<Uuid>,
    ) -> Result<Option<ChatAccount>, NotifyError> {
        let which = Condition::all().add(notify_channels::Column::Id.eq(target.unwrap_or_default()));
        Ok(match self.settings_of(scope, tenant, which).await? {
            Some(ChannelSettings::Chat(hook)) => Some(ChatAccount::Hook(hook)),
            Some(ChannelSettings::LineWorks(account)) => Some(ChatAccount::LineWorks(account)),
            Some(ChannelSettings::Chatwork(account)) => Some(ChatAccount::Chatwork(account)),
            _ => None,
        })
    }

    pub(crate) async fn subscription(
        &self,
        scope: &Scope,
        tenant: TenantId,
        target: Option<Uuid>,
    ) -> Result<Option<Subscription>, NotifyError> {
        let id = target.unwrap_or_default();
        let this = notify_subscriptions::Column::Id.eq(id);
        let Some(row) = scope.find::<notify_subscriptions::Entity>().filter(this).one().await? else {
            return Ok(None);
        };
        let plain = self.0.vault.keys(tenant).await?.open(&subscription_place(id), &row.content)?;
        Ok(Some(serde_json::from_slice(&plain)?))
    }
}

/// Bot and room become part of an address, the rest signs in.
fn check_line_works(account: &LineWorksSettings) -> Result<(), ChannelError> {
    let part = |text: &str| {
        let fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !text.is_empty() && text.len() <= 100 && text.bytes().all(fine)
    };
    for (text, field) in [(&account.bot, "bot"), (&account.channel, "channel")] {
        if !part(text) {
            return Err(ChannelError::Invalid(field, "notify-error-line-works-id"));
        }
    }
    for (text, field) in [
        (&account.client_id, "client_id"),
        (&account.client_secret, "client_secret"),
        (&account.service_account, "service_account"),
    ] {
        if text.trim().is_empty() {
            return Err(ChannelError::Invalid(field, "notify-error-line-works-app"));
        }
    }
    sekisho_crypto::RsaSigner::from_pem(&account.private_key)
        .map(|_| ())
        .map_err(|_| ChannelError::Invalid("private_key", "notify-error-private-key"))
}

fn check_chatwork(account: &ChatworkSettings) -> Result<(), ChannelError> {
    let number = !account.room.is_empty() && account.room.len() <= 20;
    if !number || !account.room.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ChannelError::Invalid("room", "notify-error-room"));
    }
    // It goes into a header, which takes plain letters only.
    if account.token.is_empty() || !account.token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ChannelError::Invalid("token", "notify-error-chat-token"));
    }
    Ok(())
}

async fn row(scope: &impl Scoped, id: ChannelId) -> Result<notify_channels::Model, ChannelError> {
    scope.find::<notify_channels::Entity>().filter(this(id)).one().await?.ok_or(ChannelError::Missing)
}

fn this(id: ChannelId) -> Condition {
    Condition::all().add(notify_channels::Column::Id.eq(id)).add(notify_channels::Column::RemovedAt.is_null())
}
