//! The room in the form of an appointment: which there are, which are free then, and what was in the way of the chosen one.
//!
//! Without a script all rooms are there by site; with one, those of the chosen site, each with whether it is free.

use sekisho_web::parts::{Alert, Field, FormBox, Tone};
use sekisho_web::{Asker, FormState, Markup, Reader, Result, Texts, arg};

use super::series::is_for_following;
use crate::Visitors;
use crate::ids::AppointmentId;
use crate::rooms::{During, InTheWay, RoomRow, one_room, rooms};

/// The most times that a refusal names.
const MOST_TIMES: usize = 10;

/// What the form says of rooms.
#[derive(Default)]
pub(super) struct RoomChoice {
    /// To choose from; none where the organisation has no rooms.
    pub(super) rooms: Option<Vec<RoomRow>>,
    /// What the chosen one was taken by.
    pub(super) in_the_way: Vec<InTheWay>,
}

impl RoomChoice {
    /// For what was typed; `asked` by a script that says which site and when.
    pub(super) async fn of(
        asker: &Asker,
        visitors: &Visitors,
        (state, id): (&FormState, Option<AppointmentId>),
        asked: bool,
        in_the_way: Vec<InTheWay>,
    ) -> Result<Self> {
        let during = During {
            starts: state.value("starts").to_owned(),
            ends: state.value("ends").to_owned(),
            besides: id,
        };
        // Which are free at all times of a series nobody has asked.
        let repeats =
            !matches!(state.value("repeat"), "" | "never") || is_for_following(state.value("which"));
        let knows_when = asked || (!in_the_way.is_empty() && !repeats);
        let mut all = rooms(visitors, &asker.cx, None, knows_when.then_some(&during)).await?;
        // One that was retired stays with whoever has it.
        if let (Some(_), Ok(chosen)) = (id, state.value("room").parse())
            && all.iter().all(|room| room.id != chosen)
        {
            all.extend(one_room(visitors, &asker.cx, chosen).await?);
        }
        if all.is_empty() {
            return Ok(Self::default());
        }
        if asked {
            all.retain(|room| room.site.to_string() == state.value("site"));
        }
        Ok(Self { rooms: Some(all), in_the_way })
    }

    /// The field; `action` is the page that draws it anew when site or time change.
    pub(super) fn field(&self, form: FormBox, state: &FormState, t: &Texts, action: &str) -> FormBox {
        let Some(rooms) = &self.rooms else { return form };
        let sites = rooms.iter().any(|room| rooms.iter().any(|other| other.site != room.site));
        let none = (String::new(), t.get("visitors-room-choose-none"));
        let choices = rooms.iter().map(|room| (room.id.to_string(), words(room, sites, t)));
        let field = Field::select("room", t.get("visitors-room"))
            .options(std::iter::once(none).chain(choices))
            .hint(t.get("visitors-room-choose-hint"))
            .from(state, t);
        // Only what the rooms depend on is sent: names of guests do not belong into an address.
        let again = "change from:#f-site, change from:#f-starts, change from:#f-ends";
        // What was refused is shown as it was looked at.
        let load = if rooms.iter().any(|room| room.free.is_some()) { "" } else { "load, " };
        form.add(Markup::raw(format!(
            "<div hx-get=\"{action}\" hx-trigger=\"{load}{again}\" hx-include=\"#f-site, #f-starts, #f-ends, #f-room\" hx-target=\"#room-choice\" hx-select=\"#room-choice\" hx-swap=\"outerHTML\"><div id=\"room-choice\">{}</div></div>",
            Markup::from(field)
        )))
    }

    /// For appointments that repeat: whether they do without the room where it is taken.
    pub(super) fn skip(&self, form: FormBox, state: &FormState, t: &Texts) -> FormBox {
        if self.rooms.is_none() {
            return form;
        }
        form.add(Field::checkbox("room_skip", t.get("visitors-room-skip")).from(state, t))
    }

    /// What was in the way, and which rooms are free instead.
    pub(super) fn refusal(&self, state: &FormState, reader: &Reader) -> Markup {
        if self.in_the_way.is_empty() {
            return Markup::default();
        }
        let t = reader.texts();
        let times = self.in_the_way.iter().take(MOST_TIMES).map(|one| time(one, reader, &t));
        let times = t.list(&times.collect::<Vec<_>>());
        let times = match self.in_the_way.len().saturating_sub(MOST_TIMES) {
            0 => times,
            more => t.with("visitors-room-times-more", [("times", arg(times)), ("count", arg(more))]),
        };
        let said = t.with("visitors-room-in-the-way", [("times", arg(times))]);
        Alert::new(Tone::Warn, format!("{said} {}", self.instead(state, &t)).trim_end().to_owned()).into()
    }

    /// Which rooms are free; nothing where no time was asked about.
    fn instead(&self, state: &FormState, t: &Texts) -> String {
        let all = || self.rooms.iter().flatten();
        if all().all(|room| room.free.is_none()) {
            return String::new();
        }
        let here = |room: &&RoomRow| {
            room.site.to_string() == state.value("site")
                && room.id.to_string() != state.value("room")
                && room.free == Some(true)
                && !room.retired
        };
        let free: Vec<String> =
            all().filter(here).map(|room| with_seats(room, named(room, false, t), t)).collect();
        match free.is_empty() {
            true => t.get("visitors-room-none-free"),
            false => t.with("visitors-room-free-ones", [("rooms", arg(t.list(&free)))]),
        }
    }
}

fn words(room: &RoomRow, sites: bool, t: &Texts) -> String {
    let named = with_seats(room, named(room, sites, t), t);
    match room.free {
        None => named,
        Some(true) => t.with("visitors-room-is-free", [("room", arg(named))]),
        Some(false) => t.with("visitors-room-is-taken", [("room", arg(named))]),
    }
}

fn named(room: &RoomRow, sites: bool, t: &Texts) -> String {
    match sites {
        false => room.name.clone(),
        true => t.with("visitors-room-at", [("site", arg(&*room.site_name)), ("room", arg(&*room.name))]),
    }
}

fn with_seats(room: &RoomRow, name: String, t: &Texts) -> String {
    match room.seats {
        None => name,
        Some(seats) => t.with("visitors-room-with-seats", [("room", arg(name)), ("seats", arg(seats))]),
    }
}

fn time(one: &InTheWay, reader: &Reader, t: &Texts) -> String {
    let from = reader.time(one.starts_at, &one.zone);
    let until = reader.time(one.ends_at, &one.zone);
    let same_day = from.clone().day().words() == until.clone().day().words();
    let until = if same_day { until.clock().words() } else { until.words() };
    let about = [("from", arg(from.words())), ("until", arg(until))];
    match &one.host_name {
        None => t.with("visitors-room-time", about),
        Some(host) => {
            let [from, until] = about;
            t.with("visitors-room-time-of", [from, until, ("host", arg(&**host))])
        }
    }
}
