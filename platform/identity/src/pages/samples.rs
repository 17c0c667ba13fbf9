//! The pages of people with invented people, for `/gallery` and the test that draws them all.

use axum::http::StatusCode;
use sekisho_crypto::Secret;
use sekisho_kernel::{Language, Outcome};
use sekisho_policy::Reached;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};
use sekisho_web::parts::Card;
use sekisho_web::{FormState, Markup};

use super::app::{AppPage, FirstAppPage, qr};
use super::groups::{GroupPage, Groups};
use super::hand_over::HandOverPage;
use super::links::{ForgotPage, Gone, PasswordPage, UnlockPage};
use super::me::{MyPage, Profile};
use super::people::{ImportPage, ListAsk, NewPersonPage, PeopleList};
use super::person::PersonPage;
use super::person_tabs::{Act, PersonHistory, PersonRights, PersonSettings};
use super::security::{SecurityPage, Sent, ShownOnce};
use super::settings::SecuritySettings;
use super::sign_in::{SignInPage, TwoStepPage};
use super::step_up::StepUpPage;
use crate::import_people::WrongLine;
use crate::{
    Badge, Factors, Group, LinkPurpose, OpenLink, Person, PersonKind, PersonState, Revealed, SessionRow,
    TokenRow,
};

/// The pages that have samples.
pub fn samplers() -> Vec<Sampler> {
    vec![
        drawn::<SignInPage>,
        drawn::<TwoStepPage>,
        drawn::<PasswordPage>,
        drawn::<UnlockPage>,
        drawn::<ForgotPage>,
        drawn::<Gone>,
        drawn::<StepUpPage>,
        drawn::<MyPage>,
        drawn::<Profile>,
        drawn::<SecurityPage>,
        drawn::<AppPage>,
        drawn::<FirstAppPage>,
        drawn::<ShownOnce>,
        drawn::<PeopleList>,
        drawn::<NewPersonPage>,
        drawn::<ImportPage>,
        drawn::<PersonPage>,
        drawn::<PersonRights>,
        drawn::<PersonHistory>,
        drawn::<PersonSettings>,
        drawn::<HandOverPage>,
        drawn::<Groups>,
        drawn::<GroupPage>,
        drawn::<SecuritySettings>,
    ]
}

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn factors(totp: bool, mail: bool, sms: bool, recovery_codes: u64) -> Factors {
    Factors { totp, mail, sms, recovery_codes }
}

fn sato() -> Person {
    Person {
        id: id(101),
        kind: PersonKind::User,
        name: "佐藤 美咲".to_owned(),
        kana: Some("さとう みさき".to_owned()),
        mail: Some("sato@example.jp".to_owned()),
        phone: Some("+819012345678".to_owned()),
        number: Some("0042".to_owned()),
        language: Language::Ja,
        state: PersonState::Active,
        has_password: true,
        created_at: minutes_ago(60 * 24 * 400),
        signed_in_at: Some(minutes_ago(35)),
        left_at: None,
        delete_at: None,
    }
}

fn invited() -> Person {
    Person {
        id: id(102),
        name: "勅使河原 龍之介アレクサンダー".to_owned(),
        kana: None,
        has_password: false,
        signed_in_at: None,
        ..sato()
    }
}

fn guest() -> Person {
    Person {
        id: id(103),
        kind: PersonKind::Guest,
        name: "Alexandra Wellington-Smythe".to_owned(),
        mail: None,
        phone: None,
        number: None,
        language: Language::En,
        ..invited()
    }
}

fn left() -> Person {
    Person {
        id: id(104),
        name: "高橋 健".to_owned(),
        state: PersonState::Left,
        left_at: Some(minutes_ago(60 * 24 * 3)),
        delete_at: Some(minutes_ago(-60 * 24 * 27)),
        ..sato()
    }
}

fn group(number: u128, name: &str, note: &str) -> Group {
    Group { id: id(number), name: name.to_owned(), note: note.to_owned(), created_at: minutes_ago(90_000) }
}

fn groups() -> Vec<Group> {
    vec![
        group(201, "総務部 施設・車両管理チーム", "鍵と社用車の管理"),
        group(202, "Berlin", ""),
        group(203, "夜間警備", "委託先の方を含みます"),
    ]
}

fn choices() -> Vec<(String, String)> {
    groups().into_iter().map(|group| (group.id.to_string(), group.name)).collect()
}

impl Sample for SignInPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let refused = FormState::empty().with("mail", "sato@example.jp").wrong("", "error-invalid");
        vec![
            ("/sign-in", Self { state: FormState::empty(), status: StatusCode::OK }),
            ("/sign-in: refused", Self { state: refused, status: REFUSED }),
        ]
    }
}

