//! What there is of a guest's registration, what is missing, and how it goes again.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::TenantKeys;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::Serialize;

use super::agreements::hex;
use super::asks::{self, Asks, Words};
use super::fill_in::opened;
use super::sign::name_place;
use crate::Visitors;
use crate::checks::VisitError;
use crate::guest;
use crate::ids::{AgreementId, GuestId, SigningId, VisitId};
use crate::ledger;
use crate::reads;
use crate::registration::Answer;
use crate::tables::words::{SigningWay, VisitState};
use crate::tables::{agreements, guests, photos, registrations, signed_visits, signings, visits};
use crate::warrant::Sight;

/// What a guest was asked for and has not given.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorMissing)]
pub struct Missing {
    /// Fields that want an answer.
    pub fields: Vec<Words>,
    /// Whether an agreement is to be signed.
    pub agreement: bool,
    /// Whether a photo is asked for.
    pub photo: bool,
}

impl Missing {
    /// Whether nothing is.
    pub fn is_nothing(&self) -> bool {
        self.fields.is_empty() && !self.agreement && !self.photo
    }

    /// The words for the record.
    pub(crate) fn words(&self) -> Vec<&'static str> {
        let all = [(!self.fields.is_empty(), "fields"), (self.agreement, "agreement"), (self.photo, "photo")];
        all.into_iter().filter(|(missing, _)| *missing).map(|(_, word)| word).collect()
    }
}

/// Whether what was given belongs to whom the visit means now: at another mail address the guest is somebody else.
pub(crate) fn is_theirs(visit: &visits::Model, guest: GuestId, page_generation: i64) -> bool {
    visit.guest_id == Some(guest) && visit.page_generation == page_generation
}

/// Of visits that are not over: what is missing. Where nothing is, there is no entry.
pub(crate) async fn missing_of(
    scope: &impl Scoped,
    rows: &[visits::Model],
) -> Result<HashMap<VisitId, Missing>, StoreError> {
    let (asks, _) = asks::load(scope).await?;
    let open = |row: &&visits::Model| {
        ledger::is_awaited(row) || row.state.is_here() || row.state == VisitState::NoShow
    };
    let asked: Vec<&visits::Model> =
        rows.iter().filter(open).filter(|row| asks.of_visit(row).is_some()).collect();
    let mut missing = HashMap::new();
    for some in asked.chunks(500) {
        let given = Given::of(scope, some).await?;
        missing.extend(some.iter().map(|visit| (visit.id, given.missing(&asks, visit))));
    }
    missing.retain(|_, missing| !missing.is_nothing());
    Ok(missing)
}

/// What some visits' guests have given, as far as it is told without their keys.
struct Given {
    answered: HashMap<VisitId, HashSet<uuid::Uuid>>,
    signed: HashMap<VisitId, Vec<(AgreementId, i64)>>,
    photos: HashSet<VisitId>,
    needed: HashMap<AgreementId, i64>,
}

