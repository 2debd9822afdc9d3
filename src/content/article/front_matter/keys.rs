//! The meaning of keys: our own, and those of Hugo, Jekyll and Zola.

use super::{
    FrontMatterError,
    raw::{Entry, Raw},
};
use std::collections::HashMap;

/// Keys of other programs that mean one of ours, in the order in which they are taken. Our own key is taken before all
/// of them.
const SYNONYMS: &[(&str, &[&str])] = &[
    ("title", &[]),
    ("slug", &[]),
    ("author", &["authors"]),
    ("date", &["publishdate", "pubdate", "published_at"]),
    ("updated", &["lastmod", "last_modified_at", "modified"]),
    ("tags", &["tag"]),
    ("summary", &["description", "excerpt"]),
    ("language", &["lang", "locale"]),
    (
        "image",
        &[
            "images",
            "cover",
            "featured_image",
            "featuredimage",
            "feature_image",
            "thumbnail",
            "banner",
        ],
    ),
    (
        "image_alt",
        &[
            "alt",
            "cover_alt",
            "featured_image_alt",
            "image_description",
        ],
    ),
    ("menu", &["menus"]),
    ("position", &["weight"]),
];

/// Tables in which Hugo and Zola keep what themes read.
const TABLES: [&str; 2] = ["extra", "params"];

/// Keys of such tables that are read.
const IN_TABLES: [&str; 5] = ["author", "language", "summary", "image", "image_alt"];

/// A value with the key and the line at which it was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) value: Raw,
}

/// The values of front matter by our keys, and what else it says.
#[derive(Debug, Default)]
pub(super) struct Meaning {
    pub(super) values: HashMap<&'static str, Found>,
    /// Terms of other taxonomies, which become tags.
    pub(super) categories: Vec<Found>,
    /// Former addresses, and those of the other program.
    pub(super) addresses: Vec<Found>,
    /// Whether it says `draft: true` or `published: false`.
    pub(super) draft: Option<Found>,
    /// Whether it has keys that only Jekyll has. Its texts of tags are separated by blanks.
    pub(super) is_jekyll: bool,
    /// Keys that are not used.
    pub(super) ignored: Vec<String>,
}

/// Finds out what each key means. `keys` are ours.
pub(super) fn understand(
    entries: Vec<Entry>,
    keys: &'static [&'static str],
) -> Result<Meaning, FrontMatterError> {
    let mut meaning = Meaning::default();
    let mut ranks: HashMap<&'static str, usize> = HashMap::new();
    for entry in entries {
        let found = Found {
            key: entry.key,
            line: entry.line,
            value: entry.value,
        };
        if let Some(found) = meaning.take(found, keys, &mut ranks, true) {
            refuse_misspelled(&found, keys)?;
            meaning.ignored.push(found.key);
        }
    }
    Ok(meaning)
}

