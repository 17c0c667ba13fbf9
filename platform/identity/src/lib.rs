//! Tenants, people, groups, sign-in, sessions, tokens.
//!
//! One verb, one file: `sign_in.rs`, `invite_person.rs`, `leave_person.rs`. Rules without I/O are in `session.rs`,
//! `settings.rs`, `person.rs` and `password_rules.rs`. What others must hear is in `events.rs`; notify sends the mails.

mod accept_invitation;
mod administrator;
mod api;
mod attempts;
mod badges;
mod change_password;
mod change_settings;
mod close_tenant;
mod codes;
mod directory;
mod doorkeeper;
mod edit_person;
mod error;
pub mod events;
mod first_app;
mod found_tenant;
mod groups;
mod hand_over_link;
mod import_people;
mod invite_person;
mod leave_person;
mod links;
mod pages;
mod password_rules;
mod people;
mod person;
mod pin;
mod ports;
mod prune;
mod recovery_codes;
mod request_reset;
mod reveal_person;
mod second_factor;
mod sent_to;
mod session;
mod sessions;
mod settings;
mod sign_in;
mod step_up;
mod tables;
mod tokens;
mod totp;
mod unlock;

use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use sekisho_crypto::{TenantKeys, Vault};
use sekisho_kernel::{Cx, TenantId, World};
use sekisho_policy::Policy;
use sekisho_storage::reseal::SealedColumn;
use sekisho_storage::{Migration, Scope, Scoped, Store, StoreError};
use sekisho_web::TextSource;

pub use accept_invitation::{Accepted, OpenLink, SetPasswordError};
pub use administrator::{Administrator, AdministratorError};
pub use badges::{Badge, BadgeError};
pub use change_password::ChangePasswordError;
pub use change_settings::{ChangeSettingsError, SettingsEdit};
pub use close_tenant::{CloseTenantError, TenantClosed};
pub use codes::{Checked, CodeError};
pub use directory::Tenant;
pub use edit_person::{EditPersonError, PersonEdit};
pub use error::Broken;
pub use first_app::{FirstAppError, FirstSignIn};
pub use found_tenant::{FoundTenantError, Founded, Founder, NewTenant};
pub use groups::{Group, GroupError};
pub use hand_over_link::{HandOverLinkError, HandedOver};
pub use import_people::{ImportError, Imported};
pub use invite_person::{InvitePersonError, Invited, NewPerson};
pub use leave_person::LeavePersonError;
pub use pages::{nav, routes, samplers};
pub use people::{Contact, PeopleFilter, PeopleSort};
pub use person::{Masked, Person, PersonKind, PersonState, read_mail, read_name, read_number, read_phone};
pub use pin::{PinCheck, PinError};
pub use ports::{MyPageCard, Ways, WaysOut};
pub use recovery_codes::RecoveryCodesError;
pub use request_reset::RequestResetError;
pub use reveal_person::{RevealError, Revealed, Reveals};
pub use second_factor::{Factors, Proof, SecondFactorError};
pub use sent_to::SentTo;
pub use session::{LinkPurpose, Stage};
pub use sessions::{SessionError, SessionRow};
pub use settings::{TenantSettings, TenantState, administration_open};
pub use sign_in::{Browser, SignIn, SignInError, SignedIn};
pub use step_up::StepUpError;
pub use tokens::{NewToken, TokenError, TokenRow};
pub use totp::{Enrolment, TotpError};
pub use unlock::UnlockError;

/// The migrations of this room.
pub fn migrations() -> Vec<Migration> {
    tables::migrations()
}

/// The columns that hold sealed values. A secret inside a fact (a one-time link, a code) is not among them: it is worthless
/// before its key is.
pub fn sealed_columns() -> Vec<SealedColumn> {
    tables::SEALED.to_vec()
}

/// The texts of this room's pages.
pub fn texts() -> TextSource {
    TextSource {
        module: "identity",
        ja: include_str!("../texts/ja.ftl"),
        en: include_str!("../texts/en.ftl"),
        zh: "",
        ko: "",
    }
}

/// The room's face: everything it needs, and every question and use case as a method.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    store: Store,
    vault: Vault,
    policy: Policy,
    world: Arc<dyn World>,
    directory: Arc<directory::Directory>,
    doors: doorkeeper::Cache,
    others: RwLock<Others>,
}

/// What other rooms and the modules bring. They hold this room, so it holds them only while a server runs.
#[derive(Default)]
struct Others {
    cards: Arc<[Arc<dyn MyPageCard>]>,
    ways_out: Option<Arc<dyn WaysOut>>,
}

impl Identity {
    /// Opens the room.
    pub fn new(store: Store, vault: Vault, policy: Policy, world: Arc<dyn World>) -> Self {
        let doors = doorkeeper::Cache::new(store.changes());
        let directory = Arc::new(directory::Directory::new(store.changes()));
        policy.guard_administration(directory.clone());
        Self(Arc::new(Inner { store, vault, policy, world, directory, doors, others: RwLock::default() }))
    }

    /// Sets what the modules show on everybody's first page. Once, at start.
    pub fn show_cards(&self, mut cards: Vec<Arc<dyn MyPageCard>>) {
        cards.sort_by_key(|card| card.order());
        self.others_mut().cards = cards.into();
    }

    pub(crate) fn cards(&self) -> Arc<[Arc<dyn MyPageCard>]> {
        self.0.others.read().unwrap_or_else(PoisonError::into_inner).cards.clone()
    }

    /// Sets who knows how people are reached. Once, at start.
    pub fn reach_people_by(&self, ways_out: Arc<dyn WaysOut>) {
        self.others_mut().ways_out = Some(ways_out);
    }

    /// Lets go of what others brought, when the server ends.
    pub fn let_go(&self) {
        *self.others_mut() = Others::default();
    }

    fn others_mut(&self) -> RwLockWriteGuard<'_, Others> {
        self.0.others.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn ways_out(&self) -> Option<Arc<dyn WaysOut>> {
        self.0.others.read().unwrap_or_else(PoisonError::into_inner).ways_out.clone()
    }

    /// What can leave for people. Where nobody was set who knows, nothing can.
    pub(crate) async fn ways(&self, scope: &impl Scoped) -> Result<Ways, Broken> {
        match self.ways_out() {
            Some(ways_out) => ways_out.ways(scope.scope()).await,
            None => Ok(Ways { mail: false, sms: false }),
        }
    }

    /// Where links into the context's tenant begin; empty where nobody knows.
    pub(crate) async fn base(&self, cx: &Cx) -> Result<String, Broken> {
        match self.ways_out() {
            Some(ways_out) => ways_out.base(cx).await,
            None => Ok(String::new()),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.0.policy
    }

    pub(crate) fn world(&self) -> &Arc<dyn World> {
        &self.0.world
    }

    pub(crate) async fn keys(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, Broken> {
        Ok(self.0.vault.keys(tenant).await?)
    }

    pub(crate) async fn read(&self, cx: &Cx) -> Result<Scope, StoreError> {
        self.0.store.read(cx.tenant).await
    }
}
