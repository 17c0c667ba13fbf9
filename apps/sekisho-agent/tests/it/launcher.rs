//! The installed program as a process, and real programs in its slots: the one the boot record names starts, three times
//! while it has not proved itself; signals and exit codes pass through; and kill -9 at any moment leaves a record that starts.

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sekisho_agent::home::Home;
use sekisho_agent::updates::launch::{Next, Waits, launch};
use sekisho_agent::updates::{Pending, Slot, TRIES, UpdateFiles};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::cloud::Cloud;
use crate::kill::until;
use crate::stand::id;

const PATIENCE: Duration = Duration::from_secs(60);
const AGENT: &str = env!("CARGO_BIN_EXE_sekisho-agent");

/// A box's folder with an enrolled device in it. Its server is there and says nothing of updates.
struct Place {
    folder: tempfile::TempDir,
    _cloud: Cloud,
}

impl Place {
    async fn new() -> Self {
        let (folder, cloud) = (tempfile::tempdir().unwrap(), Cloud::start().await);
        cloud.enrol(folder.path());
        Self { folder, _cloud: cloud }
    }

    fn updates(&self) -> PathBuf {
        Home::at(self.folder.path()).updates()
    }

    fn files(&self) -> UpdateFiles {
        UpdateFiles::in_folder(&self.updates()).unwrap()
    }

    /// A shell script as the program of a slot. Another process writes it, so that no file of ours is open while it starts.
    async fn script(&self, slot: Slot, text: &str) {
        write_script(&self.updates().join(slot.word()).join("sekisho-agent"), text).await;
    }

    /// The agent itself as the program of a slot.
    fn agent(&self, slot: Slot) {
        let path = self.updates().join(slot.word()).join("sekisho-agent");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(AGENT, path).unwrap();
    }

    /// From now on this slot's program is new.
    fn pend(&self, slot: Slot) {
        self.files().change(|record| record.pending = Some(pending(slot))).unwrap();
    }

    /// From now on this slot's program is the one that was kept.
    fn keep(&self, slot: Slot) {
        self.files().change(|record| (record.active, record.version) = (slot, "2.0.0".to_owned())).unwrap();
    }

    /// Why the box went back, as it will be told.
    fn reasons(&self) -> Vec<String> {
        self.files().record().tell.into_iter().filter_map(|tell| tell.why).collect()
    }

    /// How often a script of this place said that it ran.
    fn runs(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("runs")).unwrap_or_default().lines().count()
    }

    /// What a script does to say that it runs, and from which slot.
    fn says(&self) -> String {
        format!(r#"echo "$SEKISHO_AGENT_SLOT" >> '{}'"#, self.folder.path().join("runs").display())
    }

    fn start(&self) -> Installed {
        let mut command = Command::new(AGENT);
        command
            .args(["--json", "run", "--panel", "127.0.0.1:0", "--bins", "2", "--dir"])
            .arg(self.folder.path());
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Installed { child, lines }
    }
}

async fn write_script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let words = ["-c", r#"printf '#!/bin/sh\n%s\n' "$2" > "$1" && chmod 700 "$1""#, "sh"];
    let mut write = Command::new("sh");
    write.args(words).arg(path).arg(text);
    assert!(write.status().await.unwrap().success());
}

fn pending(slot: Slot) -> Pending {
    Pending {
        rollout: id(50),
        slot,
        tries: TRIES,
        version: "2.0.0".to_owned(),
        security_version: 1,
        booted: false,
    }
}

/// The installed program, running.
struct Installed {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Installed {
    /// Waits until a box runs, in this process or in a slot's.
    async fn runs_a_box(&mut self) {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await.expect("a box in time");
        let line = line.unwrap().expect("the agent ended");
        assert!(line.contains("panel"), "{line}");
    }

    fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// The process of a slot's program, and which slot it was told it runs from.
    fn slot_process(&self) -> Option<(u32, String)> {
        let child = children(self.pid()).into_iter().next()?;
        let environment = std::fs::read(format!("/proc/{child}/environ")).ok()?;
        let slot =
            environment.split(|byte| *byte == 0).find_map(|one| one.strip_prefix(b"SEKISHO_AGENT_SLOT="))?;
        Some((child, String::from_utf8(slot.to_vec()).unwrap()))
    }

