//! Rows of this room.

use sekisho_kernel::{EventId, PersonId, Timestamp};
use sekisho_storage::reseal::SealedColumn;
use sekisho_storage::{Change, JsonText, Migration, Table, tenant_table};
use uuid::Uuid;

use crate::{ChannelId, DeliveryId};

/// The columns that hold sealed values.
pub const SEALED: [SealedColumn; 7] = [
    SealedColumn::new("notify_deliveries", "content"),
    SealedColumn::new("notify_attachments", "content"),
    SealedColumn::new("notify_asks", "content"),
    SealedColumn::new("notify_channels", "settings"),
    SealedColumn::new("notify_webhooks", "secret"),
    SealedColumn::new("notify_subscriptions", "content"),
    SealedColumn::new("notify_vapid", "key").only_row(),
];

sekisho_kernel::typed_id!(/// A webhook endpoint of the tenant.
    EndpointId);
sekisho_kernel::typed_id!(/// One browser that takes push messages.
    SubscriptionId);
sekisho_kernel::typed_id!(/// One message in the demo's mailbox.
    MailboxId);
sekisho_kernel::typed_id!(/// What a message in the demo's mailbox carried.
    MailboxFileId);

tenant_table!(/// Messages on their way, and what became of them.
    notify_deliveries, "notify_deliveries", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: DeliveryId,
    /// To whom, when it is a person of the tenant.
    person_id: Option<PersonId>,
    /// `mail`, `sms`, `push`, `chat`, `webhook`.
    means: String,
    /// The channel, subscription or endpoint.
    target: Option<Uuid>,
    /// Number of the lane.
    lane: i64,
    /// Which text, or the name of the fact.
    template: String,
    /// Recipient, arguments and links, sealed.
    content: Vec<u8>,
    /// `queued`, `sent`, `dead`, `dropped`.
    state: String,
    /// Not before.
    due: Timestamp,
    /// Taken by a worker until then.
    lease_until: Timestamp,
    /// Which take of which worker has it.
    lease_by: Option<Uuid>,
    /// Tries so far.
    attempts: i64,
    /// Why the last try failed.
    last_error: Option<String>,
    /// What the far side answered.
    receipt: Option<String>,
    /// After that it is of no use.
    not_after: Option<Timestamp>,
    /// What it is about: kind.
    about_kind: Option<String>,
    /// What it is about: id.
    about_id: Option<Uuid>,
    /// Told once for this word.
    once: Option<String>,
    /// When it was told.
    created_at: Timestamp,
    /// When it was sent, died or was dropped.
    settled_at: Option<Timestamp>,
});

tenant_table!(/// What mails on their way carry, apart from them: lists of messages need not load it. The id is the delivery's.
    notify_attachments, "notify_attachments", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: DeliveryId,
    /// The attachments, sealed.
    content: Vec<u8>,
    /// When it was told.
    created_at: Timestamp,
});

tenant_table!(/// Questions put to recipients. The id is the delivery's.
    notify_asks, "notify_asks", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: DeliveryId,
    /// SHA-256 of the secret in the address.
    token_hash: Vec<u8>,
    /// Which kind of question.
    kind: String,
    /// What it is about; the same for everybody who is asked it.
    question: Uuid,
    /// The place that an answer takes.
    answer_key: String,
    /// Who was asked, when it is a person of the tenant.
    person_id: Option<PersonId>,
    /// `mail`, `sms`, `push`, `chat`.
    means: String,
    /// Which text.
    template: String,
    /// Recipient, arguments, payload and answers, sealed; emptied when it has ended.
    content: Vec<u8>,
    /// No answer is taken from then on.
    expires: Timestamp,
});

tenant_table!(/// Answers to questions. There is one row for each place an answer can take: that is what makes a button act once.
    notify_answers, "notify_answers", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The place.
    answer_key: String,
    /// Through which question put to whom; none when it was dealt with otherwise.
    ask_id: Option<DeliveryId>,
    /// Who answered, when it is a person of the tenant.
    person_id: Option<PersonId>,
    /// The word of the answer.
    word: Option<String>,
    /// When.
    at: Timestamp,
});