impl Given {
    async fn of(scope: &impl Scoped, visits: &[&visits::Model]) -> Result<Self, StoreError> {
        let ids = || visits.iter().map(|visit| visit.id);
        let by_id: HashMap<VisitId, &visits::Model> = visits.iter().map(|visit| (visit.id, *visit)).collect();
        let theirs = |visit: VisitId, guest: GuestId, generation: i64| {
            by_id.get(&visit).is_some_and(|row| is_theirs(row, guest, generation))
        };
        let rows = scope.find::<registrations::Entity>().filter(registrations::Column::Id.is_in(ids()));
        let rows = rows.all().await?.into_iter();
        let answered = rows
            .filter(|row| theirs(row.id, row.guest_id, row.page_generation))
            .map(|row| (row.id, row.answered.0.into_iter().collect()))
            .collect();
        let stands = signed_visits::Column::VisitId.is_in(ids());
        let stands = scope.find::<signed_visits::Entity>().filter(stands).all().await?;
        let of = signings::Column::Id.is_in(stands.iter().map(|row| row.signing_id));
        let of = scope.find::<signings::Entity>().filter(of).refine(|rows| {
            rows.select_only()
                .column(signings::Column::Id)
                .column(signings::Column::AgreementId)
                .column(signings::Column::Version)
        });
        let of: HashMap<SigningId, (AgreementId, i64)> = of
            .tuples::<(SigningId, AgreementId, i64)>()
            .await?
            .into_iter()
            .map(|(id, agreement, version)| (id, (agreement, version)))
            .collect();
        let mut signed: HashMap<VisitId, Vec<(AgreementId, i64)>> = HashMap::new();
        for row in stands.into_iter().filter(|row| theirs(row.visit_id, row.guest_id, row.page_generation)) {
            signed.entry(row.visit_id).or_default().extend(of.get(&row.signing_id));
        }
        let photos = photo_times(scope, ids()).await?;
        let photos =
            photos.into_iter().filter(|(visit, (guest, generation, _))| theirs(*visit, *guest, *generation));
        let photos = photos.map(|(visit, _)| visit).collect();
        let needed = scope.find::<agreements::Entity>().all().await?;
        let needed = needed.into_iter().map(|row| (row.id, row.needed)).collect();
        Ok(Self { answered, signed, photos, needed })
    }

    fn missing(&self, asks: &Asks, visit: &visits::Model) -> Missing {
        let Some(asks) = asks.of_visit(visit) else { return Missing::default() };
        let nothing = HashSet::new();
        let answered = self.answered.get(&visit.id).unwrap_or(&nothing);
        let fields = asks.fields.iter().filter(|field| field.required && !answered.contains(&field.id));
        let signed = |id: AgreementId| {
            let needed = self.needed.get(&id).copied().unwrap_or(1);
            let all = self.signed.get(&visit.id).into_iter().flatten();
            all.into_iter().any(|(of, version)| *of == id && *version >= needed)
        };
        Missing {
            fields: fields.map(|field| field.label.clone()).collect(),
            agreement: asks.agreement.is_some_and(|id| !signed(id)),
            photo: asks.photo && !self.photos.contains(&visit.id),
        }
    }
}

/// Of which visits there are photos, without the pictures: whose, and since when.
pub(crate) async fn photo_times(
    scope: &impl Scoped,
    ids: impl Iterator<Item = VisitId>,
) -> Result<HashMap<VisitId, (GuestId, i64, Timestamp)>, StoreError> {
    use photos::Column;
    let rows = scope.find::<photos::Entity>().filter(Column::Id.is_in(ids)).refine(|rows| {
        rows.select_only()
            .column(Column::Id)
            .column(Column::GuestId)
            .column(Column::PageGeneration)
            .column(Column::SentAt)
    });
    let rows = rows.tuples::<(VisitId, GuestId, i64, Timestamp)>().await?;
    Ok(rows.into_iter().map(|(id, guest, generation, at)| (id, (guest, generation, at))).collect())
}

/// A guest's registration, for whoever plans the visit.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorRegistrationOfVisit)]
pub struct RegistrationRow {
    /// The answers, in the words they were asked by.
    pub answers: Vec<Answer>,
    /// When they were given.
    pub given_at: Option<Timestamp>,
    /// What was signed, the newest first.
    pub signings: Vec<SigningRow>,
    /// When a photo was sent that is still there.
    pub photo_at: Option<Timestamp>,
    /// What is missing.
    pub missing: Missing,
    /// Whether anything is asked.
    pub asked: bool,
}

/// A signature.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorSigning)]
pub struct SigningRow {
    /// Which.
    pub id: SigningId,
    /// What was signed.
    pub agreement: AgreementId,
    /// What the organisation calls that.
    pub agreement_name: String,
    /// Which version of it.
    pub version: i64,
    /// In which language it was read.
    pub language: String,
    /// SHA-256 of the text in its canonical form, in hexadecimal.
    pub hash: String,
    /// How.
    pub way: SigningWay,
    /// Who signed; empty once the guest was erased.
    pub name: String,
    /// When.
    pub signed_at: Timestamp,
    /// The clock of the site (IANA).
    pub zone: String,
}

