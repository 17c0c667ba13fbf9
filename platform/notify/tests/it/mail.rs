//! Mail to a real (small) mail server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sekisho_notify::{Attachment, CalendarMethod, Encryption, Options, SmtpSettings};
use sekisho_storage::Engine;
use sekisho_teststore::{fresh, tenant};

use crate::far_sides::MailServer;
use crate::office::{Office, greet, migrations, sato, smith};

async fn office(server: &MailServer, change: impl FnOnce(&mut SmtpSettings)) -> Office {
    let mut smtp = SmtpSettings {
        host: "localhost".to_owned(),
        port: server.address.port(),
        encryption: Encryption::StartTls,
        user: "office".to_owned(),
        password: "secret".to_owned(),
        from: "noreply@midori.example.jp".to_owned(),
        ..SmtpSettings::default()
    };
    change(&mut smtp);
    let options = Options { smtp: Some(smtp), roots: vec![server.root_pem.clone()], ..Options::default() };
    Office::open(fresh(Engine::Sqlite, &migrations()).await, options)
}

#[tokio::test(flavor = "multi_thread")]
async fn goes_out_encrypted_and_signed_in_over_one_connection() {
    let server = MailServer::start().await;
    let office = office(&server, |_| {}).await;
    office.tell(greet(sato())).await;
    office.notify.run_due().await.unwrap();
    office.tell(greet(smith())).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["mail sent", "mail sent"]);
    assert_eq!(office.deliveries().await[0].receipt.as_deref(), Some("250 2.0.0 queued as 77"));
    let mails = server.mails.lock().unwrap().clone();
    assert_eq!(*server.connections.lock().unwrap(), 1, "the connection is used again");
    let mail = &mails[0];
    assert!(mail.encrypted && mail.user.as_deref() == Some("office"));
    assert!(mail.from.contains("<noreply@midori.example.jp>") && mail.to.contains("<sato@example.jp>"));
    let id = office.deliveries().await[0].id.uuid().simple().to_string();
    for part in [
        format!("Message-ID: <{id}@midori.example.jp>").as_str(),
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        "text/plain; charset=utf-8",
        "text/html; charset=utf-8",
        "Date: Sun, 22 Nov 2026",
    ] {
        assert!(mail.data.contains(part), "{part}\n{}", mail.data);
    }
    assert!(mails[1].data.contains("Subject: For Ann Smith"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_stranger_certificate_are_told() {
    let server = MailServer::start().await;
    let wrong = office(&server, |smtp| smtp.password = "guess".to_owned()).await;
    wrong.tell(greet(sato())).await;
    wrong.notify.run_due().await.unwrap();
    assert_eq!(wrong.states().await, ["mail dead"]);
    assert!(wrong.deliveries().await[0].last_error.as_deref().unwrap().contains("who are you"));

    // The certificate is for localhost, whatever address the connection goes to.
    let stranger = office(&server, |smtp| smtp.host = "127.0.0.1".to_owned()).await;
    stranger.tell(greet(sato())).await;
    stranger.notify.run_due().await.unwrap();
    assert_eq!(stranger.states().await, ["mail queued"]);
    assert!(server.mails.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_mailbox_is_tried_again_and_an_unknown_one_is_not() {
    let server = MailServer::start().await;
    let office = office(&server, |_| {}).await;
    *server.refusals.lock().unwrap() = vec!["452 mailbox full", "550 no such user"];
    office.tell(greet(sato())).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["mail queued"]);
    office.tell(greet(smith())).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["mail queued", "mail dead"]);
    office.world.advance(std::time::Duration::from_secs(10));
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["mail sent", "mail dead"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_cannot_name_a_server_inside() {
    let server = MailServer::start().await;
    let office = office(&server, |_| {}).await;
    let inside = sekisho_notify::ChannelSettings::Smtp(SmtpSettings {
        host: "localhost".to_owned(),
        port: server.address.port(),
        from: "a@example.jp".to_owned(),
        ..SmtpSettings::default()
    });
    office.prepare(tenant(1)).await;
    office.notify.save_channel(&office.cx(), None, "社内", &inside).await.unwrap();
    office.tell(greet(sato())).await;
    office.notify.run_due().await.unwrap();
    let row = office.deliveries().await.remove(0);
    assert_eq!(
        (row.state.as_str(), row.last_error.as_deref()),
        ("dead", Some("localhost is not a public address"))
    );
    assert_eq!(*server.connections.lock().unwrap(), 0);
}

/// The parts of a mail in their order, by head and body; multiparts have an empty body.
fn parts(data: &str) -> Vec<(String, String)> {
    let (head, rest) = data.split_once("\r\n\r\n").unwrap();
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let Some((_, boundary)) = head.split_once("boundary=\"") else {
        return vec![(head, rest.to_owned())];
    };
    let boundary = format!("--{}", boundary.split('"').next().unwrap());
    let mut all = vec![(head, String::new())];
    let inner = rest.split(&boundary).skip(1).filter(|part| !part.starts_with("--"));
    all.extend(inner.flat_map(|part| parts(part.trim_start_matches("\r\n"))));
    all
}

fn decoded((head, body): &(String, String)) -> Vec<u8> {
    if head.contains("base64") {
        return STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap();
    }
    if !head.contains("quoted-printable") {
        return body.as_bytes().to_vec();
    }
    let (mut out, joined) = (Vec::new(), body.replace("=\r\n", ""));
    let mut bytes = joined.bytes();
    while let Some(byte) = bytes.next() {
        let hex = (byte == b'=').then(|| [bytes.next().unwrap(), bytes.next().unwrap()]);
        let byte = hex
            .map(|hex| u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap())
            .unwrap_or(byte);
        out.push(byte);
    }
    out
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_carries_a_calendar_object_a_picture_and_a_file() {
    let server = MailServer::start().await;
    let office = office(&server, |_| {}).await;
    let object = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n";
    let message = greet(sato())
        .attach(Attachment::calendar(CalendarMethod::Request, object))
        .attach(Attachment::picture("入館用の QR コード", "image/png", vec![0x89, b'P', b'N', b'G']))
        .attach(Attachment::file("地図.pdf", "application/pdf", b"%PDF-1.7".to_vec()));
    office.tell(message).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["mail sent"]);
    let mail = server.mails.lock().unwrap()[0].data.clone();
    let parts = parts(&mail);
    let kinds: Vec<&str> = parts
        .iter()
        .map(|(head, _)| {
            head.split("Content-Type: ").nth(1).unwrap().split(';').next().unwrap().lines().next().unwrap()
        })
        .collect();
    // RFC 6047: programs look for the object among the alternatives, the best one last; others find a file.
    let wanted = [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "text/calendar",
        "application/ics",
        "application/pdf",
    ];
    assert_eq!(kinds, wanted, "{mail}");
    let calendar = &parts[6].0;
    assert!(calendar.contains("method=REQUEST") && calendar.contains("charset=utf-8"), "{calendar}");
    assert_eq!(String::from_utf8(decoded(&parts[6])).unwrap().trim_end(), object.trim_end());
    assert_eq!(String::from_utf8(decoded(&parts[7])).unwrap().trim_end(), object.trim_end());
    assert!(parts[7].0.contains("attachment; filename=\"invite.ics\""), "{}", parts[7].0);
    let picture = &parts[5].0;
    let cid = picture.split("Content-ID: <").nth(1).unwrap().split('>').next().unwrap();
    assert_eq!(decoded(&parts[5]), [0x89, b'P', b'N', b'G']);
    assert!(picture.contains("Content-Disposition: inline"), "{picture}");
    let html = decoded(&parts[4]);
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains(&format!("src=\"cid:{cid}\" alt=\"入館用の QR コード\"")), "{html}");
}
