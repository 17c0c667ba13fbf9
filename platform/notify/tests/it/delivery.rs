//! What is committed is told, once or more, fairly, and what cannot be told is seen.

use std::sync::Arc;
use std::time::Duration;

use sekisho_kernel::Language;
use sekisho_kernel::{Kind, Kinded};
use sekisho_notify::send::SendError;
use sekisho_notify::tables::notify_attachments;
use sekisho_notify::{Attachment, Lane, Means, Message, Options, Recipient};
use sekisho_storage::Scoped;
use sekisho_teststore::{on_both_engines, tenant};

use crate::office::{Office, Recorder, greet, migrations, sato, smith};

fn recorded(fresh: sekisho_teststore::FreshStore) -> (Arc<Recorder>, Office) {
    let recorder = Arc::new(Recorder::default());
    (recorder.clone(), Office::open_with(fresh, recorder))
}

on_both_engines!(what_is_rolled_back_is_never_told, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    office.prepare(tenant(1)).await;
    let mut tx = office.fresh.store.begin(&office.cx()).await.unwrap();
    office.notify.tell(&mut tx, greet(sato())).await.unwrap();
    drop(tx);
    assert_eq!(office.notify.run_due().await.unwrap(), 0);
    assert!(recorder.letters.lock().unwrap().is_empty());
});

on_both_engines!(each_reads_their_own_language, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    office.tell_in(tenant(1), vec![greet(sato()), greet(smith())]).await;
    assert_eq!(office.notify.run_due().await.unwrap(), 2);
    let mut letters = recorder.letters.lock().unwrap().clone();
    letters.sort_by(|a, b| a.subject.cmp(&b.subject));
    assert_eq!(letters[0].subject, "For Ann Smith");
    assert_eq!(letters[1].subject, "佐藤 花子様へ");
    assert_eq!(letters[1].body, "鍵「社用車 3」は 2026年11月22日（日）12:00 までです。");
    assert_eq!(letters[1].links, [("開く".to_owned(), "https://midori.example.jp/keys/3".to_owned())]);
    assert_eq!(office.states().await, ["mail sent", "mail sent"]);
    assert!(
        office.deliveries().await.iter().all(|row| row.content.is_empty()),
        "what was sent does not stay"
    );
});

on_both_engines!(once_is_once, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    for _ in 0..3 {
        office.tell(greet(sato()).once("job-7")).await;
    }
    office.tell(greet(sato()).once("job-8")).await;
    // The same word to somebody else is another message.
    office.tell(greet(smith()).once("job-7")).await;
    office.tell(greet(smith()).once("job-7")).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(recorder.letters.lock().unwrap().len(), 3);
});

on_both_engines!(a_worker_that_dies_after_handing_over_sends_again_with_the_same_id, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    *recorder.deaths.lock().unwrap() = 1;
    office.tell(greet(sato())).await;
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["mail queued"]);
    assert_eq!(office.notify.run_due().await.unwrap(), 0, "the lease still holds");
    office.world.advance(Duration::from_secs(16));
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["mail sent"]);
    let letters = recorder.letters.lock().unwrap();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].id, letters[1].id);
});

on_both_engines!(a_failing_far_side_is_tried_again_as_it_asks_and_then_given_up, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    let busy = SendError::Later { why: "429".to_owned(), wait: Some(Duration::from_secs(600)), whole: false };
    *recorder.answers.lock().unwrap() = vec![Err(busy)];
    office.tell(greet(sato())).await;
    office.notify.run_due().await.unwrap();
    office.world.advance(Duration::from_secs(599));
    assert_eq!(office.notify.run_due().await.unwrap(), 0, "as long as it asked");
    office.world.advance(Duration::from_secs(2));
    assert_eq!(office.notify.run_due().await.unwrap(), 1);
    assert_eq!(office.states().await, ["mail sent"]);

    let down = SendError::Later { why: "no connection".to_owned(), wait: None, whole: false };
    *recorder.answers.lock().unwrap() = vec![Err(down); 50];
    office.tell(greet(smith())).await;
    for _ in 0..15 {
        office.notify.run_due().await.unwrap();
        office.world.advance(Duration::from_secs(3601));
    }
    let rows = office.deliveries().await;
    assert_eq!((rows[1].state.as_str(), rows[1].attempts), ("dead", 12));
    assert_eq!(rows[1].last_error.as_deref(), Some("no connection"));
});

on_both_engines!(a_far_side_that_is_down_rests, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    *recorder.answers.lock().unwrap() = vec![Err(SendError::later("down")); 1000];
    office.tell_in(tenant(1), (0..40).map(|_| greet(sato())).collect()).await;
    for _ in 0..5 {
        office.notify.run_due().await.unwrap();
        office.world.advance(Duration::from_millis(200));
    }
    let tried = recorder.letters.lock().unwrap().len();
    assert!((5..40).contains(&tried), "{tried} tries while it was down");
    recorder.answers.lock().unwrap().clear();
    for _ in 0..12 {
        office.world.advance(Duration::from_secs(31));
        office.notify.run_due().await.unwrap();
    }
    assert!(office.states().await.iter().all(|state| state == "mail sent"));
});