impl Sample for TwoStepPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |factors, sent: &str| Self {
            factors,
            may_enrol: false,
            state: FormState::empty().with("sent", sent),
            status: StatusCode::OK,
        };
        let invited = Self { may_enrol: true, ..page(factors(false, true, false, 0), "mail") };
        let wrong = Self {
            state: FormState::empty().wrong("code", "error-field"),
            status: REFUSED,
            ..page(factors(true, false, false, 0), "")
        };
        vec![
            ("/sign-in/two-step: app", page(factors(true, true, false, 8), "")),
            ("/sign-in/two-step: by mail", page(factors(false, true, true, 0), "mail")),
            ("/sign-in/two-step: by text message", page(factors(false, true, true, 0), "sms")),
            ("/sign-in/two-step: to choose", page(factors(false, true, true, 0), "")),
            ("/sign-in/two-step: invited", invited),
            ("/sign-in/two-step: no way", page(factors(false, false, false, 0), "")),
            ("/sign-in/two-step: wrong code", wrong),
        ]
    }
}

impl Sample for StepUpPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |factors, sent: &str| Self {
            factors,
            state: FormState::empty().with("sent", sent).with("next", "/people"),
            status: StatusCode::OK,
        };
        vec![
            ("/step-up: app", page(factors(true, true, false, 8), "")),
            ("/step-up: by mail", page(factors(false, true, true, 0), "mail")),
            ("/step-up: by text message", page(factors(false, true, true, 0), "sms")),
            ("/step-up: to choose", page(factors(false, true, true, 0), "")),
            ("/step-up: no way", page(factors(false, false, false, 0), "")),
        ]
    }
}

impl Sample for PasswordPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |purpose, state, status| Self {
            token: "token".to_owned(),
            link: OpenLink { person: id(101), name: sato().name, mail: sato().mail, purpose },
            tenant: "関所物産株式会社".to_owned(),
            state,
            status,
        };
        let refused = FormState::empty().wrong("password", "error-field");
        vec![
            ("/invitation/{token}", page(LinkPurpose::Invitation, FormState::empty(), StatusCode::OK)),
            ("/invitation/{token}: new password", page(LinkPurpose::Reset, refused, REFUSED)),
        ]
    }
}

impl Sample for UnlockPage {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![("/unlock/{token}", Self { token: "token".to_owned(), name: sato().name })]
    }
}

impl Sample for ForgotPage {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("/forgot", Self { mail: true, sent: false }),
            ("/forgot: sent", Self { mail: true, sent: true }),
            ("/forgot: no mail goes out", Self { mail: false, sent: false }),
        ]
    }
}

impl Sample for Gone {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![("/invitation/{token}: gone", Self)]
    }
}

impl Sample for MyPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let card: Markup = Card::new("社用車 3 号").body("18:00").into();
        vec![
            ("/me", Self { name: sato().name, cards: vec![card.clone(), card] }),
            ("/me: nothing to do", Self { name: sato().name, cards: Vec::new() }),
        ]
    }
}

impl Sample for Profile {
    fn samples() -> Vec<(&'static str, Self)> {
        let names = groups().into_iter().map(|group| group.name).collect();
        vec![
            ("/me/profile", Self { me: sato(), groups: names }),
            ("/me/profile: little known", Self { me: guest(), groups: Vec::new() }),
        ]
    }
}

impl Sample for SecurityPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let session = |number, agent: &str| SessionRow {
            id: id(number),
            agent: agent.to_owned(),
            address: Some("192.0.2.17".to_owned()),
            created_at: minutes_ago(9000),
            seen_at: minutes_ago(4),
            ends_at: minutes_ago(-9000),
        };
        let token = TokenRow {
            id: id(301),
            name: "勤怠システム".to_owned(),
            scopes: vec!["keys:read".to_owned(), "people:read".to_owned()],
            created_at: minutes_ago(9000),
            expires_at: minutes_ago(-60 * 24 * 80),
            used_at: None,
        };
        let page = |factors, tokens, sent, state, status| Self {
            factors,
            sessions: vec![
                session(401, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0"),
                session(402, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"),
            ],
            here: Some(id(401)),
            tokens,
            sent,
            state,
            status,
        };
        let all = factors(true, true, true, 8);
        let few = factors(false, true, false, 0);
        let empty = FormState::empty;
        let refused = |field| empty().wrong(field, "error-field");
        vec![
            ("/me/security", page(all, vec![token], Sent::Nothing, empty(), StatusCode::OK)),
            ("/me/security: without app", page(few, Vec::new(), Sent::Nothing, empty(), StatusCode::OK)),
            (
                "/me/security: password refused",
                page(few, Vec::new(), Sent::Password, refused("current"), REFUSED),
            ),
            ("/me/security: PIN refused", page(few, Vec::new(), Sent::Pin, refused("pin"), REFUSED)),
            ("/me/security: token refused", page(few, Vec::new(), Sent::Token, refused("scopes"), REFUSED)),
        ]
    }
}

