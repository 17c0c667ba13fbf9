//! Who may do what at the reception. Every use case wants one of the proofs made here.
//!
//! Everybody who is signed in may invite guests (or, as the organisation sets it, whoever may use the site) and sees the
//! visits they host, stand in for, wrote down or were asked to meet. *Manage* on a site makes its desk: all visits of that site, admitting,
//! refusing, waving in. Administrators are the desk of every site. Another's visit is missing.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx, Kind, Kinded, PersonId, ResourceId, SiteId};
use sekisho_places::Site;
use sekisho_policy::{Ask, Decision, Facts, Refusal, Right};
use sekisho_storage::Scoped;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Visitors;
use crate::asked;
use crate::ids::AppointmentId;
use crate::settings::{Settings, WhoInvites};
use crate::tables::words::VisitWay;
use crate::tables::{appointments, deputies, visits};

/// Why somebody may not do something.
#[derive(Debug, thiserror::Error)]
pub enum NotAllowed {
    /// There is no such thing, as far as this person may know.
    #[error("there is no such thing for this person")]
    Missing,
    /// The person knows of it, but may not do this.
    #[error("not allowed")]
    Denied,
    /// There is no answer.
    #[error("no decision")]
    Fault(#[from] Fault),
}

impl Kinded for NotAllowed {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::Denied => Kind::Denied,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Missing => "error-missing",
            Self::Denied => "visitors-refused-no-right",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// Proof that whoever acts is the reception of a site: its desk, or one of its terminals.
#[derive(Clone, Debug)]
pub struct Reception {
    pub(crate) site: Site,
    pub(crate) way: VisitWay,
    /// The terminal, for those; wrong codes are counted by it.
    pub(crate) terminal: Option<Uuid>,
    pub(crate) basis: Value,
}

impl Reception {
    /// A terminal of `site`, for whoever has seen it prove which one it is.
    pub fn terminal(site: Site, terminal: Uuid) -> Self {
        let basis = reason("terminal", terminal);
        Self { site, way: VisitWay::Terminal, terminal: Some(terminal), basis }
    }

    /// Of which site.
    pub fn site(&self) -> &Site {
        &self.site
    }
}

/// Proof that somebody may invite guests to a site.
#[derive(Debug)]
pub struct MayInvite {
    pub(crate) site: Site,
    pub(crate) maker: PersonId,
    pub(crate) basis: Value,
}

/// Proof that somebody may decide about a visit: its host, a deputy, who wrote it down, who was asked to meet the guest, or
/// the desk.
#[derive(Debug)]
pub struct MayDecide {
    pub(crate) way: VisitWay,
    pub(crate) basis: Value,
}

/// What one viewer may see.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Who looks.
    pub person: PersonId,
    /// Everything.
    pub all: bool,
    /// The sites whose desk the viewer is.
    pub desks: HashSet<SiteId>,
}

impl Sight {
    /// Whether the viewer is the desk of that site.
    pub fn is_desk(&self, site: SiteId) -> bool {
        self.all || self.desks.contains(&site)
    }

    /// Whether the viewer is the desk of any site.
    pub fn is_any_desk(&self) -> bool {
        self.all || !self.desks.is_empty()
    }
}

impl Visitors {
    /// What `person` may see.
    pub async fn sight(&self, cx: &Cx, person: PersonId) -> Result<Sight, Fault> {
        if self.policy.is_administrator(cx, person).await? {
            return Ok(Sight { person, all: true, desks: HashSet::new() });
        }
        let managed = self.policy.reach(cx, person, Right::Manage).await?;
        let desks = managed.into_iter().filter(|one| one.kind == sekisho_places::SITE);
        Ok(Sight { person, all: false, desks: desks.map(|one| SiteId(one.resource.0)).collect() })
    }

    /// The desk of `site`, for whoever manages it. A refusal is written down before it is returned.
    pub async fn desk(&self, cx: &Cx, site: SiteId, action: &'static str) -> Result<Reception, NotAllowed> {
        let place = self.open_site(cx, site).await?.ok_or(NotAllowed::Missing)?;
        let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
        match self.managing(cx, person, site, action).await? {
            Ok(decision) => {
                let basis = serde_json::to_value(&decision).unwrap_or_default();
                Ok(Reception { site: place, way: VisitWay::Desk, terminal: None, basis })
            }
            Err(decision) => {
                let entry = AuditEntry::refused("visit.desk").on("site", site, place.name).decided(&decision);
                self.record(cx, entry.with("action", action)).await?;
                Err(NotAllowed::Denied)
            }
        }
    }

    /// That the person behind `cx` may invite guests to `site`.
    pub(crate) async fn may_invite(
        &self,
        cx: &Cx,
        site: SiteId,
        settings: &Settings,
    ) -> Result<MayInvite, NotAllowed> {
        struct Invite;
        let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
        let place = self.open_site(cx, site).await?.ok_or(NotAllowed::Missing)?;
        if settings.who_invites == WhoInvites::Everybody {
            return Ok(MayInvite { site: place, maker, basis: reason("everybody_invites", site) });
        }
        let ask = asked(cx, maker, Right::Exchange, "visit.invite", site);
        match self.policy.permit::<Invite>(cx, &ask).await {
            Ok(permit) => {
                let basis = serde_json::to_value(&permit.decision).unwrap_or_default();
                Ok(MayInvite { site: place, maker, basis })
            }
            Err(Refusal::Denied(decision)) => {
                let entry = AuditEntry::refused("visit.invite").on("site", site, place.name);
                self.record(cx, entry.decided(&decision)).await?;
                Err(NotAllowed::Denied)
            }
            Err(Refusal::Unanswered(error)) => Err(Fault::from(error).into()),
        }
    }

