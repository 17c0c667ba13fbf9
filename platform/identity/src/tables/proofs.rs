//! What people prove themselves with, and how often they failed to.

/// A session of a browser.
pub mod sessions {
    use crate::Stage;
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{PersonId, TenantId, Timestamp};
    use sekisho_storage::JsonText;

    /// A session of a browser.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_sessions")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub person: PersonId,
        /// SHA-256 of the cookie.
        pub hash: Vec<u8>,
        /// How far sign-in has come.
        pub stage: JsonText<Stage>,
        /// The person's stamp when it was made.
        pub stamp: i64,
        /// SHA-256 of the browser's long-lived mark.
        pub device: Vec<u8>,
        /// What the browser calls itself.
        pub agent: String,
        /// Where it came from.
        pub address: Option<String>,
        /// When.
        pub created_at: Timestamp,
        /// Last use, to a few minutes.
        pub seen_at: Timestamp,
        /// When a second factor was last proved.
        pub verified_at: Option<Timestamp>,
        /// When it was ended.
        pub ended_at: Option<Timestamp>,
        /// Where to go after sign-in.
        pub next: Option<String>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// An authenticator app.
pub mod totps {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{PersonId, TenantId, Timestamp};

    /// An authenticator app.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_totps")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub person: PersonId,
        /// Sealed.
        pub secret: Vec<u8>,
        /// When the first code was shown to be right.
        pub confirmed_at: Option<Timestamp>,
        /// The last 30-second step used; it and all before are refused.
        pub last_step: i64,
        /// When.
        pub created_at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// A one-time code sent to a person.
pub mod codes {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{PersonId, TenantId, Timestamp};

    /// A one-time code sent to a person.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_codes")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub person: PersonId,
        /// What it proves.
        pub purpose: String,
        /// Keyed hash; six digits would be guessed from a plain one.
        pub mac: Vec<u8>,
        /// Not after.
        pub expires_at: Timestamp,
        /// Wrong tries so far.
        pub tries: i64,
        /// When it was used or replaced.
        pub used_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// A recovery code.
pub mod recovery_codes {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{PersonId, TenantId, Timestamp};

    /// A recovery code.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_recovery_codes")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub person: PersonId,
        /// Keyed hash.
        pub mac: Vec<u8>,
        /// When it was used.
        pub used_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// A one-time URL.
pub mod links {
    use crate::LinkPurpose;
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{PersonId, TenantId, Timestamp};
    use sekisho_storage::JsonText;

    /// A one-time URL.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_links")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub person: PersonId,
        /// What it does.
        pub purpose: JsonText<LinkPurpose>,
        /// SHA-256 of the token.
        pub hash: Vec<u8>,
        /// Not after.
        pub expires_at: Timestamp,
        /// When it was used or withdrawn.
        pub used_at: Option<Timestamp>,
        /// When.
        pub created_at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// A token for the API.
pub mod tokens {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{PersonId, TenantId, Timestamp};
    use sekisho_storage::JsonText;

    /// A token for the API.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_tokens")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Who made it, and for whom it acts.
        pub person: PersonId,
        /// What it is for.
        pub name: String,
        /// SHA-256 of the token.
        pub hash: Vec<u8>,
        /// What it may touch.
        pub scopes: JsonText<Vec<String>>,
        /// The person's stamp when it was made.
        pub stamp: i64,
        /// When.
        pub created_at: Timestamp,
        /// Not after.
        pub expires_at: Timestamp,
        /// Last use, to a few minutes.
        pub used_at: Option<Timestamp>,
        /// When it was withdrawn.
        pub revoked_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// A badge.
pub mod badges {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{PersonId, TenantId, Timestamp};

    /// A badge.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_badges")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub person: PersonId,
        /// Keyed hash of its serial.
        pub blind: Vec<u8>,
        /// What is printed on it.
        pub label: String,
        /// When.
        pub created_at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Wrong tries in a row, by person and factor.
pub mod locks {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{PersonId, TenantId, Timestamp};

    /// Wrong tries in a row, by person and factor.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_locks")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Whose.
        pub person: PersonId,
        /// Password, PIN or second factor.
        pub factor: String,
        /// In a row.
        pub failures: i64,
        /// When it was locked.
        pub locked_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Failures from one address or device.
pub mod throttles {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{TenantId, Timestamp};

    /// Failures from one address or device.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_throttles")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Which.
        pub mark: String,
        /// Begin of the window.
        pub since: Timestamp,
        /// In the window.
        pub failures: i64,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}
