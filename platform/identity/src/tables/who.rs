//! Tenants, people and groups.

/// A customer of the installation.
pub mod tenants {
    use crate::{TenantSettings, TenantState};
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{TenantId, Timestamp};
    use sekisho_storage::JsonText;

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
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::TenantId;

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

/// A user or guest.
pub mod people {
    use crate::{PersonKind, PersonState};
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{Language, PersonId, TenantId, Timestamp};
    use sekisho_storage::JsonText;

    /// A user or guest.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_people")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: PersonId,
        /// User or guest.
        pub kind: JsonText<PersonKind>,
        /// As colleagues call them.
        pub name: String,
        /// How the name is read; lists sort by it.
        pub kana: Option<String>,
        /// What lists sort by: the reading, or the name, folded.
        pub reading: String,
        /// What they read.
        pub language: JsonText<Language>,
        /// Active, left or deleted.
        pub state: JsonText<PersonState>,
        /// Sealed.
        pub mail: Option<Vec<u8>>,
        /// For look-up.
        pub mail_blind: Option<Vec<u8>>,
        /// Sealed.
        pub phone: Option<Vec<u8>>,
        /// The ID number for boxes, sealed.
        pub number: Option<Vec<u8>>,
        /// For look-up.
        pub number_blind: Option<Vec<u8>>,
        /// Argon2id, sealed again so that a stolen database alone gives nothing to guess at.
        pub password: Option<Vec<u8>>,
        /// When.
        pub password_set_at: Option<Timestamp>,
        /// Keyed hash of person and digits.
        pub pin: Option<Vec<u8>>,
        /// Counts whatever must end sessions and tokens made before.
        pub stamp: i64,
        /// Has seen the page that offers an authenticator app.
        pub welcomed: bool,
        /// When they were invited.
        pub created_at: Timestamp,
        /// Last sign-in.
        pub signed_in_at: Option<Timestamp>,
        /// When access ended.
        pub left_at: Option<Timestamp>,
        /// When the rest is deleted.
        pub delete_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// A named group of people.
pub mod groups {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{GroupId, TenantId, Timestamp};

    /// A named group of people.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_groups")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: GroupId,
        /// Its name.
        pub name: String,
        /// What it is for.
        pub note: String,
        /// When it was made.
        pub created_at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Who is in which group; the policy holds the same edge.
pub mod members {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{GroupId, PersonId, TenantId, Timestamp};

    /// Who is in which group; the policy holds the same edge.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_members")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The group.
        pub group_id: GroupId,
        /// The member.
        pub person: PersonId,
        /// Since when.
        pub since: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}
