//! The reception's mailbox (IMAP): each mail is looked at once. How far we are is kept with what came of it; the marks we set
//! (*seen*, and *flagged* on what was not taken) are for people who look into the mailbox.

use async_imap::Session;
use async_imap::error::Error;
use futures_util::StreamExt as _;
use sekisho_crypto::sha256;
use sekisho_host::Fault;
use sekisho_kernel::Cx;
use sekisho_notify::Connection;
use tokio::io::{AsyncReadExt as _, Join, ReadHalf, Take, WriteHalf, join, split};

use super::Position;
use super::access::Access;
use super::answer::{About, CameOf, again_or_refused, keep, settle};
use super::invitation::{self, BadFile};
use super::letter::{self, Letter};
use super::read::Rest;
use super::short::Short;
use super::take_invitation::{Source, take_invitation};
use super::why::{NotTaken, Why};
use super::wrong::Wrong;
use crate::Visitors;
use crate::tables::read_calendars;

/// So many mails in one reading; the next takes the rest.
const MOST_MAILS: usize = 50;
/// So many bytes of a server in one reading.
const MOST_BYTES: u64 = 96 * 1024 * 1024;

type Stream = Join<Short<Take<ReadHalf<Connection>>>, WriteHalf<Connection>>;

/// Reads the mails that are new.
pub(super) async fn read(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
) -> Result<Rest, Wrong> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let access = Access::open(&keys, calendar.id, &calendar.access_sealed)?;
    let (mut session, position, end) = open(visitors, calendar, &access).await?;
    let mails = new_mails(&mut session, &position).await?;
    let more = mails.len() > MOST_MAILS;
    for number in mails.into_iter().take(MOST_MAILS) {
        let mail = fetch(&mut session, number).await?;
        let next = Position { last: number, ..position.clone() };
        let about = Mail { position: &next, access: &access };
        let refused = take(visitors, &cx.later(), calendar, &about, &mail).await?;
        mark(&mut session, number, refused).await?;
    }
    if position.first && !more {
        // All that nobody had read is dealt with; from now on mails count by their number.
        keep(visitors, cx, calendar, &end).await?;
    }
    let _ = session.logout().await;
    Ok(if more { Rest::More } else { Rest::Nothing })
}

/// Signs in and opens the folder. How far it was read, and where it ends; when it is new to us or numbers its mails anew,
/// nothing was read yet.
async fn open(
    visitors: &Visitors,
    calendar: &read_calendars::Model,
    access: &Access,
) -> Result<(Session<Stream>, Position, Position), Wrong> {
    let (from, to) = split(visitors.notify.connect(&access.host, access.port).await?);
    let mut client = async_imap::Client::new(join(Short::new(from.take(MOST_BYTES), letter::LARGEST), to));
    client.read_response().await.map_err(|_| Wrong::Server("garbled"))?.ok_or(Wrong::Server("garbled"))?;
    let signed_in = client.login(&access.user, &access.password).await;
    let mut session = signed_in.map_err(|(error, _)| match error {
        Error::No(_) | Error::Bad(_) => Wrong::Server("sign_in"),
        error => told(&error),
    })?;
    let folder = session.select(&access.folder).await.map_err(|error| match error {
        Error::No(_) | Error::Bad(_) => Wrong::Server("folder"),
        error => told(&error),
    })?;
    let validity = folder.uid_validity.ok_or(Wrong::Server("garbled"))?;
    let end = folder.uid_next.map_or(0, |next| next.saturating_sub(1));
    let end = Position { validity: Some(validity), last: end, ..Position::default() };
    let before = &calendar.position.0;
    let first = Position { validity: Some(validity), first: true, ..Position::default() };
    let position = if before.validity == Some(validity) { before.clone() } else { first };
    Ok((session, position, end))
}

/// The numbers of the mails that are new, the oldest first.
async fn new_mails(session: &mut Session<Stream>, position: &Position) -> Result<Vec<u32>, Wrong> {
    let unseen = if position.first { " UNSEEN" } else { "" };
    let wanted = format!("UID {}:*{unseen}", position.last.saturating_add(1));
    let found = session.uid_search(wanted).await.map_err(|error| told(&error))?;
    // `n:*` names the last mail, whatever its number.
    let mut found: Vec<u32> = found.into_iter().filter(|number| *number > position.last).collect();
    found.sort_unstable();
    Ok(found)
}

/// A mail as the server gives it out.
enum Fetched {
    Mail(Vec<u8>),
    /// It is larger than we look at.
    TooLarge,
    Gone,
}