/// The registrations of visits, for whoever plans them.
pub(crate) async fn registered_of(
    visitors: &Visitors,
    cx: &Cx,
    visits: &[visits::Model],
) -> Result<BTreeMap<VisitId, RegistrationRow>, VisitError> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let (asks, _) = asks::load(&scope).await?;
    let mut missing = missing_of(&scope, visits).await?;
    let names = scope.find::<agreements::Entity>().all().await?;
    let names: HashMap<AgreementId, String> = names.into_iter().map(|row| (row.id, row.name)).collect();
    let mut shown = BTreeMap::new();
    for some in visits.chunks(500) {
        let mut row = RowsOf::load(&scope, some).await?;
        for visit in some {
            let mut one = row.take(&keys, visit, &names, cx.now, asks.photo_hours)?;
            one.missing = missing.remove(&visit.id).unwrap_or_default();
            one.asked = asks.of_visit(visit).is_some();
            shown.insert(visit.id, one);
        }
    }
    Ok(shown)
}

/// The rows behind it.
struct RowsOf {
    guests: HashMap<GuestId, guests::Model>,
    answers: HashMap<VisitId, registrations::Model>,
    signed: HashMap<VisitId, Vec<signed_visits::Model>>,
    signings: HashMap<SigningId, signings::Model>,
    photos: HashMap<VisitId, (GuestId, i64, Timestamp)>,
}

impl RowsOf {
    async fn load(scope: &impl Scoped, visits: &[visits::Model]) -> Result<Self, StoreError> {
        let ids = || visits.iter().map(|visit| visit.id);
        let theirs = guests::Column::Id.is_in(visits.iter().filter_map(|visit| visit.guest_id));
        let guests = scope.find::<guests::Entity>().filter(theirs).all().await?;
        let answers = registrations::Column::Id.is_in(ids());
        let answers = scope.find::<registrations::Entity>().filter(answers).all().await?;
        let stands = signed_visits::Column::VisitId.is_in(ids());
        let stands = scope.find::<signed_visits::Entity>().filter(stands).all().await?;
        let of = signings::Column::Id.is_in(stands.iter().map(|row| row.signing_id));
        let of = scope.find::<signings::Entity>().filter(of).all().await?;
        let mut signed: HashMap<VisitId, Vec<signed_visits::Model>> = HashMap::new();
        for row in stands {
            signed.entry(row.visit_id).or_default().push(row);
        }
        Ok(Self {
            guests: guests.into_iter().map(|row| (row.id, row)).collect(),
            answers: answers.into_iter().map(|row| (row.id, row)).collect(),
            signed,
            signings: of.into_iter().map(|row| (row.id, row)).collect(),
            photos: photo_times(scope, ids()).await?,
        })
    }

    fn take(
        &mut self,
        keys: &TenantKeys,
        visit: &visits::Model,
        names: &HashMap<AgreementId, String>,
        now: Timestamp,
        photo_hours: u32,
    ) -> Result<RegistrationRow, VisitError> {
        let key = match visit.guest_id.and_then(|id| self.guests.get(&id)) {
            Some(guest) => guest::key_of(keys, guest)?,
            None => None,
        };
        let theirs = |guest, generation| is_theirs(visit, guest, generation);
        let answers = self.answers.remove(&visit.id);
        let answers = answers.filter(|row| theirs(row.guest_id, row.page_generation));
        let given_at = answers.as_ref().map(|row| row.given_at);
        let answers = match answers.zip(key.as_ref()) {
            Some((row, key)) => opened(key, &row)?,
            None => Vec::new(),
        };
        let mut signings = Vec::new();
        for stands in self.signed.remove(&visit.id).into_iter().flatten() {
            let Some(row) = self.signings.get(&stands.signing_id) else { continue };
            if !theirs(stands.guest_id, stands.page_generation) {
                continue;
            }
            let name = match key.as_ref().zip(row.name.as_ref()) {
                Some((key, sealed)) => key.open(&name_place(row.id), sealed)?.to_vec(),
                None => Vec::new(),
            };
            signings.push(SigningRow {
                id: row.id,
                agreement: row.agreement_id,
                agreement_name: names.get(&row.agreement_id).cloned().unwrap_or_default(),
                version: row.version,
                language: row.language.clone(),
                hash: hex(&row.hash),
                way: row.way,
                name: String::from_utf8(name).unwrap_or_default(),
                signed_at: row.signed_at,
                zone: row.zone.clone(),
            });
        }
        signings.sort_by_key(|row| std::cmp::Reverse((row.signed_at, row.id)));
        let photo =
            self.photos.remove(&visit.id).filter(|(guest, generation, _)| theirs(*guest, *generation));
        let photo = photo.filter(|_| !super::photo::is_due(visit, now, photo_hours));
        let photo_at = photo.map(|(_, _, at)| at);
        Ok(RegistrationRow { answers, given_at, signings, photo_at, ..RegistrationRow::default() })
    }
}