on_both_engines!(a_large_tenant_does_not_delay_a_small_one, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    office.tell_in(tenant(1), (0..300).map(|_| greet(sato())).collect()).await;
    office.tell_in(tenant(2), (0..5).map(|_| greet(smith())).collect()).await;
    office.notify.run_due().await.unwrap();
    let tenants = recorder.tenants.lock().unwrap();
    assert_eq!(tenants.len(), 305);
    let last_small = tenants.iter().rposition(|served| *served == tenant(2)).unwrap();
    assert!(last_small < 48, "the small tenant's last letter was number {last_small}");
});

on_both_engines!(what_came_too_late_is_dropped, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    let end = office.cx().now.plus(Duration::from_secs(300));
    office.tell(greet(sato()).not_after(end)).await;
    office.world.advance(Duration::from_secs(301));
    office.notify.run_due().await.unwrap();
    assert_eq!(office.states().await, ["mail dropped"]);
    assert!(recorder.letters.lock().unwrap().is_empty());
});

on_both_engines!(the_demo_keeps_everything_in_its_mailbox, migrations(), |fresh| {
    let office = Office::open(fresh, Options { mailbox: true, ..Options::default() });
    let code = Message::to_person(sato(), Lane::LifeSafety, "notify-code")
        .by(&[Means::Sms])
        .arg("code", "123456")
        .arg("purpose", "box");
    let outside = Recipient::Mail {
        address: "guest@example.com".to_owned(),
        name: String::new(),
        language: Language::En,
    };
    office.tell_in(tenant(1), vec![code, Message::new(outside, Lane::Operational, "notify-test")]).await;
    office.notify.run_due().await.unwrap();
    let messages = office.notify.mailbox(&office.cx(), 10).await.unwrap();
    let seen: Vec<_> =
        messages.iter().map(|message| (message.means.as_str(), message.recipient.as_str())).collect();
    assert!(
        seen.contains(&("sms", "+819012345678")) && seen.contains(&("mail", "guest@example.com")),
        "{seen:?}"
    );
    let sms = messages.iter().find(|message| message.means == "sms").unwrap();
    assert_eq!(sms.body, "確認コード：123456（5分間有効） みどり商事。だれにも教えないでください。");
});

on_both_engines!(what_is_long_past_is_tidied_away, migrations(), |fresh| {
    let (_, office) = recorded(fresh);
    office.tell(greet(sato())).await;
    office.notify.run_due().await.unwrap();
    office.notify.tidy(&office.cx()).await.unwrap();
    assert_eq!(office.states().await.len(), 1);
    office.world.advance(Duration::from_secs(91 * 86_400));
    office.tell(greet(smith())).await;
    office.notify.tidy(&office.cx()).await.unwrap();
    assert_eq!(office.states().await, ["mail queued"], "what waits is never tidied away");
});

on_both_engines!(the_dispatcher_sends_what_is_committed_and_stops_when_told, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    office.prepare(tenant(1)).await;
    let stop = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn({
        let (notify, stop) = (office.notify.clone(), stop.clone());
        async move { notify.run(stop).await }
    });
    for _ in 0..20 {
        office.tell(greet(sato())).await;
    }
    let all_sent = async {
        while office.states().await.iter().any(|state| state != "mail sent") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_sent).await.unwrap();
    assert_eq!(recorder.letters.lock().unwrap().len(), 20);
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(10), running).await.unwrap().unwrap();
});

on_both_engines!(what_a_mail_carries_is_sealed_and_goes_with_it, migrations(), |fresh| {
    let (recorder, office) = recorded(fresh);
    let plan = Attachment::file("plan.txt", "text/plain", b"the plan of the house".to_vec());
    let rows = async || {
        let scope = office.fresh.store.read(tenant(1)).await.unwrap();
        scope.find::<notify_attachments::Entity>().all().await.unwrap()
    };
    // Text messages carry nothing; a try that fails keeps it.
    office.tell(greet(sato()).by(&[Means::Mail, Means::Sms]).attach(plan.clone())).await;
    let kept = rows().await;
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].content.windows(4).any(|bytes| bytes == b"plan"));
    *recorder.answers.lock().unwrap() = vec![Err(SendError::later("busy"))];
    office.notify.run_due().await.unwrap();
    assert_eq!(rows().await.len(), 1);
    office.world.advance(Duration::from_secs(60));
    office.notify.run_due().await.unwrap();
    let letter = recorder.letters.lock().unwrap().last().cloned().unwrap();
    assert_eq!(letter.attachments.first(), Some(&plan));
    assert!(rows().await.is_empty(), "what was sent does not stay");

    // Too much is refused where it is told, and the caller's act with it.
    let mut tx = office.fresh.store.begin(&office.cx()).await.unwrap();
    let many = (0..6).fold(greet(sato()), |message, _| message.attach(plan.clone()));
    let refused = office.notify.tell(&mut tx, many).await.unwrap_err();
    assert!(matches!(refused.kind(), Kind::Invalid(_)), "{refused}");
    assert_eq!(refused.to_string(), "6 attachments; a message takes 5");
});
