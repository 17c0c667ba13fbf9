//! Schedules: the list, and the week as a grid of hours that works without scripts.

use axum::extract::{Path, State};
use sekisho_policy::{
    CalendarId, Holiday, HolidayCalendar, NewSchedule, OnHolidays, Schedule, ScheduleId, Span, Week, Window,
};
use sekisho_web::parts::{Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, Row, Table};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, zone_of};
use serde::Deserialize;

use super::tabs;
use crate::{Rights, RightsError, words};

/// The form: ticked hours (`h` = `weekday-hour`), or for days that do not fit whole hours their spans in words.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ScheduleForm {
    name: String,
    h: Vec<String>,
    d1: String,
    d2: String,
    d3: String,
    d4: String,
    d5: String,
    d6: String,
    d7: String,
    holidays: String,
    holiday_hours: String,
    japan: bool,
    calendars: Vec<CalendarId>,
}

impl ScheduleForm {
    fn read(&self) -> std::result::Result<NewSchedule, RightsError> {
        let mut week = Week::default();
        let days = [
            (1, &self.d1, "d1"),
            (2, &self.d2, "d2"),
            (3, &self.d3, "d3"),
            (4, &self.d4, "d4"),
            (5, &self.d5, "d5"),
            (6, &self.d6, "d6"),
            (7, &self.d7, "d7"),
        ];
        for (weekday, typed, field) in days {
            let typed = words::read_spans(typed).ok_or(RightsError::field(field, "rights-error-hours"))?;
            let ticked = self.h.iter().filter_map(|cell| {
                let (day, hour) = cell.split_once('-')?;
                let hour = hour.parse::<u16>().ok().filter(|hour| *hour < 24)?;
                (day.parse::<u8>().ok()? == weekday).then_some(Span { from: hour * 60, to: (hour + 1) * 60 })
            });
            let spans = if typed.is_empty() { ticked.collect() } else { typed };
            spans.into_iter().for_each(|span| week.add(weekday, span));
        }
        let on_holidays = match self.holidays.as_str() {
            "closed" => OnHolidays::Closed,
            "hours" => {
                let spans = words::read_spans(&self.holiday_hours).filter(|spans| !spans.is_empty());
                OnHolidays::Hours {
                    spans: spans.ok_or(RightsError::field("holiday_hours", "rights-error-hours"))?,
                }
            }
            _ => OnHolidays::AsUsual,
        };
        Ok(NewSchedule {
            name: self.name.trim().to_owned(),
            week: week.tidied(),
            on_holidays,
            japan: self.japan,
            calendars: self.calendars.clone(),
        })
    }
}

/// The state of the form that shows a schedule.
pub(super) fn state_of(schedule: &NewSchedule) -> FormState {
    let mut state = FormState::empty().with("name", &schedule.name);
    for (weekday, spans) in (1_u16..).zip(&schedule.week.0) {
        let whole = spans.iter().all(|span| span.from % 60 == 0 && span.to % 60 == 0);
        if whole {
            for hour in
                (0..24).filter(|hour| spans.iter().any(|span| span.from <= hour * 60 && hour * 60 < span.to))
            {
                state = state.with("h", format!("{weekday}-{hour}"));
            }
        } else {
            let typed = spans.iter().map(words::span).collect::<Vec<_>>().join(", ");
            state = state.with(&format!("d{weekday}"), typed);
        }
    }
    state = match &schedule.on_holidays {
        OnHolidays::AsUsual => state.with("holidays", "usual"),
        OnHolidays::Closed => state.with("holidays", "closed"),
        OnHolidays::Hours { spans } => {
            let typed = spans.iter().map(words::span).collect::<Vec<_>>().join(", ");
            state.with("holidays", "hours").with("holiday_hours", typed)
        }
    };
    if schedule.japan {
        state = state.with("japan", "on");
    }
    schedule.calendars.iter().fold(state, |state, id| state.with("calendars", id))
}

/// All schedules and calendars.
pub(crate) async fn list(asker: Asker, State(rights): State<Rights>) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    let schedules = rights.policy.schedules(&scope).await?;
    let calendars = rights.policy.calendars(&scope).await?;
    Ok(asker.show(&Schedules { schedules, calendars }))
}

/// All schedules and calendars.
pub(super) struct Schedules {
    pub(super) schedules: Vec<Schedule>,
    pub(super) calendars: Vec<HolidayCalendar>,
}

