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
