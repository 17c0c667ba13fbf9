//! The house rules as ordinary tests: who may import whom, what every file and crate carries, what stays out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sekisho_kernel::Language;
use sekisho_storage::Engine;
use sekisho_testkit::TestServer;
use sekisho_web::{Texts, gallery};

use crate::stage;

/// The rooms of `platform/`, lowest first: a crate imports only those before it.
const PLATFORM: [&str; 16] = [
    "kernel", "wire", "crypto", "updates", "storage", "policy", "web", "audit", "identity", "rights",
    "places", "notify", "devices", "remote", "backup", "host",
];
/// Files past this many lines hold two things.
const LONGEST_FILE: usize = 800;

fn root() -> PathBuf {
    Path::new("../..").canonicalize().unwrap()
}

struct Crate {
    room: String,
    group: String,
    imports: BTreeSet<String>,
}

fn crates() -> BTreeMap<String, Crate> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()
        .unwrap();
    let ours: BTreeSet<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    metadata
        .packages
        .iter()
        .map(|package| {
            let dir = package.manifest_path.parent().unwrap();
            let imports = package
                .dependencies
                .iter()
                .filter(|import| {
                    import.kind == cargo_metadata::DependencyKind::Normal && ours.contains(&import.name)
                })
                .map(|import| import.name.clone())
                .collect();
            let room = dir.file_name().unwrap().to_owned();
            let group = dir.parent().unwrap().file_name().unwrap().to_owned();
            (package.name.to_string(), Crate { room, group, imports })
        })
        .collect()
}

/// Compares with a checked-in derived file, or writes it when `SEKISHO_FRESH` is set (`make fresh`).
fn is_fresh(file: &str, want: &str) {
    let path = root().join(file);
    if std::env::var_os("SEKISHO_FRESH").is_some() {
        fs::write(&path, want).unwrap();
    }
    let have = fs::read_to_string(&path).unwrap_or_default();
    assert!(have == want, "{file} is not up to date: run `make fresh` and look at the difference");
}

#[test]
fn arrows_point_downwards_and_are_written_down() {
    let crates = crates();
    let mut written = String::from(
        "# Who imports whom (normal dependencies). Derived by `make fresh`; a new line here is a decision.\n",
    );
    for (name, this) in &crates {
        for import in &this.imports {
            written.push_str(&format!("{name} -> {import}\n"));
            let that = &crates[import];
            let allowed = match (this.group.as_str(), that.group.as_str()) {
                ("apps" | "testing", _) | ("modules", "platform") => true,
                ("platform", "platform") => {
                    let place = |room: &str| PLATFORM.iter().position(|known| *known == room);
                    let (this, that) = (place(&this.room), place(&that.room));
                    assert!(this.is_some() && that.is_some(), "{name} or {import} has no place in PLATFORM");
                    that < this
                }
                _ => false,
            };
            assert!(allowed, "{name} must not import {import}: the arrow goes up or sideways");
        }
    }
    is_fresh("docs/arrows.txt", &written);
}

fn files(dir: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", "node_modules", ".git", "out"].contains(&name.as_str()) {
                files(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for group in ["apps", "modules", "platform", "testing"] {
        files(&root().join(group), ".rs", &mut found);
    }
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root()).unwrap().to_string_lossy().into_owned(), text)
        })
        .collect()
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "these files do not open with `//!`: {silent:#?}");
}

