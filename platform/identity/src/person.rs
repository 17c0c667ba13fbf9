//! People as others see them, and how personal data is masked.

use sekisho_kernel::{Language, PersonId, Timestamp};
use serde::{Deserialize, Serialize};

/// User or guest.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// Belongs to the organisation.
    User,
    /// Comes from outside, for a while.
    Guest,
}

/// Whether a person has access.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// Has access.
    Active,
    /// Access has ended; the rest is kept for a month, so that a mistake can be undone.
    Left,
    /// Only the id is left, for history.
    Deleted,
}

/// A person, opened. Pages show [`Masked`] values to all but the person; the whole is a reveal, on the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// User or guest.
    pub kind: PersonKind,
    /// As colleagues call them.
    pub name: String,
    /// How the name is read.
    pub kana: Option<String>,
    /// Mail address.
    pub mail: Option<String>,
    /// Telephone number, E.164 where it could be read as such.
    pub phone: Option<String>,
    /// The number they type at a box.
    pub number: Option<String>,
    /// What they read.
    pub language: Language,
    /// Whether they have access.
    pub state: PersonState,
    /// Whether they have set a password.
    pub has_password: bool,
    /// When they were invited.
    pub created_at: Timestamp,
    /// Last sign-in.
    pub signed_in_at: Option<Timestamp>,
    /// When access ended.
    pub left_at: Option<Timestamp>,
    /// When the rest is deleted.
    pub delete_at: Option<Timestamp>,
}

/// What lists sort by: the reading where it is known, else the name; in the form in which texts are compared.
pub(crate) fn reading(name: &str, kana: Option<&str>) -> String {
    sekisho_crypto::fold(kana.unwrap_or(name))
}

impl Person {
    /// What lists sort by, and so the place at which a list goes on.
    pub fn reading(&self) -> String {
        reading(&self.name, self.kana.as_deref())
    }

    /// Whether they have access.
    pub fn active(&self) -> bool {
        self.state == PersonState::Active
    }
}

/// Personal data with all but a hint covered. It is made from the opened value and cannot be undone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Masked(String);

impl Masked {
    /// `s…o@example.com`: first and last letter of the local part, the whole domain.
    pub fn mail(mail: &str) -> Self {
        let Some((local, domain)) = mail.rsplit_once('@') else { return Self::text(mail) };
        let mut letters = local.chars();
        match (letters.next(), letters.next_back()) {
            (Some(first), Some(last)) if letters.next().is_some() => Self(format!("{first}…{last}@{domain}")),
            (Some(first), _) => Self(format!("{first}…@{domain}")),
            _ => Self(format!("…@{domain}")),
        }
    }

    /// `…678`: the last three digits.
    pub fn phone(phone: &str) -> Self {
        let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
        let shown = if digits.len() >= 7 { 3 } else { 0 };
        Self(format!("…{}", digits.iter().skip(digits.len() - shown).collect::<String>()))
    }

    /// `••••••`: as many dots as characters, at most eight.
    pub fn text(text: &str) -> Self {
        Self("•".repeat(text.chars().count().min(8)))
    }

    /// What may be shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Masked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A mail address as we store it, or `None` when it is none. Deliverability is for the mail server to say; here only what
/// could break out of a header or an address list is refused.
pub fn read_mail(text: &str) -> Option<String> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let fine = !local.is_empty()
        && domain.len() >= 3
        && domain.contains('.')
        && !domain.starts_with(['.', '-'])
        && !domain.ends_with(['.', '-'])
        && text.len() <= 254
        && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>(),;:\\\"[]".contains(c))
        && !local.contains('@')
        && domain.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-');
    // The local part is compared without regard to case (`fold` in the blind index), but kept as typed.
    fine.then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// A telephone number as `+81…` where it can be read so; Japanese numbers may begin with 0. `None` when it is none.
pub fn read_phone(text: &str) -> Option<String> {
    let mut digits = String::new();
    for (place, c) in text.trim().chars().enumerate() {
        match c {
            '0'..='9' => digits.push(c),
            '０'..='９' => digits.push(char::from_digit(u32::from(c) - u32::from('０'), 10)?),
            '+' | '＋' if place == 0 => digits.push('+'),
            ' ' | '-' | '(' | ')' | '.' | '‐' | '－' | 'ー' | '　' => {}
            _ => return None,
        }
    }
    let number = match digits.strip_prefix('+') {
        Some(_) => digits,
        None => format!("+81{}", digits.strip_prefix('0')?),
    };
    (8..=16).contains(&number.len()).then_some(number)
}

/// An ID number: 4 to 8 digits, in whichever width they were typed.
pub fn read_number(text: &str) -> Option<String> {
    let number = text
        .trim()
        .chars()
        .map(|c| match c {
            '0'..='9' => Some(c),
            '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
            _ => None,
        })
        .collect::<Option<String>>()?;
    (4..=8).contains(&number.len()).then_some(number)
}

/// A name as it is stored: trimmed, 1 to 100 characters, none that steer a terminal or a line of text.
pub fn read_name(text: &str) -> Option<String> {
    let text = text.trim();
    let steers = |c: char| {
        c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    ((1..=100).contains(&text.chars().count()) && !text.contains(steers)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        for (mail, shown) in [
            ("sato@example.jp", "s…o@example.jp"),
            ("ab@example.jp", "a…@example.jp"),
            ("a@example.jp", "a…@example.jp"),
            ("佐藤花@example.jp", "佐…花@example.jp"),
            ("nonsense", "••••••••"),
        ] {
            assert_eq!(Masked::mail(mail).as_str(), shown);
        }
        assert_eq!(Masked::phone("+819012345678").as_str(), "…678");
        assert_eq!(Masked::phone("119").as_str(), "…");
        assert_eq!(Masked::phone("").as_str(), "…");
    }

    #[test]
    fn reads_what_people_type() {
        assert_eq!(read_mail(" Sato@Example.JP ").as_deref(), Some("Sato@example.jp"));
        for wrong in [
            "",
            "sato",
            "sato@",
            "@example.jp",
            "a b@example.jp",
            "a@b@example.jp",
            "a\r\nb@example.jp",
            "a@localhost",
            "a@-x.jp",
        ] {
            assert_eq!(read_mail(wrong), None, "{wrong}");
        }
        assert_eq!(read_phone("０９０-1234-5678").as_deref(), Some("+819012345678"));
        assert_eq!(read_phone("+44 20 7946 0000").as_deref(), Some("+442079460000"));
        for wrong in ["", "12", "090-12x", "+", "1234567890123"] {
            assert_eq!(read_phone(wrong), None, "{wrong}");
        }
        assert_eq!(read_number("００４２").as_deref(), Some("0042"));
        for wrong in ["", "123", "123456789", "12a4"] {
            assert_eq!(read_number(wrong), None, "{wrong}");
        }
        assert_eq!(read_name(" 佐藤 花子 ").as_deref(), Some("佐藤 花子"));
        for wrong in ["", " ", "a\u{202e}b", "a\nb"] {
            assert_eq!(read_name(wrong), None, "{wrong:?}");
        }
    }
}