/// Whatever hangs on these visits goes: answers, photos, signatures that stand for no other visit. For whoever removes visits.
pub async fn remove_registrations(tx: &Tx, ids: &[VisitId]) -> Result<(), StoreError> {
    for some in ids.chunks(500) {
        let these = || some.iter().copied();
        tx.delete::<registrations::Entity>().filter(registrations::Column::Id.is_in(these())).exec().await?;
        tx.delete::<photos::Entity>().filter(photos::Column::Id.is_in(these())).exec().await?;
        let stands = signed_visits::Column::VisitId.is_in(these());
        let of = tx.find::<signed_visits::Entity>().filter(stands.clone()).all().await?;
        let mut of: HashSet<SigningId> = of.into_iter().map(|row| row.signing_id).collect();
        tx.delete::<signed_visits::Entity>().filter(stands).exec().await?;
        let still = signed_visits::Column::SigningId.is_in(of.iter().copied());
        for row in tx.find::<signed_visits::Entity>().filter(still).all().await? {
            of.remove(&row.signing_id);
        }
        tx.delete::<signings::Entity>().filter(signings::Column::Id.is_in(of)).exec().await?;
    }
    Ok(())
}

/// The visit is somebody else's now: what was answered and sent before is not theirs. Signatures stay as they were made.
pub(crate) async fn start_anew(tx: &Tx, visit: VisitId) -> Result<(), StoreError> {
    tx.delete::<registrations::Entity>().filter(registrations::Column::Id.eq(visit)).exec().await?;
    tx.delete::<photos::Entity>().filter(photos::Column::Id.eq(visit)).exec().await?;
    Ok(())
}

/// What a guest wrote, drew and sent goes with them. That something was signed, and when, stays.
pub(crate) async fn forget_guest(tx: &Tx, guest: GuestId) -> Result<(), StoreError> {
    tx.delete::<registrations::Entity>().filter(registrations::Column::GuestId.eq(guest)).exec().await?;
    tx.delete::<photos::Entity>().filter(photos::Column::GuestId.eq(guest)).exec().await?;
    tx.update::<signings::Entity>()
        .set(signings::Column::Name, Option::<Vec<u8>>::None)
        .set(signings::Column::Strokes, Option::<Vec<u8>>::None)
        .filter(signings::Column::GuestId.eq(guest))
        .exec()
        .await?;
    Ok(())
}

/// The registrations of those visits that `sight` plans: as host, deputy, maker or desk. Whoever was only asked to meet a guest
/// reads none of it.
pub(crate) async fn readable(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    ids: &[VisitId],
) -> Result<BTreeMap<VisitId, RegistrationRow>, VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let mut rows = Vec::new();
    for some in ids.chunks(500) {
        let these = visits::Column::Id.is_in(some.iter().copied());
        let these = Condition::all().add(these).add(reads::planned_by(cx, sight));
        rows.extend(scope.find::<visits::Entity>().filter(these).all().await?);
    }
    drop(scope);
    registered_of(visitors, cx, &rows).await
}
