//! Reading a field whatever shape a server gave it: one value or a list, an object where an id could
//! stand, `null`, or nonsense, which counts as absent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Entries of a list that are read; the rest is cut off.
pub const MAX_ENTRIES: usize = 200;

/// Longest id, in bytes: both databases can index two of them together.
const MAX_ID: usize = 1024;

/// A text that is a single string, or the first of a list. One with a NUL, which PostgreSQL can't keep, is none.
pub fn text_of(value: &Value) -> Option<String> {
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

/// An id: a string, the `id` of an object, or the first of a list. One of more than [`MAX_ID`] bytes or
/// with control characters, which URL parsers drop and terminals obey, is none.
pub fn id_of(value: &Value) -> Option<String> {
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

/// The ids of one value or a list.
pub fn ids_of(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().take(MAX_ENTRIES).filter_map(id_of).collect(),
        one => id_of(one).into_iter().collect(),
    }
}

/// A link to show: the first `text/html` link, or else the first that has an address.
fn link_of(value: &Value) -> Option<String> {
    let is_page =
        |value: &&Value| value.get("mediaType").and_then(Value::as_str) == Some("text/html");
    match value {
        Value::Array(list) => list
            .iter()
            .take(MAX_ENTRIES)
            .find(is_page)
            .and_then(id_of)
            .or_else(|| id_of(value)),
        one => id_of(one),
    }
}

fn moment_of(value: &Value) -> Option<DateTime<Utc>> {
    let text = text_of(value)?;
    let text = text.trim();
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .ok()
        .or_else(|| {
            // Without an offset it is UTC (ActivityStreams 2.0, 2.3 demands one, some leave it out).
            text.parse::<chrono::NaiveDateTime>()
                .ok()
                .map(|time| time.and_utc())
        })
}

/// The values of one value or a list.
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
        pub fn $name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
            let read: fn(Value) -> $type = $read;
            Ok(read(Value::deserialize(deserializer)?))
        }
    )*};
}

deserializers! {
    text -> Option<String> = |value| text_of(&value);
    id -> Option<String> = |value| id_of(&value);
    ids -> Vec<String> = |value| ids_of(&value);
    link -> Option<String> = |value| link_of(&value);
    moment -> Option<DateTime<Utc>> = |value| moment_of(&value);
    list -> Vec<Value> = list_of;
    flag -> bool = |value| matches!(value, Value::Bool(true)) || value == "true";
    /// A map of languages to texts, as its first entry.
    first_of_map -> Option<(String, String)> = |value| {
        value.as_object()?.iter().find_map(|(language, text)| Some((language.clone(), text_of(text)?)))
    };
}
