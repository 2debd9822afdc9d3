//! The files that an article names, for a command that uploads them to another machine.

use super::{PublishError, Source, folders::Folders};
use crate::content::{ImageSource, markdown};
use std::{collections::HashMap, path::PathBuf};

/// A file that an article names.
#[derive(Debug)]
pub(crate) struct NamedFile {
    /// The name in the text.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// Returns the files that an article names, each once. Names that `known`, the text before, has too may be missing.
///
/// # Errors
/// All files that are missing, with their lines.
pub(crate) fn named_files(
    source: &Source,
    known: Option<&str>,
) -> Result<Vec<NamedFile>, PublishError> {
    let Some(folders) = Folders::of(source) else {
        return Ok(Vec::new());
    };
    let known = known.map(markdown::pictures).unwrap_or_default();
    let (mut files, mut missing) = (Vec::<NamedFile>::new(), Vec::new());
    let lead = match &source.article.image {
        Some(ImageSource::Path(name)) => Some((name.clone(), true, "image".to_owned())),
        _ => None,
    };
    let in_text = markdown::pictures(&source.article.markdown)
        .into_iter()
        .map(|picture| {
            let is_known = known.iter().any(|old| old.name == picture.name);
            let place = format!("line {}", source.line(picture.line));
            (picture.name, picture.is_required && !is_known, place)
        });
    for (name, is_required, place) in lead.into_iter().chain(in_text) {
        if name.starts_with("/media/") || files.iter().any(|file| file.name == name) {
            continue;
        }
        let path = folders.file(&name);
        if path.is_file() {
            files.push(NamedFile { name, path });
        } else if is_required {
            missing.push(format!("{place}: {} is no file", path.display()));
        }
    }
    if missing.is_empty() {
        Ok(files)
    } else {
        let name = &source.name;
        Err(PublishError::mistake(format!(
            "{name}: {}",
            missing.join("; ")
        )))
    }
}

/// Replaces the names of files by their addresses.
///
/// # Errors
/// If a name is written in a way that can't be replaced.
pub(crate) fn replace_names(
    source: &mut Source,
    addresses: &HashMap<String, String>,
) -> Result<(), PublishError> {
    if let Some(ImageSource::Path(name)) = &mut source.article.image
        && let Some(address) = addresses.get(name)
    {
        address.clone_into(name);
    }
    match markdown::replace_pictures(&source.article.markdown, addresses) {
        Some(text) => source.article.markdown = text,
        None => {
            return Err(PublishError::mistake(format!(
                "{}: cannot replace the name of a picture by its address: write pictures as ![text](file)",
                source.name
            )));
        }
    }
    Ok(())
}
