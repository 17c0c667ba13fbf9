//! What is on its way to the server: events in their order, and everything else as it comes.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use sekisho_kernel::DeviceId;
use sekisho_wire::Topic;
use tokio::time::Instant;

use crate::journal::{Entry, Journal};
use crate::link::Link;
use crate::spool::{Spool, Waiting};

/// How many events may be on their way at once.
const EVENTS_ON_THE_WAY: usize = 32;
/// A server that does not say what it holds within this is sent everything.
const AGREE_WITHIN: Duration = Duration::from_secs(3);

/// A refused event is tried again after this, then after twice as long, and so on …
const FIRST_PAUSE: Duration = Duration::from_secs(2);
/// … but not less often than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Other messages that wait while the link is busy.
const MOST_LATER: usize = 256;

/// A refused picture is tried again after this: the server counts them by the minute …
const PICTURE_PAUSE: Duration = Duration::from_secs(60);
/// … and given up on when it was refused so often.
const MOST_PICTURE_REFUSALS: u8 = 3;

/// The sending side of a box.
#[derive(Debug)]
pub(super) struct Sending {
    device: DeviceId,
    link: Link,
    up_since: Option<Instant>,
    agreed: bool,
    next_tag: u64,
    on_the_way: HashMap<u64, Topic>,
    events_on_the_way: usize,
    /// Messages the link was too busy to take.
    later: VecDeque<(Topic, Vec<u8>)>,
    /// The newest event handed to the link in this connection.
    handed: u64,
    /// When events are sent again from the oldest that did not arrive, because the server refused one.
    again_at: Option<Instant>,
    refusals: u32,
    /// Every event up to here has arrived; written to the journal with the next record, for losing it costs nothing.
    arrived: u64,
    written: u64,
    /// The picture on its way; one at a time, so that events never queue behind many.
    picture: Option<Waiting>,
    /// What the server said of it.
    picture_taken: Option<bool>,
    picture_refusals: u8,
    picture_again_at: Option<Instant>,
}

