//! The first page: administrators see today's four questions, everybody else their own page.

use std::sync::Arc;

use askama::Template;
use async_trait::async_trait;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use sekisho_web::{Access, Asker, Markup, Mounted, NavItem, Page, Reader, Result, Routes, Sheet, Texts};

use crate::Mount;
use crate::first_hour::FirstHour;

/// The questions an administrator comes with, in the order they are asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Question {
    /// Who is here?
    WhoIsHere,
    /// What is out or late?
    WhatIsOut,
    /// What needs me?
    WhatNeedsMe,
    /// What happened?
    WhatHappened,
}

impl Question {
    const ALL: [Self; 4] = [Self::WhoIsHere, Self::WhatIsOut, Self::WhatNeedsMe, Self::WhatHappened];

    fn text(self) -> &'static str {
        match self {
            Self::WhoIsHere => "today-who-is-here",
            Self::WhatIsOut => "today-what-is-out",
            Self::WhatNeedsMe => "today-what-needs-me",
            Self::WhatHappened => "today-what-happened",
        }
    }

    fn quiet(self) -> &'static str {
        match self {
            Self::WhoIsHere => "today-nobody-known",
            Self::WhatIsOut => "today-nothing-out",
            Self::WhatNeedsMe => "today-nothing-needs-you",
            Self::WhatHappened => "today-nothing-happened",
        }
    }
}

/// A module's answer to one of the questions.
#[async_trait]
pub trait TodayCard: Send + Sync {
    /// Which question it answers.
    fn question(&self) -> Question;

    /// Facts after which the answer may be another; the page fetches itself anew.
    fn changes_with(&self) -> &'static [&'static str] {
        &[]
    }

    /// The answer; `None` when there is nothing to say.
    async fn card(&self, asker: &Asker) -> Result<Option<Markup>>;
}

/// The four questions with their answers.
pub(crate) struct Today {
    pub(crate) first: Option<Markup>,
    pub(crate) sections: Vec<Section>,
    pub(crate) topics: Vec<&'static str>,
    pub(crate) triggers: String,
}

/// A question and its answers.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) quiet: &'static str,
    pub(crate) cards: Vec<Markup>,
}

impl Section {
    pub(crate) fn new(question: Question, cards: Vec<Markup>) -> Self {
        Self { title: question.text(), quiet: question.quiet(), cards }
    }
}

impl Page for Today {
    fn draw(&self, reader: &Reader) -> Sheet {
        let body = Questions { t: reader.texts(), today: self };
        reader.sheet("today-title").live(&self.topics).body(Markup::of(&body))
    }
}

#[derive(Template)]
#[template(path = "today.html")]
struct Questions<'a> {
    t: Texts,
    today: &'a Today,
}

#[derive(Clone)]
struct FirstPage {
    cards: Arc<Vec<Arc<dyn TodayCard>>>,
    first: FirstHour,
}

async fn first_page(
    State(FirstPage { cards, first }): State<FirstPage>,
    asker: Asker,
    headers: HeaderMap,
) -> Result<Response> {
    if !asker.is_administrator() {
        return Ok(asker.go("/me"));
    }
    let first = first.card(&asker, &headers).await?;
    let mut sections = Vec::new();
    for question in Question::ALL {
        let mut answers = Vec::new();
        let mut asked = false;
        for card in cards.iter().filter(|card| card.question() == question) {
            asked = true;
            answers.extend(card.card(&asker).await?);
        }
        // A question nobody can answer yet is not asked.
        if asked {
            sections.push(Section::new(question, answers));
        }
    }
    let mut topics: Vec<&'static str> = cards.iter().flat_map(|card| card.changes_with()).copied().collect();
    topics.sort_unstable();
    topics.dedup();
    let triggers = topics
        .iter()
        .map(|topic| format!("live:{topic} from:body delay:300ms"))
        .collect::<Vec<_>>()
        .join(", ");
    Ok(asker.show(&Today { first, sections, topics, triggers }))
}

/// The first page as a mount of its own.
pub(crate) fn mount(cards: Vec<Arc<dyn TodayCard>>, first: FirstHour) -> Mount {
    let state = FirstPage { cards: Arc::new(cards), first };
    let routes: Mounted = Routes::new("today").get("/", Access::Person, first_page).with_state(state);
    let today = NavItem { order: 0, text: "nav-today", href: "/", icon: "home", administrator_only: true };
    Mount { routes: vec![routes], nav: vec![today], texts: vec![crate::texts()], ..Mount::default() }
}
