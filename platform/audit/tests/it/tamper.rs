//! Whatever is done to an export, or to the database under it, is found.

use std::sync::OnceLock;

use proptest::prelude::*;
use sekisho_audit::{Filter, Problem, PublicKey, Report, verify, verify_file};
use sekisho_storage::Engine;
use sekisho_teststore::{fresh, tenant};

use crate::{Ground, migrations};

struct Exports {
    full: Vec<String>,
    filtered: Vec<String>,
    key: String,
    /// A checkpoint laid aside long ago.
    kept: String,
}

fn exports() -> &'static Exports {
    static EXPORTS: OnceLock<Exports> = OnceLock::new();
    EXPORTS.get_or_init(|| {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let fresh = fresh(Engine::Sqlite, &migrations()).await;
            let ground = Ground::new(&fresh.store);
            let mut kept = None;
            for round in 0..6 {
                for number in 0..7 {
                    ground.act(round * 7 + number).await;
                }
                ground.sequencer.fold(tenant(1)).await.unwrap();
                kept = kept.or(ground.record.checkpoint(tenant(1)).await.unwrap());
            }
            let lines = |text: String| text.lines().map(str::to_owned).collect();
            let filter = Filter { action: Some("key.".to_owned()), ..Filter::default() };
            Exports {
                full: lines(ground.export(Filter::default()).await),
                filtered: lines(ground.export(filter).await),
                key: ground.key().await,
                kept: kept.unwrap(),
            }
        })
    })
}

fn check(lines: &[String]) -> Report {
    verify_file(format!("{}\n", lines.join("\n")).as_bytes(), &exports().key).unwrap()
}

fn key_of() -> PublicKey {
    PublicKey::parse(&exports().key).unwrap()
}

/// Lines of the full export that hold entries.
fn entries(lines: &[String]) -> Vec<usize> {
    (0..lines.len()).filter(|at| lines[*at].starts_with("{\"entry\"")).collect()
}

#[test]
fn untouched_exports_hold() {
    let Exports { full, filtered, .. } = exports();
    let report = check(full);
    assert!(report.holds() && report.full && report.checkpoints >= 6, "{report:?}");
    assert_eq!(report.entries, entries(full).len() as u64);
    let report = check(filtered);
    assert!(report.holds() && !report.full && report.entries == 42, "{report:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_byte_of_any_entry_changed_is_found(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0..8_u8, filtered in any::<bool>()) {
        let lines = if filtered { &exports().filtered } else { &exports().full };
        let line = *which.get(&entries(lines));
        let mut bytes: Vec<Vec<u8>> = lines.iter().map(|line| line.clone().into_bytes()).collect();
        let place = at.index(bytes[line].len());
        bytes[line][place] ^= 1 << bit;
        let report = verify_file(&bytes.join(&b'\n')[..], &exports().key).unwrap();
        prop_assert!(!report.holds(), "line {} byte {}", line + 1, place);
    }
}

#[test]
fn a_changed_entry_is_named() {
    let mut lines = exports().full.clone();
    let at = entries(&lines)[10];
    lines[at] = lines[at].replace("Van ", "Car ");
    assert_eq!(check(&lines).problems, [Problem::Changed { index: 10 }]);
    let mut lines = exports().filtered.clone();
    let at = entries(&lines)[3];
    lines[at] = lines[at].replace("Van ", "Car ");
    assert!(matches!(check(&lines).problems[..], [Problem::Changed { .. }]));
}

#[test]
fn a_changed_entry_with_its_hash_made_again_is_narrowed_to_its_checkpoint() {
    let mut lines = exports().full.clone();
    let at = entries(&lines)[20];
    let (entry, _) = lines[at].strip_prefix("{\"entry\":").unwrap().rsplit_once(",\"hash\"").unwrap();
    let entry = entry.replace("Van ", "Car ");
    let hash = tlog_tiles::tlog::record_hash(entry.as_bytes());
    lines[at] = format!("{{\"entry\":{entry},\"hash\":\"{hash}\",\"index\":20}}");
    let problems = check(&lines).problems;
    let [Problem::OtherRoot { from, to }] = problems[..] else { panic!("{problems:?}") };
    assert!(from <= 20 && 20 <= to && to - from < 20, "{from}..={to}");
}

