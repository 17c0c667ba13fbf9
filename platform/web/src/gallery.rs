//! `/gallery`: every part and page with invented content, in development only. A test renders all of it in both
//! languages.

use askama::Template;
use sekisho_kernel::{Language, Timestamp};

use crate::own::Offline;
use crate::{Access, Asker, Markup, Mounted, Page, Query, Reader, Routes, Texts};

mod samples;

/// When samples are read: they tell of the minutes before.
pub const NOW: Timestamp = Timestamp::from_secs(1_795_400_000);

/// So many minutes before [`NOW`]; after it when negative.
pub fn minutes_ago(minutes: i64) -> Timestamp {
    Timestamp::from_secs(NOW.as_secs() - minutes * 60)
}

/// An invented id; the same number is the same thing.
pub fn id<T: From<uuid::Uuid>>(number: u128) -> T {
    uuid::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number).into()
}

/// One sample: its name and its HTML.
pub type SampleHtml = (String, Markup);

/// What a module registers for each of its pages: [`drawn`] of the page, which draws its samples.
pub type Sampler = fn(&Reader) -> Vec<SampleHtml>;

/// A page that can show itself with invented content.
pub trait Sample: Page + Sized {
    /// The interesting states by name. A name begins with the route the page answers, as it is registered, and goes on
    /// after a colon: `/keys/{id}: late`.
    fn samples() -> Vec<(&'static str, Self)>;
}

impl Sample for Offline {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![("/offline", Self)]
    }
}

/// The samples of a page, drawn.
pub fn drawn<P: Sample>(reader: &Reader) -> Vec<SampleHtml> {
    P::samples().into_iter().map(|(name, page)| (name.to_owned(), page.draw(reader).unframed())).collect()
}

/// The routes that have a sample.
pub fn routes_shown(samplers: &[Sampler], t: &Texts) -> std::collections::BTreeSet<String> {
    let route = |(name, _): SampleHtml| name.split(':').next().unwrap_or_default().to_owned();
    render(samplers, t).into_iter().map(route).collect()
}

/// All samples in one language: those of the parts, then those of the modules.
pub fn render(samplers: &[Sampler], t: &Texts) -> Vec<SampleHtml> {
    let reader = Reader {
        texts: t.clone(),
        now: NOW,
        zone: "Asia/Tokyo".to_owned(),
        path: "/gallery".to_owned(),
        query: String::new(),
    };
    let mut all = samples::parts(t);
    all.extend(drawn::<Offline>(&reader));
    all.extend(samplers.iter().flat_map(|sampler| sampler(&reader)));
    all
}

/// Texts that samples lack, and anything that did not render, in both languages; a test wants none.
pub fn faults(samplers: &[Sampler], catalog: &std::sync::Arc<crate::Catalog>) -> Vec<String> {
    let mut faults = catalog.problems().to_vec();
    for language in Language::ALL {
        let t = Texts::new(catalog.clone(), language);
        for (name, html) in render(samplers, &t) {
            if html.is_empty() {
                faults.push(format!("{} {name}: renders nothing", language.tag()));
            }
            // Fluent leaves the name of an argument that nobody gave.
            if html.as_str().contains("{$") {
                faults.push(format!("{} {name}: a text lacks an argument", language.tag()));
            }
            let icons = unknown_icons(html.as_str());
            faults.extend(icons.map(|icon| format!("{} {name}: no icon {icon}", language.tag())));
            for missing in html.as_str().split('⟦').skip(1) {
                let id = missing.split('⟧').next().unwrap_or_default();
                faults.push(format!("{} {name}: no text {id}", language.tag()));
            }
        }
    }
    faults
}

/// Icons of a page that the sprite does not hold (`islands/icons.txt` lists what it does).
pub fn unknown_icons(html: &str) -> impl Iterator<Item = &str> {
    let uses = html.split("<use href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let names = uses.filter_map(|address| address.split_once('#').map(|(_, name)| name));
    names.filter(|name| !crate::assets::has_icon(name))
}

#[derive(Template)]
#[template(
    source = "{% for (name, html) in samples %}<section class=\"sample\"><h2 class=\"muted\">{{ name }}</h2>{{ html }}</section><hr>{% endfor %}",
    ext = "html"
)]
struct Gallery {
    samples: Vec<SampleHtml>,
}

#[derive(serde::Deserialize, Default)]
struct Ask {
    only: Option<String>,
}

pub(crate) fn routes() -> Mounted {
    Routes::new("web")
        .get("/gallery", Access::Public("development only; invented content"), show)
        .with_state(())
}

async fn show(asker: Asker, Query(ask): Query<Ask>) -> axum::response::Response {
    let mut samples = render(&asker.frame.shared.samples, &asker.texts());
    if let Some(only) = ask.only {
        samples.retain(|(name, _)| name.starts_with(&only));
    }
    asker.page("gallery-title", Gallery { samples })
}
