//! Parses untrusted JSON: without duplicate keys and NUL characters, with bounded depth and number of values.
//!
//! Two programs may read a document with duplicate keys as two different documents, so that one checks what the other
//! ignores. Such documents are refused.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::{cell::Cell, fmt};

/// The maximum number of values in one document: objects, lists and scalars.
const MAX_VALUES: usize = 20_000;
/// The maximum depth of lists and objects.
const MAX_DEPTH: usize = 32;

/// The reason for which a document was refused.
#[derive(Debug, thiserror::Error)]
#[error("the body is not acceptable JSON: {0}")]
pub struct JsonError(String);

/// Parses a document.
///
/// # Errors
/// If it is not JSON in UTF-8, repeats a key in an object, has a NUL character, or is too deep or too large.
pub fn parse_json(bytes: &[u8]) -> Result<Value, JsonError> {
    let values = Cell::new(0);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict {
        values: &values,
        depth: 0,
    };
    let value = seed
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        // The message can repeat the sender's text. Only its beginning is kept.
        .map_err(|error| JsonError(shorten(&error.to_string())))?;
    Ok(value)
}

fn shorten(message: &str) -> String {
    message
        .chars()
        .filter(|c| !c.is_control())
        .take(120)
        .collect()
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    values: &'a Cell<usize>,
    depth: usize,
}

impl Strict<'_> {
    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        self.values.set(self.values.get() + 1);
        if self.values.get() > MAX_VALUES {
            return Err(E::custom("too many values"));
        }
        Ok(())
    }

    fn deeper<E: serde::de::Error>(&self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Strict {
            depth: self.depth + 1,
            ..*self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        refuse_nul(value)?;
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        refuse_nul(&value)?;
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            refuse_nul(&key)?;
            if object.contains_key(&key) {
                return Err(A::Error::custom("an object has a duplicate key"));
            }
            object.insert(key, map.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

fn refuse_nul<E: serde::de::Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') {
        return Err(E::custom("a string has a NUL character"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_documents_are_parsed() {
        let value =
            parse_json(br#"{"a": [1, -2, 3.5, null, true, "x"], "b": {"a": "y"}}"#).unwrap();
        assert_eq!(value["a"][5], "x");
        assert_eq!(value["b"]["a"], "y");
    }

    #[test]
    fn hostile_documents_are_refused() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let wide = format!("[{}1]", "1,".repeat(100_000));
        for (name, text) in [
            ("duplicate keys", r#"{"id":"a","id":"b"}"#.as_bytes()),
            ("duplicate keys below", br#"{"o":{"id":"a","id":"b"}}"#),
            ("NUL", br#"{"a":"\u0000"}"#),
            ("lone surrogate", br#"{"a":"\ud800"}"#),
            ("invalid UTF-8", b"{\"a\":\"\xff\"}"),
            ("huge number", br#"{"a":1e999}"#),
            ("trailing text", br#"{} {}"#),
            ("deep", deep.as_bytes()),
            ("wide", wide.as_bytes()),
            ("empty", b""),
        ] {
            assert!(parse_json(text).is_err(), "{name} was accepted");
        }
    }

    #[test]
    fn numbers_keep_their_values() {
        for text in [
            "122.416294033786585",
            "1.7976931348623157e308",
            "2.2250738585072014e-308",
            "0.1",
            "9007199254740993",
            "51.24817837550540",
        ] {
            let value = parse_json(text.as_bytes()).unwrap();
            assert_eq!(value.as_f64(), text.parse().ok(), "{text}");
            assert_eq!(parse_json(value.to_string().as_bytes()).unwrap(), value);
        }
    }
}
