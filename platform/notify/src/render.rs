//! From a message to a letter: the words in the recipient's language, the links whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use sekisho_kernel::{Language, Timestamp};
use sekisho_web::{Catalog, Texts, Time};

use crate::tell::Content;
use crate::{Arg, Home};

/// The words of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub subject: String,
    pub body: String,
    pub short: String,
    pub links: Vec<(String, String)>,
    /// The answers, each with the address of its button.
    pub choices: Vec<(String, String)>,
    /// The address of the page with all answers.
    pub all_choices: Option<String>,
}

/// Writes `template` for somebody called `name`. The text may speak of every argument, of `$name` and of `$tenant`.
pub(crate) fn words(
    catalog: &Arc<Catalog>,
    language: Language,
    template: &str,
    content: &Content,
    name: &str,
    home: &Home,
) -> Words {
    let texts = Texts::new(catalog.clone(), language);
    let mut args: Vec<(String, String)> =
        content.args.iter().map(|(key, value)| (key.clone(), said(value, &texts))).collect();
    args.push(("name".to_owned(), name.to_owned()));
    args.push(("tenant".to_owned(), home.name.clone()));
    let write = |part: &str| texts.with(&format!("{template}-{part}"), &args);
    let body = write("body");
    let short = if texts.has(&format!("{template}-short")) { write("short") } else { body.clone() };
    let links = content
        .links
        .iter()
        .map(|link| (texts.with(&link.text, &args), format!("{}{}", home.base, link.path)))
        .collect();
    let act = |secret: &str| format!("{}/act/{secret}", home.base);
    let (choices, all_choices) = match &content.buttons {
        None => (Vec::new(), None),
        Some(buttons) => {
            let addressed = buttons.choices.iter().zip(1_usize..).map(|(choice, number)| {
                (texts.with(&choice.text, &args), act(&format!("{}.{number}", buttons.secret)))
            });
            (addressed.collect(), Some(act(&buttons.secret)))
        }
    };
    Words { subject: write("subject"), body, short, links, choices, all_choices }
}

/// One text with what it speaks of.
pub(crate) fn sentence(
    catalog: &Arc<Catalog>,
    language: Language,
    text: &str,
    args: &BTreeMap<String, Arg>,
) -> String {
    let texts = Texts::new(catalog.clone(), language);
    let args: Vec<(String, String)> =
        args.iter().map(|(key, value)| (key.clone(), said(value, &texts))).collect();
    texts.with(text, args)
}

fn said(arg: &Arg, texts: &Texts) -> String {
    match arg {
        Arg::Text(words) => words.clone(),
        Arg::List(items) => texts.list(items),
        // Mails are read days later: the date is written whole, never as "today".
        Arg::Time { at, zone } => Time::new(*at, zone, Timestamp::EPOCH, texts.clone()).words(),
    }
}
