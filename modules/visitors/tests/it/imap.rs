//! A real IMAP server (Dovecot) with one mailbox, as whoever runs the tests: mails are laid into its Maildir as a delivery
//! agent would.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sekisho_crypto::certificates::Authority;
use sekisho_kernel::{Timestamp, World};
use sekisho_teststore::TestWorld;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const READY_WITHIN: Duration = Duration::from_secs(60);
/// As whom a server runs when the tests run as root, which Dovecot refuses to be.
const NOBODY: &str = "65534";

/// The server.
pub struct Imap {
    pub port: u16,
    pub root_pem: Vec<u8>,
    dir: tempfile::TempDir,
    child: Option<Child>,
    mails: AtomicU32,
}

impl Imap {
    /// Starts it; the user is `reception`, the password `secret`.
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let world: Arc<dyn World> = TestWorld::new();
        let long_ago = Timestamp::from_secs(1_700_000_000);
        let authority = Authority::generate("test imap", long_ago, 30, &*world).unwrap();
        let end = Timestamp::from_secs(2_500_000_000);
        let issued = authority.issue_server(&["localhost".to_owned()], long_ago, end, &*world).unwrap();
        let at = dir.path();
        std::fs::write(at.join("cert.pem"), &issued.chain_pem).unwrap();
        std::fs::write(at.join("key.pem"), &issued.key_pem).unwrap();
        for folder in ["mail/new", "mail/cur", "mail/tmp", "run", "home"] {
            std::fs::create_dir_all(at.join(folder)).unwrap();
        }
        std::fs::write(at.join("users"), "reception:{PLAIN}secret\n").unwrap();
        let port = free_port();
        std::fs::write(at.join("dovecot.conf"), config(at, port)).unwrap();
        hand_over(at);
        let root_pem = authority.certificate_pem().as_bytes().to_vec();
        let mut imap = Self { port, root_pem, dir, child: None, mails: AtomicU32::new(0) };
        imap.up().await;
        imap
    }

    /// Starts it again.
    pub async fn up(&mut self) {
        let mut command = as_whoever("dovecot");
        command.args(["-F", "-c"]).arg(self.dir.path().join("dovecot.conf"));
        let mut child =
            command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let ready = tokio::time::timeout(READY_WITHIN, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains("starting up") {
                    return true;
                }
                said.push_str(&line);
            }
            false
        });
        assert!(ready.await.unwrap_or(false), "dovecot did not come up: {said}");
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        self.child = Some(child);
    }

    /// Stops it.
    pub async fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            let id = child.id().unwrap().to_string();
            assert!(Command::new("kill").arg(id).status().await.unwrap().success());
            child.wait().await.unwrap();
        }
    }

    /// Lays a mail into the mailbox.
    pub fn deliver(&self, mail: &str) {
        let number = self.mails.fetch_add(1, Ordering::SeqCst);
        let (tmp, new) = ("mail/tmp", "mail/new");
        let name = format!("{:010}.M{number}P1.test", 1_800_000_000 + number);
        let path = self.dir.path().join(tmp).join(&name);
        std::fs::write(&path, mail.replace("\r\n", "\n")).unwrap();
        hand_over(&path);
        std::fs::rename(&path, self.dir.path().join(new).join(&name)).unwrap();
    }

    /// The marks of the mails in the order in which they came: `S` seen, `F` flagged.
    pub fn marks(&self) -> Vec<String> {
        let mut files: Vec<String> = ["mail/new", "mail/cur"]
            .iter()
            .flat_map(|folder| std::fs::read_dir(self.dir.path().join(folder)).unwrap())
            .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        files.sort();
        let marks =
            |name: &String| name.rsplit_once(":2,").map_or(String::new(), |(_, marks)| marks.to_owned());
        files.iter().map(marks).collect()
    }

    /// Nobody may mark mails any more, or may again.
    pub fn let_mark(&self, may: bool) {
        for folder in ["mail/new", "mail/cur"] {
            let mode = std::fs::Permissions::from_mode(if may { 0o755 } else { 0o555 });
            std::fs::set_permissions(self.dir.path().join(folder), mode).unwrap();
        }
    }

    /// The server forgets how it numbered its mails, and all marks on them, as after a restore; now the last comes first.
    pub async fn renumber(&mut self) {
        self.down().await;
        let mail = self.dir.path().join("mail");
        for file in std::fs::read_dir(&mail).unwrap().map(Result::unwrap) {
            if file.file_name().to_string_lossy().starts_with("dovecot") {
                std::fs::remove_file(file.path()).unwrap();
            }
        }
        // A numbering that it never had, even when both began in the same second.
        let list = mail.join("dovecot-uidlist");
        std::fs::write(&list, "3 V7 N1\n").unwrap();
        hand_over(&list);
        for file in std::fs::read_dir(mail.join("cur")).unwrap().map(Result::unwrap) {
            let name = file.file_name().to_string_lossy().into_owned();
            let (came, rest) = name.split(':').next().unwrap().split_once('.').unwrap();
            let turned = 3_600_000_000 - came.parse::<u64>().unwrap();
            std::fs::rename(file.path(), mail.join("new").join(format!("{turned:010}.{rest}"))).unwrap();
        }
        self.up().await;
    }
}

fn config(at: &Path, port: u16) -> String {
    let at = at.display();
    let user = if is_root() { "nobody".to_owned() } else { output("id", &["-un"]) };
    let group = if is_root() { "nogroup".to_owned() } else { output("id", &["-gn"]) };
    format!(
        "base_dir = {at}/run\nstate_dir = {at}/run\nlog_path = /dev/stderr\nprotocols = imap\n\
         default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n\
         ssl = required\nssl_cert = <{at}/cert.pem\nssl_key = <{at}/key.pem\nssl_min_protocol = TLSv1.2\n\
         passdb {{\n  driver = passwd-file\n  args = {at}/users\n}}\n\
         userdb {{\n  driver = static\n  args = uid={user} gid={group} home={at}/home mail=maildir:{at}/mail\n}}\n\
         first_valid_uid = 1\nfirst_valid_gid = 1\nmail_fsync = never\nauth_failure_delay = 0\n\
         service imap-login {{\n  chroot =\n  inet_listener imap {{\n    port = 0\n  }}\n  inet_listener imaps {{\n    address = 127.0.0.1\n    port = {port}\n    ssl = yes\n  }}\n}}\n\
         service anvil {{\n  chroot =\n}}\n"
    )
}

/// A port that nobody listens at.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn is_root() -> bool {
    output("id", &["-u"]) == "0"
}

fn output(program: &str, words: &[&str]) -> String {
    let said = std::process::Command::new(program).args(words).output().unwrap().stdout;
    String::from_utf8(said).unwrap().trim().to_owned()
}

/// The program as whoever runs the tests; as nobody when that is root.
pub fn as_whoever(program: &str) -> Command {
    let beside: PathBuf = Path::new("/usr/sbin").join(program);
    let path = if beside.exists() { beside } else { PathBuf::from(program) };
    if !is_root() {
        return Command::new(path);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(path);
    command
}

/// Gives a path to whom the servers run as.
pub fn hand_over(path: &Path) {
    if is_root() {
        let given = std::process::Command::new("chown").args(["-R", "65534:65534"]).arg(path).status();
        assert!(given.unwrap().success());
    }
}