impl Sample for AppPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |state, status| Self {
            secret: Secret::new("INVENTEDINVENTED"),
            svg: qr("otpauth://totp/invented").unwrap_or_default(),
            state,
            status,
        };
        let wrong = FormState::empty().wrong("code", "error-field");
        vec![
            ("/me/security/app: first", page(FormState::empty().with("first", 1), StatusCode::OK)),
            ("/me/security/app: wrong code", page(wrong, REFUSED)),
        ]
    }
}

impl Sample for FirstAppPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |codes, state, status| Self {
            secret: Secret::new("INVENTEDINVENTED"),
            svg: qr("otpauth://totp/invented").unwrap_or_default(),
            codes,
            later: false,
            state,
            status,
        };
        let wrong = FormState::empty().wrong("code", "error-field");
        vec![
            ("/sign-in/app", page(false, FormState::empty(), StatusCode::OK)),
            ("/sign-in/app: codes can be sent, too", page(true, FormState::empty(), StatusCode::OK)),
            (
                "/sign-in/app: the password is enough",
                Self { later: true, ..page(false, FormState::empty(), StatusCode::OK) },
            ),
            ("/sign-in/app: wrong code", page(false, wrong, REFUSED)),
        ]
    }
}

impl Sample for ShownOnce {
    fn samples() -> Vec<(&'static str, Self)> {
        let codes = || (1..=8).map(|number| Secret::new(format!("invented-{number}"))).collect();
        vec![
            ("/me/security/recovery-codes", Self::RecoveryCodes(codes())),
            ("/sign-in/app: recovery codes", Self::FirstRecoveryCodes(codes())),
            ("/me/security/tokens", Self::Token(Secret::new("sekisho_invented"))),
        ]
    }
}

impl Sample for PeopleList {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |people, next: Option<&str>| Self {
            people,
            next: next.map(str::to_owned),
            groups: choices(),
            ask: ListAsk::default(),
        };
        vec![
            ("/people", page(vec![sato(), invited(), guest(), left()], Some("next"))),
            ("/people: nobody", page(Vec::new(), None)),
        ]
    }
}

impl Sample for NewPersonPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let refused = FormState::empty().with("mail", "sato@").wrong("mail", "error-field");
        vec![
            ("/people/new", Self { state: FormState::empty(), groups: Vec::new(), status: StatusCode::OK }),
            ("/people/new: refused", Self { state: refused, groups: choices(), status: REFUSED }),
        ]
    }
}

impl Sample for ImportPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let line = |line, field| WrongLine { line, field, text: "error-field" };
        let refused = FormState::empty().wrong("file", "identity-import-lines");
        let lines = vec![line(2, "mail"), line(17, "phone")];
        let empty =
            |mail| Self { mail, state: FormState::empty(), lines: Vec::new(), status: StatusCode::OK };
        vec![
            ("/people/import", empty(true)),
            ("/people/import: no mail leaves", empty(false)),
            ("/people/import: refused", Self { mail: true, state: refused, lines, status: REFUSED }),
        ]
    }
}

impl Sample for PersonPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |person| Self {
            person,
            revealed: None,
            reveals_left: 7,
            locked: false,
            mail: true,
            joined: groups().into_iter().take(1).collect(),
            others: groups().into_iter().skip(1).collect(),
            badges: vec![Badge {
                id: id(501), label: "社員証".to_owned(), created_at: minutes_ago(90_000)
            }],
            has_pin: true,
            state: FormState::empty(),
            status: StatusCode::OK,
        };
        let revealed = Revealed { mail: sato().mail, phone: sato().phone, number: sato().number };
        let bare = Self {
            joined: Vec::new(),
            others: Vec::new(),
            badges: Vec::new(),
            has_pin: false,
            ..page(guest())
        };
        let refused = FormState::empty().wrong("reason", "error-field");
        vec![
            ("/people/{id}", page(sato())),
            ("/people/{id}: revealed", Self { revealed: Some(revealed), ..page(sato()) }),
            ("/people/{id}: locked", Self { locked: true, ..page(sato()) }),
            ("/people/{id}: invited", page(invited())),
            ("/people/{id}: invited, no mail goes out", Self { mail: false, ..page(invited()) }),
            ("/people/{id}: guest", bare),
            ("/people/{id}: left", page(left())),
            (
                "/people/{id}: no reason given",
                Self { state: refused, status: REFUSED, reveals_left: 0, ..page(sato()) },
            ),
        ]
    }
}