impl Page for Schedules {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let rows = self.schedules.iter().map(|schedule| {
            Row::new()
                .cell(&schedule.terms.name)
                .cell(words::schedule(&t, &schedule.terms, &self.calendars))
                .href(format!("/rights/schedules/{}", schedule.id))
        });
        let first =
            Button::link("/rights/schedules/new", t.get("rights-schedule-new")).primary().icon("plus");
        let columns = ["rights-name", "rights-hours"].map(|id| Column::new(t.get(id)));
        let table = Table::new(t.get("rights-schedules"), columns).rows(rows).empty(
            Empty::new(t.get("rights-schedules-none"), t.get("rights-schedules-none-text"))
                .icon("calendar")
                .action(first.clone()),
        );
        let add =
            Button::link("/rights/calendars/new", t.get("rights-calendar-new")).plain().small().icon("plus");
        let own = Card::new(t.get("rights-calendars")).action(add).flush().body(self.own_calendars(&t));
        reader
            .sheet("rights-schedules")
            .crumb("/rights", "rights-title")
            .action(first)
            .tabs(tabs(reader, true, "/rights/schedules"))
            .body(Markup::from(Card::plain().flush().body(table)).then(own))
    }
}

impl Schedules {
    fn own_calendars(&self, t: &Texts) -> Table {
        let rows = self.calendars.iter().map(|calendar| {
            Row::new()
                .cell(&calendar.name)
                .cell(t.with("rights-calendar-days", [("count", calendar.days.len().to_string())]))
                .href(format!("/rights/calendars/{}", calendar.id))
        });
        let columns = ["rights-name", "rights-days"].map(|id| Column::new(t.get(id)));
        Table::new(t.get("rights-calendars"), columns).rows(rows).empty(
            Empty::new(t.get("rights-calendars-none"), t.get("rights-calendars-none-text"))
                .icon("calendar-off"),
        )
    }
}

fn form(t: &Texts, state: &FormState, calendars: &[HolidayCalendar], action: String) -> FormBox {
    let exact = (1..=7).map(|day| {
        Field::text(format!("d{day}"), t.get(&format!("rights-weekday-{day}")))
            .from(state, t)
            .placeholder("9:00–12:30, 13:15–18:00")
    });
    let days: Vec<Field> = exact.collect();
    let has_exact = (1..=7).any(|day| !state.value(&format!("d{day}")).is_empty()) || state.has_errors();
    let open = if has_exact { " open" } else { "" };
    let exact = Markup::raw(format!(
        "<details class=\"hours-exact\"{open}><summary>{}</summary><p class=\"hint\">{}</p>{}</details>",
        Markup::text(t.get("rights-exact")),
        Markup::text(t.get("rights-exact-hint")),
        Markup::from(days)
    ));
    let choices = [
        ("usual", "rights-holidays-usual"),
        ("closed", "rights-holidays-closed"),
        ("hours", "rights-holidays-hours"),
    ];
    let mut form = FormBox::post(action, state, t)
        .attr("id", "schedule")
        .add(Field::text("name", t.get("rights-name")).from(state, t).required().attr("maxlength", 100))
        .heading(t.get("rights-week"))
        .add(grid(t, state))
        .add(exact)
        .heading(t.get("rights-holidays"))
        .add(Field::checkbox("japan", t.get("rights-holidays-japan")).from(state, t));
    if !calendars.is_empty() {
        let own = calendars.iter().map(|calendar| (calendar.id.to_string(), calendar.name.clone()));
        form =
            form.add(Field::checkboxes("calendars", t.get("rights-calendars")).options(own).from(state, t));
    }
    form.add(
        Field::radio("holidays", t.get("rights-holidays-do"))
            .options(choices.map(|(value, id)| (value, t.get(id))))
            .value("usual")
            .from(state, t),
    )
    .add(
        Field::text("holiday_hours", t.get("rights-holiday-hours"))
            .from(state, t)
            .optional(t.get("rights-optional"))
            .placeholder("10:00–15:00")
            .short(),
    )
    .submit(t.get("rights-save"))
    .cancel("/rights/schedules", t.get("rights-cancel"))
}