    /// Sends SIGTERM and waits. The code it ended with.
    async fn terminate(mut self) -> Option<i32> {
        signal("-TERM", self.pid()).await;
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("an end in time").unwrap().code()
    }

    async fn kill(mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }
}

async fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().await.unwrap().success());
}

fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let of =
        |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
    let all: String = tasks.map(|task| of(task.unwrap())).collect();
    all.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
}

/// Whether a process is there and not merely waited for.
fn lives(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn the_slot_that_the_record_names_runs_and_stops_with_its_launcher() {
    let place = Place::new().await;
    place.agent(Slot::B);
    place.keep(Slot::B);
    let mut running = place.start();
    running.runs_a_box().await;
    let (pid, slot) = running.slot_process().unwrap();
    assert_eq!(slot, "b");
    assert_eq!(running.terminate().await, Some(0));
    assert!(!lives(pid), "the slot's program was told too");

    // Killed without a word, it takes the slot's program along: the next start finds the folder free.
    let mut running = place.start();
    running.runs_a_box().await;
    let (pid, _) = running.slot_process().unwrap();
    running.kill().await;
    until("the slot's program ends with its launcher", || !lives(pid)).await;
    let mut running = place.start();
    running.runs_a_box().await;
    assert_eq!(running.terminate().await, Some(0));
    assert_eq!(place.files().record().active, Slot::B);
}

#[tokio::test]
async fn what_a_slots_program_says_as_it_stops_is_what_the_launcher_says() {
    let place = Place::new().await;
    let waits = format!("trap 'exit 42' TERM\n{}\nwhile :; do sleep 0.05; done", place.says());
    place.script(Slot::A, &waits).await;
    place.keep(Slot::A);
    let running = place.start();
    until("the script runs", || place.runs() == 1).await;
    assert_eq!(running.terminate().await, Some(42));
    assert_eq!(place.runs(), 1);
}

#[tokio::test]
async fn a_new_program_that_falls_over_starts_three_times() {
    let place = Place::new().await;
    place.script(Slot::A, &format!("{}\nexit 1", place.says())).await;
    place.pend(Slot::A);
    let mut running = place.start();
    running.runs_a_box().await;
    assert_eq!(running.slot_process(), None, "the installed program runs the box itself");
    assert_eq!(place.runs(), usize::from(TRIES));
    assert_eq!(running.terminate().await, Some(0));
    let record = place.files().record();
    assert_eq!((record.active, record.pending), (Slot::Base, None));
    assert_eq!(running_reason(&place), "did_not_start");
}

/// Why the box went back: waiting to be told, or in the journal already.
fn running_reason(place: &Place) -> String {
    let journal = sekisho_agent::journal::Journal::peek(&Home::at(place.folder.path()).journal()).unwrap();
    let told = journal.waiting(0, usize::MAX).into_iter().filter_map(|(_, payload)| {
        match sekisho_wire::decode::<sekisho_wire::Event>(&payload).unwrap().kind {
            sekisho_wire::EventKind::Updating { why, .. } => why,
            _ => None,
        }
    });
    place.reasons().into_iter().chain(told).next().unwrap_or_default()
}

#[tokio::test]
async fn a_new_program_that_cannot_start_is_gone_back_from() {
    for spoiled in [false, true] {
        let place = Place::new().await;
        if spoiled {
            // It lies there, and nobody may run it.
            place.script(Slot::A, "exit 0").await;
            let path = place.updates().join("a/sekisho-agent");
            std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        // What was kept before, in the other slot, is what it goes back to.
        place.agent(Slot::B);
        place.keep(Slot::B);
        place.pend(Slot::A);
        let mut running = place.start();
        running.runs_a_box().await;
        assert_eq!(running.slot_process().unwrap().1, "b");
        assert_eq!(running.terminate().await, Some(0));
        assert_eq!(place.files().record().active, Slot::B);
    }
}

#[tokio::test]
async fn a_kept_program_that_is_spoiled_makes_way_for_the_installed_one() {
    let place = Place::new().await;
    place.keep(Slot::A);
    let mut running = place.start();
    running.runs_a_box().await;
    assert_eq!(running.slot_process(), None);
    assert_eq!(running.terminate().await, Some(0));
    assert_eq!(place.files().record().active, Slot::Base);
}

/// A launcher in this very process, with little patience, and one program in slot A.
struct Launched {
    folder: tempfile::TempDir,
    waits: Waits,
}

impl Launched {
    async fn with(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_script(&folder.path().join("a/sekisho-agent"), script).await;
        let short = Duration::from_millis(300);
        let waits = Waits { hung_after: short, breath: Duration::ZERO, soon: PATIENCE, stop_within: short };
        Self { folder, waits }
    }

    fn files(&self) -> UpdateFiles {
        UpdateFiles::in_folder(self.folder.path()).unwrap()
    }

    async fn launch(&self, stop: impl Future<Output = ()>) -> Next {
        let launched = launch(self.folder.path(), self.waits, stop);
        tokio::time::timeout(PATIENCE, launched).await.expect("an end in time").unwrap()
    }
}

#[tokio::test]
async fn a_kept_program_that_only_falls_over_makes_way_too() {
    let one = Launched::with("exit 1").await;
    one.files().change(|record| record.active = Slot::A).unwrap();
    assert_eq!(one.launch(std::future::pending()).await, Next::RunBase);
    assert_eq!(one.files().record().active, Slot::Base);
}

#[tokio::test]
async fn a_new_program_that_hangs_is_ended() {
    let one = Launched::with("exec sleep 100000").await;
    one.files().change(|record| record.pending = Some(pending(Slot::A))).unwrap();
    assert_eq!(one.launch(std::future::pending()).await, Next::RunBase);
    let record = one.files().record();
    assert_eq!((record.active, record.pending), (Slot::Base, None));
    assert_eq!(record.tell.last().unwrap().why.as_deref(), Some("hung"));
}

#[tokio::test]
async fn a_program_that_does_not_listen_is_ended_all_the_same() {
    let one = Launched::with("trap '' TERM\ntouch \"$0.runs\"\nwhile :; do sleep 0.05; done").await;
    one.files().change(|record| record.active = Slot::A).unwrap();
    let runs = one.folder.path().join("a/sekisho-agent.runs");
    let stopped = one.launch(until("the program runs", || runs.exists())).await;
    let Next::Stop(Some(ended)) = stopped else { panic!("{stopped:?}") };
    assert_eq!(ended.signal(), Some(9));
}

#[tokio::test]
async fn kill_minus_nine_at_any_moment_leaves_a_record_that_starts() {
    const KILLS: u64 = 30;
    let place = Place::new().await;
    place.agent(Slot::A);
    place.script(Slot::B, "exit 1").await;
    place.keep(Slot::A);
    let record = place.updates().join("record.json");
    for round in 0..KILLS {
        // Every third round a new program that will not do, so that the record is written while it is killed.
        if round % 3 == 0 {
            place.pend(Slot::B);
        }
        let mut running = place.start();
        let moment = Duration::from_millis(round * 23 % 200);
        let fell = tokio::time::timeout(moment, running.child.wait()).await;
        assert!(fell.is_err(), "the agent fell over by itself: {fell:?}");
        running.kill().await;
        let text = std::fs::read(&record).unwrap();
        assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok(), "round {round}");
        let kept = place.files().record();
        assert_eq!((kept.active, kept.version.as_str()), (Slot::A, "2.0.0"), "round {round}");
        assert!(kept.pending.is_none_or(|pending| pending.slot == Slot::B && pending.tries < TRIES + 1));
    }
    // Left alone, it comes to its end: the new program is gone back from, the kept one runs.
    let mut running = place.start();
    running.runs_a_box().await;
    assert_eq!(running.slot_process().unwrap().1, "a");
    assert_eq!(running.terminate().await, Some(0));
    assert_eq!(place.files().record().pending, None);
}