async fn fetch(session: &mut Session<Stream>, number: u32) -> Result<Fetched, Wrong> {
    let size = one(session, number, "(UID RFC822.SIZE)", |fetch| fetch.size).await?;
    let Some(size) = size else { return Ok(Fetched::Gone) };
    if usize::try_from(size).map_or(true, |size| size > letter::LARGEST) {
        return Ok(Fetched::TooLarge);
    }
    let mail = one(session, number, "(UID BODY.PEEK[])", |fetch| fetch.body().map(<[u8]>::to_vec)).await?;
    Ok(mail.map_or(Fetched::Gone, Fetched::Mail))
}

async fn one<T>(
    session: &mut Session<Stream>,
    number: u32,
    what: &str,
    read: impl Fn(&async_imap::types::Fetch) -> Option<T>,
) -> Result<Option<T>, Wrong> {
    let mut answers = session.uid_fetch(number.to_string(), what).await.map_err(|error| told(&error))?;
    let mut found = None;
    while let Some(answer) = answers.next().await {
        let answer = answer.map_err(|error| told(&error))?;
        // A server may tell of other mails in between.
        if answer.uid == Some(number) {
            found = read(&answer).or(found);
        }
    }
    Ok(found)
}

async fn mark(session: &mut Session<Stream>, number: u32, refused: bool) -> Result<(), Wrong> {
    let marks = if refused { "+FLAGS.SILENT (\\Seen \\Flagged)" } else { "+FLAGS.SILENT (\\Seen)" };
    let mut answers = session.uid_store(number.to_string(), marks).await.map_err(|error| told(&error))?;
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(_) => {}
            // They are for people; how far we are is kept without them.
            Err(error @ (Error::No(_) | Error::Bad(_))) => tracing::debug!(%error, "a mail cannot be marked"),
            Err(error) => return Err(told(&error)),
        }
    }
    Ok(())
}

/// What a failure in the middle means.
fn told(error: &Error) -> Wrong {
    Wrong::Server(match error {
        Error::Io(_) | Error::ConnectionLost => "unreachable",
        Error::No(_) | Error::Bad(_) => "server",
        _ => "garbled",
    })
}

struct Mail<'a> {
    position: &'a Position,
    access: &'a Access,
}

/// Deals with one mail; tells whether it was refused.
async fn take(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    about: &Mail<'_>,
    mail: &Fetched,
) -> Result<bool, Wrong> {
    let mut summary = String::new();
    let (sender, came) = match mail {
        Fetched::Gone => (None, Ok(CameOf::Nothing)),
        // Who sent it is not looked at either: it is on the record, and marked.
        Fetched::TooLarge => (None, Ok(CameOf::Refused(Why::File(BadFile::TooMuch)))),
        Fetched::Mail(mail) => match letter::read(mail, &about.access.authority) {
            Letter::NotForUs => (None, Ok(CameOf::Nothing)),
            Letter::Unverified => (None, Ok(CameOf::Refused(Why::NotVerified))),
            Letter::From { mail, file } => {
                let scope = visitors.store.read(cx.tenant).await?;
                let sender = visitors.identity.by_mail(cx, &scope, &mail).await.map_err(Fault::from)?;
                drop(scope);
                match (sender, invitation::read(&file)) {
                    (None, _) => (None, Ok(CameOf::Refused(Why::Stranger))),
                    (Some(_), Err(bad)) => (sender, Ok(CameOf::Refused(Why::File(bad)))),
                    (Some(_), Ok(file)) => {
                        let said = file.event.as_ref().or(file.overrides.first());
                        summary = said.map(|event| event.summary.clone()).unwrap_or_default();
                        let source = Source { calendar, sender, own: &about.access.address };
                        (sender, take_invitation(visitors, cx, source, &file).await.map(CameOf::Taken))
                    }
                }
            }
        },
    };
    let came = match came {
        Ok(came) => came,
        Err(NotTaken::Why(why)) => CameOf::Refused(why),
        Err(not_taken) => again_or_refused(visitors, cx, calendar, not_taken).await?,
    };
    let once = match mail {
        Fetched::Mail(mail) => once(calendar, mail),
        Fetched::TooLarge | Fetched::Gone => String::new(),
    };
    let about = About { position: Some(about.position), file: None, summary: &summary, once };
    settle(visitors, cx, calendar, sender, came, &about).await?;
    Ok(matches!(came, CameOf::Refused(_)))
}

/// A word for a mail in this mailbox. Not by its number: a server may number its mails anew.
fn once(calendar: &read_calendars::Model, mail: &[u8]) -> String {
    let hash: String = sha256(mail).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}/{hash}", calendar.id)
}
