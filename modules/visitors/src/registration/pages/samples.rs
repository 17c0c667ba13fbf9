//! The pages of registering with an invented form and an invented agreement.

use std::collections::BTreeMap;

use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use super::super::agreements::{AgreementRow, AgreementText, VersionRow};
use super::super::answers::Answer;
use super::super::asks::{AnswerKind, Asks, Field, KindAsks, Words};
use super::super::kept::{Missing, RegistrationRow, SigningRow};
use super::agreements::{AgreementPage, AgreementsPage, NewAgreementPage, state_of as text_state};
use super::fields::{FieldPage, state_of};
use super::guest::{GuestCard, RegistrationPage};
use super::kinds::{KindPage, KindsPage};
use super::sign::SignPage;
use super::visit::GuestRegistration;
use crate::tables::words::{SigningWay, VisitKind};

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![
        drawn::<KindsPage>,
        drawn::<KindPage>,
        drawn::<FieldPage>,
        drawn::<AgreementsPage>,
        drawn::<NewAgreementPage>,
        drawn::<AgreementPage>,
        drawn::<RegistrationPage>,
        drawn::<SignPage>,
    ]
}

fn words(ja: &str, en: &str) -> Words {
    Words { ja: ja.to_owned(), en: en.to_owned(), ..Words::default() }
}

fn fields() -> Vec<Field> {
    let field = |number: u128, label: Words, answer, required| Field {
        id: id(number),
        label,
        answer,
        required,
        choices: match answer {
            AnswerKind::Choice => vec![words("電車・バス", "Train or bus"), words("自動車", "Car")],
            _ => Vec::new(),
        },
    };
    vec![
        field(1, words("交通手段", "How do you come?"), AnswerKind::Choice, true),
        field(2, words("車両番号", "Number plate"), AnswerKind::Text, false),
        field(3, words("持ち込む機材", "Equipment you bring"), AnswerKind::Lines, false),
        field(4, words("安全教育の受講日", "Day of your safety training"), AnswerKind::Date, true),
        field(5, words("火気を使用しますか", "Will you work with fire?"), AnswerKind::YesNo, true),
    ]
}

fn asks() -> KindAsks {
    KindAsks { asked: true, photo: true, agreement: Some(id(700)), fields: fields() }
}

fn names() -> Vec<(crate::ids::AgreementId, String)> {
    vec![(id(700), "秘密保持誓約書".to_owned())]
}

/// What a guest is to do before coming.
pub(crate) fn sample_card(done: bool) -> GuestCard {
    let missing =
        Missing { fields: vec![words("交通手段", "How do you come?")], agreement: true, photo: true };
    let missing = if done { Missing::default() } else { missing };
    GuestCard { form: true, agreement: true, missing, photo: None }
}

/// What two guests gave.
pub(crate) fn sample_guests() -> Vec<GuestRegistration> {
    let answer = |number, label, answer, text: &str, chosen| Answer {
        field: id(number),
        label,
        answer,
        text: text.to_owned(),
        chosen,
    };
    let car = words("自動車", "Car");
    let answers = vec![
        answer(1, words("交通手段", "How do you come?"), AnswerKind::Choice, "自動車", car),
        answer(2, words("車両番号", "Number plate"), AnswerKind::Text, "品川 330 あ 12-34", Words::default()),
        answer(5, words("火気を使用しますか", "Fire?"), AnswerKind::YesNo, "no", Words::default()),
    ];
    let signing = SigningRow {
        id: id(800),
        agreement: id(700),
        agreement_name: "秘密保持誓約書".to_owned(),
        version: 2,
        language: "ja".to_owned(),
        hash: text().hash,
        way: SigningWay::Drawn,
        name: "鈴木 花子".to_owned(),
        signed_at: minutes_ago(300),
        zone: "Asia/Tokyo".to_owned(),
    };
    let given = RegistrationRow {
        answers,
        given_at: Some(minutes_ago(310)),
        signings: vec![signing],
        photo_at: Some(minutes_ago(299)),
        missing: Missing::default(),
        asked: true,
    };
    let nothing =
        RegistrationRow { missing: sample_card(false).missing, asked: true, ..RegistrationRow::default() };
    let guest = |number, name: &str, row| GuestRegistration {
        visit: id(number),
        name: name.to_owned(),
        row,
        may_see_photo: true,
    };
    vec![guest(3, "鈴木 花子", given), guest(1, "山田 太郎", nothing)]
}

impl Sample for KindsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let kinds = BTreeMap::from([("contractor".to_owned(), asks())]);
        let state = || FormState::empty().with("photo_hours", 24).with("version", 1);
        let wrong = state().wrong("photo_hours", "visitors-registration-error-hours");
        let asks = Asks { kinds, ..Asks::default() };
        vec![
            ("/settings/visitors/registration", Self { asks, agreements: names(), state: state() }),
            (
                "/settings/visitors/registration: refused",
                Self { asks: Asks::default(), agreements: Vec::new(), state: wrong },
            ),
        ]
    }
}

