//! Who a guest is: sealed under a key of that guest, found by blind words. Destroying the key is forgetting the guest.

use std::collections::BTreeSet;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::{CryptoError, PersonalKey, Place, TenantKeys, Zeroizing, search_form};
use sekisho_host::Fault;
use sekisho_kernel::Language;
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::GuestId;
use crate::tables::{guest_words, guests};

/// The longest beginning of a word by which it is found.
const LONGEST_PREFIX: usize = 12;
/// The most guests of one mail address that are looked through.
const MOST_NAMESAKES: u64 = 20;

/// Who a guest is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// How it is read, in kana.
    pub reading: String,
    /// From where.
    pub company: String,
    /// Mail address; may be empty.
    pub mail: String,
    /// Telephone in E.164 form; may be empty.
    pub phone: String,
}

/// Where a guest's key lies.
fn key_place(guest: GuestId) -> Place<'static> {
    Place { table: "visitors_guests", column: "key", row: guest.uuid() }
}

/// Where the words about a guest lie.
fn contact_place(guest: GuestId) -> Place<'static> {
    Place { table: "visitors_guests", column: "contact", row: guest.uuid() }
}

/// The guest's own key; none once it was destroyed.
pub(crate) fn key_of(keys: &TenantKeys, guest: &guests::Model) -> Result<Option<PersonalKey>, CryptoError> {
    guest
        .key_sealed
        .as_ref()
        .map(|sealed| PersonalKey::open_from(keys, &key_place(guest.id), sealed))
        .transpose()
}

/// Who it is; none once the guest was erased.
pub(crate) fn opened(keys: &TenantKeys, guest: &guests::Model) -> Result<Option<Contact>, Fault> {
    let (Some(key), Some(sealed)) = (key_of(keys, guest)?, &guest.contact) else { return Ok(None) };
    let plain = key.open(&contact_place(guest.id), sealed)?;
    Ok(Some(serde_json::from_slice(&plain).unwrap_or_default()))
}

/// The language the guest reads.
pub(crate) fn language_of(guest: &guests::Model) -> Language {
    Language::guest_from_tag(&guest.language).unwrap_or_default()
}

fn mail_blind(keys: &TenantKeys, contact: &Contact) -> Option<Vec<u8>> {
    (!contact.mail.is_empty()).then(|| keys.blind("visitors.mail", &sekisho_crypto::fold(&contact.mail)))
}

/// The guest who gave that name with that address before, or a new one. What was not known of them yet is added; what was
/// known stays, whatever somebody else typed. Only the language is what was chosen last, if any was: they are written to in
/// it from now on.
pub(crate) async fn recognised_or_new(
    tx: &Tx,
    keys: &TenantKeys,
    contact: &Contact,
    language: Option<Language>,
) -> Result<GuestId, Fault> {
    if let Some(blind) = mail_blind(keys, contact) {
        let same =
            Condition::all().add(guests::Column::MailBlind.eq(blind)).add(guests::Column::ErasedAt.is_null());
        let rows = tx.find::<guests::Entity>().filter(same).limit(MOST_NAMESAKES).all().await?;
        for row in rows {
            let is_them = |known: &Contact| search_form(&known.name) == search_form(&contact.name);
            if !opened(keys, &row)?.as_ref().is_some_and(is_them) {
                continue;
            }
            // Behind whoever erases or changes them at this moment: who was erased meanwhile is somebody new.
            let Some(row) = lock(tx, row.id).await? else { continue };
            let Some(known) = opened(keys, &row)?.filter(is_them) else { continue };
            let either =
                |known: &String, typed: &String| if known.is_empty() { typed.clone() } else { known.clone() };
            let all = Contact {
                reading: either(&known.reading, &contact.reading),
                company: either(&known.company, &contact.company),
                phone: either(&known.phone, &contact.phone),
                ..known.clone()
            };
            if all != known {
                write(tx, keys, &row, &all).await?;
            }
            if let Some(language) = language.filter(|language| language.tag() != row.language) {
                tx.update::<guests::Entity>()
                    .set(guests::Column::Language, language.tag())
                    .filter(guests::Column::Id.eq(row.id))
                    .exec()
                    .await?;
            }
            return Ok(row.id);
        }
    }
    add(tx, keys, contact, language.unwrap_or(tx.cx().language)).await
}