tenant_table!(/// Configured ways out.
    notify_channels, "notify_channels", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: ChannelId,
    /// `smtp`, `sms`, `slack`, `teams`, `line_works`, `line_works_hook`, `chatwork`, `json`.
    kind: String,
    /// What people call it.
    name: String,
    /// The settings, sealed.
    settings: Vec<u8>,
    /// Counts changes.
    version: i64,
    /// When it was taken away.
    removed_at: Option<Timestamp>,
});

tenant_table!(/// Webhook endpoints. Each has its own place in the tenant's feed.
    notify_webhooks, "notify_webhooks", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: EndpointId,
    /// What people call it.
    name: String,
    /// The address.
    url: String,
    /// The signing secret, sealed.
    secret: Vec<u8>,
    /// Names of the facts it wants; `keys.*` is all of a module, empty is all.
    events: JsonText<Vec<String>>,
    /// `on` or `paused`.
    state: String,
    /// The last place in the feed that is done with.
    cursor: i64,
    /// Tries of the next one so far.
    attempts: i64,
    /// Not before.
    due: Timestamp,
    /// Taken by a worker until then.
    lease_until: Timestamp,
    /// What the far side last answered.
    last_answer: Option<String>,
    /// When it last took something.
    last_success: Option<Timestamp>,
    /// When it was taken away.
    removed_at: Option<Timestamp>,
});

tenant_table!(/// The tenant's facts in the one order in which all endpoints and readers get them.
    notify_feed, "notify_feed", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: EventId,
    /// The place, from 1, without gaps.
    position: i64,
    /// Name of the fact.
    name: String,
});

tenant_table!(/// Browsers that take push messages.
    notify_subscriptions, "notify_subscriptions", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: SubscriptionId,
    /// Whose.
    person_id: PersonId,
    /// The subscription, sealed.
    content: Vec<u8>,
    /// Hash of its address, to find it again.
    endpoint_hash: Vec<u8>,
    /// What the browser calls itself.
    agent: String,
    /// Since when.
    created_at: Timestamp,
});

tenant_table!(/// Keys by which push services know the tenant.
    notify_vapid, "notify_vapid", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// PKCS #8, sealed.
    key: Vec<u8>,
});

tenant_table!(/// Which means a person chose for a kind of message.
    notify_preferences, "notify_preferences", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Whose.
    person_id: PersonId,
    /// The kind.
    kind: String,
    /// The words of the means.
    means: JsonText<Vec<String>>,
});

tenant_table!(/// The demo's mailbox: what would have gone out.
    notify_mailbox, "notify_mailbox", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: MailboxId,
    /// `mail`, `sms`, `push`, `chat`, `webhook`.
    means: String,
    /// To whom, as people read it.
    recipient: String,
    /// One line.
    subject: String,
    /// The text.
    body: String,
    /// Words and addresses.
    links: JsonText<Vec<(String, String)>>,
    /// When.
    at: Timestamp,
});

tenant_table!(/// What messages in the demo's mailbox carried.
    notify_mailbox_files, "notify_mailbox_files", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: MailboxFileId,
    /// Of which message.
    message_id: MailboxId,
    /// Its name.
    name: String,
    /// Its type.
    content_type: String,
    /// It.
    bytes: Vec<u8>,
});

