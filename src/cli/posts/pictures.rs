//! The pictures of an article's file: all of them are imported with the article, or none.

use super::source_file::Source;
use crate::{
    content::{ImageSource, markdown},
    media::{self, MediaError, PreparedImage},
};
use anyhow::{Result, bail};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// The maximum number of mistakes to report at once.
const MAX_ERRORS: usize = 3;

/// The pictures of an article, ready to be stored with it.
#[derive(Debug, Default)]
pub(super) struct Pictures(HashMap<PathBuf, PreparedImage>);

/// Stored pictures. Dropping this value removes them, unless [`StoredPictures::keep`] was called.
#[derive(Debug)]
pub(super) struct StoredPictures(Vec<PathBuf>);

/// Reads the pictures that an article names by file, relative to its own file, and replaces the names by addresses.
/// Pictures that the previous text, `known`, names may be missing.
///
/// # Errors
/// All pictures that are missing or unreadable, with their lines.
pub(super) fn read(source: &mut Source, known: Option<&str>) -> Result<Pictures> {
    let mut pictures = Pictures::default();
    let mut errors = Vec::new();
    let folder = source.path.parent().unwrap_or(Path::new("")).to_owned();
    if let Some(ImageSource::Path(name)) = &mut source.article.image
        && !name.starts_with("/media/")
    {
        match pictures.address_of(&folder.join(&*name)) {
            Ok(address) => *name = address,
            Err(error) => errors.push(format!("image: {error}")),
        }
    }
    let known = known.map(markdown::pictures).unwrap_or_default();
    let mut addresses = HashMap::new();
    for picture in markdown::pictures(&source.article.markdown) {
        let file = file_of(&folder, &picture.name);
        let may_be_missing =
            !picture.is_required || known.iter().any(|old| old.name == picture.name);
        if may_be_missing && !file.is_file() {
            continue;
        }
        match pictures.address_of(&file) {
            Ok(address) => {
                addresses.insert(picture.name, address);
            }
            Err(error) => errors.push(format!("line {}: {error}", source.line(picture.line))),
        }
    }
    if !errors.is_empty() {
        let shown = source.path.display();
        match errors.len() {
            0..=MAX_ERRORS => bail!("{shown}: {}", errors.join("; ")),
            all => bail!(
                "{shown}: {}; and {} more",
                errors[..MAX_ERRORS].join("; "),
                all - MAX_ERRORS
            ),
        }
    }
    match markdown::replace_pictures(&source.article.markdown, &addresses) {
        Some(text) => source.article.markdown = text,
        None => bail!(
            "{}: cannot replace the name of a picture by its address: write pictures as ![text](file)",
            source.path.display()
        ),
    }
    Ok(pictures)
}

impl Pictures {
    fn address_of(&mut self, path: &Path) -> Result<String, MediaError> {
        if let Some(picture) = self.0.get(path) {
            return Ok(picture.address());
        }
        let picture = media::prepare(path)?;
        let address = picture.address();
        self.0.insert(path.to_owned(), picture);
        Ok(address)
    }

    /// Stores all pictures.
    ///
    /// # Errors
    /// If one can't be written; then none of them is stored.
    pub(super) fn store(&self, data: &Path) -> Result<StoredPictures, MediaError> {
        let mut stored = StoredPictures(Vec::new());
        for picture in self.0.values() {
            stored.0.extend(picture.store(data)?);
        }
        Ok(stored)
    }
}

impl StoredPictures {
    /// Keeps the pictures, because the article is stored.
    pub(super) fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for StoredPictures {
    fn drop(&mut self) {
        for file in &self.0 {
            // Nothing names the file, so it does no harm if it stays.
            let _ = std::fs::remove_file(file);
        }
    }
}

/// Finds the file that a name in a text refers to: the name as it is, with its escapes decoded, or as the path of a
/// URL.
fn file_of(folder: &Path, name: &str) -> PathBuf {
    let path = name.split(['?', '#']).next().unwrap_or(name);
    let names = [name.to_owned(), decoded(name), decoded(path)];
    let files = names.map(|name| folder.join(name));
    let found = files.iter().find(|file| file.is_file());
    found.unwrap_or(&files[1]).clone()
}

/// Decodes escapes, such as `a%20b` to `a b` (RFC 3986 2.1).
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%');
        let byte = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn escapes_in_names_are_decoded() {
        for (name, file) in [
            ("a%20b.jpg", "a b.jpg"),
            ("%C3%A9.png", "é.png"),
            ("100%.png", "100%.png"),
            ("%zz%4", "%zz%4"),
            ("%+1%FF", "%+1%FF"),
        ] {
            assert_eq!(decoded(name), file);
        }
    }
}