#[test]
fn no_file_is_two_rooms() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .collect();
    assert!(long.is_empty(), "past {LONGEST_FILE} lines: {long:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("#[ig", "nore")];
    let left: Vec<_> = sources()
        .into_iter()
        .flat_map(|(path, text)| {
            text.lines()
                .enumerate()
                .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)))
                .map(|(number, line)| format!("{path}:{}: {}", number + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn words_that_hide_things_are_not_names() {
    let vague =
        ["manager", "service", "helper", "helpers", "util", "utils", "common", "core", "data", "info"];
    let named: Vec<_> = sources()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| {
            let stem = Path::new(path).file_stem().unwrap().to_string_lossy().into_owned();
            vague.contains(&stem.as_str())
        })
        .collect();
    assert!(named.is_empty(), "{named:#?}");
    for (name, this) in crates() {
        assert!(!vague.contains(&this.room.as_str()), "{name}");
    }
}

/// Bodies whose shape others define: their members may be more than we know.
const FOREIGN_BODIES: [&str; 3] =
    ["platform/rights/src/authzen.rs", "platform/devices/src/api.rs", "platform/notify/src/api.rs"];

/// `sekisho_web::Json` refuses members it does not know; axum's own would let a misspelt condition pass.
#[test]
fn bodies_are_read_by_the_reader_that_refuses_unknown_members() {
    let lax: BTreeSet<_> = sources()
        .into_iter()
        .filter(|(path, _)| path.contains("/src/") && !path.starts_with("platform/web/"))
        .filter(|(_, text)| text.contains("axum::Json"))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(lax, FOREIGN_BODIES.map(str::to_owned).into_iter().collect(), "use sekisho_web::Json");
}

/// A crate that others build on explains itself on one page, with its threat note.
#[test]
fn every_module_has_its_page() {
    for (name, this) in crates() {
        if this.group == "modules" {
            let page = fs::read_to_string(root().join("modules").join(&this.room).join("README.md"))
                .unwrap_or_default();
            assert!(page.lines().count() >= 10, "{name} has no README.md of its own");
        }
    }
}

/// Every direct dependency carries its one-line reason in the workspace's `Cargo.toml`.
#[test]
fn dependencies_are_guests_with_a_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = manifest.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let silent: Vec<_> = section
        .lines()
        .filter(|line| line.contains(" = ") && !line.starts_with('#') && !line.starts_with("sekisho-"))
        .filter(|line| !line.contains("# "))
        .collect();
    assert!(silent.is_empty(), "without a reason: {silent:#?}");
    for (name, this) in crates() {
        let own = fs::read_to_string(root().join(&this.group).join(&this.room).join("Cargo.toml")).unwrap();
        let loose: Vec<_> = own
            .split("\n[")
            .filter(|section| {
                section.starts_with("dependencies]") || section.starts_with("dev-dependencies]")
            })
            .flat_map(|section| section.lines().skip(1))
            .filter(|line| line.contains('=') && !line.contains("workspace") && !line.contains("# "))
            .map(str::to_owned)
            .collect();
        assert!(loose.is_empty(), "{name} declares without a reason: {loose:#?}");
    }
}

/// Japanese and English have the same texts, and so have Chinese and Korean; a key in one only would show as its id, or in
/// English.
#[test]
fn both_languages_have_the_same_texts() {
    let mut pairs = Vec::new();
    for (one, other) in [("ja.ftl", "en.ftl"), ("zh.ftl", "ko.ftl"), ("ko.ftl", "zh.ftl")] {
        let mut found = Vec::new();
        files(&root(), one, &mut found);
        pairs.extend(found.into_iter().map(|path| (path.with_file_name(other), path)));
    }
    for (en, ja) in pairs {
        let keys = |path: &Path| -> BTreeSet<String> {
            fs::read_to_string(path)
                .unwrap_or_default()
                .lines()
                .filter(|line| line.chars().next().is_some_and(|first| first.is_ascii_alphabetic()))
                .filter_map(|line| line.split_once('=').map(|(key, _)| key.trim().to_owned()))
                .collect()
        };
        let (ja_keys, en_keys) = (keys(&ja), keys(&en));
        let only_one: Vec<_> = ja_keys.symmetric_difference(&en_keys).collect();
        assert!(only_one.is_empty(), "{}: only in one language: {only_one:?}", ja.display());
    }
}

