//! A mail server that takes everything and remembers the `Message-ID` of each mail it said yes to.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The numbers of the mails taken, and when; one may come again.
pub type Taken = Arc<Mutex<Vec<(String, Instant)>>>;

pub struct MailServer {
    port: u16,
    pub taken: Taken,
}

impl MailServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Taken::default();
        let kept = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A server that is killed in the middle of a sentence is nothing to speak of.
                let kept = kept.clone();
                tokio::spawn(async move { talk(stream, &kept).await });
            }
        });
        Self { port, taken }
    }

    /// Lets a server with that configuration send its mail here.
    pub fn serves(&self, config: &Path) {
        let account = format!(
            "[mail]\nhost = \"127.0.0.1\"\nport = {}\nencryption = \"none\"\nfrom = \"reception@acme.example\"\n",
            self.port
        );
        let before = std::fs::read_to_string(config).unwrap();
        std::fs::write(config, format!("{before}{account}")).unwrap();
    }
}

async fn talk(stream: TcpStream, taken: &Taken) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 localhost ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let answer = match word.as_str() {
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut number = String::new();
                loop {
                    let Some(line) = lines.next_line().await? else { return Ok(()) };
                    if line == "." {
                        break;
                    }
                    if let Some(id) = line.strip_prefix("Message-ID: <") {
                        number = id.split('@').next().unwrap_or_default().to_owned();
                    }
                }
                taken.lock().unwrap().push((number, Instant::now()));
                "250 taken\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 ok\r\n",
        };
        write.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}