/// Seven rows of twenty-four boxes.
fn grid(t: &Texts, state: &FormState) -> Markup {
    use std::fmt::Write;
    let ticked = state.values("h");
    let mut html = format!(
        "<div class=\"hours-wrap\"><table class=\"hours\" data-hours><caption class=\"hint\">{}</caption><thead><tr><td></td>",
        Markup::text(t.get("rights-week-hint"))
    );
    for hour in 0..24 {
        let _ = write!(html, "<th scope=\"col\">{hour}</th>");
    }
    html.push_str("</tr></thead><tbody>");
    for day in 1..=7 {
        let name = t.get(&format!("rights-weekday-{day}"));
        let short = t.get(&format!("rights-day-{day}"));
        let typed = if state.value(&format!("d{day}")).is_empty() { "" } else { " class=\"typed\"" };
        let _ = write!(
            html,
            "<tr{typed}><th scope=\"row\"><abbr title=\"{}\">{}</abbr></th>",
            Markup::text(&name),
            Markup::text(short)
        );
        for hour in 0..24 {
            let value = format!("{day}-{hour}");
            let checked = if ticked.contains(&value.as_str()) { " checked" } else { "" };
            let label = t.with("rights-week-cell", [("day", name.clone()), ("hour", hour.to_string())]);
            let _ = write!(
                html,
                "<td><input type=\"checkbox\" name=\"h\" value=\"{value}\" aria-label=\"{}\"{checked}></td>",
                Markup::text(label)
            );
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table></div>");
    Markup::raw(html)
}

async fn show(
    asker: &Asker,
    rights: &Rights,
    id: Option<ScheduleId>,
    state: FormState,
    draft: Option<NewSchedule>,
) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    let calendars = rights.policy.calendars(&scope).await?;
    let saved = match id {
        Some(id) => Some((id, rights.policy.schedule(&scope, id).await?.terms)),
        None => None,
    };
    let shown = saved.as_ref().map(|(_, terms)| terms).or(draft.as_ref());
    let preview = match shown {
        Some(terms) => Some(preview_of(asker, rights, &scope, terms).await?),
        None => None,
    };
    drop(scope);
    Ok(asker.show(&SchedulePage { saved, state, calendars, preview }))
}

/// The form of a schedule, new or known.
pub(super) struct SchedulePage {
    pub(super) saved: Option<(ScheduleId, NewSchedule)>,
    pub(super) state: FormState,
    pub(super) calendars: Vec<HolidayCalendar>,
    /// None while the form cannot be read.
    pub(super) preview: Option<Hours>,
}

impl Page for SchedulePage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let action = match &self.saved {
            Some((id, _)) => format!("/rights/schedules/{id}"),
            None => "/rights/schedules".to_owned(),
        };
        let form = Card::plain().body(form(&t, &self.state, &self.calendars, action.clone()));
        let mut side = match &self.preview {
            Some(hours) => hours.draw(reader, &self.calendars),
            None => preview_none(&t),
        };
        let sheet = match &self.saved {
            None => reader.sheet("rights-schedule-new"),
            Some((_, saved)) => {
                let remove = Confirm::new(
                    format!("{action}/remove"),
                    t.get("rights-schedule-remove"),
                    t.with("rights-schedule-remove-question", [("name", saved.name.as_str())]),
                    t.get("rights-schedule-remove"),
                );
                side = side.then(Card::plain().body(remove));
                reader.sheet_of(&saved.name)
            }
        };
        sheet
            .crumb("/rights", "rights-title")
            .crumb("/rights/schedules", "rights-schedules")
            .body(Grid::main_and_side().add(form).add(side))
    }
}

/// The hours of a schedule, and the next five openings as proof.
pub(super) struct Hours {
    pub(super) terms: NewSchedule,
    pub(super) openings: Vec<Window>,
}

async fn preview_of(
    asker: &Asker,
    rights: &Rights,
    scope: &impl sekisho_storage::Scoped,
    terms: &NewSchedule,
) -> Result<Hours> {
    let compiled = rights.policy.compiled(scope, terms).await?;
    let openings = compiled.next_openings(asker.cx.now, &zone_of(asker.zone()), 5);
    Ok(Hours { terms: terms.clone(), openings: openings.into_iter().collect() })
}

impl Hours {
    fn draw(&self, reader: &Reader, calendars: &[HolidayCalendar]) -> Markup {
        let t = reader.texts();
        let rows = self.openings.iter().map(|window| Row::new().cell(opening(reader, window)));
        let table = Table::new(t.get("rights-openings"), [Column::new(t.get("rights-opens"))])
            .rows(rows)
            .empty(Empty::new(t.get("rights-never"), t.get("rights-never-text")).icon("calendar-off"));
        let words = words::schedule(&t, &self.terms, calendars);
        let sentence = Markup::raw(format!("<p class=\"lead\">{}</p>", Markup::text(words)));
        in_place(
            Markup::from(Card::new(t.get("rights-in-words")).body(sentence))
                .then(Card::new(t.get("rights-openings")).flush().body(table)),
        )
    }
}

/// What stands there while the form cannot be read.
fn preview_none(t: &Texts) -> Markup {
    let wrong = Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(t.get("rights-error-hours"))));
    in_place(Card::new(t.get("rights-in-words")).body(wrong).into())
}

