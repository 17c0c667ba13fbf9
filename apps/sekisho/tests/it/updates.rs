//! Signed software by the commands: the road of the guide with three signers of whom two are needed, and every refusal with
//! the words a person reads.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::on_both;
use crate::stage::{Ran, Stage};

const HARDWARE: &str = "smartbox-linux-x86_64";

/// A directory of signed documents beside an installation.
struct Ceremony<'a> {
    stage: &'a Stage,
    dir: PathBuf,
}

impl<'a> Ceremony<'a> {
    /// The directory `name`, with nothing in it.
    fn called(stage: &'a Stage, name: &str) -> Self {
        Self { stage, dir: stage.dir.path().join(name) }
    }

    /// Three signers of whom two are needed, for this server.
    async fn begin(stage: &'a Stage) -> Self {
        let this = Self::called(stage, "repository");
        this.keys(&server_key(stage).await).await.done();
        this
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// `sekisho update VERB DIR WORDS`.
    async fn run(&self, verb: &str, words: &[&str]) -> Ran {
        let dir = self.dir.to_str().unwrap();
        self.stage.run(&[&["update", verb, dir], words].concat()).await
    }

    async fn keys(&self, server_key: &str) -> Ran {
        self.run("keys", &["--server-key", server_key]).await
    }

    /// Signs with these keys of the folder `keys`.
    async fn sign(&self, keys: &[&str], words: &[&str]) -> Ran {
        let keys = keys.iter().map(|key| self.file(&format!("keys/{key}.pem")).display().to_string());
        let keys: Vec<String> = keys.flat_map(|key| ["--key".to_owned(), key]).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        self.run("sign", &[&keys, words].concat()).await
    }

    /// Adds an image of this version and these bytes.
    async fn add(&self, keys: &[&str], version: &str, bytes: &[u8]) -> Ran {
        let image = self.stage.dir.path().join("image");
        std::fs::write(&image, bytes).unwrap();
        let words = ["--image", image.to_str().unwrap(), "--hardware", HARDWARE, "--image-version", version];
        self.sign(keys, &[&words[..], &["--security-version", "3"]].concat()).await
    }

    async fn publish(&self) -> Ran {
        self.run("publish", &[]).await
    }
}

async fn server_key(stage: &Stage) -> String {
    let key = stage.run(&["update", "server-key"]).await.done()["server_key"].as_str().unwrap().to_owned();
    assert_eq!(key.len(), 64);
    key
}

fn pieces(letter: u8) -> Vec<u8> {
    // Three pieces, the last one short.
    vec![letter; 100_000]
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// How many pieces of images the store holds.
async fn parts(stage: &Stage) -> usize {
    stage.rows().texts("SELECT image FROM devices_image_parts").await.len()
}

async fn acts(stage: &Stage) -> Vec<String> {
    stage.rows().texts("SELECT action FROM audit_entries WHERE action LIKE 'update.%' ORDER BY id").await
}

on_both!(an_image_goes_the_whole_road_of_the_guide, |stage| {
    stage.setup().await.done();
    assert_eq!(server_key(&stage).await, server_key(&stage).await, "one key, made once");
    let all = Ceremony::begin(&stage).await;
    for role in ["root", "targets"] {
        for number in 1..=3 {
            assert_eq!(mode(&all.file(&format!("keys/{role}-{number}.pem"))), 0o600);
        }
    }
    assert_eq!(mode(&all.file("keys")), 0o700);

    let first = all.add(&["targets-1"], "1.4.0", &pieces(1)).await.done();
    let so_far = json!({ "targets": 1, "images": 1, "signatures": 1, "threshold": 2, "ready": false });
    assert_eq!(first, so_far);
    // The same person twice is one signer.
    assert_eq!(all.sign(&["targets-1"], &[]).await.done(), so_far);
    let refused = all.publish().await.refused();
    assert!(refused.contains("Too few of the people who must sign have signed"), "{refused}");
    assert_eq!(parts(&stage).await, 0);
    assert_eq!(all.sign(&["targets-3"], &[]).await.done()["ready"], true);
    assert_eq!(all.publish().await.done(), json!({ "targets": 1, "images": 1 }));
    assert_eq!(parts(&stage).await, 3);

    // The next image is the next document; the one before stays in it until it is taken out.
    all.add(&["targets-2", "targets-3"], "1.5.0", &pieces(2)).await.done();
    assert_eq!(all.publish().await.done(), json!({ "targets": 2, "images": 2 }));
    assert_eq!(
        all.publish().await.done(),
        json!({ "targets": 2, "images": 2 }),
        "again, and nothing happens"
    );
    let old = format!("{HARDWARE}-1.4.0");
    all.sign(&["targets-1", "targets-2"], &["--remove", &old]).await.done();
    assert_eq!(all.publish().await.done(), json!({ "targets": 3, "images": 1 }));
    assert_eq!(parts(&stage).await, 3, "pieces of what was taken out are gone");
    let gone = all.sign(&["targets-1"], &["--remove", &old]).await.refused();
    assert!(gone.contains(&format!("there is no image {old}")), "{gone}");
    // A year on, the same images are vouched for again.
    let renewed = all.sign(&["targets-1", "targets-2"], &["--renew"]).await.done();
    assert_eq!((&renewed["targets"], &renewed["ready"]), (&json!(4), &json!(true)));
    all.publish().await.done();
    let acts = acts(&stage).await;
    let count = |act: &str| acts.iter().filter(|one| *one == act).count();
    assert_eq!((count("update.make_key"), count("update.trust_root"), count("update.take_image")), (1, 1, 2));
});

on_both!(signers_change_and_the_new_ones_vouch, |stage| {
    stage.setup().await.done();
    let all = Ceremony::begin(&stage).await;
    all.add(&["targets-1", "targets-2"], "1.4.0", &pieces(1)).await.done();
    all.publish().await.done();
    let fresh = all.file("next");
    let words = |keys: &[&str], more: &[&str]| -> Vec<String> {
        let keys = keys.iter().map(|key| all.file(&format!("keys/{key}.pem")).display().to_string());
        let keys = keys.flat_map(|key| ["--key".to_owned(), key]);
        keys.chain(more.iter().map(|word| (*word).to_owned())).collect()
    };
    let rotate = async |keys: &[&str], more: &[&str]| {
        let words = words(keys, more);
        all.run("rotate-root", &words.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let stranger = rotate(&["targets-1"], &["--new-keys", fresh.to_str().unwrap()]).await.refused();
    assert!(stranger.contains("targets-1.pem belongs to no signer of"), "{stranger}");
    assert!(!fresh.exists(), "nothing was made");
    let into = rotate(&["root-1"], &["--new-keys", all.file("keys").to_str().unwrap()]).await.refused();
    assert!(into.contains("holds keys already"), "{into}");
    let early = rotate(&["root-1"], &["--new-keys", fresh.to_str().unwrap()]).await.done();
    assert_eq!(early["ready"], false);
    assert_eq!(mode(&fresh.join("root-1.pem")), 0o600);
    // One of the old ones is too few: nothing comes out, and nothing can follow it.
    let refused = all.publish().await.refused();
    assert!(refused.contains("Too few"), "{refused}");
    let next = rotate(&["root-1"], &[]).await.refused();
    assert!(next.contains("2.root.json") && next.contains("or delete it"), "{next}");
    all.sign(&["root-3"], &[]).await.done();
    let refused = all.publish().await.refused();
    assert!(refused.contains("Too few"), "those who vouched for the image are signers no more: {refused}");
    let old = all.add(&["targets-1"], "1.5.0", &pieces(2)).await.refused();
    assert!(
        old.contains("targets-1.pem belongs to no signer") && old.contains("nothing was changed"),
        "{old}"
    );
    let by: Vec<String> =
        ["targets-1", "targets-3"].map(|key| fresh.join(format!("{key}.pem")).display().to_string()).into();
    let image = stage.dir.path().join("image");
    let image = ["--image", image.to_str().unwrap(), "--hardware", HARDWARE, "--image-version", "1.5.0"];
    let keys = ["--key", &by[0], "--key", &by[1]];
    let signed = all.run("sign", &[&keys[..], &image, &["--security-version", "3"]].concat()).await.done();
    assert_eq!((&signed["targets"], &signed["ready"]), (&json!(2), &json!(true)), "{signed}");
    assert_eq!(all.publish().await.done(), json!({ "targets": 2, "images": 2 }));

    // More time, and the server's key again, by the new ones.
    let root = ["root-1", "root-2"].map(|key| fresh.join(format!("{key}.pem")).display().to_string());
    let words = ["--key", &root[0], "--key", &root[1], "--server-key", &server_key(&stage).await];
    assert_eq!(all.run("rotate-root", &words).await.done()["ready"], true);
    all.publish().await.done();
    let entries = "SELECT details FROM audit_entries WHERE action = 'update.publish' ORDER BY id";
    let last = stage.rows().texts(entries).await.pop().unwrap();
    let last: Value = serde_json::from_str(&last).unwrap();
    assert_eq!(last["root"], 3, "{last}");
});

on_both!(what_is_wrong_is_refused_in_words, |stage| {
    stage.setup().await.done();
    let key = server_key(&stage).await;
    let all = Ceremony::called(&stage, "repository");
    let short = all.keys("beef").await.refused();
    assert!(short.contains("64 hexadecimal digits"), "{short}");
    let words = ["--server-key", &key, "--signers", "2", "--threshold", "3"];
    let many = all.run("keys", &words).await.refused();
    assert!(many.contains("2 people cannot make 3 signatures"), "{many}");
    assert!(!all.dir.exists(), "nothing was begun");
    assert_eq!(all.run("keys", &["--server-key", &key, "--signers", "0"]).await.code, 2);
    let nothing = all.publish().await.refused();
    assert!(nothing.contains("repository") && nothing.contains("No such file"), "{nothing}");
    std::fs::create_dir(&all.dir).unwrap();
    let nothing = all.publish().await.refused();
    assert!(nothing.contains("holds no root document; `sekisho update keys` makes the first"), "{nothing}");

    all.keys(&key).await.done();
    let kept = std::fs::read(all.file("keys/root-1.pem")).unwrap();
    let again = all.keys(&key).await.refused();
    assert!(again.contains("holds a root document already") && again.contains("rotate-root"), "{again}");
    std::fs::remove_file(all.file("1.root.json")).unwrap();
    let again = all.keys(&key).await.refused();
    assert!(again.contains("holds keys already, which stay as they are"), "{again}");
    assert_eq!(std::fs::read(all.file("keys/root-1.pem")).unwrap(), kept);
    std::fs::remove_dir_all(&all.dir).unwrap();
    all.keys(&key).await.done();

    let lost = all.sign(&["targets-9"], &[]).await.refused();
    assert!(lost.contains("targets-9.pem") && lost.contains("No such file"), "{lost}");
    std::fs::write(all.file("keys/note.pem"), "the key is in the safe").unwrap();
    let unreadable = all.sign(&["note"], &[]).await.refused();
    assert!(unreadable.contains("note.pem: this is no Ed25519 key in PKCS #8 PEM"), "{unreadable}");
    std::fs::write(all.file("keys/note.pem"), [0xff, 0xfe]).unwrap();
    assert!(all.sign(&["note"], &[]).await.refused().contains("this is no Ed25519 key"));
    // Somebody's key, and nobody's here: what the other one signed is not written either.
    let other = Ceremony::called(&stage, "other");
    other.keys(&key).await.done();
    std::fs::copy(other.file("keys/targets-1.pem"), all.file("keys/stranger.pem")).unwrap();
    let stranger = all.add(&["targets-1", "stranger"], "1.4.0", &pieces(1)).await.refused();
    assert!(stranger.contains("stranger.pem belongs to no signer of this repository"), "{stranger}");
    assert!(!all.file("targets.json").exists() && !all.file("images").exists());

    let version = all.add(&["targets-1"], "1.4", &pieces(1)).await;
    assert!(version.code == 2 && version.err.contains("three numbers like 1.4.0"), "{version:?}");
    let empty = all.add(&["targets-1"], "1.4.0", b"").await.refused();
    assert!(empty.contains("name, hardware and length"), "{empty}");
});

on_both!(a_server_publishes_nothing_older_changed_or_anothers, |stage| {
    stage.setup().await.done();
    let all = Ceremony::begin(&stage).await;
    all.add(&["targets-1", "targets-2"], "1.4.0", &pieces(1)).await.done();

    // The image on the way to the server: changed, cut, longer, gone. Nothing is published then, nothing trusted.
    let image = all.file(&format!("images/{HARDWARE}-1.4.0"));
    for wrong in [pieces(9), pieces(1)[1..].to_vec(), vec![1; 100_001]] {
        std::fs::write(&image, wrong).unwrap();
        let changed = all.publish().await.refused();
        assert!(changed.contains("is not the image that was signed; nothing was published"), "{changed}");
    }
    std::fs::remove_file(&image).unwrap();
    assert!(all.publish().await.refused().contains("1.4.0: No such file"));
    assert_eq!(acts(&stage).await, ["update.make_key"]);
    std::fs::write(&image, pieces(1)).unwrap();
    all.publish().await.done();
    // What the server has whole needs no file any more.
    std::fs::remove_file(&image).unwrap();
    all.publish().await.done();
    std::fs::write(&image, pieces(1)).unwrap();

    let first = std::fs::read(all.file("targets.json")).unwrap();
    all.add(&["targets-1", "targets-2"], "1.5.0", &pieces(2)).await.done();
    let second = std::fs::read(all.file("targets.json")).unwrap();
    all.publish().await.done();
    std::fs::write(all.file("targets.json"), &first).unwrap();
    let older = all.publish().await.refused();
    assert!(older.contains("older than what is published already"), "{older}");
    // Another document of the same number is no newer one.
    all.add(&["targets-1", "targets-2"], "1.6.0", &pieces(3)).await.done();
    let other = all.publish().await.refused();
    assert!(other.contains("older than what is published already"), "{other}");
    // One letter of a signed document.
    let forged = String::from_utf8(second.clone()).unwrap().replace("1.5.0", "1.5.1");
    std::fs::write(all.file("targets.json"), forged).unwrap();
    std::fs::copy(
        all.file(&format!("images/{HARDWARE}-1.5.0")),
        all.file(&format!("images/{HARDWARE}-1.5.1")),
    )
    .unwrap();
    let forged = all.publish().await.refused();
    assert!(forged.contains("Too few of the people who must sign have signed"), "{forged}");
    std::fs::write(all.file("targets.json"), b"[]").unwrap();
    let unreadable = all.publish().await.refused();
    assert!(unreadable.contains("targets.json: the document is not readable"), "{unreadable}");
    std::fs::write(all.file("targets.json"), &second).unwrap();

    // Other signers altogether, from a first root document of their own.
    let others = Ceremony::called(&stage, "others");
    others.keys(&server_key(&stage).await).await.done();
    others.add(&["targets-1", "targets-2"], "9.0.0", &pieces(9)).await.done();
    let refused = others.publish().await.refused();
    assert!(refused.contains("Too few of the people who must sign have signed"), "{refused}");
    assert_eq!(all.publish().await.done(), json!({ "targets": 2, "images": 2 }));
});

on_both!(a_root_document_for_another_server_is_not_trusted, |stage| {
    stage.setup().await.done();
    let all = Ceremony::called(&stage, "repository");
    all.keys(&"ab".repeat(32)).await.done();
    all.add(&["targets-1", "targets-2"], "1.4.0", &pieces(1)).await.done();
    let refused = all.publish().await.refused();
    assert!(refused.contains("names another server's key"), "{refused}");
    assert_eq!(acts(&stage).await, ["update.make_key"]);
    // Put right by those who sign, as for a server in the place of one that was lost: the next document names this one.
    let keys = [all.file("keys/root-1.pem"), all.file("keys/root-2.pem")];
    let key = server_key(&stage).await;
    let words =
        ["--key", keys[0].to_str().unwrap(), "--key", keys[1].to_str().unwrap(), "--server-key", &key];
    all.run("rotate-root", &words).await.done();
    all.publish().await.done();
});
