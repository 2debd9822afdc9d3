//! Front matter before its keys have a meaning: values as their author wrote them, in YAML, TOML or JSON.

use super::FrontMatterError;
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_yaml_ng::{Mapping, Value as Yaml};
use std::{collections::HashSet, fmt};
use toml::de::{DeTable, DeValue};

/// The maximum depth of values in TOML and JSON. The YAML parser has a limit of its own.
const MAX_DEPTH: usize = 32;

/// A value as its author wrote it: the number `1.10` is the text `1.10`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Raw {
    Null,
    Text(String),
    List(Vec<Raw>),
    Map(Vec<(String, Raw)>),
}

/// A key at the top of front matter, with its line in the file.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Raw,
}

/// The language of front matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Yaml,
    Toml,
    Json,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Format::Yaml => "YAML",
            Format::Toml => "TOML",
            Format::Json => "JSON",
        }
    }

    /// The line of the file on which the front matter begins.
    fn first_line(self) -> usize {
        match self {
            Format::Yaml | Format::Toml => 2,
            Format::Json => 1,
        }
    }

    fn error(self, line: usize, reason: impl Into<String>) -> FrontMatterError {
        FrontMatterError::Syntax {
            format: self.name(),
            line,
            reason: reason.into(),
        }
    }
}

/// Parses front matter.
pub(super) fn parse(format: Format, text: &str) -> Result<Vec<Entry>, FrontMatterError> {
    match format {
        Format::Yaml => parse_yaml(text),
        Format::Toml => parse_toml(text),
        Format::Json => parse_json(text),
    }
}

/// Deserializes the YAML twice: once for its shape, once for the values as the author wrote them, since YAML would turn
/// `1.10` into the number 1.1.
fn parse_yaml(text: &str) -> Result<Vec<Entry>, FrontMatterError> {
    let yaml_error = |error: serde_yaml_ng::Error| {
        let message = error.to_string();
        let reason = message.split(" at line ").next().unwrap_or(&message);
        let line = error.location().map_or(1, |location| location.line());
        // The parser names the beginning of the mapping.
        let line = second_line_of(text, reason).unwrap_or(line);
        let wrong = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let has_tab = wrong[..wrong.len() - wrong.trim_start().len()].contains('\t');
        let advice = if has_tab {
            "; indent with blanks, not with tabs"
        } else {
            ""
        };
        Format::Yaml.error(line + 1, format!("{reason}{advice}"))
    };
    let shape: Option<Mapping> = serde_yaml_ng::from_str(text).map_err(yaml_error)?;
    let Some(shape) = shape else {
        return Ok(Vec::new());
    };
    let shape = Yaml::Mapping(shape);
    let parsed = Shaped(&shape).deserialize(serde_yaml_ng::Deserializer::from_str(text));
    let Raw::Map(entries) = parsed.map_err(yaml_error)? else {
        return Ok(Vec::new());
    };
    Ok(entries
        .into_iter()
        .map(|(key, value)| Entry {
            line: line_of(text, &key, ':', Format::Yaml),
            key,
            value,
        })
        .collect())
}

/// Returns the line of the front matter that repeats a key, if this is the reason of an error.
fn second_line_of(text: &str, reason: &str) -> Option<usize> {
    let key = reason.strip_prefix("duplicate entry with key \"")?;
    let key = key.strip_suffix('"')?;
    let is_key = |line: &str| {
        let line = line.trim_start().trim_start_matches(['"', '\'']);
        let after = line.strip_prefix(key);
        after.is_some_and(|after| after.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
    };
    let mut lines = text.lines().enumerate().filter(|(_, line)| is_key(line));
    lines.nth(1).map(|(index, _)| index + 1)
}

/// Returns the line of the file that has `key`, or else the line on which the front matter begins.
fn line_of(text: &str, key: &str, separator: char, format: Format) -> usize {
    let is_key = |line: &str| {
        let line = match format {
            Format::Json => line.trim_start_matches(['{', ' ', '\t', ',']),
            _ => line,
        };
        let line = line.trim_start_matches(['"', '\'']);
        let after = line
            .strip_prefix(key)
            .map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        after.is_some_and(|rest| rest.starts_with(separator))
    };
    let first = format.first_line();
    text.lines()
        .position(is_key)
        .map_or(first.min(1), |index| index + first)
}

/// Reads a YAML value of a known shape, so that its scalars can be read as texts.
struct Shaped<'a>(&'a Yaml);