/// The place that follows the form while somebody paints.
fn in_place(body: Markup) -> Markup {
    Markup::raw("<div id=\"hours-preview\" role=\"status\" hx-post=\"/rights/schedules/preview\" hx-trigger=\"change from:#schedule delay:150ms\" hx-include=\"#schedule\" hx-swap=\"outerHTML\">")
        .then(body)
        .then(Markup::raw("</div>"))
}

/// The preview of a schedule that is not saved.
pub(crate) async fn preview(asker: Asker, State(rights): State<Rights>, form: Form<ScheduleForm>) -> Result {
    let t = asker.texts();
    let (value, _) = form.split();
    let terms = value.ok().and_then(|value| value.read().ok());
    let scope = rights.store.read(asker.cx.tenant).await?;
    let calendars = rights.policy.calendars(&scope).await?;
    let hours = match &terms {
        Some(terms) => preview_of(&asker, &rights, &scope, terms).await.ok(),
        None => None,
    };
    let part = hours.map(|hours| hours.draw(&asker.reader(), &calendars));
    Ok(asker.view("rights-openings").show_markup(part.unwrap_or_else(|| preview_none(&t))))
}

/// From when to when; the day of the end only where it is another one.
fn opening(reader: &Reader, window: &Window) -> Markup {
    let zone = reader.zone();
    let until = reader.time(window.until, zone);
    let date = |at: sekisho_kernel::Timestamp| zone_of(zone).to_datetime(at.to_jiff()).date();
    let until: Markup = if window.until.since(reader.now()).as_secs() > 360 * 86_400 {
        // A year and more without an end: it simply stays open.
        Markup::text(reader.texts().get("rights-open-end"))
    } else if date(window.from) == date(window.until) {
        until.clock().into()
    } else {
        until.into()
    };
    Markup::from(reader.time(window.from, zone)).then(Markup::raw(" – ")).then(until)
}

/// The form for a new schedule: working days from nine to six to begin with.
pub(crate) async fn new(asker: Asker, State(rights): State<Rights>) -> Result {
    let week = Week::on(&[1, 2, 3, 4, 5], &[Span { from: 9 * 60, to: 18 * 60 }]);
    let draft = NewSchedule { week, japan: true, ..NewSchedule::default() };
    show(&asker, &rights, None, state_of(&draft), Some(draft)).await
}

/// One schedule.
pub(crate) async fn one(asker: Asker, State(rights): State<Rights>, Path(id): Path<ScheduleId>) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    let schedule = rights.policy.schedule(&scope, id).await?;
    drop(scope);
    show(&asker, &rights, Some(id), state_of(&schedule.terms), None).await
}

/// Makes a schedule.
pub(crate) async fn make(asker: Asker, State(rights): State<Rights>, form: Form<ScheduleForm>) -> Result {
    save(&asker, &rights, None, form).await
}

/// Changes a schedule.
pub(crate) async fn change(
    asker: Asker,
    State(rights): State<Rights>,
    Path(id): Path<ScheduleId>,
    form: Form<ScheduleForm>,
) -> Result {
    save(&asker, &rights, Some(id), form).await
}

async fn save(asker: &Asker, rights: &Rights, id: Option<ScheduleId>, form: Form<ScheduleForm>) -> Result {
    let (value, state) = form.split();
    let saved = async { Ok(rights.save_schedule(&asker.cx, id, value?.read()?).await?) };
    match saved.await {
        Ok(id) => Ok(asker.done("rights-schedule-saved", format!("/rights/schedules/{id}"))),
        Err(error) => show(asker, rights, id, state.failed(error)?, None).await,
    }
}

/// Removes a schedule.
pub(crate) async fn remove(asker: Asker, State(rights): State<Rights>, Path(id): Path<ScheduleId>) -> Result {
    rights.remove_schedule(&asker.cx, id).await?;
    Ok(asker.done("rights-schedule-removed", "/rights/schedules"))
}

/// Reads lines of `2026-12-29 name`, or a whole iCalendar file.
pub(crate) fn read_days(typed: &str) -> std::result::Result<Vec<Holiday>, RightsError> {
    if crate::ics::is_calendar(typed) {
        return crate::ics::days(typed).ok_or(RightsError::field("days", "rights-error-ics"));
    }
    typed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (date, name) = line.split_once(|letter: char| letter.is_whitespace()).unwrap_or((line, ""));
            let date = date
                .replace('/', "-")
                .parse()
                .map_err(|_| RightsError::field("days", "rights-error-days"))?;
            Ok(Holiday { date, name: name.trim().to_owned() })
        })
        .collect()
}
