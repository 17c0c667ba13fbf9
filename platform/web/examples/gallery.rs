//! Serves `/gallery` on a port of the loopback address, to look at the parts while they are made.

#[expect(dead_code, clippy::unwrap_used, reason = "written for tests, which look at more of it")]
#[path = "../tests/it/stage.rs"]
mod stage;

use sekisho_web::parts::{Button, Field, FormBox};
use sekisho_web::{Access, Asker, FormState, Routes, SiteOptions};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let routes = Routes::new("stage")
        .get("/sign-in", Access::Public("shows a bare page"), sign_in)
        .get("/search", Access::Person, || async { "" })
        .get("/me", Access::Person, || async { "" })
        .get("/named", Access::Person, named)
        .post("/done", Access::Person, |asker: Asker| async move {
            asker.done_with_undo("stage-done", "/gallery", Some("/undo"))
        })
        .with_state(());
    let options = SiteOptions { development: true, ..SiteOptions::default() };
    let stage = stage::stage(vec![routes], options).await;
    let port = std::env::args().nth(1).unwrap_or_else(|| "4433".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    sekisho_web::serve(listener, None, stage.site.router, stage.shutdown).await
}

async fn sign_in(asker: Asker) -> axum::response::Response {
    let t = asker.texts();
    let state = FormState::empty();
    let form = FormBox::post("/sign-in", &state, &t)
        .add(Field::email("mail", "メールアドレス").autocomplete("username").required())
        .add(Field::password("password", "パスワード").autocomplete("current-password").required())
        .submit(t.get("shell-sign-in"));
    asker.view("shell-sign-in").bare().show_markup(sekisho_web::parts::Card::plain().body(form))
}

async fn named(asker: Asker) -> axum::response::Response {
    let t = asker.texts();
    let samples = sekisho_web::gallery::render(&[], &t);
    let body = samples.into_iter().find(|(name, _)| name == "cards").map(|(_, html)| html);
    asker
        .view_of("社用車 3 号")
        .crumb("/gallery", "stage-keys")
        .crumb_named("/gallery", "本社 1 階 A")
        .action(Button::link("#", "貸し出す").primary().icon("arrows-exchange"))
        .action(Button::link("#", t.get("edit")).icon("edit"))
        .show_markup(body)
}
