//! Values of foreign JSON: numbers for texts, texts for numbers, and dates in every form that is in use.

use crate::protocol;
use serde_json::Value;

/// The earliest and the latest time that is a date of somebody's, in milliseconds: the years 1 (which programs write for
/// no date at all) and 10000 are none.
const TIMES: std::ops::Range<i64> = -59_958_144_000_000..253_402_300_800_000;

/// Returns a member's text without NUL, unless it is empty. A number is its digits.
pub(super) fn text(object: &Value, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.replace('\0', ""),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Returns whether a member is true: databases also write `1`.
pub(super) fn flag(object: &Value, name: &str) -> bool {
    match object.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::String(text)) => matches!(text.as_str(), "1" | "true"),
        _ => false,
    }
}

/// Returns a member's number.
pub(super) fn number(object: &Value, name: &str) -> Option<i64> {
    match object.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Returns a member's time in milliseconds since 1970, from a date or from milliseconds.
pub(super) fn time(object: &Value, name: &str) -> Option<i64> {
    let time = match object.get(name)? {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => parse_time(text)?,
        _ => return None,
    };
    TIMES.contains(&time).then_some(time)
}

/// Parses a date in milliseconds since 1970; without an offset it is in UTC.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    let time = protocol::parse_date(text.trim())?.timestamp_millis();
    TIMES.contains(&time).then_some(time)
}

/// Returns the elements of a member: those of an array, or the one value that is there.
pub(super) fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    match object.get(name) {
        Some(Value::Array(values)) => values,
        Some(Value::Null) | None => &[],
        Some(value) => std::slice::from_ref(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_in_every_form_that_is_in_use() {
        let post = json!({
            "id": 12, "title": "A\0B", "empty": " ", "featured": 1, "page": "1", "draft": null,
            "iso": "2021-03-01T10:00:00.000Z", "sql": "2021-03-01 10:00:00", "millis": 1_614_592_800_000_i64,
            "zero": "0000-00-00 00:00:00", "none": "0001-01-01T00:00:00Z", "far": 1e18 as i64, "tags": "one",
        });
        assert_eq!(text(&post, "id").as_deref(), Some("12"));
        assert_eq!(text(&post, "title").as_deref(), Some("AB"));
        assert_eq!(text(&post, "empty"), None);
        assert!(flag(&post, "featured") && flag(&post, "page") && !flag(&post, "draft"));
        for name in ["iso", "sql", "millis"] {
            assert_eq!(time(&post, name), Some(1_614_592_800_000), "{name}");
        }
        for name in ["zero", "none", "far", "draft", "missing", "title"] {
            assert_eq!(time(&post, name), None, "{name}");
        }
        assert_eq!(list(&post, "tags"), [json!("one")]);
        assert!(list(&post, "draft").is_empty());
    }
}