impl Sample for KindPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |asks: KindAsks| {
            let state = FormState::empty()
                .with("asked", if asks.asked { "on" } else { "" })
                .with("photo", if asks.photo { "on" } else { "" })
                .with("agreement", asks.agreement.map(|id| id.to_string()).unwrap_or_default())
                .with("version", 1);
            Self { kind: VisitKind::Contractor, asks, agreements: names(), state }
        };
        vec![
            ("/settings/visitors/registration/{kind}", page(asks())),
            ("/settings/visitors/registration/{kind}: nothing asked", page(KindAsks::default())),
        ]
    }
}

impl Sample for FieldPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |id, field: &Field| Self { kind: VisitKind::Contractor, id, state: state_of(field, 1) };
        let first = fields().remove(0);
        let mut refused = page(None, &Field::default());
        refused.state = refused
            .state
            .wrong("label", "visitors-registration-error-label")
            .wrong("choices", "visitors-registration-error-choices");
        vec![
            ("/settings/visitors/registration/{kind}/fields/{field}", page(Some(first.id), &first)),
            ("/settings/visitors/registration/{kind}/fields/new: refused", refused),
        ]
    }
}

fn text() -> AgreementText {
    AgreementText {
        title: "秘密保持に関する誓約書".to_owned(),
        text: "1. 来訪中に知り得た情報を、第三者に開示しません。\n2. 許可なく撮影・録音を行いません。\n3. 貸与された資料は、退館時に返却します。".to_owned(),
        hash: "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4".to_owned(),
    }
}

fn agreement() -> AgreementRow {
    let version = |number| VersionRow {
        number,
        texts: BTreeMap::from([("ja".to_owned(), text())]),
        made_by: id(101),
        made_by_name: "佐藤 美咲".to_owned(),
        made_at: minutes_ago(3000 - number * 1000),
    };
    AgreementRow {
        id: id(700),
        name: "秘密保持誓約書".to_owned(),
        newest: 2,
        needed: 1,
        versions: vec![version(2), version(1)],
    }
}

impl Sample for AgreementsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("/settings/visitors/agreements", Self { rows: vec![agreement()] }),
            ("/settings/visitors/agreements: none", Self { rows: Vec::new() }),
        ]
    }
}

impl Sample for NewAgreementPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let refused = FormState::empty().wrong("name", "error-empty");
        let refused = refused.wrong("text", "visitors-agreement-error-language");
        vec![
            ("/settings/visitors/agreements/new", Self { state: FormState::empty() }),
            ("/settings/visitors/agreements/new: refused", Self { state: refused }),
        ]
    }
}

impl Sample for AgreementPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let row = agreement();
        let state = text_state(row.versions.first());
        vec![("/settings/visitors/agreements/{id}", Self { row, state })]
    }
}

impl Sample for RegistrationPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |state: FormState, photo| Self {
            token: "6jvKxq2Wm0Yc3TtH8dZbNA".to_owned(),
            fields: fields(),
            taken: Vec::new(),
            state,
            photo_state: FormState::empty(),
            photo,
            zone: "Asia/Tokyo".to_owned(),
        };
        let wrong = FormState::empty()
            .with(&format!("field-{}", id::<uuid::Uuid>(2)), "品川 330 あ 12-34")
            .wrong("field_1", "visitors-registration-error-required")
            .wrong("field_4", "visitors-registration-error-date");
        let unread = FormState::empty().wrong("photo", "visitors-photo-error");
        let answered = Answer {
            field: id(1),
            label: words("交通手段", "How do you come?"),
            answer: AnswerKind::Choice,
            text: "自動車".to_owned(),
            chosen: words("自動車", "Car"),
        };
        let here = Self { taken: vec![answered], ..page(FormState::empty(), None) };
        vec![
            ("/v/{token}/registration", page(FormState::empty(), Some(None))),
            ("/v/{token}/registration: refused", page(wrong, Some(Some(minutes_ago(10))))),
            (
                "/v/{token}/registration: no picture",
                Self { photo_state: unread, ..page(FormState::empty(), Some(None)) },
            ),
            ("/v/{token}/registration: at the reception", here),
        ]
    }
}

impl Sample for SignPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |signed, state| Self {
            token: "6jvKxq2Wm0Yc3TtH8dZbNA".to_owned(),
            agreement: id(700),
            version: 2,
            language: "ja".to_owned(),
            text: text(),
            signed,
            zone: "Asia/Tokyo".to_owned(),
            state,
        };
        let unsigned = FormState::empty().wrong("name", "visitors-agreement-error-name");
        vec![
            ("/v/{token}/agreement", page(None, FormState::empty())),
            ("/v/{token}/agreement: unsigned", page(None, unsigned)),
            ("/v/{token}/agreement: signed", page(Some(minutes_ago(20)), FormState::empty())),
        ]
    }
}
