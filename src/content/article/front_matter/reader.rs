//! Reads the values of front matter. Errors have the key and the line of the invalid value.

use super::{
    FrontMatterError, addresses,
    keys::{Found, Meaning, understand},
    raw::{self, Raw},
    split::Parts,
    values::{one_line, parse_boolean, text, to_tags},
};
use crate::content::{CommentPolicy, ImageSource, Language, Menu};
use std::{fmt::Display, str::FromStr};

/// The values of front matter that are left to be read.
pub(super) struct Reader {
    meaning: Meaning,
    /// The position that Hugo gives a page in its menu.
    weight: Option<Found>,
}

type Result<T> = std::result::Result<T, FrontMatterError>;

impl Reader {
    /// Parses front matter with these keys.
    pub(super) fn new(parts: &Parts<'_>, keys: &'static [&'static str]) -> Result<Reader> {
        let entries = raw::parse(parts.format, parts.front_matter)?;
        Ok(Reader {
            meaning: understand(entries, keys)?,
            weight: None,
        })
    }

    fn take(&mut self, key: &str) -> Option<Found> {
        let found = self.meaning.values.remove(key);
        found.filter(|found| found.value != Raw::Null)
    }

    /// Reads one text, trimmed.
    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>> {
        match self.take(key) {
            Some(found) => scalar(&found),
            None => Ok(None),
        }
    }

    /// Reads a text as one line.
    pub(super) fn line(&mut self, key: &str) -> Result<Option<String>> {
        Ok(self.text(key)?.map(|text| one_line(&text)))
    }

    pub(super) fn parse_with<T>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        let Some(found) = self.take(key) else {
            return Ok(None);
        };
        let Some(text) = scalar(&found)? else {
            return Ok(None);
        };
        parse(&text)
            .map(Some)
            .map_err(|reason| bad_value(&found, reason))
    }

    pub(super) fn parse<T>(&mut self, key: &str) -> Result<Option<T>>
    where
        T: FromStr<Err: Display>,
    {
        self.parse_with(key, |text| {
            text.parse()
                .map_err(|error: T::Err| format!("{text:?}: {error}"))
        })
    }

    /// Reads a name, or a list of names. Jekyll also has tables with a `name`.
    pub(super) fn names(&mut self, key: &str) -> Result<Option<String>> {
        let Some(found) = self.take(key) else {
            return Ok(None);
        };
        let name = |value: &Raw| match value {
            Raw::Text(name) => text(name).map(|name| one_line(&name)),
            Raw::Map(entries) => match entries.iter().find(|(key, _)| key == "name") {
                Some((_, Raw::Text(name))) => text(name).map(|name| one_line(&name)),
                _ => None,
            },
            Raw::Null | Raw::List(_) => None,
        };
        let names: Option<Vec<String>> = match &found.value {
            Raw::List(items) => items.iter().map(name).collect(),
            Raw::Text(name) if text(name).is_none() => return Ok(None),
            other => name(other).map(|name| vec![name]),
        };
        match names {
            Some(names) if names.is_empty() => Ok(None),
            Some(names) => Ok(Some(names.join(", "))),
            None => Err(bad_value(&found, "must be a name, or a list of names")),
        }
    }

    /// Reads the tags, with the categories of other programs: lists, or texts with commas.
    pub(super) fn tags(&mut self) -> Result<Vec<String>> {
        let tags = self.take("tags");
        let categories = std::mem::take(&mut self.meaning.categories);
        let mut words = Vec::new();
        for found in tags.into_iter().chain(categories) {
            match &found.value {
                Raw::Null => {}
                Raw::List(items) => {
                    for item in items {
                        match item {
                            Raw::Text(word) => words.push(word.clone()),
                            _ => return Err(bad_value(&found, "each tag must be a text")),
                        }
                    }
                }
                Raw::Text(text) if self.meaning.is_jekyll && !text.contains(',') => {
                    words.extend(text.split_whitespace().map(str::to_owned));
                }
                Raw::Text(text) => words.extend(text.split(',').map(str::to_owned)),
                Raw::Map(_) => {
                    let reason = "must be a list, or words separated by commas";
                    return Err(bad_value(&found, reason));
                }
            }
        }
        Ok(to_tags(&words))
    }

    /// Reads the language. Jekyll has `lang: en_US`.
    pub(super) fn language(&mut self) -> Result<Option<Language>> {
        let is_ours = self
            .meaning
            .values
            .get("language")
            .is_some_and(|found| found.key == "language");
        self.parse_with("language", |text| {
            let tag = if is_ours {
                text.to_owned()
            } else {
                text.replace('_', "-")
            };
            tag.parse().map_err(|error| format!("{text:?}: {error}"))
        })
    }

    /// Reads the policy for comments. Other programs have only `true` and `false`.
    pub(super) fn comments(&mut self) -> Result<Option<CommentPolicy>> {
        let policy = self.parse_with("comments", |text| match text {
            "true" => Ok(None),
            "false" => Ok(Some(CommentPolicy::Closed)),
            text => text
                .parse()
                .map(Some)
                .map_err(|error| format!("{text:?}: {error}")),
        })?;
        Ok(policy.flatten())
    }

