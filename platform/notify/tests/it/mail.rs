//! Mail to a real (small) mail server.

use sekisho_notify::{Encryption, Options, SmtpSettings};
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
