//! The pages of messages with invented messages, for `/gallery` and the test that draws them all.

use sekisho_crypto::Secret;
use sekisho_storage::JsonText;
use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use super::act::{ActPage, Outcome};
use super::channels::{Channels, NewChannel};
use super::mailbox::Mailbox;
use super::mine::Mine;
use super::notices::{Line, Notices};
use super::webhooks::{NewWebhookPage, SecretPage, Webhooks};
use crate::acts::{State, Written};
use crate::mine::{Browser, NoticeKind};
use crate::notices::MailboxFile;
use crate::tables::notify_webhooks;
use crate::{Channel, MailboxMessage, Means, Notice};

/// The pages that have samples.
pub fn samplers() -> Vec<Sampler> {
    vec![
        drawn::<Notices>,
        drawn::<Channels>,
        drawn::<NewChannel>,
        drawn::<Webhooks>,
        drawn::<NewWebhookPage>,
        drawn::<SecretPage>,
        drawn::<Mine>,
        drawn::<Mailbox>,
        drawn::<ActPage>,
    ]
}

impl Sample for Notices {
    fn samples() -> Vec<(&'static str, Self)> {
        let notice = |number: i64, state: &str, means: &str| Notice {
            id: id(u128::from(number.unsigned_abs())),
            person: (number % 2 == 0).then(|| id(101)),
            means: means.to_owned(),
            template: "keys.overdue".to_owned(),
            state: state.to_owned(),
            attempts: 9,
            last_error: (state == "dead").then(|| "550 5.1.1 no such mailbox".to_owned()),
            receipt: (state == "sent").then(|| "250 2.0.0 queued as 4f1a".to_owned()),
            created_at: minutes_ago(number * 60),
            due: minutes_ago(number * 60),
            settled_at: (state != "queued").then(|| minutes_ago(number * 50)),
            target: None,
        };
        let page = |state: &'static str| {
            let to = |number| match number {
                2 => Some(Some("勅使河原 龍之介".to_owned())),
                4 => Some(None),
                _ => None,
            };
            let means = ["mail", "push", "sms", "chat", "webhook"];
            let lines = means.into_iter().zip(1_i64..).map(|(means, number)| Line {
                notice: notice(number, state, means),
                subject: (number < 3).then(|| "「社用車 3 号」の返却期限を過ぎています".to_owned()),
                to: to(number),
            });
            Self { state, lines: lines.collect(), dead: 5, next: Some("next".to_owned()) }
        };
        let none = |state| Self { state, lines: Vec::new(), dead: 0, next: None };
        vec![
            ("/settings/notices: dead", page("dead")),
            ("/settings/notices: queued", page("queued")),
            ("/settings/notices: sent", page("sent")),
            ("/settings/notices: none dead", none("dead")),
            ("/settings/notices: none queued", none("queued")),
            ("/settings/notices: none sent", none("sent")),
            ("/settings/notices: none dropped", none("dropped")),
        ]
    }
}

impl Sample for Channels {
    fn samples() -> Vec<(&'static str, Self)> {
        let channel = |number, kind: &str, name: &str| Channel {
            id: id(number),
            kind: kind.to_owned(),
            name: name.to_owned(),
        };
        let channels = vec![
            channel(1, "smtp", "社内メールサーバー"),
            channel(2, "sms", "SMS"),
            channel(3, "slack", "総務部チャンネル"),
            channel(4, "teams", "Facility team Berlin"),
            channel(5, "line_works", "受付ボット"),
            channel(6, "line_works_hook", "来客のお知らせ"),
            channel(7, "chatwork", "総務部"),
            channel(8, "json", "Building management"),
        ];
        vec![
            ("/settings/notices/channels", Self { channels }),
            ("/settings/notices/channels: none", Self { channels: Vec::new() }),
        ]
    }
}

impl Sample for NewChannel {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |kind: &str, state| Self { kind: kind.to_owned(), state };
        let refused = FormState::empty().with("host", "-").wrong("host", "error-field");
        vec![
            ("/settings/notices/channels/new/{kind}: smtp", page("smtp", refused)),
            ("/settings/notices/channels/new/{kind}: sms", page("sms", FormState::empty())),
            ("/settings/notices/channels/new/{kind}: slack", page("slack", FormState::empty())),
            ("/settings/notices/channels/new/{kind}: teams", page("teams", FormState::empty())),
            (
                "/settings/notices/channels/new/{kind}: LINE WORKS",
                page("line_works", FormState::empty().wrong("private_key", "notify-error-private-key")),
            ),
            (
                "/settings/notices/channels/new/{kind}: LINE WORKS hook",
                page("line_works_hook", FormState::empty()),
            ),
            (
                "/settings/notices/channels/new/{kind}: Chatwork",
                page("chatwork", FormState::empty().wrong("room", "notify-error-room")),
            ),
            ("/settings/notices/channels/new/{kind}: JSON", page("json", FormState::empty())),
        ]
    }
}

