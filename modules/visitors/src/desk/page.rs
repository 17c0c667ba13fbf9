//! `/visitors/desk`: loading it, and what stands around the timeline.

use std::collections::{HashMap, HashSet};

use axum::extract::State;
use jiff::civil::Date;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, SiteId};
use sekisho_places::Site;
use sekisho_web::parts::{Button, Card, Empty, Field, FormBox, Icon, Tile, Tone};
use sekisho_web::{
    Asker, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, asset_address,
};
use serde::Deserialize;

use super::day::{Clock, Counts, Day};
use super::timeline::Timeline;
use super::{Back, HERE};
use crate::Visitors;
use crate::evacuation::places;
use crate::ids::AppointmentId;
use crate::occurrence::{day_at, start_of_day};
use crate::pages::{
    EVACUATION, HOSTS, LIVE, host_names, kind_choices, live_part, live_part_every, site_choices,
};
use crate::reads::{self, Days, OnSiteClocks, VisitFilter, VisitRow};
use crate::tables::words::VisitState;
use crate::warrant::Sight;

/// Visits among which the site is looked for that is shown to who asks for none.
const LOOKED_AT: u64 = 50;

/// `?site=…&day=…`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    site: Option<SiteId>,
    day: String,
}

/// The page: of the site asked for, or where somebody waits or is, or the first; today on that site's clock, or the day asked
/// for.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<Ask>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let mut sites = sekisho_places::sites(&scope).await?;
    sites.retain(|site| sight.is_desk(site.id));
    let site = match ask.site {
        None if sites.len() > 1 => busy_site(&visitors, &asker.cx, &sight, &sites).await?,
        only => only,
    };
    let site = sites.iter().find(|one| site.is_none_or(|only| only == one.id)).cloned();
    let site = site.ok_or_else(WebError::missing)?;
    let today = day_at(asker.cx.now, &site.zone);
    let day = if ask.day.is_empty() { &today } else { &ask.day };
    let day: Date = day.parse().map_err(|_| WebError::missing())?;
    let rows = visits_of(&visitors, &asker.cx, &sight, &site, day).await?;
    let places = places(&scope, &rows).await?;
    Ok(asker.show(&DeskPage { sites, site, day, rows, places }))
}

/// Of these sites one at which somebody waits; else one at which somebody is.
async fn busy_site(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    sites: &[Site],
) -> Result<Option<SiteId>, Fault> {
    for state in [VisitState::Arrived, VisitState::Admitted] {
        let there = VisitFilter { states: vec![state], limit: LOOKED_AT, ..VisitFilter::default() };
        let rows = reads::visits(visitors, cx, sight, &there).await?;
        if let Some(row) = rows.iter().find(|row| sites.iter().any(|site| site.id == row.site)) {
            return Ok(Some(row.site));
        }
    }
    Ok(None)
}

/// The visits of a day in the order of their beginning; of today also whoever is in the building by a visit of another day.
async fn visits_of(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    site: &Site,
    day: Date,
) -> Result<Vec<VisitRow>, Fault> {
    let at_site = VisitFilter { site: Some(site.id), ..VisitFilter::default() };
    let days = OnSiteClocks { days: Days::On(day.to_string()), zones: vec![site.zone.clone()] };
    let of_day = VisitFilter { days: Some(days), ..at_site.clone() };
    let mut rows = reads::visits(visitors, cx, sight, &of_day).await?;
    if day.to_string() == day_at(cx.now, &site.zone) {
        let here = VisitFilter { states: VisitState::HERE.to_vec(), ..at_site };
        let here = reads::visits(visitors, cx, sight, &here).await?;
        let known: HashSet<_> = rows.iter().map(|row| row.id).collect();
        rows.extend(here.into_iter().filter(|row| !known.contains(&row.id)));
        rows.sort_by_key(|row| row.starts_at);
    }
    Ok(rows)
}

/// One day of a site.
pub(super) struct DeskPage {
    /// Those the reader is the desk of.
    pub(super) sites: Vec<Site>,
    /// The one shown.
    pub(super) site: Site,
    pub(super) day: Date,
    /// In the order of their beginning.
    pub(super) rows: Vec<VisitRow>,
    /// Rooms and floors.
    pub(super) places: HashMap<AppointmentId, String>,
}

