//! Talking to one printer: IPP over HTTP, guarded like every address that a tenant typed, bounded in time and size.

use std::sync::Arc;

use base64::Engine as _;
use sekisho_notify::send::guard::GuardError;
use sekisho_notify::send::http::{Http, NoAnswer, Request as Call};

use super::abilities::{ASKED, Form, named_size};
use super::ipp::{self, Answer, Attributes, Request, group, operation};
use super::paper::Paper;
use crate::tables::words::Trouble;

/// The longest answer that is read: what printers say of themselves is some ten thousand bytes.
const MOST: usize = 256 * 1024;
/// As whom we ask.
const US: &str = "sekisho";
/// Jobs that are looked through for one of ours.
const JOBS: i32 = 200;

/// A printer that can be asked.
pub struct Printer {
    http: Arc<Http>,
    uri: String,
    url: String,
    /// The header that proves who we are.
    login: Option<String>,
}

/// How far a job got at the printer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobState {
    /// Waiting or at work.
    Open,
    /// It came out.
    Completed,
    /// It was called off or given up.
    Ended,
}

impl Printer {
    /// The printer at that address; `login` is `name:password`, or empty.
    pub fn at(http: Arc<Http>, uri: &str, login: &str) -> Option<Self> {
        let encoded = base64::engine::general_purpose::STANDARD.encode(login);
        let login = (!login.is_empty()).then(|| format!("Basic {encoded}"));
        Some(Self { http, url: web_address(uri)?, uri: uri.to_owned(), login })
    }

    /// What it says of itself.
    pub async fn describe(&self) -> Result<Answer, Trouble> {
        let request = Request::new(operation::GET_PRINTER_ATTRIBUTES, &self.uri).asked_by(US);
        let answer = self.call(request.keywords("requested-attributes", &ASKED).with(b"")).await?;
        if answer.is_good() { Ok(answer) } else { Err(refusal(answer.status)) }
    }

    /// Gives it a document under that name; the number of the job.
    pub async fn print(
        &self,
        name: &str,
        form: Form,
        paper: Paper,
        says: Attributes<'_>,
        document: &[u8],
    ) -> Result<i32, Sent> {
        let request = Request::new(operation::PRINT_JOB, &self.uri)
            .asked_by(US)
            .name("job-name", name)
            .boolean("ipp-attribute-fidelity", false)
            .mime("document-format", form.mime())
            .job()
            .integer("copies", 1);
        let request = match named_size(says, paper) {
            Some((width, height)) => request.media_size(width, height),
            None => request,
        };
        let answer = self.call(request.with(document)).await.map_err(|trouble| match trouble {
            // these are said before a document is taken
            Trouble::NotAllowed | Trouble::Certificate | Trouble::Password => Sent::No(trouble),
            _ => Sent::Perhaps,
        })?;
        match answer.status {
            BUSY => return Err(Sent::Busy),
            status if !answer.is_good() => return Err(Sent::No(refusal(status))),
            _ => {}
        }
        answer.first(group::JOB).number("job-id").ok_or(Sent::Perhaps)
    }