/// One guest, behind everybody else who changes or erases them.
pub(crate) async fn lock(tx: &Tx, id: GuestId) -> Result<Option<guests::Model>, StoreError> {
    let this = guests::Column::Id.eq(id);
    tx.find::<guests::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

async fn add(tx: &Tx, keys: &TenantKeys, contact: &Contact, language: Language) -> Result<GuestId, Fault> {
    let id: GuestId = tx.cx().fresh_id();
    let bytes = Zeroizing::new(tx.cx().random::<32>());
    let key = PersonalKey::new(tx.cx().tenant, &*bytes)?;
    let row = guests::ActiveModel {
        id: Set(id),
        key_sealed: Set(Some(keys.seal(&key_place(id), &*bytes))),
        contact: Set(Some(key.seal(&contact_place(id), &json(contact)))),
        mail_blind: Set(mail_blind(keys, contact)),
        language: Set(language.tag().to_owned()),
        created_at: Set(tx.cx().now),
        ..Default::default()
    };
    tx.insert::<guests::Entity>(row).await?;
    write_words(tx, keys, id, contact).await?;
    Ok(id)
}

/// Writes what is known of a guest anew, with the words they are found by.
pub(crate) async fn write(
    tx: &Tx,
    keys: &TenantKeys,
    guest: &guests::Model,
    contact: &Contact,
) -> Result<(), Fault> {
    let Some(key) = key_of(keys, guest)? else { return Ok(()) };
    tx.update::<guests::Entity>()
        .set(guests::Column::Contact, Some(key.seal(&contact_place(guest.id), &json(contact))))
        .set(guests::Column::MailBlind, mail_blind(keys, contact))
        .filter(guests::Column::Id.eq(guest.id))
        .exec()
        .await?;
    forget_words(tx, guest.id).await?;
    write_words(tx, keys, guest.id, contact).await?;
    Ok(())
}

async fn write_words(
    tx: &Tx,
    keys: &TenantKeys,
    guest: GuestId,
    contact: &Contact,
) -> Result<(), StoreError> {
    let rows = words_of(contact)
        .into_iter()
        .map(|word| guest_words::ActiveModel {
            id: Set(tx.cx().fresh_id::<Uuid>()),
            guest_id: Set(guest),
            word: Set(blind(keys, &word)),
            ..Default::default()
        })
        .collect();
    tx.insert_many::<guest_words::Entity>(rows).await
}

/// Takes away by what the guest is found.
pub(crate) async fn forget_words(tx: &Tx, guest: GuestId) -> Result<(), StoreError> {
    tx.delete::<guest_words::Entity>().filter(guest_words::Column::GuestId.eq(guest)).exec().await?;
    Ok(())
}

fn json(contact: &Contact) -> Vec<u8> {
    serde_json::to_vec(contact).unwrap_or_default()
}

/// The blind form of one word.
pub(crate) fn blind(keys: &TenantKeys, word: &str) -> Vec<u8> {
    keys.blind("visitors.word", word)
}

/// By which words a guest is found: each sign and each pair of signs of kanji and kana, each beginning of words in letters.
fn words_of(contact: &Contact) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for text in [&contact.name, &contact.reading, &contact.company] {
        for run in runs(&search_form(text)).into_iter().filter(|run| is_cjk(run)) {
            let signs: Vec<char> = run.chars().collect();
            words.extend(signs.iter().map(char::to_string));
            words.extend(signs.windows(2).map(|pair| pair.iter().collect::<String>()));
        }
        for run in
            text.split_whitespace().flat_map(|word| runs(&search_form(word))).filter(|run| !is_cjk(run))
        {
            let letters: Vec<char> = run.chars().take(LONGEST_PREFIX).collect();
            words.extend((2..=letters.len()).map(|end| letters.iter().take(end).collect::<String>()));
        }
    }
    words
}

/// The words a guest must have all of, for what somebody looks for.
pub(crate) fn wanted(query: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for run in query.split_whitespace().flat_map(|word| runs(&search_form(word))) {
        let signs: Vec<char> = run.chars().collect();
        match (is_cjk(&run), signs.len()) {
            (true, 1) => words.extend([run]),
            (true, _) => words.extend(signs.windows(2).map(|pair| pair.iter().collect::<String>())),
            // One letter says too little to be looked up.
            (false, 0 | 1) => {}
            (false, _) => words.extend([signs.into_iter().take(LONGEST_PREFIX).collect::<String>()]),
        }
    }
    words
}

/// The text in pieces of one kind: signs (kanji, kana, hangul) or letters and digits; what is neither parts them.
fn runs(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut last = None;
    for letter in text.chars() {
        let kind = letter.is_alphanumeric().then(|| is_sign(letter));
        match (kind, runs.last_mut()) {
            (Some(_), Some(run)) if kind == last => run.push(letter),
            (Some(_), _) => runs.push(letter.to_string()),
            (None, _) => {}
        }
        last = kind;
    }
    runs
}

fn is_sign(letter: char) -> bool {
    u32::from(letter) >= 0x2E80
}

fn is_cjk(run: &str) -> bool {
    run.chars().next().is_some_and(is_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact(name: &str, reading: &str, company: &str) -> Contact {
        Contact { name: name.into(), reading: reading.into(), company: company.into(), ..Contact::default() }
    }

    #[test]
    fn guests_are_found_as_people_look_for_them() {
        let sato = contact("佐藤 美咲", "さとう みさき", "ＡＢＣ商事 株式会社");
        let smith = contact("John O'Neil-Smith", "ジョン", "Wayne Enterprises");
        let hit = |who: &Contact, query: &str| {
            let wanted = wanted(query);
            !wanted.is_empty() && wanted.is_subset(&words_of(who))
        };
        for query in
            ["佐藤", "佐", "美咲", "佐藤美咲", "サトウ", "ｻﾄｳ ﾐｻｷ", "さとう", "abc", "ABC商事", "佐藤 abc"]
        {
            assert!(hit(&sato, query), "{query}");
        }
        for query in ["john", "smi", "Neil", "wayne enter", "SMITH wayne"] {
            assert!(hit(&smith, query), "{query}");
        }
        for query in ["斎藤", "佐美", "abd", "bc", "佐藤 wayne", "", "-", "j"] {
            assert!(!hit(&sato, query) && !hit(&smith, query), "{query}");
        }
    }
}