impl Sending {
    pub(super) fn new(device: DeviceId, link: Link) -> Self {
        Self {
            device,
            link,
            up_since: None,
            agreed: false,
            next_tag: 0,
            on_the_way: HashMap::new(),
            events_on_the_way: 0,
            later: VecDeque::new(),
            handed: 0,
            again_at: None,
            refusals: 0,
            arrived: 0,
            written: 0,
            picture: None,
            picture_taken: None,
            picture_refusals: 0,
            picture_again_at: None,
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.up_since.is_some()
    }

    pub(super) fn up(&mut self) {
        self.down();
        self.up_since = Some(Instant::now());
    }

    pub(super) fn down(&mut self) {
        self.up_since = None;
        self.agreed = false;
        self.on_the_way.clear();
        self.events_on_the_way = 0;
        self.later.clear();
        self.handed = self.arrived;
        (self.again_at, self.refusals) = (None, 0);
        (self.picture, self.picture_taken) = (None, None);
    }

    /// The server has said what it holds, and the journal agrees.
    pub(super) fn agreed(&mut self, journal: &Journal) {
        self.agreed = true;
        self.arrived = journal.last_seq() - journal.unsent() as u64;
        self.written = self.arrived;
        self.handed = self.arrived;
    }

    pub(super) fn publish(&mut self, topic: Topic, payload: Vec<u8>) {
        if self.is_up() && !self.hand(topic, payload.clone()) && self.later.len() < MOST_LATER {
            self.later.push_back((topic, payload));
        }
    }

    /// Gives the link a message; false when it is too busy.
    fn hand(&mut self, topic: Topic, payload: Vec<u8>) -> bool {
        self.next_tag += 1;
        let taken = self.link.publish(self.next_tag, topic.format(self.device), payload);
        if taken {
            self.on_the_way.insert(self.next_tag, topic);
        }
        taken
    }

    /// Hands waiting events to the link, oldest first, as many as may be on their way.
    pub(super) fn send_waiting(&mut self, journal: &Journal) {
        let patient = self.up_since.is_some_and(|since| since.elapsed() >= AGREE_WITHIN);
        if !self.is_up() || !(self.agreed || patient) {
            return;
        }
        while let Some((topic, payload)) = self.later.pop_front() {
            if !self.hand(topic, payload.clone()) {
                return self.later.push_front((topic, payload));
            }
        }
        if self.again_at.is_some_and(|at| Instant::now() >= at) {
            self.again_at = None;
            self.handed = self.arrived.max(journal.last_seq() - journal.unsent() as u64);
        }
        let room = EVENTS_ON_THE_WAY.saturating_sub(self.events_on_the_way);
        for (seq, payload) in journal.waiting(self.handed, room) {
            if !self.hand(Topic::Event(seq), payload) {
                return;
            }
            self.handed = seq;
            self.events_on_the_way += 1;
        }
    }

    /// Hands the oldest picture to the link whose event the server has, when nothing else waits.
    pub(super) fn send_picture(&mut self, journal: &Journal, spool: &Spool) {
        let paused = self.picture_again_at.is_some_and(|at| Instant::now() < at);
        if !self.is_up() || paused || self.picture.is_some() || !self.later.is_empty() {
            return;
        }
        // A number beyond the journal is of one that was lost; its event will not come.
        let (arrived, newest) = (self.arrived, journal.last_seq());
        let due = |waiting: &&Waiting| waiting.seq <= arrived || waiting.seq > newest;
        let Some(waiting) = spool.waiting().find(due).cloned() else { return };
        match spool.payload(&waiting) {
            Some(payload) => {
                if self.hand(Topic::Picture(waiting.seq), payload) {
                    self.picture = Some(waiting);
                }
            }
            // Not readable any more: settled like one the server will never take.
            None => (self.picture, self.picture_taken) = (Some(waiting), Some(false)),
        }
    }

    /// Forgets the picture the server has, or will never take. How many are lost by that.
    pub(super) fn picture_settled(&mut self, spool: &mut Spool) -> u32 {
        let Some(taken) = self.picture_taken.take() else { return 0 };
        let Some(waiting) = self.picture.take() else { return 0 };
        self.picture_refusals = if taken { 0 } else { self.picture_refusals.saturating_add(1) };
        if !taken && self.picture_refusals < MOST_PICTURE_REFUSALS {
            tracing::warn!(seq = waiting.seq, "the server refused a picture");
            self.picture_again_at = Some(Instant::now() + PICTURE_PAUSE);
            return 0;
        }
        (self.picture_refusals, self.picture_again_at) = (0, None);
        spool.forget(&waiting);
        u32::from(!taken)
    }

    /// A message arrived. Its topic, when the logic wants to know.
    pub(super) fn delivered(&mut self, tag: u64, taken: bool) -> Option<Topic> {
        let topic = self.on_the_way.remove(&tag)?;
        if let Topic::Picture(_) = topic {
            self.picture_taken = Some(taken);
            return None;
        }
        if let Topic::Event(seq) = topic {
            self.events_on_the_way = self.events_on_the_way.saturating_sub(1);
            if !taken {
                self.refused(seq);
            } else if seq == self.arrived.max(self.first_unarrived(seq)) + 1 {
                self.arrived = seq;
                if self.again_at.is_none() {
                    self.refusals = 0;
                }
            }
            return None;
        }
        taken.then_some(topic)
    }

    /// A refused event stays in the journal and is sent again after a while, with everything behind it: a server of another
    /// version may take it tomorrow, and one that has the others already knows them by their numbers.
    fn refused(&mut self, seq: u64) {
        if self.again_at.is_none() {
            let pause = FIRST_PAUSE.saturating_mul(1 << self.refusals.min(8)).min(LONGEST_PAUSE);
            self.refusals = self.refusals.saturating_add(1);
            tracing::warn!(seq, again_in_s = pause.as_secs(), "the server refused an event");
            self.again_at = Some(Instant::now() + pause);
        }
    }

    /// What the journal should know by now.
    pub(super) fn acknowledged(&mut self) -> Option<Entry> {
        let news = self.arrived > self.written;
        self.written = self.arrived;
        news.then_some(Entry::Acknowledged(self.arrived))
    }

    /// Lets results on their way arrive before a restart.
    pub(super) async fn settle(&self) {
        if !self.on_the_way.is_empty() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Without an agreement we do not know where the server stands; the first event that arrives tells.
    fn first_unarrived(&self, seq: u64) -> u64 {
        if self.agreed || self.arrived > 0 { 0 } else { seq - 1 }
    }
}
