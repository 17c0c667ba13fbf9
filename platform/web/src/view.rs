//! A page on its way out: the shell, its head, and what stands in it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_kernel::Language;

use crate::asker::{Frame, append, html_text};
use crate::markup::Markup;
use crate::parts::Icon;
use crate::{Texts, Viewer, cookie};

/// A page being put together; [`View::show`] ends it. Without a frame it is a [`Sheet`].
#[derive(Clone)]
pub struct View<F = Frame> {
    frame: F,
    texts: Texts,
    title: String,
    status: StatusCode,
    crumbs: Vec<(String, String)>,
    action: Markup,
    tabs: Markup,
    bare: bool,
    wide: bool,
    hidden_title: bool,
    live: Vec<&'static str>,
    keep: Option<String>,
    body: Markup,
}

/// A page before anybody asked for it: its head and its body, without the shell. What a [`crate::Page`] draws.
pub type Sheet = View<()>;

impl<F> View<F> {
    pub(crate) fn new(frame: F, texts: Texts, title: String) -> Self {
        Self {
            frame,
            texts,
            title,
            status: StatusCode::OK,
            crumbs: Vec::new(),
            action: Markup::default(),
            tabs: Markup::default(),
            bare: false,
            wide: false,
            hidden_title: false,
            live: Vec::new(),
            keep: None,
            body: Markup::default(),
        }
    }

    /// A step of the way here: `text` is the id of its text.
    pub fn crumb(self, href: &str, text: &str) -> Self {
        let name = self.texts.get(text);
        self.crumb_named(href, name)
    }

    /// A step of the way here with a name of its own.
    pub fn crumb_named(mut self, href: &str, name: impl Into<String>) -> Self {
        self.crumbs.push((href.to_owned(), name.into()));
        self
    }

    /// The one primary action, top right: usually a [`crate::parts::Button`]. More may follow it.
    pub fn action(mut self, action: impl Into<Markup>) -> Self {
        self.action = self.action.then(action);
        self
    }

    /// The tabs under the title: a [`crate::parts::Tabs`].
    pub fn tabs(mut self, tabs: impl Into<Markup>) -> Self {
        self.tabs = tabs.into();
        self
    }

    /// Without rail and top bar: sign-in, kiosks, pages for guests.
    pub fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// Without rail and top bar, but as wide as a document: pages for guests, wall screens.
    pub fn bare_wide(mut self) -> Self {
        self.wide = true;
        self.bare()
    }

    /// The title goes to the tab and the screen reader only: the body shows it in its own way. There is no room for an
    /// action then.
    pub fn hide_title(mut self) -> Self {
        self.hidden_title = true;
        self
    }

    /// Listens to these facts (`keys.taken_out`) so that `hx-trigger="live:keys.taken_out from:body"` fires on the page.
    pub fn live(mut self, topics: &[&'static str]) -> Self {
        self.live.extend(topics);
        self
    }

    /// Keeps the page at `path` in the reader's browser while this one is open, so that it can be read when the server cannot
    /// be reached: for what is needed when buildings are left. It is fetched anew after each of the facts of
    /// [`live`](Self::live), kept for twelve hours at most, and forgotten at sign-out.
    pub fn keep(mut self, path: impl Into<String>) -> Self {
        self.keep = Some(path.into());
        self
    }

    /// Another status than 200.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// What stands under the head.
    pub fn body(mut self, body: impl Into<Markup>) -> Self {
        self.body = body.into();
        self
    }
}

impl Sheet {
    pub(crate) fn framed(self, frame: Frame) -> View {
        let Self {
            texts,
            title,
            status,
            crumbs,
            action,
            tabs,
            bare,
            wide,
            hidden_title,
            live,
            keep,
            body,
            ..
        } = self;
        View { frame, texts, title, status, crumbs, action, tabs, bare, wide, hidden_title, live, keep, body }
    }

    /// Head and body, as the gallery shows them; nothing when the body is empty.
    pub(crate) fn unframed(&self) -> Markup {
        if self.body.is_empty() {
            return Markup::default();
        }
        Markup::of(&Unframed { t: &self.texts, view: self })
    }
}

impl View {
    /// The finished page; for htmx the body alone.
    pub fn show(self, body: impl Template) -> Response {
        match body.render() {
            Ok(body) => self.show_markup(Markup::raw(body)),
            Err(error) => {
                use axum::response::IntoResponse;
                crate::WebError::broken(format!("template: {error}")).into_response()
            }
        }
    }

