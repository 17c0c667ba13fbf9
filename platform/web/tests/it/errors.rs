//! Refusals and failures as people and programs see them.

use std::sync::Arc;

use sekisho_kernel::{FieldError, Kind, Kinded};
use sekisho_web::{Access, Asker, Mounted, Result, Routes, SiteOptions, WebError};
use tokio::sync::Notify;

use crate::stage::{Stage, stage};

#[derive(Debug, thiserror::Error)]
#[error("the bin is taken")]
struct Taken;

impl Kinded for Taken {
    fn kind(&self) -> Kind {
        Kind::Invalid(vec![FieldError { field: "bin", text: "error-field" }])
    }
}

async fn panics() {
    panic!("no such bin");
}

fn routes() -> Mounted {
    Routes::new("stage")
        .get("/broken", Access::Person, || async {
            Result::<()>::Err(WebError::broken("the disk is on fire"))
        })
        .get("/panic", Access::Person, panics)
        .get("/mine", Access::Person, |_: Asker| async { "mine" })
        .get("/all", Access::Administrator, || async { "all" })
        .get("/slow", Access::Public("test"), || async { std::future::pending::<()>().await })
        .post("/api/v1/keys", Access::Person, || async { Result::<()>::Err(Taken.into()) })
        .get("/api/v1/keys", Access::Person, || async { "" })
        .get("/api/v1/busy", Access::Public("test"), || async {
            Result::<()>::Err(WebError::new(Kind::Busy(7), "error-busy", "busy"))
        })
        .with_state(())
}

async fn site() -> Stage {
    let time_out = std::time::Duration::from_millis(20);
    stage(vec![routes()], SiteOptions { time_out, ..SiteOptions::default() }).await
}

#[tokio::test]
async fn strangers_are_led_to_the_door() {
    let stage = site().await;
    let page = stage.open("/mine?a=1", "").await;
    assert_eq!((page.status, page.header("location")), (303, "/sign-in?next=%2Fmine%3Fa%3D1"));
    let api = stage.ask("GET", "/api/v1/keys", &[], "").await;
    assert_eq!((api.status, api.header("content-type")), (401, "application/problem+json"));
    assert_eq!(api.header("www-authenticate"), "Bearer");
    assert_eq!(api.json()["code"], "error-unauthenticated");
    let wrong_token = stage.ask("GET", "/api/v1/keys", &[("authorization", "Bearer nobody")], "").await;
    assert_eq!(wrong_token.status, 401);
    assert_eq!(stage.open("/all", "employee").await.status, 403);
    assert_eq!(stage.open("/all", "administrator").await.body, "all");
}

#[tokio::test]
async fn every_error_has_a_number_and_no_innards() {
    let stage = site().await;
    for (path, status) in [("/broken", 500), ("/panic", 500), ("/nowhere", 404), ("/slow", 408)] {
        let answer = stage.open(path, "employee").await;
        assert_eq!(answer.status, status, "{path}");
        let number = answer.header("request-id");
        assert!(number.len() == 36 && answer.body.contains(number), "{path}");
        assert!(!answer.body.contains("fire") && !answer.body.contains("no such bin"), "{path}");
        assert!(answer.body.contains("佐藤") || path == "/slow", "{path}: the frame stays");
    }
    assert_eq!(stage.ask("GET", "/mine", &[("host", "unknown")], "").await.status, 404);
}

#[tokio::test]
async fn what_is_uploaded_may_take_longer_than_other_requests() {
    let (begun, end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let take = {
        let (begun, end) = (begun.clone(), end.clone());
        move || async move {
            begun.notify_one();
            end.notified().await;
            "taken"
        }
    };
    let time_out = std::time::Duration::from_millis(20);
    let uploads = Routes::new("uploads").post_upload("/image", Access::Person, 1, take).with_state(());
    let stage = stage(vec![routes(), uploads], SiteOptions { time_out, ..SiteOptions::default() }).await;
    let cookie = [("cookie", "who=employee")];
    let meanwhile = async {
        begun.notified().await;
        // Begun later and out of time already: the upload is past that time too, and goes on.
        let slow = stage.open("/slow", "employee").await.status;
        end.notify_one();
        slow
    };
    let (taken, slow) = tokio::join!(stage.ask("POST", "/image", &cookie, ""), meanwhile);
    assert_eq!((taken.status, taken.body.as_str(), slow), (200, "taken", 408));
}

#[tokio::test]
async fn programs_get_problem_documents() {
    let stage = site().await;
    let headers = [("authorization", "Bearer employee"), ("accept-language", "en")];
    let answer = stage.ask("POST", "/api/v1/keys", &headers, "{}").await;
    let problem = answer.json();
    assert_eq!((answer.status, answer.header("content-type")), (422, "application/problem+json"));
    assert_eq!(problem["errors"][0]["field"], "bin");
    assert_eq!(problem["errors"][0]["text"], "Please check this field.");
    assert_eq!(problem["request"], answer.header("request-id"));
    let busy = stage.ask("GET", "/api/v1/busy", &[], "").await;
    assert_eq!((busy.status, busy.header("retry-after")), (429, "7"));
    let method = stage.ask("DELETE", "/api/v1/keys", &headers, "").await;
    assert_eq!((method.status, method.json()["code"].as_str()), (405, Some("error-method")));
    assert!(method.header("allow").contains("POST"));
    assert_eq!(stage.ask("GET", "/api/v1/none", &headers, "").await.json()["code"], "error-missing");
}
