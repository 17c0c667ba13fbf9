//! Grants, schedules and the tenant's Cedar rules; answers every may-I with a decision and its reasons.
//!
//! Rights are data: a [`NewGrant`] gives a person or group a [`Right`] on a resource, on all of a kind or on the whole
//! tenant, within a schedule, a validity and conditions. [`Policy::decide`] answers from an immutable snapshot in memory
//! (no I/O while nothing changed), tells why, and names the revision it answered from. A tenant's own rules, written in
//! Cedar, can only forbid: what is allowed is always a grant that somebody can find and withdraw.
//!
//! Resources, groups and people are known here by id only. Whoever owns them tells: [`Policy::register`],
//! [`Policy::place_in`], [`Policy::join`], [`Policy::bar`].

mod decision;
mod error;
mod grant;
pub mod holidays;
mod judge;
mod lists;
#[cfg(test)]
mod oracle;
mod policy;
mod reads;
mod rules;
mod save_rules;
mod save_schedule;
mod schedule;
mod snapshot;
mod tables;
mod write;

pub use decision::{Ask, Chain, Decision, Facts, Permit, Reached, Reason, Refusal, WhoCan};
pub use error::PolicyError;
pub use grant::{Conditions, Grant, GrantId, NewGrant, Right, RightsChanged, Subject, Target};
pub use policy::{AdministrationGate, Policy};
pub use reads::{GrantFilter, KnownResource};
pub use rules::{LONGEST_RULES, MOST_RULES, RuleFault, Rules, SCHEMA};
pub use save_rules::{Preview, PreviewChange, RulesVersion};
pub use schedule::{
    CalendarId, Compiled, DAY, Holiday, HolidayCalendar, NewSchedule, OnHolidays, Schedule, ScheduleId, Span,
    Week, Window,
};

/// The migrations of this crate.
pub fn migrations() -> Vec<sekisho_storage::Migration> {
    tables::migrations()
}
