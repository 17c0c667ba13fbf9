//! "What happened?" on the first page: the newest acts of the record that are worth telling of.

use async_trait::async_trait;
use sekisho_audit::Audit;
use sekisho_web::{Asker, Markup, Result};

use crate::today::{Question, TodayCard};

/// As many as fit beside the other answers.
const SHOWN: usize = 8;

/// The card of the record.
pub(crate) struct Happened(pub(crate) Audit);

#[async_trait]
impl TodayCard for Happened {
    fn question(&self) -> Question {
        Question::WhatHappened
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        self.0.latest(asker, SHOWN).await
    }
}
