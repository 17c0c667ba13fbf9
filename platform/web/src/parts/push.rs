//! The button by which a person lets this device show notifications.

use std::fmt;

use super::{Button, part};
use crate::Texts;

/// Turns Web Push on or off for this browser. Hidden where the browser cannot; the island in `islands/src/site.ts` sends
/// the subscription to `/api/v1/me/push-subscriptions` (POST the subscription, DELETE with its `endpoint`).
#[derive(Clone, Debug)]
pub struct PushSwitch {
    key: String,
    on: String,
    off: String,
    refused: String,
}

impl PushSwitch {
    /// `key` is the server's public VAPID key, base64url without padding.
    pub fn new(key: impl Into<String>, t: &Texts) -> Self {
        Self { key: key.into(), on: t.get("push-on"), off: t.get("push-off"), refused: t.get("push-refused") }
    }
}

impl fmt::Display for PushSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let button = |text: &str, what: &str, icon: &str| {
            let button = Button::script(text).icon(icon).attr("data-push-do", what);
            format!("<span class=\"push-{what}\">{button}</span>")
        };
        write!(
            f,
            "<div data-push=\"off\"{} hidden>{}{}<p class=\"hint push-refused-text\">{}</p></div>",
            super::attribute("data-push-key", &self.key),
            button(&self.on, "on", "bell-ringing"),
            button(&self.off, "off", "bell"),
            crate::Markup::text(&self.refused)
        )
    }
}

part!(PushSwitch);
