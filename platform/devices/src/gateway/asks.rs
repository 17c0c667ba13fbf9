//! Questions of panels: answered by the module of the device's kind, each in a task of its own, few at a time.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sekisho_kernel::{Actor, Cx};
use sekisho_wire::{Answer, AnswerKind, Ask, Topic, Words, decode, encode};
use tokio::time::timeout;

use super::Shared;
use super::mailbox::Connection;
use crate::session::Downlink;
use crate::{Device, PortError, reads};

/// Questions being answered at once, over all devices.
pub(crate) const MOST_AT_ONCE: usize = 256;
/// Questions of one device at once; its panel has one person before it.
const MOST_OF_ONE: u8 = 4;
/// Nobody stands longer before a screen that says nothing.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// A late answer is worth nothing to who has gone.
const ANSWER_LIFE: Duration = Duration::from_secs(30);

/// Reads a question.
pub(crate) fn read(n: u64, payload: &[u8]) -> Option<Ask> {
    decode::<Ask>(payload).ok().filter(|ask| ask.n == n)
}

/// Has a question answered.
pub(crate) fn answer(shared: &Arc<Shared>, connection: &Arc<Connection>, address: IpAddr, ask: Ask) {
    let n = ask.n;
    let known = connection.answered.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match known {
        Some((of, payload)) if of == n => return send(connection, n, payload),
        _ => {}
    }
    let permit = shared.answering.clone().try_acquire_owned();
    let others = connection.asking.fetch_add(1, Ordering::AcqRel);
    let (Ok(permit), true) = (permit, others < MOST_OF_ONE) else {
        connection.asking.fetch_sub(1, Ordering::AcqRel);
        metrics::counter!("sekisho_devices_asks_total", "result" => "busy").increment(1);
        return send(connection, n, encode(&later(n)));
    };
    let (shared, connection) = (shared.clone(), connection.clone());
    shared.tasks.clone().spawn(async move {
        let answered = timeout(ANSWER_WITHIN, ask_module(&shared, &connection, address, ask)).await;
        let (answer, result) = match answered {
            Ok(Ok(answer)) => (Answer { n, ..answer }, "answered"),
            Ok(Err(error)) => {
                tracing::error!(device = %connection.device, %error, "a panel's question could not be answered");
                (later(n), "failed")
            }
            Err(_) => (later(n), "slow"),
        };
        metrics::counter!("sekisho_devices_asks_total", "result" => result).increment(1);
        let payload = encode(&answer);
        if result == "answered" {
            *connection.answered.lock().unwrap_or_else(PoisonError::into_inner) = Some((n, payload.clone()));
        }
        connection.asking.fetch_sub(1, Ordering::AcqRel);
        send(&connection, n, payload);
        drop(permit);
    });
}

async fn ask_module(
    shared: &Shared,
    connection: &Connection,
    address: IpAddr,
    ask: Ask,
) -> Result<Answer, PortError> {
    let actor = Actor::Device { id: connection.device };
    let mut cx = Cx::new(shared.world.clone(), connection.tenant, actor, ask.language);
    cx.address = Some(address);
    let Some(ports) = shared.devices.ports(connection.kind) else { return Ok(later(ask.n)) };
    let scope = shared.devices.store().read(connection.tenant).await?;
    let row = reads::row(&scope, connection.device).await?.ok_or("the device is gone")?;
    drop(scope);
    ports.asks.asked(&cx, &Device::from(row), ask).await
}

fn send(connection: &Connection, n: u64, payload: Vec<u8>) {
    connection.send(Downlink { topic: Topic::Answer(n), payload, life: Some(ANSWER_LIFE) });
}

/// What the screen says when nobody could answer.
fn later(n: u64) -> Answer {
    let text = Words {
        ja: "ただいま応答できません。しばらくしてから、もう一度お試しください。".to_owned(),
        en: "No answer right now. Please try again in a moment.".to_owned(),
    };
    Answer { n, kind: AnswerKind::Refused { code: "later".to_owned(), text } }
}
