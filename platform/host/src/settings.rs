//! `/settings`: the way to everything that can be set, for the asker.

use std::sync::Arc;

use axum::extract::State;
use sekisho_web::parts::{Card, Icon};
use sekisho_web::{Access, Asker, Markup, Mounted, NavItem, Page, Reader, Result, Routes, Sheet, Texts};

use crate::Mount;

/// Under which heading a setting stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SettingsGroup {
    /// What one sets for oneself.
    Mine,
    /// People, sign-in, rights.
    People,
    /// Sites, devices, what the modules set up.
    Things,
    /// Messages to people and programs.
    Notices,
    /// The record.
    Record,
}

impl SettingsGroup {
    /// All, in the order of the page.
    pub const ALL: [Self; 5] = [Self::Mine, Self::People, Self::Things, Self::Notices, Self::Record];

    fn text(self) -> &'static str {
        match self {
            Self::Mine => "settings-mine",
            Self::People => "settings-people",
            Self::Things => "settings-things",
            Self::Notices => "settings-notices",
            Self::Record => "settings-record",
        }
    }
}

/// A page on which something is set; also found by the search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SettingsEntry {
    /// Under which heading.
    pub group: SettingsGroup,
    /// The id of its name.
    pub text: &'static str,
    /// The id of the sentence that says what is set there.
    pub about: &'static str,
    /// Where it stands.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// Hidden from everybody else.
    pub administrator_only: bool,
}

impl SettingsEntry {
    /// An entry for everybody.
    pub const fn new(
        group: SettingsGroup,
        text: &'static str,
        about: &'static str,
        href: &'static str,
        icon: &'static str,
    ) -> Self {
        Self { group, text, about, href, icon, administrator_only: false }
    }

    /// Hidden from everybody but administrators.
    pub const fn for_administrators(mut self) -> Self {
        self.administrator_only = true;
        self
    }
}

/// What the platform's own rooms can set.
pub(crate) const PLATFORM: [SettingsEntry; 17] = {
    use SettingsEntry as E;
    use SettingsGroup::{Mine, Notices, People, Record, Things};
    [
        E::new(Mine, "set-profile", "set-profile-about", "/me/profile", "user"),
        E::new(Mine, "set-security", "set-security-about", "/me/security", "shield-lock"),
        E::new(Mine, "set-my-notices", "set-my-notices-about", "/me/notices", "bell"),
        E::new(People, "set-people", "set-people-about", "/people", "users").for_administrators(),
        E::new(People, "set-groups", "set-groups-about", "/people/groups", "users-group")
            .for_administrators(),
        E::new(People, "set-import", "set-import-about", "/people/import", "upload").for_administrators(),
        E::new(People, "set-sign-in", "set-sign-in-about", "/settings/security", "lock").for_administrators(),
        E::new(People, "set-rights", "set-rights-about", "/rights", "lock-access").for_administrators(),
        E::new(People, "set-schedules", "set-schedules-about", "/rights/schedules", "calendar")
            .for_administrators(),
        E::new(People, "set-rules", "set-rules-about", "/rights/rules", "gavel").for_administrators(),
        E::new(Things, "set-places", "set-places-about", "/settings/places", "building").for_administrators(),
        E::new(Things, "set-devices", "set-devices-about", "/devices", "devices").for_administrators(),
        E::new(Things, "set-first-hour", "set-first-hour-about", "/first-hour", "flag").for_administrators(),
        E::new(Notices, "set-notices", "set-notices-about", "/settings/notices", "send").for_administrators(),
        E::new(Notices, "set-channels", "set-channels-about", "/settings/notices/channels", "mail")
            .for_administrators(),
        E::new(Notices, "set-webhooks", "set-webhooks-about", "/settings/notices/webhooks", "plug")
            .for_administrators(),
        E::new(Record, "set-verify", "set-verify-about", "/record/verify", "shield-check")
            .for_administrators(),
    ]
};

type Entries = Arc<Vec<SettingsEntry>>;

async fn index(asker: Asker, State(entries): State<Entries>) -> Result {
    Ok(asker.show(&SettingsPage { entries: entries.to_vec(), administrator: asker.is_administrator() }))
}

/// The index of what can be set.
pub(crate) struct SettingsPage {
    pub(crate) entries: Vec<SettingsEntry>,
    pub(crate) administrator: bool,
}

impl Page for SettingsPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        reader.sheet("settings-title").body(body(&reader.texts(), &self.entries, self.administrator))
    }
}

/// The index as `administrator` or anybody else sees it.
fn body(t: &Texts, entries: &[SettingsEntry], administrator: bool) -> Markup {
    let seen = |group| {
        entries
            .iter()
            .filter(move |entry| entry.group == group && (administrator || !entry.administrator_only))
    };
    let cards = SettingsGroup::ALL.into_iter().filter(|group| seen(*group).next().is_some());
    let cards = cards.fold(Markup::raw("<div class=\"settings-index\">"), |all, group| {
        let links = seen(group).fold(String::new(), |all, entry| {
            format!(
                "{all}<li><a href=\"{}\">{}<span><b>{}</b><span class=\"muted\">{}</span></span></a></li>",
                entry.href,
                Icon::new(entry.icon),
                Markup::text(t.get(entry.text)),
                Markup::text(t.get(entry.about))
            )
        });
        all.then(
            Card::new(t.get(group.text())).body(Markup::raw(format!("<ul class=\"settings\">{links}</ul>"))),
        )
    });
    cards.then(Markup::raw("</div>"))
}

/// The index over what the rooms bring.
pub(crate) fn mount(mut entries: Vec<SettingsEntry>) -> Mount {
    entries.sort_by_key(|entry| entry.group);
    let routes: Mounted =
        Routes::new("settings").get("/settings", Access::Person, index).with_state(Arc::new(entries));
    let item = NavItem {
        order: 90,
        text: "settings-title",
        href: "/settings",
        icon: "settings",
        administrator_only: true,
    };
    Mount { routes: vec![routes], nav: vec![item], ..Mount::default() }
}
