//! Forms keep what was typed; acts lead back with one sentence.

use askama::Template;
use axum::http::StatusCode;
use sekisho_web::parts::{Field, FormBox};
use sekisho_web::{Access, Asker, Form, FormState, Mounted, Result, Routes, SiteOptions, WebError};
use serde::Deserialize;

use crate::stage::stage;

#[derive(Deserialize)]
struct NewKey {
    name: String,
    bin: u32,
}

async fn make(asker: Asker, sent: Form<NewKey>) -> Result {
    let (new, state) = sent.split();
    let made = new.and_then(|new| match new.name.as_str() {
        "" => Err(WebError::invalid("name", "error-field")),
        _ => Ok(new.bin),
    });
    match made {
        Ok(_) => Ok(asker.done_with_undo("stage-done", "/keys", Some("/keys/undo?a=1"))),
        Err(error) => {
            let state = state.failed(error)?;
            Ok(asker.view("name").status(StatusCode::UNPROCESSABLE_ENTITY).show_markup(form(&asker, &state)))
        }
    }
}

fn form(asker: &Asker, state: &FormState) -> FormBox {
    let t = asker.texts();
    FormBox::post("/keys", state, &t)
        .add(Field::text("name", t.get("name")).required().from(state, &t))
        .add(Field::number("bin", "bin").from(state, &t))
        .submit(t.get("save"))
}

#[derive(Template)]
#[template(source = "<p>{{ name }}</p>", ext = "html")]
struct Named {
    name: &'static str,
}

fn routes() -> Mounted {
    Routes::new("stage")
        .post("/keys", Access::Person, make)
        .get("/keys", Access::Person, |asker: Asker| async move { asker.page("name", Named { name: "<b>" }) })
        .with_state(())
}

#[tokio::test]
async fn what_was_typed_stays() {
    let stage = stage(vec![routes()], SiteOptions::default()).await;
    let who = [("cookie", "who=employee"), ("content-type", "application/x-www-form-urlencoded")];
    let answer = stage.ask("POST", "/keys", &who, "name=%3Cvan%3E&bin=x").await;
    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("value=\"&#60;van&#62;\""), "{}", answer.body);
    assert!(answer.body.contains("aria-describedby=\"f-bin-error\" aria-invalid=\"true\""));
    assert_eq!(answer.body.matches("この項目をご確認ください。").count(), 1);
}

#[tokio::test]
async fn an_act_leads_back_with_its_sentence_and_undo() {
    let stage = stage(vec![routes()], SiteOptions::default()).await;
    let who = ("cookie", "who=employee");
    let done = stage.ask("POST", "/keys", &[who], "name=van&bin=1").await;
    assert_eq!((done.status, done.header("location")), (303, "/keys"));
    let cookies: Vec<_> =
        done.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(
        cookies[0].starts_with("notice=stage-done; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{cookies:?}"
    );
    let page = stage
        .ask(
            "GET",
            "/keys",
            &[("cookie", "who=employee; notice=stage-done; undo=%2Fkeys%2Fundo%3Fa%3D1")],
            "",
        )
        .await;
    assert!(page.body.contains("保存しました") && page.body.contains("action=\"/keys/undo?a=1\""));
    assert!(
        page.headers
            .get_all("set-cookie")
            .iter()
            .all(|cookie| cookie.to_str().unwrap().ends_with("Max-Age=0"))
    );
    assert!(!page.body.contains("notice-warn"));
    let not_done = stage.ask("GET", "/keys", &[("cookie", "who=employee; notice=!stage-done")], "").await;
    assert!(not_done.body.contains("保存しました") && not_done.body.contains("notice-warn"));
    // Planted by somebody else: neither words nor addresses of theirs.
    let planted = stage
        .ask("GET", "/keys", &[("cookie", "who=employee; notice=Call+now; undo=https%3A%2F%2Fevil")], "")
        .await;
    assert!(!planted.body.contains("Call") && !planted.body.contains("evil"));
    let htmx = stage.ask("POST", "/keys", &[who, ("hx-request", "true")], "name=van&bin=1").await;
    assert_eq!((htmx.status, htmx.header("hx-redirect")), (204, "/keys"));
}

#[tokio::test]
async fn htmx_gets_the_body_alone() {
    let stage = stage(vec![routes()], SiteOptions::default()).await;
    let fragment = stage.ask("GET", "/keys", &[("cookie", "who=employee"), ("hx-request", "true")], "").await;
    assert_eq!(fragment.body, "<p>&#60;b&#62;</p>");
    assert_eq!(fragment.header("vary"), "HX-Request");
    let boosted = [("cookie", "who=employee"), ("hx-request", "true"), ("hx-boosted", "true")];
    assert!(stage.ask("GET", "/keys", &boosted, "").await.body.starts_with("<!doctype html>"));
}
