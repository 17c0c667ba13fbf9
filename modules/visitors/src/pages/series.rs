//! What pages say of series and ask about them: the fields of a form, the card of an appointment, and whether an act is for one of
//! them or for all that follow.

use jiff::civil::{Date, DateTime};
use sekisho_kernel::Timestamp;
use sekisho_policy::CalendarId;
use sekisho_web::parts::{Alert, Badge, Button, Card, Column, Field, FormBox, Row, Table, Tone};
use sekisho_web::{FormState, Markup, Reader, Texts, arg, from_local};

use super::forms::Sent;
use crate::RepeatForm;
use crate::checks::VisitError;
use crate::ids::AppointmentId;
use crate::make_series::Dates;
use crate::reads::{ComingVisits, SeriesRow};
use crate::repeat::{BadRule, WEEKDAYS, word_of};

/// How often, as the form offers it.
const CHOICES: [&str; 8] = [
    "never",
    "daily",
    "workdays",
    "weekly",
    "fortnightly",
    "monthly-date",
    "monthly-weekday",
    "monthly-last",
];

/// How the appointment of a form repeats; none: it does not. Refused when there is more about it than how often, for whoever says so
/// wants it to repeat.
pub(super) fn repeat_of(sent: &Sent) -> Result<Option<RepeatForm>, VisitError> {
    let starts: Option<DateTime> = sent.starts.trim().parse().ok();
    let first = starts.map(DateTime::date);
    let days = || {
        let known = WEEKDAYS.map(|(word, _)| word);
        let chosen: Vec<&str> =
            known.into_iter().filter(|day| sent.repeat_days.iter().any(|one| one == day)).collect();
        if chosen.is_empty() { String::new() } else { format!(";BYDAY={}", chosen.join(",")) }
    };
    let how = match &*sent.repeat {
        "" | "never" => {
            let until_or_but = [&sent.repeat_until, &sent.repeat_except];
            let more = sent.preview
                || sent.repeat_count.is_some()
                || !sent.repeat_days.is_empty()
                || until_or_but.iter().any(|typed| !typed.trim().is_empty());
            let refused = || VisitError::invalid("repeat", "visitors-error-repeat-never");
            return if more { Err(refused()) } else { Ok(None) };
        }
        "daily" => "FREQ=DAILY".to_owned(),
        "workdays" => "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR".to_owned(),
        "weekly" => format!("FREQ=WEEKLY{}", days()),
        "fortnightly" => format!("FREQ=WEEKLY;INTERVAL=2{}", days()),
        "monthly-date" => "FREQ=MONTHLY".to_owned(),
        "monthly-weekday" => format!("FREQ=MONTHLY;BYDAY={}", first.map(nth_weekday).unwrap_or_default()),
        "monthly-last" => "FREQ=MONTHLY;BYMONTHDAY=-1".to_owned(),
        _ => return Err(VisitError::invalid("repeat", BadRule::Unreadable.text())),
    };
    let until = match sent.repeat_until.trim() {
        "" => String::new(),
        until => format!(";UNTIL={}", until.replace('-', "")),
    };
    let count = sent.repeat_count.map(|count| format!(";COUNT={count}")).unwrap_or_default();
    let except = sent.repeat_except.split([',', '、', '，', ' ', '\n', '\r', '\t']).map(str::trim);
    Ok(Some(RepeatForm {
        rule: format!("{how}{until}{count}"),
        except: except.filter(|date| !date.is_empty()).map(|date| date.replace('/', "-")).collect(),
        japan: sent.repeat_japan,
        calendars: sent.repeat_calendars.clone(),
    }))
}

/// Which weekday of its month a day is; the fifth is the last one, so that there is one in each month.
fn nth_weekday(day: Date) -> String {
    let nth = (day.day() - 1) / 7 + 1;
    let nth = if nth == 5 { -1 } else { nth };
    format!("{nth}{}", word_of(day.weekday()))
}

/// The fields about repeating.
pub(super) fn fields(form: FormBox, state: &FormState, t: &Texts, calendars: &[(String, String)]) -> FormBox {
    let choices = CHOICES.map(|word| (word, t.get(&format!("visitors-repeat-choice-{word}"))));
    let days = WEEKDAYS.map(|(word, _)| {
        let text = format!("visitors-weekday-{}", word.to_ascii_lowercase());
        (word, t.get(&text))
    });
    let form = form
        .heading(t.get("visitors-repeat"))
        .add(Field::select("repeat", t.get("visitors-repeat-how")).options(choices).from(state, t))
        .add(
            Field::checkboxes("repeat_days", t.get("visitors-repeat-days"))
                .options(days)
                .hint(t.get("visitors-repeat-days-hint"))
                .from(state, t),
        )
        .beside([
            Field::date("repeat_until", t.get("visitors-repeat-until"))
                .optional(t.get("optional"))
                .hint(t.get("visitors-repeat-until-hint"))
                .from(state, t),
            Field::number("repeat_count", t.get("visitors-repeat-count"))
                .optional(t.get("optional"))
                .attr("min", 2)
                .attr("max", 366)
                .from(state, t)
                .short(),
        ])
        .add(
            Field::text("repeat_except", t.get("visitors-repeat-except"))
                .optional(t.get("optional"))
                .hint(t.get("visitors-repeat-except-hint"))
                .from(state, t),
        )
        .add(Field::checkbox("repeat_japan", t.get("visitors-repeat-japan")).from(state, t));
    if calendars.is_empty() {
        return form;
    }
    form.add(
        Field::checkboxes("repeat_calendars", t.get("visitors-repeat-calendars"))
            .options(calendars.iter().cloned())
            .from(state, t),
    )
}