impl Sample for PersonRights {
    fn samples() -> Vec<(&'static str, Self)> {
        let reached = |number, name: &str, now| Reached {
            resource: id(number),
            kind: "key".to_owned(),
            name: name.to_owned(),
            grants: Vec::new(),
            chains: Vec::new(),
            now,
        };
        let some = vec![reached(1, "社用車 3 号", true), reached(2, "倉庫", false)];
        vec![
            ("/people/{id}/rights", Self { person: sato(), reached: some, administrator: true }),
            (
                "/people/{id}/rights: none",
                Self { person: guest(), reached: Vec::new(), administrator: false },
            ),
        ]
    }
}

impl Sample for PersonHistory {
    fn samples() -> Vec<(&'static str, Self)> {
        let act = |hours: i64, action: &str, outcome, by: Option<&str>, thing: Option<&str>| Act {
            at: minutes_ago(hours * 60),
            action: action.to_owned(),
            outcome,
            by: by.map(str::to_owned),
            thing: thing.map(str::to_owned),
        };
        let acts = vec![
            act(1, "key.take_out", Outcome::Done, None, Some("社用車 3 号")),
            act(2, "key.take_out", Outcome::Refused, None, Some("金庫室")),
            act(3, "person.reveal", Outcome::Done, Some("高橋 健"), None),
            act(4, "session.sign_in", Outcome::Failed, None, None),
        ];
        vec![
            ("/people/{id}/history", Self { person: sato(), acts }),
            ("/people/{id}/history: none", Self { person: guest(), acts: Vec::new() }),
        ]
    }
}

impl Sample for PersonSettings {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |person: Person, state: FormState, status| Self {
            state: state.with("name", &person.name).with("language", person.language.tag()),
            person,
            status,
        };
        let refused = FormState::empty().with("mail", "sato@").wrong("mail", "error-field");
        vec![
            ("/people/{id}/settings", page(sato(), FormState::empty(), StatusCode::OK)),
            ("/people/{id}/settings: refused", page(guest(), refused, REFUSED)),
            ("/people/{id}/settings: left", page(left(), FormState::empty(), StatusCode::OK)),
        ]
    }
}

impl Sample for HandOverPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let url = "https://keys.example.jp/invitation/invented".to_owned();
        vec![("/people/{id}/link", Self { person: invited(), url, until: minutes_ago(-60 * 24) })]
    }
}

impl Sample for Groups {
    fn samples() -> Vec<(&'static str, Self)> {
        let counted = groups().into_iter().zip(0..).map(|(group, members)| (members, group)).collect();
        let refused = FormState::empty().wrong("name", "error-field");
        vec![
            ("/people/groups", Self { groups: counted, state: FormState::empty(), status: StatusCode::OK }),
            ("/people/groups: none", Self { groups: Vec::new(), state: refused, status: REFUSED }),
        ]
    }
}

impl Sample for GroupPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let group = || group(201, "総務部 施設・車両管理チーム", "鍵と社用車の管理");
        let members = vec![(id(101), sato().name), (id(102), invited().name)];
        let state = || FormState::empty().with("name", group().name).with("note", group().note);
        vec![
            ("/people/groups/{id}", Self { group: group(), members, state: state(), status: StatusCode::OK }),
            (
                "/people/groups/{id}: empty",
                Self {
                    group: group(),
                    members: Vec::new(),
                    state: state().wrong("name", "error-field"),
                    status: REFUSED,
                },
            ),
        ]
    }
}

impl Sample for SecuritySettings {
    fn samples() -> Vec<(&'static str, Self)> {
        let state = || {
            FormState::empty()
                .with("two_step", "true")
                .with("admin_networks", "192.0.2.0/24")
                .with("reveal_limit", 10)
                .with("keep_leavers_days", 30)
        };
        let here = Some("192.0.2.17".to_owned());
        let refused = state().wrong("admin_networks", "error-field");
        vec![
            ("/settings/security", Self { state: state(), here, status: StatusCode::OK }),
            ("/settings/security: refused", Self { state: refused, here: None, status: REFUSED }),
        ]
    }
}