impl Sample for Webhooks {
    fn samples() -> Vec<(&'static str, Self)> {
        let webhook = |number, name: &str, state: &str, attempts, events: &[&str]| notify_webhooks::Model {
            tenant_id: id(9),
            id: id(number),
            name: name.to_owned(),
            url: "https://hooks.example.jp/sekisho".to_owned(),
            secret: Vec::new(),
            events: JsonText(events.iter().map(|event| (*event).to_owned()).collect()),
            state: state.to_owned(),
            cursor: 1204,
            attempts,
            due: minutes_ago(-5),
            lease_until: minutes_ago(5),
            last_answer: (attempts > 0).then(|| "503 Service Unavailable".to_owned()),
            last_success: Some(minutes_ago(200)),
            removed_at: None,
        };
        let webhooks = vec![
            webhook(1, "勤怠システム", "on", 0, &[]),
            webhook(2, "Building management", "on", 4, &["keys.*", "devices.went_offline"]),
            webhook(3, "旧システム", "paused", 0, &["keys.returned"]),
        ];
        vec![
            ("/settings/notices/webhooks", Self { webhooks }),
            ("/settings/notices/webhooks: none", Self { webhooks: Vec::new() }),
        ]
    }
}

impl Sample for NewWebhookPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let refused = FormState::empty().with("url", "http://").wrong("url", "notify-error-url");
        vec![
            ("/settings/notices/webhooks/new", Self { state: FormState::empty() }),
            ("/settings/notices/webhooks/new: refused", Self { state: refused }),
        ]
    }
}

impl Sample for SecretPage {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![("/settings/notices/webhooks/new: added", Self { secret: Secret::new("whsec_invented") })]
    }
}

impl Sample for Mine {
    fn samples() -> Vec<(&'static str, Self)> {
        let kind = |kind, text| NoticeKind { kind, text };
        let kinds = vec![
            (kind("keys", "notify-tab-notices"), vec![Means::Mail, Means::Push]),
            (kind("safety", "notify-tab-channels"), Vec::new()),
        ];
        let browser = |number, agent: &str| Browser {
            id: id(number),
            agent: agent.to_owned(),
            created_at: minutes_ago(9000),
        };
        let browsers = vec![browser(1, "Chrome · Windows"), browser(2, "Safari · iPhone")];
        vec![
            ("/me/notices", Self { kinds, push_key: "BInvented".to_owned(), browsers }),
            (
                "/me/notices: nothing to choose",
                Self { kinds: Vec::new(), push_key: "BInvented".to_owned(), browsers: Vec::new() },
            ),
        ]
    }
}

impl Sample for ActPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let choices = [("coming", "すぐ行きます"), ("other", "ほかの人に頼む"), ("refuse", "お断りする")];
        let written = || Written {
            subject: "山田 太郎 様がお見えです".to_owned(),
            body: "株式会社みどり 山田 太郎 様が 14:05 に受付にいらっしゃいました。\n\nロビーでお待ちです。"
                .to_owned(),
            choices: choices.map(|(word, text)| (word.to_owned(), text.to_owned())).to_vec(),
        };
        let page = |picked, state, outcome| Self {
            secret: "invented".to_owned(),
            picked,
            state,
            expires: minutes_ago(-90),
            written: written(),
            outcome,
        };
        let answered = |yours, word: Option<&str>| State::Answered {
            by: Some(id(7)),
            name: Some("勅使河原 龍之介".to_owned()),
            yours,
            word: word.map(str::to_owned),
            at: minutes_ago(2),
        };
        let done = Outcome::Done("受付にお伝えしました。".to_owned());
        let refused = Outcome::Refused("お客様はすでにお帰りになりました。".to_owned());
        vec![
            ("/act/{token}", page(None, State::Open, None)),
            ("/act/{token}: one answer", page(Some(0), State::Open, None)),
            ("/act/{token}: done", page(Some(0), State::Open, Some(done))),
            ("/act/{token}: refused", page(Some(0), State::Open, Some(refused))),
            ("/act/{token}: yours", page(None, answered(true, Some("coming")), None)),
            ("/act/{token}: somebody was quicker", page(None, answered(false, Some("refuse")), None)),
            ("/act/{token}: dealt with", page(None, answered(false, None), None)),
            (
                "/act/{token}: answered in a chat",
                page(
                    None,
                    State::Answered {
                        by: None,
                        name: None,
                        yours: false,
                        word: Some("coming".to_owned()),
                        at: minutes_ago(2),
                    },
                    None,
                ),
            ),
            ("/act/{token}: over", Self { written: Written::default(), ..page(None, State::Over, None) }),
        ]
    }
}

impl Sample for Mailbox {
    fn samples() -> Vec<(&'static str, Self)> {
        let message = |(means, number): (&str, i64)| MailboxMessage {
            tenant_id: id(9),
            id: id(u128::from(number.unsigned_abs())),
            means: means.to_owned(),
            recipient: "佐藤 美咲 <sato@example.jp>".to_owned(),
            subject: "「社用車 3 号」の返却期限を過ぎています".to_owned(),
            body: "佐藤 美咲 様\n\n返却期限は 18:00 でした。\nボックスにお戻しください。".to_owned(),
            links: JsonText(vec![(
                "鍵を見る".to_owned(),
                "https://sekisho.example.jp/keys?state=late".to_owned(),
            )]),
            at: minutes_ago(number * 3),
        };
        let means = ["mail", "sms", "push", "chat", "webhook"];
        let messages = means.into_iter().zip(1_i64..).map(message).collect();
        let file = |name: &str| MailboxFile { id: id(77), message_id: id(1), name: name.to_owned() };
        let files = vec![file("invite.ics"), file("入館のご案内.pdf")];
        vec![
            ("/mailbox", Self { messages, files, stranger: false }),
            ("/mailbox: none", Self { messages: Vec::new(), files: Vec::new(), stranger: true }),
        ]
    }
}