/// The button that shows the days and makes nothing, whatever else is still missing.
pub(super) fn look(t: &Texts) -> Button {
    let look = Button::submit(t.get("visitors-repeat-look")).plain();
    look.attr("name", "preview").attr("value", "true").attr("formnovalidate", "formnovalidate")
}

/// The days that the form means, to look at before it is sent.
pub(super) struct Preview {
    pub(super) days: Vec<(Timestamp, String)>,
    pub(super) for_a_year: bool,
}

impl Preview {
    pub(super) fn of(dates: &Dates, zone: &str) -> Self {
        let days = dates.occurrences.iter().map(|one| (one.starts_at, zone.to_owned()));
        Self { days: days.collect(), for_a_year: dates.for_a_year() }
    }

    pub(super) fn draw(&self, reader: &Reader) -> Markup {
        let t = reader.texts();
        let days = self.days.iter().map(|(at, zone)| reader.time(*at, zone).day().words());
        let days: Vec<String> = days.collect();
        let more = if self.for_a_year { t.get("visitors-repeat-for-a-year") } else { String::new() };
        let head = t.with("visitors-repeat-preview", [("count", arg(days.len())), ("more", arg(more))]);
        Alert::new(Tone::Info, format!("{head} {}", t.list(&days))).into()
    }
}

/// For one of them, or for all that follow.
pub(super) fn which(name: &str, state: &FormState, t: &Texts) -> Field {
    let chosen = if state.value(name).is_empty() { "one" } else { state.value(name) };
    Field::radio(name, t.get("visitors-which"))
        .options([("one", t.get("visitors-which-one")), ("following", t.get("visitors-which-following"))])
        .value(chosen)
}

/// Whether an act is for all that follow.
pub(super) fn is_for_following(which: &str) -> bool {
    which == "following"
}

/// The series of an appointment, with all of its others.
pub(super) fn card(series: &SeriesRow, here: AppointmentId, zone: &str, reader: &Reader) -> Markup {
    let t = reader.texts();
    let place = [("number", arg(series.number)), ("count", arg(series.count))];
    let mut head = Markup::raw(format!(
        "<p><strong>{}</strong> {}</p>",
        Markup::text(t.with("visitors-series-place", place)),
        Markup::text(series.words(zone, &t))
    ));
    let muted = |text: String| Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(text)));
    if series.for_a_year {
        head = head.then(muted(t.get("visitors-repeat-for-a-year")));
    }
    if series.set_apart {
        head = head.then(muted(t.get("visitors-series-is-apart")));
    }
    let columns = [
        Column::new(t.get("visitors-starts")),
        Column::new(t.get("visitors-place")).secondary(),
        Column::new(t.get("state")).narrow(),
    ];
    let rows = series.occurrences.iter().map(|one| {
        let at = from_local(&one.starts, &one.zone);
        let time = at.map(|at| reader.time(at, &one.zone).words()).unwrap_or_else(|| one.starts.clone());
        let over = from_local(&one.ends, &one.zone).is_some_and(|ends| ends <= reader.now());
        let badge = match one {
            _ if one.cancelled_at.is_some() => {
                Some(Badge::new(t.get("visitors-series-cancelled")).icon("calendar-off"))
            }
            _ if over => Some(Badge::new(t.get("visitors-series-over")).icon("clock")),
            _ if one.set_apart => Some(Badge::new(t.get("visitors-series-apart")).icon("edit")),
            _ => None,
        };
        let named = if one.id == here {
            Markup::raw(format!("<strong aria-current=\"true\">{}</strong>", Markup::text(time)))
        } else {
            Markup::raw(format!("<a href=\"/visitors/appointments/{}\">{}</a>", one.id, Markup::text(time)))
        };
        Row::new().cell(named).cell(&one.place).cell(badge.map(Markup::from))
    });
    let table = Table::new(t.get("visitors-series"), columns).rows(rows);
    Markup::from(Card::new(t.get("visitors-series")).body(head))
        .then(Card::new(t.get("visitors-series-all")).flush().body(table))
}

/// What else the guest is expected for, each with its own page.
pub(super) fn coming(coming: &ComingVisits, token: &str, reader: &Reader) -> Card {
    let t = reader.texts();
    let others = coming.coming.iter().filter(|one| one.token != token);
    let items = others.map(|one| {
        format!(
            "<li><a href=\"/v/{}\">{}</a></li>",
            Markup::text(&one.token),
            Markup::text(reader.time(one.starts_at, &one.zone).words())
        )
    });
    let items: String = items.collect();
    Card::new(t.get("visitors-page-series")).body(Markup::raw(format!(
        "<p>{}</p><p class=\"muted\">{}</p><ul>{items}</ul>",
        Markup::text(&coming.words),
        Markup::text(t.get("visitors-page-series-text"))
    )))
}

/// The calendars of the organisation to choose from.
pub(super) fn calendar_choices(calendars: Vec<sekisho_policy::HolidayCalendar>) -> Vec<(String, String)> {
    let choice = |one: sekisho_policy::HolidayCalendar| (CalendarId::to_string(&one.id), one.name);
    calendars.into_iter().map(choice).collect()
}