impl Page for DeskPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let clock = Clock { zone: self.site.zone.clone(), day: self.day, now: reader.now() };
        let is_today = clock.is_today();
        let day = Day::of(self.rows.clone(), &clock);
        let timeline = Timeline { reader, t: &t, clock: &clock, site: self.site.id, places: &self.places };
        let shown = self.bar(reader, &t, is_today).then(match (is_today, self.rows.is_empty()) {
            (true, _) => self.today(&t, &timeline, &day),
            (false, true) => self.nothing(&t).into(),
            (false, false) => timeline.hours(&day),
        });
        // What time alone changes, too: who is late, how long somebody waits, where the day has got to.
        let live = match is_today {
            true => live_part_every(60, "desk-live", &reader.here(), shown),
            false => live_part("desk-live", &reader.here(), shown),
        };
        let switch = self.switch(&t);
        let body = match is_today {
            true => self.ringing(&t, self.quick(&t).then(switch).then(live)),
            false => Markup::raw("<div class=\"desk\">").then(switch).then(live).then(Markup::raw("</div>")),
        };
        let sheet = reader.sheet("visitors-desk").crumb("/visitors", "visitors-title").live(LIVE);
        let sheet = sheet.keep(EVACUATION);
        let sheet = if is_today { sheet.action(sound(&t)) } else { sheet };
        let list = format!("/visitors?show=today&site={}", self.site.id);
        let new = format!("/visitors/new?site={}", self.site.id);
        sheet
            .action(Button::link(list, t.get("visitors-desk-list")).quiet().icon("list"))
            .action(Button::link(EVACUATION, t.get("visitors-evacuation")).quiet().icon("alert-octagon"))
            .action(Button::link(new, t.get("visitors-new")).icon("calendar-plus"))
            .body(body)
    }
}

impl DeskPage {
    /// `body` with the script that rings for arrivals and counts who waits in the tab's title.
    fn ringing(&self, t: &Texts, body: Markup) -> Markup {
        Markup::raw(format!(
            "<div class=\"desk\" data-desk=\"{}\" data-desk-arrived=\"{}\">{body}<p class=\"visually-hidden\" aria-live=\"polite\" data-desk-told></p></div><script defer src=\"{}\"></script>",
            self.site.id,
            Markup::text(t.get("visitors-desk-arrived")),
            asset_address("desk.js")
        ))
    }

    /// Another site, where there are several.
    fn switch(&self, t: &Texts) -> Markup {
        if self.sites.len() < 2 {
            return Markup::default();
        }
        let field = Field::select("site", t.get("visitors-site"))
            .options(site_choices(&self.sites))
            .value(self.site.id);
        let go = Button::submit(t.get("visitors-desk-go")).plain();
        Markup::raw(format!(
            "<form class=\"desk-switch\" method=\"get\" action=\"{HERE}\" data-auto>{field}<noscript>{go}</noscript></form>"
        ))
    }

    /// Which day, with the one before and the one after.
    fn bar(&self, reader: &Reader, t: &Texts, is_today: bool) -> Markup {
        let to = |day: Option<Date>| day.map(|day| format!("{HERE}?site={}&day={day}", self.site.id));
        let step = |day: Option<Date>, text: &str, icon: &str| {
            to(day).map(|href| Button::link(href, t.get(text)).quiet().icon(icon).only_icon())
        };
        let before = step(self.day.yesterday().ok(), "visitors-desk-day-before", "chevron-left");
        let after = step(self.day.tomorrow().ok(), "visitors-desk-day-after", "chevron-right");
        let begins = start_of_day(&self.day.to_string(), &self.site.zone);
        let name = begins.map(|at| reader.time(at, &self.site.zone).day_of_year().words());
        let today = (!is_today).then(|| {
            Button::link(format!("{HERE}?site={}", self.site.id), t.get("visitors-desk-today")).small()
        });
        Markup::raw("<div class=\"desk-bar\">")
            .then(before)
            .then(Markup::raw(format!(
                "<h2><span>{}</span> {}</h2>",
                Markup::text(&self.site.name),
                Markup::text(name.unwrap_or_else(|| self.day.to_string()))
            )))
            .then(after)
            .then(today)
            .then(Markup::raw("</div>"))
    }

