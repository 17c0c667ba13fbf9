//! `/v/{token}/agreement`: a guest reads an agreement and signs it, by hand or by typing their name.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::Timestamp;
use sekisho_web::parts::{Alert, Button, Card, Field, FormBox, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, WebError, asset_address};
use serde::Deserialize;

use super::super::agreements::{AgreementText, read_in};
use super::super::kept::registered_of;
use super::super::sign::{self, Signature, to_sign};
use super::super::strokes;
use crate::Visitors;
use crate::ids::AgreementId;
use crate::pages::guest::{as_guest, visit_of};

/// The text and the place for the signature.
pub(super) struct SignPage {
    pub(super) token: String,
    pub(super) agreement: AgreementId,
    pub(super) version: i64,
    pub(super) language: String,
    pub(super) text: AgreementText,
    /// Since when it is signed, and nothing more is wanted.
    pub(super) signed: Option<Timestamp>,
    pub(super) zone: String,
    pub(super) state: FormState,
}

async fn loaded(visitors: &Visitors, asker: &Asker, token: String, state: FormState) -> Result<SignPage> {
    let visit = visit_of(visitors, asker, &token).await?;
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let asked = to_sign(&scope, &visit).await?.ok_or_else(WebError::missing)?;
    drop(scope);
    let given = registered_of(visitors, &asker.cx, std::slice::from_ref(&visit)).await?.remove(&visit.id);
    let given = given.unwrap_or_default();
    let ours = given.signings.iter().find(|one| one.agreement == asked.agreement);
    let signed = ours.filter(|_| !given.missing.agreement).map(|one| one.signed_at);
    let (language, text) = read_in(&asked.texts, asker.cx.language)
        .ok_or_else(|| WebError::broken("an agreement without text"))?;
    Ok(SignPage {
        token,
        agreement: asked.agreement,
        version: asked.version,
        language: language.to_owned(),
        text: text.clone(),
        signed,
        zone: visit.zone,
        state,
    })
}

/// The page.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
) -> Result {
    let asker = asker.for_guest();
    Ok(asker.show(&loaded(&visitors, &asker, token, FormState::empty()).await?))
}

#[derive(Deserialize)]
pub(super) struct Sent {
    agreement: AgreementId,
    version: i64,
    language: String,
    name: String,
    strokes: String,
}

/// Signs.
pub(super) async fn sign(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
    sent: Form<Sent>,
) -> Result {
    let asker = asker.for_guest();
    let visit = visit_of(&visitors, &asker, &token).await?;
    let (sent, state) = sent.split();
    let signed = async {
        let Sent { agreement, version, language, name, strokes } = sent?;
        let strokes = strokes::read(&strokes)?;
        let signature = Signature { agreement, version, language, name, strokes };
        Ok(sign::sign(&visitors, &as_guest(&asker, &visit), visit.id, signature).await?)
    };
    match signed.await {
        Ok(_) => Ok(asker.done("visitors-page-was-signed", format!("/v/{token}"))),
        Err(error) => Ok(asker.show(&loaded(&visitors, &asker, token, state.failed(error)?).await?)),
    }
}

impl Page for SignPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state, back) = (reader.texts(), &self.state, format!("/v/{}", self.token));
        let text = Markup::raw(format!(
            "<div class=\"agreement\" lang=\"{}\" tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</div>",
            Markup::text(&self.language),
            Markup::text(&self.text.title),
            Markup::text(&self.text.text)
        ));
        let number = t.with("visitors-agreement-version-number", [("number", self.version.to_string())]);
        let read = Card::new(&self.text.title)
            .body(text)
            .footer(Markup::raw(format!("<span class=\"muted\">{}</span>", Markup::text(number))));
        let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let sheet = reader.sheet("visitors-page-agreement").bare().status(status);
        let home = Button::link(&back, t.get("visitors-page-back")).quiet().icon("arrow-left");
        if let Some(at) = self.signed {
            let words = Markup::text(t.get("visitors-page-signed-at")).then(Markup::raw(" "));
            let signed = Alert::new(Tone::Info, words.then(reader.time(at, &self.zone)));
            let pdf = Button::link(format!("{back}/agreement/pdf"), t.get("visitors-page-signed-pdf"));
            let pdf = pdf.quiet().icon("download");
            return sheet.body(Markup::from(signed).then(read).then(pdf).then(home));
        }
        let wrong = state.error("strokes", &t).or_else(|| state.error("language", &t));
        // Without scripts there is nothing to draw on, and the name alone is asked for.
        let pad = Markup::raw(format!(
            "<div class=\"signature mb-3\" data-signature hidden><p id=\"signature-label\">{}</p><canvas role=\"img\" aria-labelledby=\"signature-label\" width=\"900\" height=\"300\"></canvas><button type=\"button\" class=\"btn btn-plain btn-small\" data-signature-clear>{}</button></div>",
            Markup::text(t.get("visitors-page-sign-here")),
            Markup::text(t.get("visitors-page-sign-clear"))
        ));
        let form = FormBox::post(format!("{back}/agreement"), state, &t)
            .add(wrong.map(|error| Alert::new(Tone::Warn, error).into()).unwrap_or_else(Markup::default))
            .add(Field::hidden("agreement", self.agreement))
            .add(Field::hidden("version", self.version))
            .add(Field::hidden("language", &self.language))
            .add(Field::hidden("strokes", ""))
            .add(pad)
            .add(
                Field::text("name", t.get("visitors-page-sign-name"))
                    .hint(t.get("visitors-page-sign-name-hint"))
                    .autocomplete("name")
                    .attr("maxlength", 100)
                    .from(state, &t),
            )
            .cancel(&back, t.get("visitors-page-back"))
            .submit(t.get("visitors-page-sign-do"));
        let script =
            Markup::raw(format!("<script defer src=\"{}\"></script>", asset_address("signature.js")));
        let sign = Card::new(t.get("visitors-page-signature")).body(form);
        sheet.body(Markup::from(read).then(sign).then(script))
    }
}