impl<'de> DeserializeSeed<'de> for Shaped<'_> {
    type Value = Raw;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        match self.0 {
            Yaml::Null => IgnoredAny::deserialize(deserializer).map(|_| Raw::Null),
            Yaml::Sequence(_) => deserializer.deserialize_seq(self),
            Yaml::Mapping(_) => deserializer.deserialize_map(self),
            Yaml::Tagged(_) => Err(de::Error::custom("tags such as !name are not read")),
            Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) => {
                String::deserialize(deserializer).map(Raw::Text)
            }
        }
    }
}

impl<'de> Visitor<'de> for Shaped<'_> {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the same value again")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let shapes = self.0.as_sequence().map(Vec::as_slice).unwrap_or_default();
        let mut list = Vec::with_capacity(shapes.len());
        for shape in shapes {
            list.extend(items.next_element_seed(Shaped(shape))?);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let Yaml::Mapping(shapes) = self.0 else {
            return Ok(Raw::Map(Vec::new()));
        };
        let mut map = Vec::with_capacity(shapes.len());
        for (key_shape, shape) in shapes {
            let Some(key) = entries.next_key_seed(Shaped(key_shape))? else {
                break;
            };
            let key = match key {
                Raw::Text(key) => key,
                Raw::Null => "null".to_owned(),
                Raw::List(_) | Raw::Map(_) => {
                    return Err(de::Error::custom("a key must be one word"));
                }
            };
            map.push((key, entries.next_value_seed(Shaped(shape))?));
        }
        Ok(Raw::Map(map))
    }
}

fn parse_toml(text: &str) -> Result<Vec<Entry>, FrontMatterError> {
    let line_at = |position: usize| {
        let before = text.get(..position).unwrap_or(text);
        before.matches('\n').count() + Format::Toml.first_line()
    };
    let table = DeTable::parse(text).map_err(|error| {
        let line = line_at(error.span().map_or(0, |span| span.start));
        let message = error.message().split('\n').collect::<Vec<_>>().join(", ");
        Format::Toml.error(line, message)
    })?;
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
        .into_iter()
        .map(|(key, value)| {
            let line = line_at(key.span().start);
            let value = of_toml(value.get_ref(), 0)
                .ok_or_else(|| Format::Toml.error(line, "its values are nested too deeply"))?;
            Ok(Entry {
                key: key.get_ref().to_string(),
                line,
                value,
            })
        })
        .collect()
}

/// Converts a TOML value. Returns `None` if it is nested too deeply.
fn of_toml(value: &DeValue<'_>, depth: usize) -> Option<Raw> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) => Raw::Text(number.as_str().to_owned()),
        DeValue::Float(number) => Raw::Text(number.as_str().to_owned()),
        DeValue::Boolean(truth) => Raw::Text(truth.to_string()),
        DeValue::Datetime(time) => Raw::Text(time.to_string()),
        DeValue::Array(items) => Raw::List(
            items
                .iter()
                .map(|item| of_toml(item.get_ref(), depth + 1))
                .collect::<Option<_>>()?,
        ),
        DeValue::Table(table) => Raw::Map(
            table
                .iter()
                .map(|(key, value)| {
                    let value = of_toml(value.get_ref(), depth + 1)?;
                    Some((key.get_ref().to_string(), value))
                })
                .collect::<Option<_>>()?,
        ),
    })
}

fn parse_json(text: &str) -> Result<Vec<Entry>, FrontMatterError> {
    let parsed: Raw = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let reason = message.split(" at line ").next().unwrap_or(&message);
        Format::Json.error(error.line(), reason)
    })?;
    let Raw::Map(entries) = parsed else {
        return Ok(Vec::new());
    };
    Ok(entries
        .into_iter()
        .map(|(key, value)| Entry {
            line: line_of(text, &key, ':', Format::Json),
            key,
            value,
        })
        .collect())
}

/// Reads JSON, and refuses a key that is there twice.
impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Raw, E> {
        Ok(Raw::Text(truth.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Text(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Text(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Text(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let (mut map, mut seen) = (Vec::new(), HashSet::new());
        while let Some(key) = entries.next_key::<String>()? {
            if !seen.insert(key.clone()) {
                return Err(de::Error::custom(format!(
                    "the key \"{key}\" is there twice"
                )));
            }
            map.push((key, entries.next_value()?));
        }
        Ok(Raw::Map(map))
    }
}