#[test]
fn removed_repeated_moved_and_inserted_entries_are_named() {
    let full = &exports().full;
    let at = entries(full)[12];
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = full.clone();
        change(&mut lines);
        check(&lines).problems
    };
    let removed = with(&|lines| drop(lines.remove(at)));
    assert!(removed.contains(&Problem::Missing { from: 12, to: 12 }), "{removed:?}");
    let repeated = with(&|lines| lines.insert(at, lines[at].clone()));
    assert!(matches!(repeated[0], Problem::Misplaced { index: 12, .. }), "{repeated:?}");
    let moved = with(&|lines| lines.swap(at, at + 1));
    assert!(moved.contains(&Problem::Missing { from: 12, to: 12 }), "{moved:?}");
    assert!(moved.iter().any(|problem| matches!(problem, Problem::Misplaced { index: 12, .. })), "{moved:?}");
    // Removed, and all that follow renumbered so that no gap shows.
    let renumbered = with(&|lines| {
        lines.remove(at);
        for line in lines.iter_mut().skip(at) {
            if let Some((head, index)) = line.clone().rsplit_once(",\"index\":") {
                let index: u64 = index.trim_end_matches('}').parse().unwrap();
                *line = format!("{head},\"index\":{}}}", index - 1);
            }
        }
    });
    assert!(
        matches!(renumbered[0], Problem::OtherRoot { from, to } if from <= 12 && 12 <= to),
        "{renumbered:?}"
    );
    let first = with(&|lines| drop(lines.remove(1)));
    assert!(first.contains(&Problem::Missing { from: 0, to: 0 }), "{first:?}");
}

#[test]
fn a_cut_off_end_is_found() {
    let full = &exports().full;
    let last = *entries(full).last().unwrap();
    let report = check(&full[..last]);
    assert!(matches!(report.problems[..], [Problem::Short { .. }]), "{report:?}");
    let report = check(&full[..full.len() - 1]);
    assert!(matches!(report.problems[..], [Problem::NotCovered { .. }]), "{report:?}");
    let filtered = &exports().filtered;
    let report = check(&filtered[..filtered.len() - 1]);
    assert_eq!(report.problems, [Problem::Cut]);
    let headless = [&filtered[..1], &filtered[2..]].concat();
    assert!(matches!(check(&headless).problems[..], [Problem::NotInTree { .. }, ..]));
    assert!(
        verify(filtered.join("\n").as_bytes(), &key_of(), std::slice::from_ref(&exports().kept)).is_err()
    );
    let strange = [exports().kept.replace("\n7\n", "\n8\n").replace("\n9\n", "\n8\n")];
    let report = verify(full.join("\n").as_bytes(), &key_of(), &strange).unwrap();
    assert_eq!(report.problems, [Problem::KeptNotSigned]);
    // The header made to fit: only a checkpoint that somebody kept tells.
    let key = key_of();
    let kept = std::slice::from_ref(&exports().kept);
    assert!(verify(full.join("\n").as_bytes(), &key, kept).unwrap().holds());
    let short = format!("{}\n", full[0].replace(&full[0][full[0].rfind(':').unwrap()..], ":0}"));
    assert!(verify(short.as_bytes(), &key, &[]).unwrap().holds());
    let report = verify(short.as_bytes(), &key, kept).unwrap();
    assert!(matches!(report.problems[..], [Problem::OtherHistory { .. }]), "{report:?}");
}

#[test]
fn checkpoints_of_others_and_rubbish_are_refused() {
    let full = &exports().full;
    let at = full.iter().position(|line| line.starts_with("{\"checkpoint\"")).unwrap();
    let mut lines = full.clone();
    lines[at] = lines[at].replacen("\\n7\\n", "\\n8\\n", 1).replacen("\\n8\\n", "\\n9\\n", 1);
    assert_eq!(check(&lines).problems, [Problem::NotSigned { line: at as u64 + 1 }]);
    for rubbish in ["", "{}", "{\"entry\":{}}", "{\"entry\":{},\"hash\":\"\",\"index\":0}", "\u{0}", "[[[["] {
        let mut lines = full.clone();
        lines.insert(at, rubbish.to_owned());
        assert!(matches!(check(&lines).problems[..], [Problem::Unreadable { .. }, ..]), "{rubbish}");
    }
    for (file, key) in [("", ""), ("x", ""), ("{}", exports().key.as_str()), ("", exports().key.as_str())] {
        assert!(verify_file(file.as_bytes(), key).is_err());
    }
}

proptest! {
    #[test]
    fn no_file_makes_the_verifier_fall(bytes in prop::collection::vec(any::<u8>(), 0..400), index in any::<u64>(), count in 0..70_usize) {
        let header = &exports().full[0];
        let mut file = header.clone().into_bytes();
        file.push(b'\n');
        file.extend_from_slice(&bytes);
        let _ = verify_file(&file[..], &exports().key);
        let hash = tlog_tiles::tlog::record_hash(b"{}");
        let filtered = format!(
            "{}\n{}\n{{\"entry\":{{}},\"hash\":\"{hash}\",\"index\":{index},\"proof\":[{}]}}\n{}\n",
            exports().filtered[0],
            exports().filtered[1],
            vec![format!("\"{hash}\""); count].join(","),
            exports().filtered.last().unwrap(),
        );
        let report = verify_file(filtered.as_bytes(), &exports().key).unwrap();
        prop_assert_eq!(report.problems, [Problem::NotInTree { index }]);
    }
}