impl Meaning {
    /// Takes a key that has a meaning. Returns any other.
    fn take(
        &mut self,
        found: Found,
        keys: &'static [&'static str],
        ranks: &mut HashMap<&'static str, usize>,
        is_top: bool,
    ) -> Option<Found> {
        let name = found.key.to_lowercase().replace('-', "_");
        if let Some((key, rank)) = known(&name, keys) {
            if !is_top && !IN_TABLES.contains(&key) {
                return Some(found);
            }
            // What is at the top precedes what is in a table.
            let rank = rank + if is_top { 0 } else { 100 };
            match ranks.get(key) {
                Some(better) if *better <= rank => self.ignored.push(found.key),
                _ => {
                    ranks.insert(key, rank);
                    if let Some(other) = self.values.insert(key, found) {
                        self.ignored.push(other.key);
                    }
                }
            }
            return None;
        }
        if !is_top {
            return Some(found);
        }
        self.take_other(&name, found, keys, ranks)
    }

    /// Takes a key that no key of ours is for.
    fn take_other(
        &mut self,
        name: &str,
        found: Found,
        keys: &'static [&'static str],
        ranks: &mut HashMap<&'static str, usize>,
    ) -> Option<Found> {
        let has_tags = keys.contains(&"tags");
        match (name, &found.value) {
            ("layout", _) => {
                self.is_jekyll = true;
                return Some(found);
            }
            ("permalink", _) => {
                self.is_jekyll = true;
                self.addresses.push(found);
            }
            ("aliases" | "redirect_from" | "url" | "path", _) if has_tags => {
                self.addresses.push(found);
            }
            ("categories" | "category", _) if has_tags => self.categories.push(found),
            ("draft" | "published", Raw::Text(_)) => self.draft = Some(found),
            ("taxonomies", Raw::Map(_)) if has_tags => self.take_table(found, keys, ranks),
            (table, Raw::Map(_)) if TABLES.contains(&table) => self.take_table(found, keys, ranks),
            ("header", Raw::Map(_)) if keys.contains(&"image") => {
                self.take_header(found, ranks);
            }
            _ => return Some(found),
        }
        None
    }

    /// Takes the keys of a table.
    fn take_table(
        &mut self,
        table: Found,
        keys: &'static [&'static str],
        ranks: &mut HashMap<&'static str, usize>,
    ) {
        let Raw::Map(entries) = table.value else {
            return;
        };
        let is_taxonomies = table.key.eq_ignore_ascii_case("taxonomies");
        for (key, value) in entries {
            let inner = Found {
                key: format!("{}.{key}", table.key),
                line: table.line,
                value,
            };
            match key.as_str() {
                "tags" | "categories" if is_taxonomies => self.categories.push(inner),
                _ if is_taxonomies => self.ignored.push(inner.key),
                _ => {
                    let plain = Found {
                        key,
                        ..inner.clone()
                    };
                    match self.take(plain, keys, ranks, false) {
                        Some(_) => self.ignored.push(inner.key),
                        None => self.rename(&inner),
                    }
                }
            }
        }
    }

    /// Gives a value that was found in a table its full name.
    fn rename(&mut self, inner: &Found) {
        let same = |found: &&mut Found| {
            found.line == inner.line
                && found.value == inner.value
                && inner.key.ends_with(&format!(".{}", found.key))
        };
        if let Some(found) = self.values.values_mut().find(same) {
            inner.key.clone_into(&mut found.key);
        }
    }

    /// Takes the picture of the table `header`, which themes of Jekyll have.
    fn take_header(&mut self, header: Found, ranks: &mut HashMap<&'static str, usize>) {
        let Raw::Map(entries) = &header.value else {
            return;
        };
        let image = ["image", "overlay_image", "teaser"]
            .iter()
            .find_map(|name| entries.iter().find(|(key, _)| key == name));
        match image {
            Some((name, value)) if !self.values.contains_key("image") => {
                ranks.insert("image", 100);
                let found = Found {
                    key: format!("{}.{name}", header.key),
                    line: header.line,
                    value: value.clone(),
                };
                self.values.insert("image", found);
            }
            _ => self.ignored.push(header.key),
        }
    }
}

/// Returns our key that a name means, and how far it is from our own name for it.
fn known(name: &str, keys: &'static [&'static str]) -> Option<(&'static str, usize)> {
    let ours = |wanted: &str| keys.iter().find(|key| **key == wanted).copied();
    for (key, synonyms) in SYNONYMS {
        let rank = synonyms.iter().position(|synonym| *synonym == name);
        if let (Some(rank), Some(key)) = (rank, ours(key)) {
            return Some((key, rank + 1));
        }
    }
    ours(name).map(|key| (key, 0))
}

/// Refuses a key that is nearly one of ours: its value would be lost by a slip of the pen.
fn refuse_misspelled(found: &Found, keys: &'static [&'static str]) -> Result<(), FrontMatterError> {
    let name = found.key.to_lowercase().replace([' ', '-'], "_");
    let distance = |known: &&&str| strsim::damerau_levenshtein(known, &name);
    let closest = keys.iter().min_by_key(distance);
    match closest {
        Some(closest) if distance(&closest) <= if closest.len() <= 5 { 1 } else { 2 } => {
            Err(FrontMatterError::UnknownKey {
                key: found.key.clone(),
                line: found.line,
                closest,
            })
        }
        _ => Ok(()),
    }
}