    /// The finished page around markup; for htmx the markup alone.
    pub fn show_markup(self, body: impl Into<Markup>) -> Response {
        self.body(body).finished()
    }

    /// The finished page; for htmx its body alone.
    pub(crate) fn finished(self) -> Response {
        if self.frame.wants_fragment {
            return html_text(self.status, self.body.into_string());
        }
        let secure = self.frame.secure;
        let (notice, undo) = (self.frame.notice.is_some(), self.frame.undo.is_some());
        let shell = Shell::new(&self);
        let mut response = html_text(self.status, Markup::of(&shell).into_string());
        for name in [notice.then_some("notice"), undo.then_some("undo")].into_iter().flatten() {
            append(response.headers_mut(), cookie::set(name, "", secure, Some(0)));
        }
        response
    }
}

/// Head and body alone.
#[derive(Template)]
#[template(source = "{% include \"head.html\" %}{{ view.body }}", ext = "html")]
struct Unframed<'a> {
    t: &'a Texts,
    view: &'a Sheet,
}

/// The frame around every page.
#[derive(Template)]
#[template(path = "shell.html")]
struct Shell<'a> {
    t: Texts,
    frame: &'a Frame,
    view: &'a View,
    nav: Vec<Entry>,
    more: Vec<Entry>,
    notice: Option<String>,
    /// Whether it tells of something that did not happen.
    notice_warns: bool,
}

/// One entry of the rail as this viewer sees it.
#[derive(Clone)]
struct Entry {
    href: &'static str,
    text: String,
    icon: &'static str,
    current: bool,
}

impl<'a> Shell<'a> {
    fn new(view: &'a View) -> Self {
        let (frame, t) = (&view.frame, view.texts.clone());
        let administrator = frame.viewer.as_ref().is_some_and(|viewer| viewer.administrator);
        let visible = frame.shared.nav.iter().filter(|item| administrator || !item.administrator_only);
        // The longest address that the path begins with is where we are.
        let current = visible
            .clone()
            .filter(|item| covers(item.href, &frame.path))
            .max_by_key(|item| item.href.len())
            .map(|item| item.href);
        let nav: Vec<Entry> = visible
            .map(|item| Entry {
                href: item.href,
                text: t.get(item.text),
                icon: item.icon,
                current: current == Some(item.href),
            })
            .collect();
        let more = if nav.len() > 5 { nav.iter().skip(4).cloned().collect() } else { Vec::new() };
        // Only texts we have: a cookie somebody else planted shows nothing.
        let sent = frame.notice.as_deref().unwrap_or_default();
        let (notice_warns, id) = sent.strip_prefix(WARNS).map_or((false, sent), |id| (true, id));
        let notice = t.has(id).then(|| t.get(id));
        Self { t, frame, view, nav, more, notice, notice_warns }
    }

    /// The address of an embedded file, with the hash of its content.
    fn asset(&self, name: &str) -> String {
        crate::assets::address(name)
    }

    fn icon(&self, name: &str) -> Icon {
        Icon::new(name)
    }

    /// The entries of the bar at the bottom of a phone: all, or four and the rest under "more".
    fn bottom(&self) -> impl Iterator<Item = &Entry> {
        self.nav.iter().take(if self.more.is_empty() { 5 } else { 4 })
    }

    fn in_more(&self) -> bool {
        self.more.iter().any(|entry| entry.current)
    }

    fn initial(&self, viewer: &Viewer) -> String {
        viewer.name.chars().take(1).collect()
    }

    fn is_theme(&self, word: &str) -> bool {
        self.frame.theme.word() == word
    }

    fn is_language(&self, language: &Language) -> bool {
        self.frame.language == *language
    }
}

/// What a sentence shown once begins with when it tells of something that did not happen.
pub(crate) const WARNS: char = '!';

fn covers(href: &str, path: &str) -> bool {
    path == href || (href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    #[test]
    fn marks_the_entry_of_the_page() {
        assert!(super::covers("/keys", "/keys/boxes/1"));
        assert!(super::covers("/", "/"));
        assert!(!super::covers("/", "/keys"));
        assert!(!super::covers("/keys", "/keyserver"));
    }
}