/// Migrations of these tables.
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration {
            name: "20261122_notify",
            changes: || {
                let mut changes = deliveries();
                changes.extend(channels());
                changes.extend(persons());
                changes
            },
        },
        // Who took a batch of all tenants' deliveries reads it back by its mark alone.
        Migration {
            name: "20261123_notify_leased",
            changes: || {
                vec![Change::Sql {
                    sqlite: "CREATE INDEX notify_deliveries_leased_of_all ON notify_deliveries (lease_by)",
                    postgres: "CREATE INDEX notify_deliveries_leased_of_all ON notify_deliveries (lease_by)",
                }]
            },
        },
        Migration {
            name: "20261124_notify_attachments",
            changes: || {
                vec![
                    Table::tenant("notify_attachments").bytes("content").integer("created_at").into(),
                    Table::tenant("notify_mailbox_files")
                        .uuid("message_id")
                        .text("name")
                        .text("content_type")
                        .bytes("bytes")
                        .index(&["message_id"])
                        .into(),
                ]
            },
        },
        Migration {
            name: "20261125_notify_asks",
            changes: || {
                vec![
                    Table::tenant("notify_asks")
                        .bytes("token_hash")
                        .text("kind")
                        .uuid("question")
                        .text("answer_key")
                        .optional_uuid("person_id")
                        .text("means")
                        .text("template")
                        .bytes("content")
                        .integer("expires")
                        .unique(&["token_hash"])
                        .index(&["expires"])
                        .into(),
                    Table::tenant("notify_answers")
                        .text("answer_key")
                        .optional_uuid("ask_id")
                        .optional_uuid("person_id")
                        .optional_text("word")
                        .integer("at")
                        .unique(&["answer_key"])
                        .index(&["ask_id"])
                        .index(&["at"])
                        .into(),
                ]
            },
        },
    ]
}

fn deliveries() -> Vec<Change> {
    vec![
        Table::tenant("notify_deliveries")
            .optional_uuid("person_id")
            .text("means")
            .optional_uuid("target")
            .integer("lane")
            .text("template")
            .bytes("content")
            .text("state")
            .integer("due")
            .integer("lease_until")
            .optional_uuid("lease_by")
            .integer("attempts")
            .optional_text("last_error")
            .optional_text("receipt")
            .optional_integer("not_after")
            .optional_text("about_kind")
            .optional_uuid("about_id")
            .optional_text("once")
            .integer("created_at")
            .optional_integer("settled_at")
            .unique(&["once"])
            .index(&["state", "lane", "due"])
            .index(&["lease_by"])
            .index(&["about_id", "id"])
            .into(),
        Change::Sql {
            sqlite: "CREATE INDEX notify_deliveries_due_of_all ON notify_deliveries (state, lane, due)",
            postgres: "CREATE INDEX notify_deliveries_due_of_all ON notify_deliveries (state, lane, due)",
        },
    ]
}

fn channels() -> Vec<Change> {
    vec![
        Table::tenant("notify_channels")
            .text("kind")
            .text("name")
            .bytes("settings")
            .integer("version")
            .optional_integer("removed_at")
            .into(),
        Table::tenant("notify_webhooks")
            .text("name")
            .text("url")
            .bytes("secret")
            .text("events")
            .text("state")
            .integer("cursor")
            .integer("attempts")
            .integer("due")
            .integer("lease_until")
            .optional_text("last_answer")
            .optional_integer("last_success")
            .optional_integer("removed_at")
            .into(),
        Table::tenant("notify_feed").integer("position").text("name").unique(&["position"]).into(),
    ]
}

fn persons() -> Vec<Change> {
    vec![
        Table::tenant("notify_subscriptions")
            .uuid("person_id")
            .bytes("content")
            .bytes("endpoint_hash")
            .text("agent")
            .integer("created_at")
            .unique(&["endpoint_hash"])
            .index(&["person_id"])
            .into(),
        Table::tenant("notify_vapid").bytes("key").into(),
        Table::tenant("notify_preferences")
            .uuid("person_id")
            .text("kind")
            .text("means")
            .unique(&["person_id", "kind"])
            .into(),
        Table::tenant("notify_mailbox")
            .text("means")
            .text("recipient")
            .text("subject")
            .text("body")
            .text("links")
            .integer("at")
            .into(),
    ]
}
