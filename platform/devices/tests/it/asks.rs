//! Questions of the panel.

use std::sync::atomic::Ordering;

use sekisho_kernel::Language;
use sekisho_teststore::on_both_engines;
use sekisho_wire::{
    Answer, AnswerKind, Ask, AskKind, Code, Document, IdentifyBy, TimeBeacon, TimeQuestion, Topic, decode,
    encode,
};

use crate::stand::{Stand, migrations};

on_both_engines!(is_answered_and_the_same_question_gets_the_same_answer, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    let kind = AskKind::Identify { by: IdentifyBy::IdNumber(Code::new("1234")) };
    let ask = encode(&Ask { n: 17, language: Language::En, kind });
    for _ in 0..2 {
        peer.publish_up(Topic::Ask(17), ask.clone()).await;
        let (topic, payload) = peer.message().await;
        assert_eq!(topic, Topic::Answer(17));
        assert_eq!(decode::<Answer>(&payload).unwrap(), Answer { n: 17, kind: AnswerKind::Ok });
    }
    assert_eq!(stand.module.asked.load(Ordering::SeqCst), 1);
    let id = peer.publish_up(Topic::Ask(18), ask).await;
    assert_eq!(peer.acked(id).await, 0x99, "another number inside than outside");
    stand.stop().await;
});

on_both_engines!(the_time_is_told_with_the_nonce, migrations(), |fresh| {
    let stand = Stand::new(fresh).await;
    let (_, mut peer) = stand.connected("box").await;
    peer.publish_up(Topic::Report(Document::Time), encode(&TimeQuestion { nonce: 42 })).await;
    let (topic, payload) = peer.message().await;
    assert_eq!(topic, Topic::Config(Document::Time));
    assert_eq!(decode::<TimeBeacon>(&payload).unwrap().nonce, 42);
    stand.stop().await;
});
