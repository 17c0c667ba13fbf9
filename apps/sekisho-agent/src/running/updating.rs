//! The box's side of an update: carries words between the updater, the logic and the server, and lets it wait for people.

use sekisho_wire::{Part, Topic};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Exit, Runner, Updatable};
use crate::box_logic::{Input, Program};
use crate::updates::{Order, Record, Request, Situation, UpdateFiles, Updater, Words};

/// The updater, where there is one.
#[derive(Debug, Default)]
pub(super) struct Updating(Option<Inner>);

#[derive(Debug)]
struct Inner {
    files: UpdateFiles,
    words: Words,
    program: Program,
    /// The next start is into another program, as soon as nobody would miss the box.
    restart: bool,
}

/// Starts the updater of a box whose program can be changed.
pub(super) fn start(
    updates: Option<Updatable>,
    stop: &CancellationToken,
) -> (Updating, mpsc::Receiver<Request>) {
    let Some(Updatable { files, slot, version, hardware, prove_within }) = updates else {
        return (Updating::default(), mpsc::channel(1).1);
    };
    let program = Program { version: version.to_string(), hardware: Some(hardware.clone()) };
    let (updater, words, requests) = Updater::new(files.clone(), slot, hardware, version);
    tokio::spawn(updater.proving_within(prove_within).run(stop.clone()));
    (Updating(Some(Inner { files, words, program, restart: false })), requests)
}

impl Updating {
    pub(super) fn program(&self) -> Program {
        self.0.as_ref().map(|inner| inner.program.clone()).unwrap_or_default()
    }

    /// A piece of a file came.
    pub(super) fn part(&self, part: Part) {
        if let Some(inner) = &self.0 {
            inner.words.part(part);
        }
    }

    /// Puts an ordered update on the list, in the place of one that is being fetched. The same order again changes nothing.
    pub(super) fn list(&self, rollout: uuid::Uuid, image: &str) -> bool {
        let Some(inner) = &self.0 else { return false };
        let listed = inner.files.change(|record: &mut Record| record.list(rollout, image));
        inner.words.order(Order { rollout, image: image.to_owned() });
        listed.inspect_err(|error| tracing::error!(%error, "an update cannot be put on the list")).is_ok()
    }
}

impl Runner {
    /// The updater wants something.
    pub(super) async fn requested(&mut self, request: Request) {
        match request {
            Request::Get(get) => {
                self.sending.publish(Topic::Get(get.n), sekisho_wire::encode(&get));
                self.send_waiting();
            }
            Request::Tell => self.tell_steps().await,
            Request::Restart => {
                if let Some(inner) = &mut self.updating.0 {
                    inner.restart = true;
                }
                self.tell_steps().await;
            }
        }
        self.tell_situation();
    }

    /// Brings the steps of the boot record into the journal. They leave the record when they are there.
    async fn tell_steps(&mut self) {
        let Some(files) = self.updating.0.as_ref().map(|inner| inner.files.clone()) else { return };
        let told = files.record().tell;
        for tell in &told {
            self.step(Input::Updating(tell.event())).await;
        }
        let forget = |record: &mut Record| {
            let known = record.tell.len().min(told.len());
            record.tell.drain(..known);
        };
        if let Err(error) = files.change(forget) {
            tracing::warn!(%error, "steps of an update will be told again");
        }
    }

    /// Tells the updater how the box is, and restarts when that is wanted and nobody would miss it.
    pub(super) fn tell_situation(&mut self) {
        let Some(inner) = &self.updating.0 else { return };
        let (idle, wall) = (self.logic.is_idle(), self.world.now());
        inner.words.situation(Situation {
            up: self.sending.is_up(),
            idle,
            checks: self.logic.checks(),
            now: self.logic.time(wall),
        });
        if inner.restart && idle {
            self.exit = Some(Exit::Restart);
        }
    }
}