    /// That the person behind `cx` may decide about that visit.
    pub(crate) async fn may_decide(
        &self,
        cx: &Cx,
        visit: &visits::Model,
        action: &'static str,
    ) -> Result<MayDecide, NotAllowed> {
        let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
        if let Some(role) = self.role(cx, visit, person).await? {
            return Ok(MayDecide { way: VisitWay::Host, basis: reason(role, person) });
        }
        match self.managing(cx, person, visit.site_id, action).await? {
            Ok(decision) => {
                let basis = serde_json::to_value(&decision).unwrap_or_default();
                Ok(MayDecide { way: VisitWay::Desk, basis })
            }
            Err(decision) => {
                let entry = AuditEntry::refused("visit.decide").on("visit", visit.id, "").decided(&decision);
                self.record(cx, entry.with("action", action)).await?;
                Err(NotAllowed::Missing)
            }
        }
    }

    /// That the person behind `cx` may decide about that appointment.
    pub(crate) async fn may_plan(
        &self,
        cx: &Cx,
        row: &appointments::Model,
        action: &'static str,
    ) -> Result<MayDecide, NotAllowed> {
        let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
        let scope = self.store.read(cx.tenant).await.map_err(Fault::from)?;
        let stands_in = is_deputy(&scope, row.id, person).await?;
        drop(scope);
        if row.is_party(person, stands_in) {
            return Ok(MayDecide { way: VisitWay::Host, basis: reason("party", person) });
        }
        match self.managing(cx, person, row.site_id, action).await? {
            Ok(decision) => {
                let basis = serde_json::to_value(&decision).unwrap_or_default();
                Ok(MayDecide { way: VisitWay::Desk, basis })
            }
            Err(decision) => {
                let entry = AuditEntry::refused("visit.decide").on("appointment", row.id, "");
                self.record(cx, entry.decided(&decision).with("action", action)).await?;
                Err(NotAllowed::Missing)
            }
        }
    }

    /// What the person is to the visit; none: nothing.
    async fn role(
        &self,
        cx: &Cx,
        visit: &visits::Model,
        person: PersonId,
    ) -> Result<Option<&'static str>, Fault> {
        if visit.host_id == Some(person) {
            return Ok(Some("host"));
        }
        let scope = self.store.read(cx.tenant).await?;
        // Whoever waved people in did so as the desk.
        if let Some(appointment) = visit.appointment_id {
            if visit.made_by == Some(person) {
                return Ok(Some("maker"));
            }
            if is_deputy(&scope, appointment, person).await? {
                return Ok(Some("deputy"));
            }
        }
        Ok(asked::was_asked(&scope, visit.id, person).await?.then_some("asked"))
    }

    /// The policy's answer about *Manage* on the site.
    pub(crate) async fn managing(
        &self,
        cx: &Cx,
        person: PersonId,
        site: SiteId,
        action: &'static str,
    ) -> Result<Result<Decision, Box<Decision>>, Fault> {
        struct Manage;
        match self.policy.permit::<Manage>(cx, &asked(cx, person, Right::Manage, action, site)).await {
            Ok(permit) => Ok(Ok(permit.decision)),
            Err(Refusal::Denied(decision)) => Ok(Err(decision)),
            Err(Refusal::Unanswered(error)) => Err(error.into()),
        }
    }

    /// The site, if there is one and it is open.
    pub(crate) async fn open_site(&self, cx: &Cx, site: SiteId) -> Result<Option<Site>, Fault> {
        let scope = self.store.read(cx.tenant).await?;
        Ok(sekisho_places::sites(&scope).await?.into_iter().find(|known| known.id == site))
    }

    /// Writes a refusal down, in a transaction of its own.
    pub(crate) async fn record(&self, cx: &Cx, entry: AuditEntry) -> Result<(), Fault> {
        Ok(self.store.begin(cx).await?.commit(entry).await?)
    }
}

impl appointments::Model {
    /// Whether the appointment is that person's: host, who wrote it down, or who stands in for the host. The desk of its site plans it,
    /// too.
    pub(crate) fn is_party(&self, person: PersonId, stands_in: bool) -> bool {
        is_party((self.host_id, self.made_by), person, stands_in)
    }
}

/// The same of an appointment with that host, written down by that person.
pub(crate) fn is_party((host, made_by): (PersonId, PersonId), person: PersonId, stands_in: bool) -> bool {
    host == person || made_by == person || stands_in
}

/// Whether the person stands in for the host of that appointment.
pub(crate) async fn is_deputy(
    scope: &impl Scoped,
    appointment: AppointmentId,
    person: PersonId,
) -> Result<bool, Fault> {
    let this = Condition::all()
        .add(deputies::Column::AppointmentId.eq(appointment))
        .add(deputies::Column::PersonId.eq(person));
    Ok(scope.find::<deputies::Entity>().filter(this).exists().await?)
}

fn asked<'a>(cx: &Cx, person: PersonId, right: Right, action: &'a str, site: SiteId) -> Ask<'a> {
    let facts = Facts { verified_at: cx.verified_at, address: cx.address, second_person: None };
    Ask { person, right, action, resource: ResourceId(site.uuid()), zone: "", facts }
}

/// The basis of an act that rests on who somebody is, shaped like a decision.
pub(crate) fn reason(word: &str, id: impl Into<Uuid>) -> Value {
    json!({ "allowed": true, "reasons": [{ "reason": word, "id": id.into() }] })
}
