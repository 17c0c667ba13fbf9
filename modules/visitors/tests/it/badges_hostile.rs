//! Whatever hangs at the address of a printer: bounded, told apart, and never a way inside.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sekisho_testkit::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::printer::proven;
use crate::scene::Scene;

/// Something that answers every connection with the same bytes, over and over when it is endless.
async fn answering(head: &str, body: Vec<u8>, endless: bool) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, head) = (Arc::new(AtomicUsize::new(0)), head.to_owned());
    let counted = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let (head, body) = (head.clone(), body.clone());
            tokio::spawn(async move {
                let mut some = [0; 4096];
                let _ = stream.read(&mut some).await;
                let _ = stream.write_all(head.as_bytes()).await;
                while stream.write_all(&body).await.is_ok() && endless {}
                // Who hangs up on what was not read yet takes back what was said.
                let _ = stream.shutdown().await;
                while stream.read(&mut some).await.is_ok_and(|count| count > 0) {}
            });
        }
    });
    (port, asked)
}

async fn tried(scene: &Scene, admin: &mut Client, address: &str) -> Value {
    let body = json!({ "site": scene.tokyo, "name": "印刷", "address": address });
    let id = admin.api("POST", "/api/v1/visitors/printers", body).await.expect(201).json()["id"].clone();
    let path = format!("/api/v1/visitors/printers/{}/try", id.as_str().unwrap());
    admin.api("POST", &path, Value::Null).await.expect(200).json()["trouble"].clone()
}

story!(whatever_answers_is_bounded_and_told_apart, |scene| {
    let ipp = "HTTP/1.1 200 OK\r\ncontent-type: application/ipp\r\nconnection: close\r\n\r\n";
    let mut deep = vec![2, 0, 0, 0, 0, 0, 0, 1, 4, 0x34, 0, 1, b'a', 0, 0];
    (0..20_000).for_each(|_| deep.extend([0x4A, 0, 0, 0, 1, b'b', 0x34, 0, 0, 0, 0]));
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let (inside, asked_inside) = answering(ipp, Vec::new(), false).await;
    let redirect =
        format!("HTTP/1.1 307 Go\r\nlocation: http://127.0.0.1:{inside}/\r\ncontent-length: 0\r\n\r\n");
    let mut admin = proven(&scene).await;
    for (head, body, endless, trouble) in [
        (ipp, b"<html>hello".to_vec(), false, "no_printer"),
        (ipp, deep, false, "no_printer"),
        (chunked, b"400\r\n".iter().copied().chain([7; 1024]).chain(*b"\r\n").collect(), true, "no_printer"),
        (&*redirect, Vec::new(), false, "no_printer"),
        ("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n", Vec::new(), false, "password"),
        ("HTTP/1.1 426 Upgrade\r\ncontent-length: 0\r\n\r\n", Vec::new(), false, "certificate"),
        ("nonsense", Vec::new(), false, "unreachable"),
        // done, and says nothing of itself
        (ipp, vec![2, 0, 0, 0, 0, 0, 0, 1, 3], false, "no_format"),
    ] {
        let (port, _) = answering(head, body, endless).await;
        let told = tried(&scene, &mut admin, &format!("ipp://127.0.0.1:{port}/ipp")).await;
        assert_eq!(told, trouble, "{head}");
    }
    assert_eq!(asked_inside.load(Ordering::SeqCst), 0, "a redirect is not followed");
});

