//! A bin is theirs: a key given back, a key taken, and what the bin says about it.

use std::time::Duration;

use sekisho_kernel::{ResourceId, Timestamp};
use sekisho_wire::{AskKind, Code};

use super::{ANSWER_WITHIN, Happening, RETURN_ANSWER_WITHIN, Stage, Wanted};
use crate::box_logic::{BoxLogic, Drive, Effect, Purpose, Sentence};
use crate::driver::BinNumber;

impl BoxLogic {
    /// Somebody wants to give a key back: by holding it to the reader, from the list, or just so.
    pub(in crate::box_logic) fn begin_return(
        &mut self,
        fob: Option<String>,
        key: Option<ResourceId>,
        now: Timestamp,
    ) {
        if matches!(self.conversation.stage, Stage::AtBin { .. }) {
            return;
        }
        if !self.link {
            return self.open_for_return(key, fob.as_deref(), now);
        }
        let session = self.conversation.stay.as_ref().map(|stay| stay.session);
        let ask = AskKind::Return { session, key, fob: fob.clone().map(Code::new), bin: None };
        self.ask(ask, Wanted::Return { key, fob }, RETURN_ANSWER_WITHIN, now);
    }

    /// The box's own decision: an empty bin holds nothing worth guarding, and a key belongs behind a door.
    pub(super) fn open_for_return(&mut self, key: Option<ResourceId>, fob: Option<&str>, now: Timestamp) {
        let Some(bin) = self.empty_bin_for(fob) else {
            return self.say(Sentence::Own("no-empty-bin"), now);
        };
        let until = now.plus(Duration::from_secs(self.timeouts().release_s.into()));
        self.bins.release(bin, Purpose::Return, None, until);
        self.effects.push(Effect::Drive(Drive::Bin(bin, None)));
        self.at_bin(bin, Purpose::Return, key, now);
        self.lamp(bin);
    }

    /// What a bin did, where the conversation is about that bin.
    pub(in crate::box_logic) fn tell_panel(&mut self, happening: Happening, now: Timestamp) {
        let Stage::AtBin { bin, purpose, key } = self.conversation.stage.clone() else { return };
        match happening {
            Happening::Opened(opened) if opened == bin => self.conversation.until = None,
            Happening::PutIn(into, fob) if into == bin => self.conversation.put_in = fob,
            Happening::TakenOut(from) if from == bin => self.conversation.put_in = None,
            Happening::Stuck(stuck) if stuck == bin => match purpose {
                // Another bin may work; a key must not stay in a hand because of one latch.
                Purpose::Return if self.empty_bin_for(None).is_some_and(|other| other != bin) => {
                    self.say(Sentence::Own("stuck-try-again"), now);
                }
                _ => self.say(Sentence::Own("stuck"), now),
            },
            Happening::Closed(closed) if closed == bin => {
                let occupied = self.bins.get(bin).is_some_and(|bin| bin.occupied);
                match (purpose, occupied) {
                    (Purpose::Take, false) => self.show(Stage::Taken { key }, now),
                    (Purpose::Return, true) => {
                        let fob = self.conversation.put_in.take();
                        let key = self.key_of_fob(fob.as_deref()).or(key);
                        self.show(Stage::Returned { key }, now);
                    }
                    (Purpose::Take, true) => self.say(Sentence::Own("not-taken"), now),
                    (Purpose::Return, false) => self.say(Sentence::Own("nothing-put-in"), now),
                    (Purpose::Manage, _) => self.end_stay(now),
                }
                self.drop_from_lists(purpose, key, occupied);
            }
            _ => {}
        }
    }

    /// The key whose fob this is, as far as the set-up says.
    pub(in crate::box_logic) fn key_of_fob(&self, fob: Option<&str>) -> Option<ResourceId> {
        let bins = &self.config.as_ref()?.bins;
        bins.iter().find(|bin| bin.fob.is_some() && bin.fob.as_deref() == fob)?.key
    }

    fn drop_from_lists(&mut self, purpose: Purpose, key: Option<ResourceId>, occupied: bool) {
        let Some(stay) = &mut self.conversation.stay else { return };
        match (purpose, occupied) {
            (Purpose::Take, false) => {
                let taken = stay.takeable.extract_if(.., |offer| Some(offer.key) == key).collect::<Vec<_>>();
                stay.held.extend(taken);
            }
            (Purpose::Return, true) => stay.held.retain(|offer| Some(offer.key) != key),
            _ => {}
        }
    }

    pub(super) fn at_bin(
        &mut self,
        bin: BinNumber,
        purpose: Purpose,
        key: Option<ResourceId>,
        now: Timestamp,
    ) {
        self.conversation.put_in = None;
        self.conversation.stage = Stage::AtBin { bin, purpose, key };
        // The command may have overtaken the answer.
        let open = self.bins.stands_open(bin);
        self.conversation.until = (!open).then(|| now.plus(ANSWER_WITHIN));
    }
}
