//! Says who knocks: tenant by host, person by session cookie or API token. What was found is remembered for a second, and
//! forgotten at once when this process commits a change of somebody's access.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::ColumnTrait;
use sekisho_crypto::sha256;
use sekisho_kernel::{Actor, Cx, Language, PersonId, TenantId, Timestamp};
use sekisho_storage::{Changed, Scoped};
use sekisho_web::{Doorkeeper, Identified, Knock, Viewer, WebError};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::second_factor::{find_session, life};
use crate::session::{Life, SEEN_EVERY, Stage};
use crate::settings::administration_open;
use crate::tables::{people, sessions, tokens};
use crate::tokens::PREFIX;
use crate::{Broken, Identity};

/// Changes made by another process are seen after so long at the latest.
const KEPT: Duration = Duration::from_secs(1);
/// More than this is forgotten whole; it comes back within a second.
const MOST_KEPT: usize = 50_000;

/// The name of the session cookie.
pub(crate) fn session_cookie(secure: bool) -> &'static str {
    if secure { "__Host-sekisho" } else { "sekisho" }
}

/// The name of the cookie by which a browser is known again.
pub(crate) fn mark_cookie(secure: bool) -> &'static str {
    if secure { "__Host-sekisho-device" } else { "sekisho-device" }
}

/// What was shown: the hash of a cookie or token, within a tenant.
type Shown = (TenantId, [u8; 32]);

/// Who was found.
#[derive(Clone, Debug)]
struct Found {
    read_at: Timestamp,
    person: PersonId,
    name: String,
    language: Language,
    stamp: i64,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    Session { id: Uuid, life: Life, verified_at: Option<Timestamp> },
    Token { id: Uuid, scopes: Vec<String>, expires_at: Timestamp },
}

impl Found {
    fn holds(&self, now: Timestamp) -> bool {
        match &self.by {
            By::Session { life, .. } => life.stage == Stage::Open && life.holds(now, self.stamp),
            By::Token { expires_at, .. } => now < *expires_at,
        }
    }
}

/// What is remembered, and how often it had to be forgotten.
pub(crate) struct Cache(Mutex<Kept>);

struct Kept {
    changes: broadcast::Receiver<Changed>,
    found: HashMap<Shown, Found>,
    forgotten: u64,
}

impl Cache {
    pub(crate) fn new(changes: broadcast::Receiver<Changed>) -> Self {
        Self(Mutex::new(Kept { changes, found: HashMap::new(), forgotten: 0 }))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.hear();
        act(&mut kept)
    }
}

impl Kept {
    /// Forgets what changes since the last look have made doubtful.
    fn hear(&mut self) {
        loop {
            match self.changes.try_recv() {
                Ok(changed) if changed.events.iter().any(|event| event.starts_with("identity.")) => {
                    self.forgotten += 1;
                    self.found.retain(|(tenant, _), _| *tenant != changed.tenant);
                }
                Ok(_) => {}
                Err(broadcast::error::TryRecvError::Lagged(_)) => {
                    self.forgotten += 1;
                    self.found.clear();
                }
                Err(_) => return,
            }
        }
    }
}

impl Identity {
    /// Finds who is behind what was shown, from memory or by one query or two.
    async fn find_shown(
        &self,
        cx: &Cx,
        shown: Shown,
        text: &str,
        token: bool,
    ) -> Result<Option<Found>, Broken> {
        let (remembered, before) =
            self.0.doors.with(|kept| (kept.found.get(&shown).cloned(), kept.forgotten));
        if let Some(found) = remembered.filter(|found| cx.now.since(found.read_at) < KEPT) {
            return Ok(Some(found));
        }
        let found =
            if token { self.find_by_token(cx, text).await? } else { self.find_by_session(cx, text).await? };
        if let Some(found) = &found {
            self.0.doors.with(|kept| {
                // Something changed while we read: what was read may be from before it.
                if kept.forgotten == before {
                    if kept.found.len() >= MOST_KEPT {
                        kept.found.clear();
                    }
                    kept.found.insert(shown, found.clone());
                }
            });
        }
        Ok(found)
    }

    async fn find_by_session(&self, cx: &Cx, cookie: &str) -> Result<Option<Found>, Broken> {
        let scope = self.read(cx).await?;
        let Some(session) = find_session(&scope, cookie).await? else { return Ok(None) };
        let Some(person) = self.active(&scope, people::Column::Id.eq(session.person)).await? else {
            return Ok(None);
        };
        drop(scope);
        let by = By::Session { id: session.id, life: life(&session), verified_at: session.verified_at };
        let found = found(cx, person, by);
        if found.holds(cx.now) && cx.now.since(session.seen_at) >= SEEN_EVERY {
            let tx = self.store().begin(cx).await?;
            tx.update::<sessions::Entity>()
                .set(sessions::Column::SeenAt, cx.now)
                .filter(sessions::Column::Id.eq(session.id))
                .exec()
                .await?;
            tx.commit_bookkeeping("last use of a session").await?;
        }
        Ok(Some(found))
    }

