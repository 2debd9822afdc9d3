//! Reads fields in any shape in which servers send them: one value or a list, an object for an id, or `null`. Nonsense
//! counts as absent.

use super::dates;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The maximum number of entries of a list. Further entries are ignored.
pub(super) const MAX_ENTRIES: usize = 200;

/// The maximum length of an id, in bytes. Both databases can index two such ids together.
const MAX_ID: usize = 1024;

/// Returns a text: a string, the `@value` of an object, or the first of a list. A text with a NUL character is ignored,
/// since PostgreSQL can't store it.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text).filter(|text| !text.contains('\0')).cloned(),
        Value::Array(list) => list.iter().find_map(text_of),
        Value::Object(object) => object
            .get("@value")
            .filter(|text| text.is_string())
            .and_then(text_of),
        _ => None,
    }
}

/// A text with its language, if that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LocalizedText {
    pub text: String,
    pub language: Option<String>,
}

/// Returns the texts of a value or a list: strings, and objects with a language (JSON-LD 1.1, 4.2.4).
pub(super) fn texts_of(value: &Value) -> Vec<LocalizedText> {
    let entries = match value {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    let localized = |value: &Value| {
        Some(LocalizedText {
            text: text_of(value)?,
            language: value.get("@language").and_then(text_of),
        })
    };
    entries
        .iter()
        .take(MAX_ENTRIES)
        .filter_map(localized)
        .collect()
}

/// Returns the texts of a language map (ActivityStreams 2.0, 4.7), in their order.
pub(super) fn map_of(value: &Value) -> Vec<LocalizedText> {
    match value {
        Value::Array(list) => list.iter().take(MAX_ENTRIES).flat_map(map_of).collect(),
        Value::Object(map) => map
            .iter()
            .take(MAX_ENTRIES)
            .filter_map(|(language, text)| {
                Some(LocalizedText {
                    text: text_of(text)?,
                    language: Some(language.clone()),
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Returns the first text that is not blank.
pub(super) fn first_non_blank(texts: &[LocalizedText]) -> Option<&str> {
    let mut texts = texts.iter().map(|text| text.text.as_str());
    texts.find(|text| !text.trim().is_empty())
}

/// Returns an id: a string, the `id` or `href` of an object, or the first of a list. An id with more than [`MAX_ID`] bytes
/// is ignored, and so is one with control characters, which URL parsers drop and terminals obey.
pub(super) fn id_of(value: &Value) -> Option<String> {
    match value {
        Value::String(id) => Some(id)
            .filter(|id| id.len() <= MAX_ID && !id.chars().any(char::is_control))
            .cloned(),
        Value::Object(object) => ["id", "@id", "href"]
            .iter()
            .find_map(|key| object.get(*key).filter(|id| id.is_string()))
            .and_then(id_of),
        Value::Array(list) => list.iter().take(MAX_ENTRIES).find_map(id_of),
        _ => None,
    }
}

/// Returns the ids of a value or a list.
pub(super) fn ids_of(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().take(MAX_ENTRIES).filter_map(id_of).collect(),
        one => id_of(one).into_iter().collect(),
    }
}

fn date_time_of(value: &Value) -> Option<DateTime<Utc>> {
    dates::parse(&text_of(value)?)
}

/// Returns a value or the values of a list.
fn list_of(value: Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(mut list) => {
            list.truncate(MAX_ENTRIES);
            list
        }
        one => vec![one],
    }
}

macro_rules! deserializers {
    ($($(#[$doc:meta])* $name:ident -> $type:ty = $read:expr;)*) => {$(
        $(#[$doc])*
        pub(super) fn $name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
            let read: fn(Value) -> $type = $read;
            Ok(read(Value::deserialize(deserializer)?))
        }
    )*};
}

deserializers! {
    text -> Option<String> = |value| text_of(&value);
    id -> Option<String> = |value| id_of(&value);
    ids -> Vec<String> = |value| ids_of(&value);
    date_time -> Option<DateTime<Utc>> = |value| date_time_of(&value);
    list -> Vec<Value> = list_of;
    flag -> bool = |value| matches!(value, Value::Bool(true)) || value == "true";
    /// Deserializes addressees. `None` means that there is no such property.
    audience -> Option<Vec<String>> = |value| {
        let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
        (!value.is_null() && !is_blank).then(|| ids_of(&value))
    };
    texts -> Vec<LocalizedText> = |value| texts_of(&value);
    text_map -> Vec<LocalizedText> = |value| map_of(&value);
}
