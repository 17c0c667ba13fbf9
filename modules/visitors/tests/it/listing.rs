//! The lists of visits against every visit looked at one by one: by whichever road they are found, none is missing, none is
//! too much, and pages follow one another.

use std::collections::HashSet;
use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_storage::Scoped as _;
use sekisho_visitors::reads::{self, Days, OnSiteClocks, Place, VisitFilter};
use sekisho_visitors::tables::words::{VisitKind, VisitState};
use sekisho_visitors::tables::{asked, visits};
use sekisho_visitors::{GuestId, Sight, VisitId};
use serde_json::json;

use crate::scene::Scene;

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// What a filter says, in the plainest words.
fn fits(
    row: &visits::Model,
    filter: &VisitFilter,
    found: Option<&HashSet<GuestId>>,
    day: (Timestamp, Timestamp),
) -> bool {
    let on_day = filter.days.as_ref().is_none_or(|days| match days.days {
        Days::FromToday => row.ends_at > day.0,
        Days::Today | Days::On(_) => row.ends_at > day.0 && row.starts_at < day.1,
    });
    on_day
        && filter.from.is_none_or(|from| row.ends_at > from)
        && filter.until.is_none_or(|until| row.starts_at < until)
        && filter.site.is_none_or(|site| row.site_id == site)
        && filter.host.is_none_or(|host| row.host_id == Some(host))
        && filter.guest.is_none_or(|guest| row.guest_id == Some(guest))
        && filter.kind.is_none_or(|kind| row.kind == kind)
        && (filter.states.is_empty() || filter.states.contains(&row.state))
        && found.is_none_or(|found| row.guest_id.is_some_and(|guest| found.contains(&guest)))
}