    async fn find_by_token(&self, cx: &Cx, text: &str) -> Result<Option<Found>, Broken> {
        use tokens::Column;
        let scope = self.read(cx).await?;
        let token = scope
            .find::<tokens::Entity>()
            .filter(Column::Hash.eq(sha256(text.as_bytes()).to_vec()))
            .filter(Column::RevokedAt.is_null())
            .one()
            .await?;
        let Some(token) = token else { return Ok(None) };
        let Some(person) = self.active(&scope, people::Column::Id.eq(token.person)).await? else {
            return Ok(None);
        };
        drop(scope);
        if person.stamp != token.stamp {
            return Ok(None);
        }
        if token.used_at.is_none_or(|used| cx.now.since(used) >= SEEN_EVERY) {
            let tx = self.store().begin(cx).await?;
            tx.update::<tokens::Entity>()
                .set(Column::UsedAt, cx.now)
                .filter(Column::Id.eq(token.id))
                .exec()
                .await?;
            tx.commit_bookkeeping("last use of a token").await?;
        }
        let by = By::Token { id: token.id, scopes: token.scopes.0, expires_at: token.expires_at };
        Ok(Some(found(cx, person, by)))
    }

    async fn identify_knock(&self, knock: &Knock<'_>) -> Result<Identified, WebError> {
        let tenant = self.tenant_by_host(knock.host).await?.ok_or_else(WebError::missing)?;
        let mut cx = Cx::new(self.world().clone(), tenant.id, Actor::Nobody, knock.language);
        cx.request = knock.request;
        cx.address = knock.address;
        let bearer = knock.bearer();
        let shown = bearer.or_else(|| knock.cookie(session_cookie(knock.secure)));
        let found = match shown {
            Some(text) if bearer.is_none() || text.starts_with(PREFIX) => {
                self.find_shown(&cx, (tenant.id, sha256(text.as_bytes())), text, bearer.is_some()).await?
            }
            _ => None,
        };
        let viewer = match found.filter(|found| found.holds(cx.now)) {
            Some(found) => {
                let open = administration_open(&tenant.settings.admin_networks, cx.address);
                let administrator =
                    open && self.policy().is_administrator(&cx, found.person).await.map_err(Broken::from)?;
                cx.language = found.language;
                Some(enter(&mut cx, found, administrator))
            }
            None if bearer.is_some() => return Err(WebError::unauthenticated()),
            None => None,
        };
        Ok(Identified { cx, viewer, tenant_name: tenant.name.clone(), zone: tenant.settings.zone.clone() })
    }
}

fn found(cx: &Cx, person: people::Model, by: By) -> Found {
    Found {
        read_at: cx.now,
        person: person.id,
        name: person.name,
        language: person.language.0,
        stamp: person.stamp,
        by,
    }
}

fn enter(cx: &mut Cx, found: Found, administrator: bool) -> Viewer {
    let (session, token, scopes) = match found.by {
        By::Session { id, verified_at, .. } => {
            cx.actor = Actor::Person { id: found.person };
            cx.verified_at = verified_at;
            (Some(id), None, Vec::new())
        }
        By::Token { id, scopes, .. } => {
            cx.actor = Actor::Token { id: found.person, token: id };
            (None, Some(id), scopes)
        }
    };
    Viewer { person: found.person, name: found.name, administrator, session, token, scopes }
}

#[async_trait]
impl Doorkeeper for Identity {
    async fn identify(&self, knock: &Knock<'_>) -> Result<Identified, WebError> {
        self.identify_knock(knock).await
    }

    async fn still_here(&self, cx: &Cx, viewer: &Viewer) -> bool {
        let cx = cx.later();
        let check = async {
            let scope = self.read(&cx).await?;
            let Some(person) = self.active(&scope, people::Column::Id.eq(viewer.person)).await? else {
                return Ok(false);
            };
            if let Some(id) = viewer.session {
                let session =
                    scope.find::<sessions::Entity>().filter(sessions::Column::Id.eq(id)).one().await?;
                return Ok(session.is_some_and(|session| life(&session).holds(cx.now, person.stamp)));
            }
            let Some(id) = viewer.token else { return Ok(false) };
            let token = scope.find::<tokens::Entity>().filter(tokens::Column::Id.eq(id)).one().await?;
            Ok::<_, Broken>(token.is_some_and(|token| {
                token.revoked_at.is_none() && token.expires_at > cx.now && token.stamp == person.stamp
            }))
        };
        check.await.unwrap_or_else(|error| {
            tracing::warn!(%error, "could not check a session that stays open");
            false
        })
    }
}
