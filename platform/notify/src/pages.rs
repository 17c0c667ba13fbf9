//! Pages: notices, channels and webhooks for administrators, one's own choices, and the demo's mailbox.

pub(crate) mod act;
pub(crate) mod channels;
pub(crate) mod mailbox;
pub(crate) mod mine;
pub(crate) mod notices;
mod samples;
pub(crate) mod webhooks;

use sekisho_web::parts::Tabs;
use sekisho_web::{Access, Mounted, NavItem, Reader, Routes};
use utoipa::OpenApi as _;

use crate::{Notify, api, api_acts};

pub use samples::samplers;

/// The entries of the rail: the mailbox, where it is used. The rest stands under the settings.
pub fn nav(notify: &Notify) -> Vec<NavItem> {
    let mailbox = NavItem {
        order: 95,
        text: "notify-mailbox",
        href: "/mailbox",
        icon: "inbox",
        administrator_only: false,
    };
    if notify.is_mailbox() { vec![mailbox] } else { Vec::new() }
}

/// The tabs of the administrators' pages.
fn tabs(reader: &Reader, current: &str) -> Tabs {
    let t = reader.texts();
    Tabs::new(t.get("notify-title"), current)
        .tab("/settings/notices", t.get("notify-tab-notices"))
        .tab("/settings/notices/channels", t.get("notify-tab-channels"))
        .tab("/settings/notices/webhooks", t.get("notify-tab-webhooks"))
}

impl Notify {
    /// Pages and API.
    pub fn routes(&self) -> Mounted {
        use Access::{Administrator, Person, Proven, Public};
        let asked =
            Public("the secret in the address is the proof: for one question, once, as whoever was asked");
        let routes = Routes::new("notify")
            .get("/settings/notices", Administrator, notices::list)
            .post("/settings/notices/{id}/send-again", Administrator, notices::send_again)
            .get("/settings/notices/channels", Administrator, channels::list)
            .get("/settings/notices/channels/new/{kind}", Proven, channels::new)
            .post("/settings/notices/channels/new/{kind}", Proven, channels::add)
            .post("/settings/notices/channels/{id}/test", Administrator, channels::test)
            .post("/settings/notices/channels/{id}/remove", Proven, channels::remove)
            .get("/settings/notices/webhooks", Administrator, webhooks::list)
            .get("/settings/notices/webhooks/new", Proven, webhooks::new)
            .post("/settings/notices/webhooks/new", Proven, webhooks::add)
            .post("/settings/notices/webhooks/{id}/pause", Administrator, webhooks::pause)
            .post("/settings/notices/webhooks/{id}/resume", Administrator, webhooks::resume)
            .post("/settings/notices/webhooks/{id}/replay", Administrator, webhooks::replay)
            .post("/settings/notices/webhooks/{id}/remove", Administrator, webhooks::remove)
            .get("/me/notices", Person, mine::show)
            .post("/me/notices", Person, mine::save)
            .post("/me/notices/browsers/{id}/remove", Person, mine::remove)
            .get("/act/{token}", asked, act::show)
            .post("/act/{token}", asked, act::choose)
            .get("/api/v1/acts/{token}", asked, api_acts::show)
            .post("/api/v1/acts/{token}", asked, api_acts::choose)
            .get("/api/v1/notices", Administrator, api::notices)
            .post("/api/v1/notices/{id}/send-again", Administrator, api::send_again)
            .get("/api/v1/channels", Administrator, api::channels)
            .post("/api/v1/channels", Proven, api::add_channel)
            .put("/api/v1/channels/{id}", Proven, api::change_channel)
            .delete("/api/v1/channels/{id}", Proven, api::remove_channel)
            .post("/api/v1/channels/{id}/test", Administrator, api::test_channel)
            .get("/api/v1/webhooks", Administrator, api::webhooks)
            .post("/api/v1/webhooks", Proven, api::add_webhook)
            .patch("/api/v1/webhooks/{id}", Proven, api::change_webhook)
            .delete("/api/v1/webhooks/{id}", Administrator, api::remove_webhook)
            .post("/api/v1/webhooks/{id}/replay", Administrator, api::replay_webhook)
            .post("/api/v1/webhooks/{id}/secret", Proven, api::renew_secret)
            .get("/api/v1/events", Administrator, api::events)
            .get("/api/v1/me/push-key", Person, api::push_key)
            .get("/api/v1/me/push-subscriptions", Person, api::browsers)
            .post("/api/v1/me/push-subscriptions", Person, api::subscribe)
            .delete("/api/v1/me/push-subscriptions", Person, api::unsubscribe)
            .get("/api/v1/me/notice-preferences", Person, api::preferences)
            .put("/api/v1/me/notice-preferences/{kind}", Person, api::prefer);
        let routes = if self.is_mailbox() {
            let demo = Public("only in the demo: it shows what an invented company would have sent");
            routes.get("/mailbox", demo, mailbox::show).get("/mailbox/files/{id}", demo, mailbox::file)
        } else {
            routes
        };
        routes.describe(api::Description::openapi).with_state(self.clone())
    }
}
