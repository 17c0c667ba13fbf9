//! Whatever arrives, nothing breaks: cursors, forms, proxies' headers.

use axum::extract::FromRequest;
use proptest::prelude::*;
use sekisho_web::{Cursor, Form, FormState};
use serde::Deserialize;

#[derive(Deserialize, Debug)]
#[expect(dead_code, reason = "only read")]
struct Any {
    name: String,
    count: Option<u8>,
    many: Vec<i64>,
    on: bool,
}

fn read(body: Vec<u8>) -> (bool, FormState) {
    let request = axum::http::Request::new(axum::body::Body::from(body));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let form = runtime.block_on(Form::<Any>::from_request(request, &())).unwrap();
    let (value, state) = form.split();
    (value.is_ok(), state)
}

proptest! {
    #[test]
    fn cursors_read_back_or_are_refused(at in any::<i64>(), name in ".*", rubbish in ".*") {
        let cursor = Cursor::encode(&(at, &name));
        prop_assert_eq!(Cursor::decode::<(i64, String)>(&cursor).unwrap(), (at, name));
        let _ = Cursor::decode::<(i64, String)>(&rubbish);
    }

    #[test]
    fn forms_read_any_bytes(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        read(body);
    }

    #[test]
    fn forms_keep_what_was_typed(name in ".*", count in any::<u8>(), many in proptest::collection::vec(any::<i64>(), 0..4)) {
        let mut body = format!("name={}&count={count}", sekisho_web::escape_query(&name));
        for number in &many {
            body.push_str(&format!("&many={number}"));
        }
        let (fits, state) = read(body.into_bytes());
        prop_assert!(fits);
        // NUL alone is replaced: no text has one.
        prop_assert_eq!(state.value("name"), name.replace('\0', "\u{fffd}"));
        prop_assert_eq!(state.values("many").len(), many.len());
    }
}
