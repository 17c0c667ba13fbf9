//! Tenants, people and groups.

use sekisho_kernel::{GroupId, Language, PersonId, TenantId, Timestamp};
use sekisho_storage::{JsonText, tenant_table};

use crate::{PersonKind, PersonState, TenantSettings, TenantState};

/// A customer of the installation.
pub mod tenants {
    use super::*;
    use sea_orm::entity::prelude::*;

    /// A customer of the installation.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tenants")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TenantId,
        /// Its name.
        pub name: String,
        /// Whether it is served.
        pub state: JsonText<TenantState>,
        /// Its rules about people.
        pub settings: JsonText<TenantSettings>,
        /// When it was founded.
        pub created_at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

/// A host name under which a tenant answers.
pub mod tenant_hosts {
    use super::*;
    use sea_orm::entity::prelude::*;

    /// A host name under which a tenant answers.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tenant_hosts")]
    pub struct Model {
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The name, lower case, without port.
        pub host: String,
        /// Whose.
        pub tenant: TenantId,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

tenant_table!(/// A user or guest.
    people, "identity_people", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: PersonId,
    /// User or guest.
    kind: JsonText<PersonKind>,
    /// As colleagues call them.
    name: String,
    /// How the name is read; lists sort by it.
    kana: Option<String>,
    /// What lists sort by: the reading, or the name, folded.
    reading: String,
    /// What they read.
    language: JsonText<Language>,
    /// Active, left or deleted.
    state: JsonText<PersonState>,
    /// Sealed.
    mail: Option<Vec<u8>>,
    /// For look-up.
    mail_blind: Option<Vec<u8>>,
    /// Sealed.
    phone: Option<Vec<u8>>,
    /// The ID number for boxes, sealed.
    number: Option<Vec<u8>>,
    /// For look-up.
    number_blind: Option<Vec<u8>>,
    /// Argon2id, sealed again so that a stolen database alone gives nothing to guess at.
    password: Option<Vec<u8>>,
    /// When.
    password_set_at: Option<Timestamp>,
    /// Keyed hash of person and digits.
    pin: Option<Vec<u8>>,
    /// Counts whatever must end sessions and tokens made before.
    stamp: i64,
    /// Has seen the page that offers an authenticator app.
    welcomed: bool,
    /// When they were invited.
    created_at: Timestamp,
    /// Last sign-in.
    signed_in_at: Option<Timestamp>,
    /// When access ended.
    left_at: Option<Timestamp>,
    /// When the rest is deleted.
    delete_at: Option<Timestamp>,
});

tenant_table!(/// A named group of people.
    groups, "identity_groups", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: GroupId,
    /// Its name.
    name: String,
    /// What it is for.
    note: String,
    /// When it was made.
    created_at: Timestamp,
});

tenant_table!(/// Who is in which group; the policy holds the same edge.
    members, "identity_members", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The group.
    group_id: GroupId,
    /// The member.
    person: PersonId,
    /// Since when.
    since: Timestamp,
});
