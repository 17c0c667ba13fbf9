//! The form for a one-time code, wherever one is asked for: what to do, the code, and the other ways to get one.

use sekisho_web::parts::{Button, Card, Field, FormBox};
use sekisho_web::{FormState, Markup, Texts};

use crate::Factors;
use crate::events::CodeChannel;

/// A form for a code.
pub(super) struct CodeForm<'a> {
    /// Where the code goes; one sent anew is asked for at `{action}/send`.
    pub(super) action: &'static str,
    /// What to say to whoever has an app, and no code was sent.
    pub(super) from_app: &'static str,
    /// What to say to whoever has none, and no code was sent.
    pub(super) choose: &'static str,
    /// What else may be typed; empty for nothing.
    pub(super) hint: String,
    /// Values that go along with the code and with the wish for a new one.
    pub(super) along: &'a [&'static str],
    /// The ways this person has.
    pub(super) factors: &'a Factors,
    /// What was typed; `sent` says which way a code went already.
    pub(super) state: &'a FormState,
}

impl CodeForm<'_> {
    /// The card with both forms.
    pub(super) fn card(self, t: &Texts) -> Card {
        let Self { action, factors, state, .. } = self;
        let sent = state.value("sent");
        let intro = match sent {
            "mail" => "identity-code-sent-mail",
            "sms" => "identity-code-sent-sms",
            _ if factors.totp => self.from_app,
            _ if factors.none() => "identity-code-no-way",
            _ => self.choose,
        };
        let intro = Markup::raw(format!("<p>{}</p>", Markup::text(t.get(intro))));
        if factors.none() {
            return Card::plain().body(intro);
        }
        let along = || self.along.iter().map(|name| Field::hidden(*name, state.value(name)));
        let form = FormBox::post(action, state, t)
            .add(intro)
            .add(
                Field::code("code", t.get("identity-code"))
                    .from(state, t)
                    .attr("autofocus", "autofocus")
                    .hint(self.hint)
                    .required(),
            )
            .add(Field::hidden("sent", sent));
        let form = along().fold(form, FormBox::add).submit(t.get("identity-code-check"));
        let along = along().fold(Markup::default(), Markup::then);
        let others = Markup::raw(format!(
            "<form class=\"form\" method=\"post\" action=\"{action}/send\">{along}<div class=\"form-buttons\">{}</div></form>",
            other_ways(t, factors, sent)
        ));
        Card::plain().body(form).body(others)
    }
}

/// Buttons that send a code.
fn other_ways(t: &Texts, factors: &Factors, sent: &str) -> Markup {
    let ways =
        [(factors.mail, "mail", "identity-code-by-mail"), (factors.sms, "sms", "identity-code-by-sms")];
    ways.into_iter().filter(|(there, ..)| *there).fold(Markup::default(), |all, (_, channel, text)| {
        let text = if sent == channel { "identity-code-again" } else { text };
        all.then(Button::submit(t.get(text)).quiet().attr("name", "channel").attr("value", channel))
    })
}

/// The way a button named.
pub(super) fn channel(word: &str) -> CodeChannel {
    if word == "sms" { CodeChannel::Sms } else { CodeChannel::Mail }
}