    /// Reads the lead picture and the text that its table may have for it.
    pub(super) fn image(
        &mut self,
        parse: impl Fn(&str) -> std::result::Result<ImageSource, String>,
    ) -> Result<(Option<ImageSource>, Option<String>)> {
        let Some(mut found) = self.take("image") else {
            return Ok((None, None));
        };
        if let Raw::List(items) = found.value {
            found.value = items.into_iter().next().unwrap_or(Raw::Null);
        }
        let (name, alt) = match &found.value {
            Raw::Null => return Ok((None, None)),
            Raw::Text(name) => (text(name), None),
            Raw::Map(entries) => {
                let of = |names: &[&str]| {
                    names.iter().find_map(|name| {
                        entries.iter().find_map(|(key, value)| match value {
                            Raw::Text(value) if key.eq_ignore_ascii_case(name) => text(value),
                            _ => None,
                        })
                    })
                };
                (
                    of(&["path", "src", "url", "image", "file", "filename", "feature"]),
                    of(&["alt", "image_alt", "description"]),
                )
            }
            Raw::List(_) => return Err(bad_value(&found, "must be the name of a picture")),
        };
        match name {
            Some(name) => {
                let image = parse(&name).map_err(|reason| bad_value(&found, reason))?;
                Ok((Some(image), alt))
            }
            None => {
                self.meaning.ignored.push(found.key);
                Ok((None, None))
            }
        }
    }

    /// Reads the menu of a page. Hugo has menus of other names, and `main` for the header.
    pub(super) fn menu(&mut self) -> Result<Option<Menu>> {
        let Some(mut found) = self.take("menu") else {
            return Ok(None);
        };
        if let Raw::Map(entries) = &found.value
            && let [(name, value)] = entries.as_slice()
        {
            if let Raw::Map(values) = value {
                self.weight = values
                    .iter()
                    .find(|(key, _)| key == "weight")
                    .map(|(_, weight)| Found {
                        value: weight.clone(),
                        ..found.clone()
                    });
            }
            found.value = Raw::Text(name.clone());
        }
        let Some(name) = scalar(&found)? else {
            return Ok(None);
        };
        let name = if name == "main" { "header" } else { &name };
        name.parse()
            .map(Some)
            .map_err(|error| bad_value(&found, format!("{name:?}: {error}")))
    }

    /// Reads the position of a page in its menu, which Hugo and Zola call its weight.
    pub(super) fn position(
        &mut self,
        parse: impl Fn(&str) -> std::result::Result<i64, String>,
    ) -> Result<Option<i64>> {
        let Some(found) = self.take("position").or(self.weight.take()) else {
            return Ok(None);
        };
        let Some(text) = scalar(&found)? else {
            return Ok(None);
        };
        parse(&text)
            .map(Some)
            .map_err(|reason| bad_value(&found, reason))
    }

    /// Reads whether the file is a draft: `draft: true`, or `published: false` as Jekyll has it.
    pub(super) fn is_draft(&mut self) -> Result<bool> {
        let Some(found) = self.meaning.draft.take() else {
            return Ok(false);
        };
        let Some(text) = scalar(&found)? else {
            return Ok(false);
        };
        let is_draft = found.key.eq_ignore_ascii_case("draft");
        match parse_boolean(&text.to_lowercase()) {
            Ok(truth) => Ok(truth == is_draft),
            Err(reason) => Err(bad_value(&found, reason)),
        }
    }

    /// Reads the addresses at which the article was before.
    pub(super) fn former_paths(&mut self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for found in std::mem::take(&mut self.meaning.addresses) {
            let texts: Vec<&str> = match &found.value {
                Raw::Text(text) => vec![text],
                Raw::List(items) => items
                    .iter()
                    .filter_map(|item| match item {
                        Raw::Text(text) => Some(text.as_str()),
                        _ => None,
                    })
                    .collect(),
                Raw::Null | Raw::Map(_) => Vec::new(),
            };
            let is_permalink = found.key.eq_ignore_ascii_case("permalink");
            let read: Vec<String> = texts
                .into_iter()
                .filter_map(|text| addresses::former_path(text, is_permalink))
                .collect();
            if read.is_empty() {
                self.meaning.ignored.push(found.key);
            }
            paths.extend(read);
        }
        paths.sort();
        paths.dedup();
        paths
    }

    /// Returns the keys that were not used.
    pub(super) fn into_ignored(self) -> Vec<String> {
        self.meaning.ignored
    }
}

/// Returns a value that must be one text; `None` if it is empty.
fn scalar(found: &Found) -> Result<Option<String>> {
    match &found.value {
        Raw::Null => Ok(None),
        Raw::Text(value) => Ok(text(value)),
        Raw::List(_) => Err(bad_value(found, "must be one text, not a list")),
        Raw::Map(_) => Err(bad_value(found, "must be one text, not a table")),
    }
}

fn bad_value(found: &Found, reason: impl Into<String>) -> FrontMatterError {
    FrontMatterError::BadValue {
        key: found.key.clone(),
        line: found.line,
        reason: reason.into(),
    }
}
