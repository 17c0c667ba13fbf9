//! A device with its own certificate that listens and does nothing else.

use std::time::Duration;

use sekisho_agent::home::Home;
use sekisho_agent::link::{Link, LinkEvent};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::stage::PATIENCE;

/// Connected as long as it lives.
pub struct Listener {
    events: mpsc::Receiver<LinkEvent>,
    link: Link,
    _unplug: DropGuard,
}

impl Listener {
    /// Connects as the device enrolled in `home`, and waits until it is one that is served.
    pub async fn start(home: &Home) -> Self {
        let world = sekisho_crypto::system_world();
        let mut settings = home.identity(&world).unwrap().link;
        settings.longest_pause = Duration::from_millis(300);
        let stop = CancellationToken::new();
        let (link, events, _) = Link::start(settings, world, stop.clone());
        let mut listener = Self { events, link, _unplug: stop.drop_guard() };
        // The documents come as soon as it listens.
        listener.hears("/cfg/").await;
        listener
    }

    /// Waits for a message whose topic contains `topic`.
    pub async fn hears(&mut self, topic: &str) {
        loop {
            if let LinkEvent::Message { topic: of, receipt, .. } = self.next(topic).await {
                self.link.confirm(receipt);
                if of.contains(topic) {
                    return;
                }
            }
        }
    }

    /// Waits until the connection is down, however it came; the reason.
    pub async fn is_cut_off(&mut self) -> String {
        loop {
            match self.next("the end of the connection").await {
                LinkEvent::Down(why) => return why,
                LinkEvent::Message { receipt, .. } => self.link.confirm(receipt),
                _ => {}
            }
        }
    }

    /// Waits for the next attempt to connect, which must fail; the reason.
    pub async fn is_turned_away(&mut self) -> String {
        match self.next("an attempt to connect").await {
            LinkEvent::Down(why) => why,
            other => panic!("{other:?}"),
        }
    }

    async fn next(&mut self, what: &str) -> LinkEvent {
        let next = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        next.unwrap_or_else(|_| panic!("waited in vain for {what}")).expect("the link lives")
    }
}