/// Every act the record may hold has a word, or the record would show its code.
#[test]
fn every_act_of_the_record_has_a_word() {
    let mut texts = Vec::new();
    files(&root(), "ja.ftl", &mut texts);
    let texts: String = texts.iter().map(|path| fs::read_to_string(path).unwrap() + "\n").collect();
    let mut acts = BTreeSet::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path.contains("/src/")) {
        // Below this line stand the tests of the file, which may invent acts.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for how in ["AuditEntry::done(\"", "AuditEntry::refused(\"", "AuditEntry::failed(\""] {
            let found = text.split(how).skip(1).filter_map(|rest| rest.split('"').next());
            acts.extend(found.map(|act| (act.to_owned(), path.clone())));
        }
    }
    assert!(acts.len() > 100, "the acts were not found: {acts:?}");
    let wordless: Vec<_> = acts
        .iter()
        .filter(|(act, _)| !texts.contains(&format!("\nact-{} = ", act.replace(['.', '_'], "-"))))
        .collect();
    assert!(wordless.is_empty(), "no text act-… for {wordless:#?}");
}

/// GET routes that answer no page of the house.
const NO_PAGES: [(&str, &str); 38] = [
    ("/.well-known/security.txt", "a text for whoever found a weakness"),
    ("/assets/{file}", "style sheets and scripts"),
    ("/devices.csv", "a file"),
    ("/devices/updates.csv", "a file"),
    ("/favicon.ico", "a picture"),
    ("/gallery", "the samples themselves"),
    ("/icon-192.png", "a picture"),
    ("/icon-512.png", "a picture"),
    ("/keys.csv", "a file"),
    ("/keys/boxes/{id}/pictures.csv", "a file"),
    ("/keys/pictures/{id}/image", "a picture"),
    ("/keys/reports.csv", "a file"),
    ("/live", "a stream of facts"),
    ("/mailbox/files/{id}", "a file"),
    ("/manifest.webmanifest", "for the browser"),
    ("/people/csv", "a file"),
    ("/record/checkpoint", "a file"),
    ("/record/export.csv", "a file"),
    ("/record/export.jsonl", "a file"),
    ("/record/key", "a file"),
    ("/sw.js", "a script"),
    ("/terminal", "drawn by the terminal itself, from its settings"),
    ("/terminal/manifest.webmanifest", "for the browser"),
    ("/terminal/picture/{name}", "a picture"),
    ("/terminal/reader.js", "a script"),
    ("/terminal/sw.js", "a script"),
    ("/visitors/deliveries.csv", "a file"),
    ("/visitors/terminals.csv", "a file"),
    ("/v/{token}/agreement/pdf", "a file"),
    ("/v/{token}/calendar.ics", "a file"),
    ("/visitors.csv", "a file"),
    ("/settings/visitors/badges/preview.png", "a picture"),
    ("/visitors/visits/{id}/badge.png", "a picture"),
    ("/visitors/evacuation.csv", "a file"),
    ("/visitors/signings/{id}/pdf", "a file"),
    ("/visitors/visits/{id}/photo", "a picture"),
    ("/visitors/statistics.csv", "a file"),
    ("/visitors/watch-list.csv", "a file"),
];

/// Every page shows itself with invented content, in both languages and with all its texts.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_has_samples() {
    let server = TestServer::start(Engine::Sqlite, stage::migrations(), stage::mounts).await;
    let site = server.host.site();
    let faults = gallery::faults(&site.samples, &site.catalog);
    assert!(faults.is_empty(), "{faults:#?}");
    let index = server.administrator().await.get("/settings").await.ok();
    let icons: Vec<_> = gallery::unknown_icons(&index).collect();
    assert!(icons.is_empty(), "not in islands/icons.txt: {icons:?}");
    let shown = gallery::routes_shown(&site.samples, &Texts::new(site.catalog.clone(), Language::Ja));
    let is_page = |path: &str| !path.starts_with("/api/") && NO_PAGES.iter().all(|(other, _)| *other != path);
    let pages: BTreeSet<&str> = site
        .routes
        .iter()
        .filter(|route| route.method == "GET" && is_page(route.path))
        .map(|route| route.path)
        .collect();
    let bare: Vec<_> = pages.iter().filter(|path| !shown.contains(**path)).collect();
    assert!(bare.is_empty(), "pages without a sample: {bare:#?}");
}
