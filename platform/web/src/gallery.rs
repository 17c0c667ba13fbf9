//! `/gallery`: every part and page with invented content, in development only. A test renders all of it in both
//! languages.

use askama::Template;
use sekisho_kernel::Language;

use crate::{Access, Asker, Markup, Mounted, Query, Routes, Texts};

mod samples;

/// One sample: its name and its HTML.
pub type SampleHtml = (String, Markup);

/// What a module registers: makes its samples with the texts of one language.
pub type Sampler = fn(&Texts) -> Vec<SampleHtml>;

/// A page or part that can show itself with invented content.
pub trait Sample {
    /// The samples, by name.
    fn samples(t: &Texts) -> Vec<SampleHtml>;
}

/// All samples in one language: those of the parts, then those of the modules.
pub fn render(samplers: &[Sampler], t: &Texts) -> Vec<SampleHtml> {
    let mut all = samples::parts(t);
    all.extend(samplers.iter().flat_map(|sampler| sampler(t)));
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
            for missing in html.as_str().split('⟦').skip(1) {
                let id = missing.split('⟧').next().unwrap_or_default();
                faults.push(format!("{} {name}: no text {id}", language.tag()));
            }
        }
    }
    faults
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
