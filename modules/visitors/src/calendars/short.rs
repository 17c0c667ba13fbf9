//! A server's answers (IMAP), as long as nothing in them claims to be longer than we want to have in memory: whoever reads answers
//! makes room for what is announced (`{n}` at the end of a line), before it comes.

use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// So much of a line is looked at to see whether it is a mail's.
const HEAD: usize = 24;

/// Reads from another, and fails where that announces more than so many bytes at once, or never ends a line.
#[derive(Debug)]
pub(super) struct Short<R> {
    inner: R,
    most: usize,
    line: Line,
}

/// Where in a line we are.
#[derive(Debug, Default)]
struct Line {
    /// Its beginning.
    head: Vec<u8>,
    /// How long it is so far, without what was announced.
    length: usize,
    /// What it may announce.
    announced: Announced,
    /// So many bytes are what was announced and no line.
    skip: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Announced {
    #[default]
    Nothing,
    /// `{12`
    Number(usize),
    /// `{12}`
    Whole(usize),
    /// `{12}\r`
    Ending(usize),
}

impl<R> Short<R> {
    pub(super) fn new(inner: R, most: usize) -> Self {
        Self { inner, most, line: Line::default() }
    }
}

impl Line {
    /// Goes on with these bytes; whether that may be.
    fn goes_on(&mut self, mut bytes: &[u8], most: usize) -> bool {
        while let Some((byte, rest)) = bytes.split_first() {
            if self.skip > 0 {
                let skipped = self.skip.min(bytes.len());
                self.skip -= skipped;
                bytes = bytes.get(skipped..).unwrap_or_default();
                continue;
            }
            bytes = rest;
            self.length += 1;
            if self.head.len() < HEAD {
                self.head.push(*byte);
            }
            self.announced = match (self.announced, *byte) {
                (_, b'{') => Announced::Number(0),
                (Announced::Number(so_far), b'0'..=b'9') => {
                    Announced::Number(so_far.saturating_mul(10).saturating_add(usize::from(*byte - b'0')))
                }
                (Announced::Number(number), b'+') => Announced::Number(number),
                (Announced::Number(number), b'}') => Announced::Whole(number),
                (Announced::Whole(number), b'\r') => Announced::Ending(number),
                (Announced::Whole(number) | Announced::Ending(number), b'\n') => {
                    if number > most {
                        return false;
                    }
                    // Elsewhere it may be words only, behind which the next line stands.
                    if self.is_mail() {
                        self.skip = number;
                    } else {
                        *self = Self::default();
                    }
                    Announced::Nothing
                }
                (_, b'\n') => {
                    *self = Self::default();
                    Announced::Nothing
                }
                _ => Announced::Nothing,
            };
            if self.length > most {
                return false;
            }
        }
        true
    }

    /// `* 12 FETCH (`: what follows is of a mail, and no words for people.
    fn is_mail(&self) -> bool {
        let words = self.head.strip_prefix(b"* ").unwrap_or_default();
        let number = words.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let rest = words.get(number..).unwrap_or_default();
        number > 0 && rest.get(..8).is_some_and(|word| word.eq_ignore_ascii_case(b" FETCH ("))
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Short<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        let read = buf.filled().get(before..).unwrap_or_default();
        if this.line.goes_on(read, this.most) {
            return Poll::Ready(Ok(()));
        }
        buf.set_filled(before);
        Poll::Ready(Err(Error::new(ErrorKind::InvalidData, "the server announces too much")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::AsyncReadExt as _;

    use super::*;

    fn passes(said: &str) -> bool {
        let whole = Line::default().goes_on(said.as_bytes(), 100);
        let mut line = Line::default();
        assert_eq!(said.as_bytes().iter().all(|byte| line.goes_on(&[*byte], 100)), whole, "{said}");
        whole
    }

    #[test]
    fn what_announces_too_much_ends_the_connection() {
        let mail = "x".repeat(99);
        for good in [
            "* OK hello\r\n",
            "* 1 FETCH (BODY[] {5}\r\nhello)\r\n* 2 FETCH (BODY[] {3}\r\n{}\n)\r\n",
            // Words of a mail announce nothing.
            "* 1 FETCH (BODY[] {10}\r\n{999999}\r\n)\r\n",
            "* OK {999999} of it\r\n",
            &format!("* 12 fetch (BODY[] {{99}}\r\n{mail} UID 3)\r\n* OK\r\n"),
        ] {
            assert!(passes(good), "{good}");
        }
        for bad in [
            "* 1 FETCH (BODY[] {500000000}\r\n",
            "* 1 FETCH (BODY[] {101}\r\n",
            "* 1 FETCH (BODY[] {101}\n",
            "* 1 FETCH (BODY[] {500000000+}\r\n",
            "* 1 FETCH (BODY[] ~{99999999999999999999999999}\r\n",
            "* LIST () {101}\r\n",
            // Words for people hide nothing behind them.
            "* OK hello {90}\r\n* 1 FETCH (BODY[] {101}\r\n",
            "* 1 FETCH (BODY[] {5}\r\nhello BODY[] {101}\r\n",
            &"x".repeat(101),
        ] {
            assert!(!passes(bad), "{bad}");
        }
    }

    #[tokio::test]
    async fn a_server_that_announces_half_a_gigabyte_gets_no_room() {
        for said in ["* OK x\r\n* 1 FETCH (BODY[] {500000000}\r\n", "* 1 FETCH (BODY[] {500000000}\r\n"] {
            let (ours, mut theirs) = tokio::io::duplex(1024);
            tokio::io::AsyncWriteExt::write_all(&mut theirs, said.as_bytes()).await.unwrap();
            let (from, to) = tokio::io::split(ours);
            let mut client = async_imap::Client::new(tokio::io::join(Short::new(from, 2 * 1024 * 1024), to));
            let mut answer = client.read_response().await;
            while matches!(answer, Ok(Some(_))) {
                answer = client.read_response().await;
            }
            assert_eq!(answer.map(|_| ()).unwrap_err().kind(), ErrorKind::InvalidData);
        }
    }

    proptest! {
        #[test]
        fn what_passes_is_not_changed(said in "[*0-9 {}\r\nFETCH()+a]{0,200}") {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut read = Vec::new();
            let end = runtime.block_on(Short::new(said.as_bytes(), 100).read_to_end(&mut read));
            prop_assert!(end.is_err() || read == said.as_bytes());
        }
    }
}