story!(an_address_that_nobody_allowed_is_not_connected_to, |scene| {
    let unproven = json!({ "site": scene.tokyo, "name": "印刷", "address": "ipps://127.0.0.1/ipp" });
    let mut admin = scene.server.administrator().await;
    let refused = admin.api("POST", "/api/v1/visitors/printers", unproven).await.expect(403);
    assert_eq!(refused.json()["code"], "error-unproven", "what gets the names of guests outlives a session");
    let mut admin = proven(&scene).await;
    for address in [
        "ipp://10.0.0.9/ipp/print",
        "ipps://169.254.169.254/ipp",
        "ipp://8.8.8.8/ipp",
        "http://127.0.0.1/",
        "ipp://u:p@127.0.0.1/",
    ] {
        let body = json!({ "site": scene.tokyo, "name": "印刷", "address": address });
        admin.api("POST", "/api/v1/visitors/printers", body).await.expect(422);
    }
    let plain = json!({ "site": scene.tokyo, "name": "印刷", "address": "ipp://127.0.0.1/ipp", "user": "u", "password": "p" });
    admin.api("POST", "/api/v1/visitors/printers", plain).await.expect(422);
    // A name is judged by where it leads, when it is connected to.
    assert_eq!(tried(&scene, &mut admin, "ipps://localhost.invalid/ipp").await, "unreachable");
});

story!(a_password_goes_nowhere_but_where_it_was_typed_for, |scene| {
    let mut admin = proven(&scene).await;
    let form = |address: &str, password: Option<&str>| json!({ "site": scene.tokyo, "name": "印刷", "address": address, "user": "reception", "password": password });
    let body = form("ipps://127.0.0.1:9/ipp", Some("s3cret"));
    let id = admin.api("POST", "/api/v1/visitors/printers", body).await.expect(201).json()["id"].clone();
    let path = format!("/api/v1/visitors/printers/{}", id.as_str().unwrap());
    let login = async || {
        use sekisho_storage::Scoped as _;
        let foundation = scene.server.foundation();
        let scope = foundation.store.read(scene.server.tenant).await.unwrap();
        let row = scope.find::<sekisho_visitors::tables::printers::Entity>().one().await.unwrap().unwrap();
        assert_eq!(row.login_sealed[2], 2, "under the key of secrets");
        let keys = foundation.vault.keys(scene.server.tenant).await.unwrap();
        let place = sekisho_crypto::Place { table: "visitors_printers", column: "login", row: row.id.uuid() };
        keys.open_text(&place, &row.login_sealed).unwrap()
    };
    assert_eq!(login().await, "reception:s3cret");
    admin.api("PUT", &path, form("ipps://127.0.0.1:9/ipp", None)).await.expect(204);
    assert_eq!(login().await, "reception:s3cret", "kept");
    let refused = admin.api("PUT", &path, form("ipps://127.0.0.1:10/ipp", None)).await.expect(422);
    assert!(refused.text.contains("visitors-error-printer-password"), "{}", refused.text);
    assert_eq!(login().await, "reception:s3cret", "neither sent to another address nor lost");
    let mut nobody = form("ipps://127.0.0.1:10/ipp", None);
    nobody["user"] = json!("");
    admin.api("PUT", &path, nobody).await.expect(204);
    assert_eq!(login().await, "", "nobody signs in there");
    admin.api("PUT", &path, form("ipps://127.0.0.1:10/ipp", Some("0ther"))).await.expect(204);
    assert_eq!(login().await, "reception:0ther");
    let mut other = form("ipps://127.0.0.1:10/ipp", None);
    other["user"] = json!("guard");
    admin.api("PUT", &path, other).await.expect(422);
    assert_eq!(login().await, "reception:0ther", "nor under another name");
    // The page says it at the field, and gives no password back.
    let page = format!("/settings/visitors/printers/{}", id.as_str().unwrap());
    let long = "s3cret".repeat(40);
    let site = scene.tokyo.to_string();
    let fields = [
        ("site", &*site),
        ("name", "印刷"),
        ("address", "ipps://127.0.0.1:10/ipp"),
        ("user", "reception"),
        ("password", &long),
        ("paper", "label"),
        ("version", "4"),
    ];
    let shown = admin.post(&page, &fields).await;
    assert_eq!(shown.status.as_u16(), 422);
    assert!(shown.text.contains("password-error") && !shown.text.contains("s3cret"), "{}", shown.text);
    assert!(!admin.get(&path).await.expect(200).text.contains("s3cret"));
});