    /// Numbers and who waits on one side, the hours on the other.
    fn today(&self, t: &Texts, timeline: &Timeline<'_>, day: &Day) -> Markup {
        let hours = match self.rows.is_empty() {
            true => self.nothing(t).into(),
            false => timeline.hours(day),
        };
        Markup::raw("<div class=\"desk-sides\"><div class=\"desk-now\">")
            .then(self.numbers(t, day.counts))
            .then(timeline.waiting(day))
            .then(Markup::raw("</div><div class=\"desk-day\">"))
            .then(hours)
            .then(Markup::raw("</div></div>"))
    }

    fn numbers(&self, t: &Texts, counts: Counts) -> Markup {
        let tone = |wants: bool| if wants { Tone::Warn } else { Tone::Plain };
        let here = format!("/visitors?show=here&site={}", self.site.id);
        Markup::raw("<div class=\"desk-numbers\">")
            .then(Tile::new(t.get("visitors-tile-here"), counts.here).icon("users").href(here))
            .then(
                Tile::new(t.get("visitors-tile-waiting"), counts.waiting)
                    .icon("bell")
                    .tone(tone(counts.waiting > 0)),
            )
            .then(Tile::new(t.get("visitors-desk-coming"), counts.coming).icon("calendar-event"))
            .then(
                Tile::new(t.get("visitors-desk-late-count"), counts.late)
                    .icon("clock-exclamation")
                    .tone(tone(counts.late > 0)),
            )
            .then(Markup::raw("</div>"))
    }

    fn nothing(&self, t: &Texts) -> Card {
        let new = format!("/visitors/new?site={}", self.site.id);
        Card::plain().body(
            Empty::new(t.get("visitors-desk-none"), t.get("visitors-desk-none-text"))
                .icon("users")
                .action(Button::link(new, t.get("visitors-new")).plain()),
        )
    }

    /// Checking in by code and waving in, a line each. The cursor begins in the code.
    fn quick(&self, t: &Texts) -> Markup {
        let (state, back) = (FormState::empty(), Back::to_desk(self.site.id).query());
        let site = || Field::hidden("site", self.site.id);
        let check_in = FormBox::post(format!("/visitors/check-in{back}"), &state, t)
            .add(site())
            .add(
                Field::text("code", t.get("visitors-code"))
                    .required()
                    .placeholder(t.get("visitors-desk-code-hint"))
                    .attr("autocomplete", "off")
                    .attr("autocapitalize", "characters")
                    .attr("spellcheck", "false")
                    .attr("autofocus", ""),
            )
            .submit(t.get("visitors-check-in-do"));
        let host = Field::text("host", t.get("visitors-host"))
            .optional(t.get("optional"))
            .attr("list", HOSTS)
            .attr("autocomplete", "off");
        let wave_in = FormBox::post(format!("/visitors/wave-in{back}"), &state, t)
            .add(site())
            .add(
                Field::number("count", t.get("visitors-count"))
                    .value(1)
                    .required()
                    .attr("min", 1)
                    .attr("max", 100),
            )
            .add(Field::select("kind", t.get("visitors-kind")).options(kind_choices(t)))
            .add(host)
            .add(host_names(&self.rows))
            .button(Button::submit(t.get("visitors-wave-in-do")).plain());
        let part = |text: &str, form: FormBox| {
            Markup::raw(format!(
                "<section class=\"card desk-line\" aria-label=\"{}\">{form}</section>",
                Markup::text(t.get(text))
            ))
        };
        Markup::raw("<div class=\"desk-lines\">")
            .then(part("visitors-check-in", check_in))
            .then(part("visitors-wave-in", wave_in))
            .then(Markup::raw("</div>"))
    }
}

/// Switches the sound of arrivals on and off; the script that makes it shows the button.
fn sound(t: &Texts) -> Markup {
    let (on, off) = (Icon::new("volume"), Icon::new("volume-off"));
    Markup::raw(format!(
        "<button class=\"btn btn-quiet desk-sound\" type=\"button\" data-desk-sound aria-pressed=\"false\" hidden>{on}{off}<span>{}</span></button>",
        Markup::text(t.get("visitors-desk-sound"))
    ))
}
