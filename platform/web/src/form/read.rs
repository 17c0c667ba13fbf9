//! From `application/x-www-form-urlencoded` pairs to a typed value, with an error for each field that does not fit.

use std::collections::HashSet;

use sekisho_kernel::FieldError;
use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};

/// Splits and decodes the pairs. Bytes that are no UTF-8 become replacement characters, and so does
/// NUL, which no text has and PostgreSQL does not keep; nothing is refused here.
pub(super) fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    encoded
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            (decode(halves.next().unwrap_or_default()), decode(halves.next().unwrap_or_default()))
        })
        .collect()
}

pub(crate) fn decode(encoded: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.iter().copied();
    while let Some(byte) = rest.next() {
        let decoded = match byte {
            b'+' => b' ',
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(nibble), ahead.next().and_then(nibble)) {
                    (Some(high), Some(low)) => {
                        rest = ahead;
                        high << 4 | low
                    }
                    _ => b'%',
                }
            }
            other => other,
        };
        bytes.push(decoded);
    }
    String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}")
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|nibble| u8::try_from(nibble).ok())
}

/// Reads a `T`. All fields that do not fit are named, not only the first: fields are read one by one, and one that fails
/// is left out until the rest is read.
pub(super) fn value<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, Vec<FieldError>> {
    T::deserialize(Pairs { pairs })
        .map_err(|wrong| vec![FieldError { field: wrong.field.unwrap_or_default(), text: "error-field" }])
}

/// A field that did not fit.
#[derive(Debug)]
struct Wrong {
    field: Option<&'static str>,
    message: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self { field: None, message: message.to_string() }
    }
    fn missing_field(field: &'static str) -> Self {
        Self { field: Some(field), message: format!("{field} is missing") }
    }
}

/// The form as a whole: a struct whose every known field is read, present or not.
struct Pairs<'a> {
    pairs: &'a [(String, String)],
}

impl<'de> de::Deserializer<'de> for Pairs<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_map(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let mut seen = HashSet::new();
        let names = self.pairs.iter().map(|(name, _)| name.as_str()).filter(|name| seen.insert(*name));
        visitor.visit_map(Fields {
            pairs: self.pairs,
            names: names.collect::<Vec<_>>().into_iter(),
            known: [].iter(),
            next: None,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_map(Fields {
            pairs: self.pairs,
            names: Vec::new().into_iter(),
            known: fields.iter(),
            next: None,
        })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit_struct newtype_struct seq
        tuple tuple_struct enum identifier ignored_any
    }
}

struct Fields<'a> {
    pairs: &'a [(String, String)],
    names: std::vec::IntoIter<&'a str>,
    known: std::slice::Iter<'static, &'static str>,
    next: Option<(&'a str, Option<&'static str>)>,
}

impl<'de, 'a> MapAccess<'de> for Fields<'a> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        self.next = match self.known.next() {
            Some(known) => Some((*known, Some(*known))),
            None => self.names.next().map(|name| (name, None)),
        };
        self.next.map(|(name, _)| seed.deserialize(name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let (name, known) = self.next.take().unwrap_or_default();
        let typed: Vec<&str> =
            self.pairs.iter().filter(|(field, _)| field == name).map(|(_, typed)| typed.as_str()).collect();
        seed.deserialize(Typed(typed)).map_err(|wrong| Wrong { field: wrong.field.or(known), ..wrong })
    }
}

/// What was typed into one field; more than one text when it was sent more than once, none when it was not sent.
struct Typed<'a>(Vec<&'a str>);

impl Typed<'_> {
    fn first(&self) -> &str {
        self.0.first().copied().unwrap_or_default()
    }
}

macro_rules! parsed {
    ($($read:ident $visit:ident $type:ty),* $(,)?) => { $(
        fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            let number = self.first().trim().parse::<$type>();
            visitor.$visit(number.map_err(|error| <Wrong as de::Error>::custom(error))?)
        }
    )* };
}

impl<'de> de::Deserializer<'de> for Typed<'_> {
    type Error = Wrong;

    parsed! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64, deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_str(self.first())
    }

    /// A checkbox that is not ticked is not sent.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(!matches!(self.first(), "" | "0" | "false" | "off"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.iter().all(|typed| typed.trim().is_empty()) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(Many(
            self.0.into_iter().filter(|typed| !typed.is_empty()).collect::<Vec<_>>().into_iter(),
        ))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(self.first().into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct tuple_struct map struct identifier
    }
}

struct Many<'a>(std::vec::IntoIter<&'a str>);

impl<'de> SeqAccess<'de> for Many<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        self.0.next().map(|typed| seed.deserialize(Typed(vec![typed]))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use uuid::Uuid;

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Policy {
        FixedBin,
        AnyBin,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct NewKey {
        name: String,
        note: Option<String>,
        bin: u32,
        policy: Policy,
        disabled: bool,
        groups: Vec<Uuid>,
    }

    fn read(form: &str) -> Result<NewKey, Vec<FieldError>> {
        value(&pairs(form.as_bytes()))
    }

    #[test]
    fn reads_every_kind_of_field() {
        let group = Uuid::nil();
        let form = format!(
            "name=%E7%A4%BE%E7%94%A8%E8%BB%8A+3&note=&bin=4&policy=any_bin&disabled=on&groups={group}&groups={group}&extra=1"
        );
        let want = NewKey {
            name: "社用車 3".to_owned(),
            note: None,
            bin: 4,
            policy: Policy::AnyBin,
            disabled: true,
            groups: vec![group, group],
        };
        assert_eq!(read(&form), Ok(want));
    }

    #[test]
    fn names_the_field_that_does_not_fit() {
        let field = |form: &str| read(form).unwrap_err().first().unwrap().field;
        assert_eq!(field("name=a&bin=x&policy=any_bin"), "bin");
        assert_eq!(field("name=a&bin=1&policy=none"), "policy");
        assert_eq!(field("name=a&bin=1&policy=any_bin&groups=1"), "groups");
    }

    #[test]
    fn decodes_what_is_no_code() {
        assert_eq!(
            pairs(b"a=%zz&b=%e3%81&=&c"),
            [
                ("a".to_owned(), "%zz".to_owned()),
                ("b".to_owned(), "\u{fffd}".to_owned()),
                (String::new(), String::new()),
                ("c".to_owned(), String::new()),
            ]
        );
    }
}
