//! From `setup` without a mail account to a page: the printed link, the first password, the authenticator app; and the way
//! back in for an administrator who lost both.

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use sekisho_crypto::system_world;

use crate::on_both;
use crate::stage::{PATIENCE, Stage};

/// A browser as far as forms and cookies go; it follows nothing by itself.
struct Browser {
    client: reqwest::Client,
    cookies: Vec<(String, String)>,
}

/// What came back: status, where it leads, the page.
struct Answer(u16, String, String);

impl Browser {
    fn new(stage: &Stage) -> Self {
        let root = reqwest::Certificate::from_pem(&std::fs::read(stage.authority()).unwrap()).unwrap();
        let client = reqwest::Client::builder()
            .tls_certs_only([root])
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self { client, cookies: Vec::new() }
    }

    async fn get(&mut self, url: &str) -> Answer {
        let request = self.client.get(url);
        self.send(request).await
    }

    async fn post(&mut self, url: &str, name: &str, value: &str) -> Answer {
        let body = format!("{name}={}", sekisho_web::escape_query(value));
        let request = self.client.post(url).body(body);
        self.send(request.header("content-type", "application/x-www-form-urlencoded")).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(COOKIE, cookies.join("; ")).header("sec-fetch-site", "same-origin");
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let to = answer.headers().get(LOCATION).map_or("", |to| to.to_str().unwrap()).to_owned();
        Answer(answer.status().as_u16(), to, answer.text().await.unwrap())
    }
}

/// What the app shows now for the secret that `page` shows for typing.
fn code_for(page: &str) -> String {
    let (_, rest) = page.split_once("<p class=\"muted\">").unwrap();
    let shown = rest.split_once("<code>").unwrap().1.split_once("</code>").unwrap().0;
    let secret = data_encoding::BASE32_NOPAD.decode(shown.replace(' ', "").as_bytes()).unwrap();
    let now = u64::try_from(system_world().now().as_secs()).unwrap();
    totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(now).to_string()
}

/// Follows a one-time link through password and app to an open session; the recovery codes shown on the way.
async fn follow(stage: &Stage, link: &str, password: &str) -> (Browser, Vec<String>) {
    let mut browser = Browser::new(stage);
    assert_eq!(browser.get(link).await.0, 200);
    let Answer(status, to, _) = browser.post(link, "password", password).await;
    assert_eq!((status, to.as_str()), (303, "/sign-in/app"));
    assert_eq!(browser.get(&format!("{}/people", stage.url())).await.0, 303, "nothing is open yet");
    let app = format!("{}{to}", stage.url());
    let page = browser.get(&app).await.2;
    let Answer(status, _, shown) = browser.post(&app, "code", &code_for(&page)).await;
    assert_eq!(status, 200, "{shown}");
    let codes = shown.split("<li><code>").skip(1).filter_map(|part| part.split('<').next());
    (browser, codes.map(str::to_owned).collect())
}

on_both!(the_first_administrator_needs_no_mail, |stage| {
    let done = stage.setup().await.done();
    assert_eq!(done["mailed"], false);
    let serving = stage.serve(&[]).await;
    let link = done["invitation"].as_str().unwrap();
    let (mut browser, codes) = follow(&stage, link, "hashiru-kame-2026").await;
    assert_eq!(codes.len(), 10);
    assert_eq!(browser.get(&format!("{}/people", stage.url())).await.0, 200);
    assert_eq!(browser.get(link).await.0, 404, "used up");

    // Password and telephone are gone. The operator of the machine prints a new link; what was before is worth nothing.
    let refused = stage.run(&["person", "link", "nobody@aoba.example"]).await.refused();
    assert!(refused.contains("nobody of"), "{refused}");
    let again = stage.run(&["person", "link", "sato@aoba.example", "--lost-app"]).await.done();
    let (mut browser, anew) = follow(&stage, again["url"].as_str().unwrap(), "oyogu-tsuru-2026").await;
    assert_eq!(browser.get(&format!("{}/people", stage.url())).await.0, 200);
    assert!(anew.len() == 10 && anew.iter().all(|code| !codes.contains(code)), "{anew:?}");
    let by =
        stage.rows().texts("SELECT actor FROM audit_entries WHERE action = 'person.link_hand_over'").await;
    assert!(by.len() == 1 && by[0].contains("command line"), "{by:?}");
    serving.stop().await;
});