story!(lists_find_what_looking_at_every_visit_finds, |scene| {
    let deputy = scene.server.colleague("deputy").await;
    let nobody = scene.server.colleague("nobody").await;
    let mut body = scene.body(90);
    body["deputies"] = json!([deputy.person]);
    let made = scene.made(body).await;
    let stood_in = serde_json::from_value(made["id"].clone()).unwrap();
    // More of one name than are looked up one by one.
    let mut crowd = scene.body(120);
    crowd["guests"] = (0..60).map(|number| json!({ "name": format!("林 {number}") })).collect();
    scene.made(crowd).await;
    scene.server.settle().await;
    let cx = scene.server.cx();
    let store = &scene.server.foundation().store;
    let first = store.read(cx.tenant).await.unwrap().find::<visits::Entity>().all().await.unwrap();
    let guests: Vec<GuestId> = first.iter().filter_map(|row| row.guest_id).collect();
    let yamada: HashSet<GuestId> = first
        .iter()
        .filter(|row| row.appointment_id == Some(stood_in))
        .filter_map(|row| row.guest_id)
        .collect();
    let hayashi: HashSet<GuestId> = guests.iter().copied().filter(|guest| !yamada.contains(guest)).collect();
    assert_eq!((yamada.len(), hayashi.len()), (1, 60));

    // Seven weeks of visits, short and long, of everybody with everybody.
    let people: [PersonId; 3] = [scene.host.person, scene.desk.person, nobody.person];
    let states = [
        VisitState::Invited,
        VisitState::Admitted,
        VisitState::Left,
        VisitState::NoShow,
        VisitState::Arrived,
    ];
    let tx = store.begin(&cx).await.unwrap();
    for number in 0..240_usize {
        let id: VisitId = cx.fresh_id();
        let starts_at = cx
            .now
            .minus(Duration::from_secs(40 * DAY))
            .plus(Duration::from_secs((number as u64 / 2) * 10 * HOUR));
        let lasts = [HOUR, 23 * HOUR, DAY, DAY + 1, 30 * DAY][number % 5];
        let row = visits::ActiveModel {
            id: Set(id),
            appointment_id: Set((number % 11 == 0).then_some(stood_in)),
            guest_id: Set((number % 4 > 0).then(|| guests[number % guests.len()])),
            site_id: Set(if number % 3 == 0 { scene.osaka } else { scene.tokyo }),
            zone: Set("Asia/Tokyo".to_owned()),
            kind: Set(if number % 7 == 0 { VisitKind::Interview } else { VisitKind::Guest }),
            host_id: Set(Some(people[number % 3])),
            made_by: Set(Some(people[number / 2 % 2])),
            state: Set(states[number % states.len()]),
            day: Set(String::new()),
            starts_at: Set(starts_at),
            ends_at: Set(starts_at.plus(Duration::from_secs(lasts))),
            companions: Set(0),
            generation: Set(1),
            asked: Set(0),
            page_generation: Set(0),
            ..Default::default()
        };
        tx.insert::<visits::Entity>(row).await.unwrap();
        if number % 13 == 0 {
            let row = asked::ActiveModel {
                visit_id: Set(id),
                person_id: Set(deputy.person),
                at: Set(cx.now),
                ..Default::default()
            };
            tx.insert::<asked::Entity>(row).await.unwrap();
        }
    }
    tx.commit_bookkeeping("test").await.unwrap();
    let rows = store.read(cx.tenant).await.unwrap().find::<visits::Entity>().all().await.unwrap();
    let told = store.read(cx.tenant).await.unwrap().find::<asked::Entity>().all().await.unwrap();

    let zone = sekisho_web::zone_of("Asia/Tokyo");
    let today = cx.now.to_jiff().to_zoned(zone.clone()).date();
    let begin = |days: i64| -> Timestamp {
        let day = today.saturating_add(jiff::Span::new().days(days));
        day.to_zoned(zone.clone()).unwrap().timestamp().into()
    };
    let clocks = |days| Some(OnSiteClocks { days, zones: vec!["Asia/Tokyo".to_owned()] });
    let last_week = today.saturating_sub(jiff::Span::new().days(7)).to_string();
    let mut filters = Vec::new();
    for (days, day) in [
        (None, (begin(0), begin(1))),
        (clocks(Days::FromToday), (begin(0), begin(1))),
        (clocks(Days::Today), (begin(0), begin(1))),
        (clocks(Days::On(last_week)), (begin(-7), begin(-6))),
    ] {
        let plain = VisitFilter { days, ..VisitFilter::default() };
        for (search, found) in
            [("", None), ("山田", Some(&yamada)), ("林", Some(&hayashi)), ("誰も", Some(&HashSet::new()))]
        {
            // A name that nobody has.
            let found = found.cloned();
            let named = VisitFilter { search: search.to_owned(), ..plain.clone() };
            let some = [
                named.clone(),
                VisitFilter { from: Some(begin(-3)), until: Some(begin(2)), ..named.clone() },
                VisitFilter { site: Some(scene.tokyo), ..named.clone() },
                VisitFilter { host: Some(scene.host.person), ..named.clone() },
                VisitFilter { guest: Some(guests[5]), ..named.clone() },
                VisitFilter { kind: Some(VisitKind::Interview), ..named.clone() },
                VisitFilter { states: vec![VisitState::Left, VisitState::Arrived], ..named.clone() },
                VisitFilter { states: VisitState::HERE.to_vec(), ..named.clone() },
            ];
            filters.extend(some.map(|filter| (filter, found.clone(), day)));
        }
    }
    let viewers = [scene.server.admin, scene.desk.person, scene.host.person, deputy.person, nobody.person];
    for (at, viewer) in viewers.into_iter().enumerate() {
        let sight: Sight = scene.visitors.sight(&cx, viewer).await.unwrap();
        assert_eq!(
            (sight.all, sight.desks.len()),
            [(true, 0), (false, 1), (false, 0), (false, 0), (false, 0)][at]
        );
        for mine in [false, true] {
            let sees = |row: &visits::Model| {
                let concerns = row.host_id == Some(viewer)
                    || row.made_by == Some(viewer)
                    || (viewer == deputy.person && row.appointment_id == Some(stood_in))
                    || told.iter().any(|one| one.visit_id == row.id && one.person_id == viewer);
                concerns || (!mine && (sight.all || sight.desks.contains(&row.site_id)))
            };
            for (number, (filter, found, day)) in filters.iter().enumerate() {
                let mut wanted: Vec<(Timestamp, VisitId)> = rows
                    .iter()
                    .filter(|row| sees(row) && fits(row, filter, found.as_ref(), *day))
                    .map(|row| (row.starts_at, row.id))
                    .collect();
                wanted.sort_by_key(|(at, id)| (*at, id.uuid()));
                let backwards = number % 2 == 1;
                if backwards {
                    wanted.reverse();
                }
                let filter = VisitFilter { mine, backwards, ..filter.clone() };
                let got = paged(&scene, &sight, &filter).await;
                assert_eq!(got, wanted, "{viewer} {filter:?}");
            }
        }
    }
});

/// The whole list, a page of 29 after the other; and at once.
async fn paged(scene: &Scene, sight: &Sight, filter: &VisitFilter) -> Vec<(Timestamp, VisitId)> {
    let cx = scene.server.cx();
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|(at, id)| Place(*at, *id));
        let page = VisitFilter { limit: 29, after, ..filter.clone() };
        let rows = reads::visits(&scene.visitors, &cx, sight, &page).await.unwrap();
        let more = rows.len() > 29;
        all.extend(rows.iter().take(29).map(|row| (row.starts_at, row.id)));
        if !more {
            break;
        }
    }
    let whole = reads::visits(&scene.visitors, &cx, sight, filter).await.unwrap();
    assert_eq!(whole.iter().map(|row| (row.starts_at, row.id)).collect::<Vec<_>>(), all, "{filter:?}");
    all
}
