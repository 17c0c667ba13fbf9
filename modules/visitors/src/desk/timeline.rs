//! The hours of the day from top to bottom, and those who wait.

use std::collections::HashMap;
use std::time::Duration;

use sekisho_kernel::{SiteId, Timestamp};
use sekisho_web::parts::{Badge, Empty, Tone};
use sekisho_web::{Markup, Reader, Texts};

use super::Back;
use super::day::{Clock, Day, Hour, Look, Slot, look};
use crate::ids::AppointmentId;
use crate::pages::{acts, besides, guest_name, standing, state_badge};
use crate::reads::VisitRow;
use crate::registration;
use crate::tables::words::VisitState;

/// Who waits so long is waited for by nobody.
const LONG: Duration = Duration::from_secs(600);

/// Draws a day for one reader.
pub(super) struct Timeline<'a> {
    pub(super) reader: &'a Reader,
    pub(super) t: &'a Texts,
    pub(super) clock: &'a Clock,
    pub(super) site: SiteId,
    pub(super) places: &'a HashMap<AppointmentId, String>,
}

impl Timeline<'_> {
    /// Who came and waits, longest first.
    pub(super) fn waiting(&self, day: &Day) -> Markup {
        let title = Markup::text(self.t.get("visitors-tile-waiting"));
        let rings: Vec<Markup> = day.waiting.iter().map(|row| self.ring(row)).collect();
        let body = match rings.is_empty() {
            true => Empty::new(self.t.get("visitors-desk-nobody-waits"), "").icon("bell").into(),
            false => Markup::raw("<ol class=\"rings\">").then(rings).then(Markup::raw("</ol>")),
        };
        Markup::raw(format!("<section class=\"card desk-waiting\"><h2>{title}</h2>{body}</section>"))
    }

    fn ring(&self, row: &VisitRow) -> Markup {
        let since = self.reader.now().since(row.arrived_at.unwrap_or(row.starts_at));
        let long = if since >= LONG { " ring-long" } else { "" };
        let missing = row.missing.as_ref().map(|missing| {
            let what = registration::whats_missing(self.t, missing);
            self.quietly(&self.t.with("visitors-desk-missing", [("what", what)]))
        });
        Markup::raw(format!(
            "<li class=\"ring{long}\" data-waits=\"{}\"><p class=\"ring-who\">{}</p><p class=\"ring-since\">{}</p><p class=\"ring-about\">{}</p><div class=\"ring-standing\">{}{}</div><div class=\"ring-acts\">{}</div></li>",
            row.id,
            self.name(row, row),
            Markup::text(self.since(since)),
            self.about(row, true),
            besides(self.t, row),
            Markup::from(missing),
            acts(self.t, row, self.reader.now(), Back::to_desk(self.site))
        ))
    }

    /// The hours, with a line where the day has got to.
    pub(super) fn hours(&self, day: &Day) -> Markup {
        let hours: Vec<Markup> = day.hours.iter().map(|hour| self.hour(hour)).collect();
        let title = Markup::text(self.t.get("visitors-desk-timeline"));
        Markup::raw(format!("<section class=\"card desk-timeline\"><h2 class=\"visually-hidden\">{title}</h2><ol class=\"day\">"))
            .then(hours)
            .then(Markup::raw("</ol></section>"))
    }

    fn hour(&self, hour: &Hour) -> Markup {
        let name = match hour.hour {
            Some(hour) => Markup::raw(format!("{hour:02}:00")),
            None => Markup::text(self.t.get("visitors-desk-other-days")),
        };
        let now = self.reader.now();
        let begun = hour.slots.partition_point(|slot| slot.starts_at().is_none_or(|at| at <= now));
        let (before, after) = hour.slots.split_at(begun);
        let drawn = |slots: &[Slot]| slots.iter().map(|slot| self.slot(slot)).collect::<Vec<_>>();
        let line = hour.is_now.then(|| {
            let clock = self.reader.time(now, &self.clock.zone).clock().words();
            let now = Markup::text(self.t.with("visitors-desk-now", [("clock", clock)]));
            Markup::raw(format!("<p class=\"day-now\"><span>{now}</span></p>"))
        });
        let list = |slots: &[Slot]| match slots.is_empty() {
            true => Markup::default(),
            false => Markup::raw("<ul class=\"slots\">").then(drawn(slots)).then(Markup::raw("</ul>")),
        };
        let kind = if hour.hour.is_none() { " day-other" } else { "" };
        Markup::raw(format!("<li class=\"day-hour{kind}\"><h3>{name}</h3><div class=\"day-begins\">"))
            .then(list(before))
            .then(line)
            .then(list(after))
            .then(self.over(hour))
            .then(Markup::raw("</div></li>"))
    }

    /// What is over, folded away.
    fn over(&self, hour: &Hour) -> Markup {
        if hour.over.is_empty() {
            return Markup::default();
        }
        let count = self.t.count("visitors-desk-over", hour.over.len());
        let slots: Vec<Markup> = hour.over.iter().map(|slot| self.slot(slot)).collect();
        let key = hour.hour.map_or_else(|| "over".to_owned(), |hour| format!("over-{hour}"));
        Markup::raw(format!(
            "<details class=\"day-over\" data-fold=\"{key}\"><summary>{}</summary><ul class=\"slots\">",
            Markup::text(count)
        ))
        .then(slots)
        .then(Markup::raw("</ul></details>"))
    }

    /// The guests of one appointment in one block.
    fn slot(&self, slot: &Slot) -> Markup {
        let now = self.reader.now();
        let Some(first) = slot.first(now) else { return Markup::default() };
        let look = if self.clock.is_today() { slot.look(now) } else { Look::Due };
        let (standing, more) = match &*slot.rows {
            [only] => (self.stands(only), self.acts(only)),
            group => (self.group_stands(group), self.members(first, group)),
        };
        Markup::raw(format!(
            "<li class=\"slot slot-{}\"><p class=\"slot-who\">{}</p><p class=\"slot-about\">{}</p><div class=\"slot-standing\">{standing}</div>{more}</li>",
            match look {
                Look::Waits => "waits",
                Look::Late => "late",
                Look::Here => "here",
                Look::Due => "due",
                Look::Over => "over",
            },
            self.name(first, &VisitRow { companions: slot.heads() - 1, ..first.clone() }),
            self.about(first, false)
        ))
    }

    /// How far a visit got; of whom waits the rest stands with those who wait.
    fn stands(&self, row: &VisitRow) -> Markup {
        let late = self.late(row);
        match row.state {
            VisitState::Arrived if self.clock.is_today() => state_badge(self.t, row.state).into(),
            _ => standing(self.t, row).then(Markup::raw(" ")).then(late),
        }
    }

    fn late(&self, row: &VisitRow) -> Markup {
        let now = self.reader.now();
        if !self.clock.is_today() || look(row, now) != Look::Late {
            return Markup::default();
        }
        let since = self.since(now.since(row.starts_at));
        let text = self.t.with("visitors-desk-late", [("since", since)]);
        Badge::new(text).tone(Tone::Warn).icon("clock-exclamation").into()
    }

    /// How many of a group got how far.
    fn group_stands(&self, group: &[VisitRow]) -> Markup {
        let counted = VisitState::ALL.iter().filter_map(|state| {
            let count = group.iter().filter(|row| row.state == *state).count();
            let only = group.iter().find(|row| row.state == *state)?;
            let badge = Markup::from(state_badge(self.t, only.state));
            Some(badge.then(Markup::raw(format!("<span class=\"count\">{count}</span> "))))
        });
        let late = group.iter().map(|row| self.late(row)).find(|late| !late.is_empty());
        counted.fold(Markup::default(), Markup::then).then(late)
    }

    /// Each of a group, folded away.
    fn members(&self, first: &VisitRow, group: &[VisitRow]) -> Markup {
        let rows = group.iter().map(|row| {
            Markup::raw(format!(
                "<li><span>{}</span><div class=\"slot-standing\">{}</div>{}</li>",
                guest_name(self.t, row),
                self.stands(row),
                self.acts(row)
            ))
        });
        Markup::raw(format!(
            "<details class=\"slot-group\" data-fold=\"{}\"><summary>{}</summary><ul>",
            first.appointment.map(|id| id.to_string()).unwrap_or_default(),
            Markup::text(self.t.count("visitors-desk-group", group.len()))
        ))
        .then(rows.collect::<Vec<_>>())
        .then(Markup::raw("</ul></details>"))
    }

    /// What can be done; nothing on another day, and of whom waits it stands with those who wait.
    fn acts(&self, row: &VisitRow) -> Markup {
        if !self.clock.is_today() || row.state == VisitState::Arrived {
            return Markup::default();
        }
        let acts = acts(self.t, row, self.reader.now(), Back::to_desk(self.site));
        match acts.is_empty() {
            true => acts,
            false => Markup::raw("<div class=\"slot-acts\">").then(acts).then(Markup::raw("</div>")),
        }
    }

    /// `shown` as the link to the appointment of `row`.
    fn name(&self, row: &VisitRow, shown: &VisitRow) -> Markup {
        let name = guest_name(self.t, shown);
        match row.appointment {
            Some(id) => Markup::raw(format!("<a href=\"/visitors/appointments/{id}\">{name}</a>")),
            None => name,
        }
    }

    /// When, whom, where.
    fn about(&self, row: &VisitRow, waits: bool) -> Markup {
        let time = |at: Timestamp| self.reader.time(at, &self.clock.zone);
        let clock = |at| time(at).clock().words();
        let on_its_day = |at| match self.is_today(at) {
            true => clock(at),
            false => format!("{} {}", time(at).day_of_year().words(), clock(at)),
        };
        let begins = on_its_day(row.starts_at);
        // Whom nobody announced has no time: they are counted from when they came to the end of the day.
        let when = match row.appointment {
            Some(_) => format!("{begins}–{}", on_its_day(row.ends_at)),
            None => begins,
        };
        let place = row.appointment.and_then(|id| self.places.get(&id)).filter(|place| !place.is_empty());
        let host = (!row.host_name.is_empty())
            .then(|| self.t.with("visitors-desk-host", [("name", row.host_name.as_str())]));
        let words = [host, place.cloned()]
            .into_iter()
            .flatten()
            .map(|words| Markup::raw(format!(" <span class=\"slot-word\">{}</span>", Markup::text(words))));
        let when =
            if waits { Markup::text(when) } else { Markup::raw(format!("<b>{}</b>", Markup::text(when))) };
        when.then(words.collect::<Vec<_>>())
    }

    /// Whether that is on the day that is shown.
    fn is_today(&self, at: Timestamp) -> bool {
        crate::occurrence::day_at(at, &self.clock.zone) == self.clock.day.to_string()
    }

    fn quietly(&self, text: &str) -> Markup {
        Markup::raw(format!("<span class=\"muted\">{}</span>", Markup::text(text)))
    }

    /// A length of time in words, as one says it.
    fn since(&self, length: Duration) -> String {
        match length.as_secs() / 60 {
            0 => self.t.get("visitors-desk-just-now"),
            minutes @ 1..120 => self.t.count("visitors-desk-minutes", minutes),
            minutes => self.t.count("visitors-desk-hours", minutes / 60),
        }
    }
}
