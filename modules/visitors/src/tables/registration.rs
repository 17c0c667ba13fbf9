//! The rows of registering before a visit: what is asked, what guests answered, what they signed, their photos.

use std::collections::BTreeMap;

use sekisho_storage::{Change, Table, tenant_table};

use super::*;

tenant_table!(/// What the guests of each kind of visit are asked before they come; the row's id is nil.
    registration_asks, "visitors_registration_asks", {
    /// Nil.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// What is asked.
    asks: JsonText<crate::registration::Asks>,
    /// Counts the changes.
    version: i64,
});

tenant_table!(/// What guests answered, for each visit.
    registrations, "visitors_registrations", {
    /// The visit.
    #[sea_orm(primary_key, auto_increment = false)]
    id: VisitId,
    /// Whose answers.
    guest_id: GuestId,
    /// Which address of the personal page that guest had: at another one it is somebody else's.
    page_generation: i64,
    /// The answers with the labels they were asked under, under the guest's key.
    answers: Vec<u8>,
    /// Which fields were answered.
    answered: JsonText<Vec<Uuid>>,
    /// At which visit they were given; of a series they stand for the others, too.
    given_at_visit: VisitId,
    /// When.
    given_at: Timestamp,
});

tenant_table!(/// Agreements that guests sign.
    agreements, "visitors_agreements", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: AgreementId,
    /// What the organisation calls it.
    name: String,
    /// The number of the newest version.
    newest: i64,
    /// Whoever signed an older version than this is asked again.
    needed: i64,
    /// Who made it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

tenant_table!(/// The texts of agreements. A version is never changed.
    agreement_versions, "visitors_agreement_versions", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Of which agreement.
    agreement_id: AgreementId,
    /// Which version, from 1.
    number: i64,
    /// The text by language, with its hash.
    texts: JsonText<BTreeMap<String, crate::registration::AgreementText>>,
    /// Who wrote it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

tenant_table!(/// Signatures of guests.
    signings, "visitors_signings", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: SigningId,
    /// Who signed.
    guest_id: GuestId,
    /// At which visit; of a series it stands for the others, too.
    visit_id: VisitId,
    /// What.
    agreement_id: AgreementId,
    /// Which version of it.
    version: i64,
    /// In which language it was read.
    language: String,
    /// SHA-256 of the text that was read, in its canonical form.
    hash: Vec<u8>,
    /// How.
    way: SigningWay,
    /// The name, under the guest's key; none once the guest was erased.
    name: Option<Vec<u8>>,
    /// The strokes, likewise.
    strokes: Option<Vec<u8>>,
    /// When.
    signed_at: Timestamp,
    /// The clock of the site (IANA).
    zone: String,
});

tenant_table!(/// For which visits a signature stands.
    signed_visits, "visitors_signed_visits", {
    /// Which visit.
    #[sea_orm(primary_key, auto_increment = false)]
    visit_id: VisitId,
    /// Which signature.
    #[sea_orm(primary_key, auto_increment = false)]
    signing_id: SigningId,
    /// Whose.
    guest_id: GuestId,
    /// Which address of the personal page that guest had.
    page_generation: i64,
});

tenant_table!(/// Photos of guests.
    photos, "visitors_photos", {
    /// The visit.
    #[sea_orm(primary_key, auto_increment = false)]
    id: VisitId,
    /// Of whom.
    guest_id: GuestId,
    /// Which address of the personal page that guest had.
    page_generation: i64,
    /// The picture (JPEG), under the guest's key.
    picture: Vec<u8>,
    /// When it was sent.
    sent_at: Timestamp,
});

pub(super) fn registration_first() -> Vec<Change> {
    let tables = [
        Table::tenant("visitors_registration_asks").text("asks").integer("version"),
        Table::tenant("visitors_registrations")
            .uuid("guest_id")
            .integer("page_generation")
            .bytes("answers")
            .text("answered")
            .uuid("given_at_visit")
            .integer("given_at")
            .references("id", "visitors_visits")
            .index(&["guest_id"]),
        Table::tenant("visitors_agreements")
            .text("name")
            .integer("newest")
            .integer("needed")
            .uuid("made_by")
            .integer("made_at"),
        Table::tenant("visitors_agreement_versions")
            .uuid("agreement_id")
            .integer("number")
            .text("texts")
            .uuid("made_by")
            .integer("made_at")
            .references("agreement_id", "visitors_agreements")
            .unique(&["agreement_id", "number"])
            .append_only(),
        Table::tenant("visitors_signings")
            .uuid("guest_id")
            .uuid("visit_id")
            .uuid("agreement_id")
            .integer("version")
            .text("language")
            .bytes("hash")
            .text("way")
            .optional_bytes("name")
            .optional_bytes("strokes")
            .integer("signed_at")
            .text("zone")
            .references("agreement_id", "visitors_agreements")
            .index(&["guest_id"])
            .index(&["agreement_id"]),
        Table::tenant_keyed("visitors_signed_visits", &["visit_id", "signing_id"])
            .uuid("guest_id")
            .integer("page_generation")
            .references("visit_id", "visitors_visits")
            .references("signing_id", "visitors_signings")
            .index(&["signing_id"]),
        Table::tenant("visitors_photos")
            .uuid("guest_id")
            .integer("page_generation")
            .bytes("picture")
            .integer("sent_at")
            .references("id", "visitors_visits")
            .index(&["guest_id"]),
    ];
    tables.into_iter().map(Into::into).collect()
}
