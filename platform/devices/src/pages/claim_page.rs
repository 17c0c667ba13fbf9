//! The claim code, shown once: as text to type, as a QR code, and as the exact command line.

use sekisho_kernel::Timestamp;
use sekisho_web::parts::{Alert, Button, Card, Grid, KeyValue, Tone};
use sekisho_web::{Asker, Markup, Page, Reader, Result, Sheet, WebError};

use crate::claim::CLAIM_LIFE;
use crate::{Announcement, ClaimCode, Device, Devices};

/// Shows the code of `device`.
pub(crate) fn show(asker: &Asker, devices: &Devices, device: Device, code: ClaimCode) -> Result {
    let Announcement { server_url, fingerprint, .. } = devices.announced();
    let server = if server_url.is_empty() { format!("https://{}", asker.host()) } else { server_url };
    let until = asker.cx.now.plus(CLAIM_LIFE);
    Ok(asker.show(&ClaimPage::new(device, &code.to_string(), server, fingerprint.as_deref(), until)?))
}

/// The answer to a new claim code.
pub(super) struct ClaimPage {
    device: Device,
    code: String,
    server: String,
    trust: String,
    qr: String,
    until: Timestamp,
}

impl ClaimPage {
    /// With the QR code drawn, the one thing that can fail.
    pub(super) fn new(
        device: Device,
        code: &str,
        server: String,
        fingerprint: Option<&str>,
        until: Timestamp,
    ) -> Result<Self> {
        let escape = sekisho_web::escape_query;
        let pin = fingerprint.map(|print| format!("&fingerprint={}", escape(print))).unwrap_or_default();
        let qr = qr(&format!("sekisho:enrol?server={}&claim={code}{pin}", escape(&server)))?;
        let trust = fingerprint.map(|print| format!(" --fingerprint {print}")).unwrap_or_default();
        Ok(Self { device, code: code.to_owned(), server, trust, qr, until })
    }
}

impl Page for ClaimPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let Self { device, code, server, trust, qr, until } = self;
        let command = format!(
            "sekisho-agent enrol --server {server} --claim {code} --dir /var/lib/sekisho-agent{trust}"
        );
        let run = "sekisho-agent run --dir /var/lib/sekisho-agent";
        let facts = KeyValue::new()
            .row(
                t.get("devices-claim-code"),
                Markup::raw(format!("<strong class=\"h1\"><code>{}</code></strong>", Markup::text(code))),
            )
            .row(t.get("devices-claim-until"), reader.time(*until, reader.zone()))
            .row(t.get("devices-claim-server"), server);
        let copy = Button::link("#", t.get("devices-copy")).icon("copy").small().attr("data-copy", &command);
        let line = Markup::raw("<pre class=\"mb-2\"><code>")
            .then(Markup::text(format!("{command}\n{run}")))
            .then(Markup::raw("</code></pre>"))
            .then(copy);
        let main = Markup::from(Alert::new(Tone::Info, t.get("devices-claim-once")))
            .then(Card::new(t.get("devices-claim-title")).body(facts))
            .then(
                Card::new(t.get("devices-claim-command"))
                    .body(Markup::text(t.get("devices-claim-command-text")).then(line)),
            );
        let side =
            Card::new(t.get("devices-claim-qr")).body(Markup::raw(qr)).footer(t.get("devices-claim-qr-text"));
        reader
            .sheet_of(&device.name)
            .crumb("/devices", "devices-title")
            .action(Button::link(format!("/devices/{}", device.id), t.get("devices-claim-done")).primary())
            .body(Grid::main_and_side().add(main).add(side))
    }
}

fn qr(text: &str) -> Result<String> {
    let code =
        qrcode::QrCode::new(text.as_bytes()).map_err(|error| WebError::broken(format!("qr: {error}")))?;
    let svg = code
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(220, 220)
        .dark_color(qrcode::render::svg::Color("#000"))
        .light_color(qrcode::render::svg::Color("#fff"))
        .build();
    // The XML declaration has no place inside HTML.
    Ok(svg.split_once("?>").map_or(svg.clone(), |(_, rest)| rest.to_owned()))
}