    /// The job of that name, if it has one or remembers it.
    pub async fn job_named(&self, name: &str) -> Result<Option<i32>, Trouble> {
        for which in ["not-completed", "completed"] {
            let request = Request::new(operation::GET_JOBS, &self.uri)
                .asked_by(US)
                .integer("limit", JOBS)
                .keywords("which-jobs", &[which])
                .keywords("requested-attributes", &["job-id", "job-name", "job-state"]);
            let answer = self.call(request.with(b"")).await?;
            if !answer.is_good() {
                return Err(refusal(answer.status));
            }
            let found = answer.all(group::JOB).find(|job| job.word("job-name") == name);
            if let Some(id) = found.and_then(|job| job.number("job-id")) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// How far a job got; none: it does not know of it.
    pub async fn job(&self, id: i32) -> Result<Option<JobState>, Trouble> {
        let request =
            Request::new(operation::GET_JOB_ATTRIBUTES, &self.uri).integer("job-id", id).asked_by(US);
        let wanted = ["job-state", "job-state-reasons"];
        let answer = self.call(request.keywords("requested-attributes", &wanted).with(b"")).await?;
        if !answer.is_good() {
            return if answer.status == NOT_FOUND { Ok(None) } else { Err(refusal(answer.status)) };
        }
        Ok(answer.first(group::JOB).number("job-state").map(|state| match state {
            9 => JobState::Completed,
            7 | 8 => JobState::Ended,
            _ => JobState::Open,
        }))
    }

    /// Calls a job off.
    pub async fn cancel(&self, id: i32) -> Result<(), Trouble> {
        let request = Request::new(operation::CANCEL_JOB, &self.uri).integer("job-id", id).asked_by(US);
        self.call(request.with(b"")).await.map(drop)
    }

    async fn call(&self, body: Vec<u8>) -> Result<Answer, Trouble> {
        let mut headers = vec![("content-type".to_owned(), "application/ipp".to_owned())];
        headers.extend(self.login.clone().map(|login| ("authorization".to_owned(), login)));
        let call =
            Call { method: "POST".parse().map_err(|_| Trouble::NoPrinter)?, url: &self.url, headers, body };
        let (status, body) = self.http.exchange(call, MOST).await.map_err(|error| match error {
            NoAnswer::Address(GuardError::Unknown(_)) | NoAnswer::Late(_) | NoAnswer::Failed(_) => {
                Trouble::Unreachable
            }
            NoAnswer::Address(_) => Trouble::NotAllowed,
            NoAnswer::Untrusted(_) => Trouble::Certificate,
            NoAnswer::TooLong => Trouble::NoPrinter,
        })?;
        match status.as_u16() {
            200 => ipp::read(&body).ok_or(Trouble::NoPrinter),
            401 | 403 => Err(Trouble::Password),
            426 => Err(Trouble::Certificate),
            503 => Err(Trouble::Stopped),
            // a redirect is not followed: it could lead inside
            _ => Err(Trouble::NoPrinter),
        }
    }
}

/// Why there is no number of a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sent {
    /// It was not taken.
    No(Trouble),
    /// It was not taken now: another job is at work.
    Busy,
    /// Nobody knows: the answer got lost.
    Perhaps,
}

const NOT_FOUND: u16 = 0x0406;
const BUSY: u16 = 0x0507;

fn refusal(status: u16) -> Trouble {
    match status {
        0x0401..=0x0403 => Trouble::Password,
        0x040A => Trouble::NoFormat,
        0x0500.. => Trouble::Stopped,
        _ => Trouble::Refused,
    }
}

/// Where to call for a printer's address: IPP is HTTP on port 631 (RFC 8010, RFC 7472).
pub fn web_address(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let scheme = match scheme {
        "ipp" => "http",
        "ipps" => "https",
        _ => return None,
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.is_empty() || authority.contains(['@', '?', '#', '\\']) {
        return None;
    }
    let after_host = authority.rsplit_once(']').map_or(authority, |(_, port)| port);
    let port = if after_host.contains(':') { "" } else { ":631" };
    Some(format!("{scheme}://{authority}{port}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::web_address;

    #[test]
    fn an_address_of_ipp_is_one_of_http_on_its_port() {
        for (uri, url) in [
            ("ipp://printer.example/ipp/print", Some("http://printer.example:631/ipp/print")),
            ("ipps://10.0.0.7:443/ipp/print", Some("https://10.0.0.7:443/ipp/print")),
            ("ipps://[fd00::1]/ipp", Some("https://[fd00::1]:631/ipp")),
            ("ipp://[fd00::1]:8631", Some("http://[fd00::1]:8631/")),
            ("http://printer.example/ipp", None),
            ("ipp://user:word@printer.example/ipp", None),
            ("ipp:///ipp/print", None),
            ("printer", None),
        ] {
            assert_eq!(web_address(uri).as_deref(), url, "{uri}");
        }
    }
}
