//! The files of a folder one by one, for an import.

use super::{
    pictures::{self, Roots},
    read::{self, Parsed},
    scan::{self, FoundFile},
};
use crate::{
    content::{ImageSource, markdown},
    publishing::{PageFile, Source},
};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// A file that was read.
pub(crate) enum FileRead {
    Article(Box<Source>),
    Page(Box<PageFile>),
    /// It is no article.
    Skipped,
}

/// Returns the folders in which files are that texts name: the folder of the texts, and `static` in it or beside it.
pub(crate) fn site_folders(root: &Path) -> Vec<PathBuf> {
    Roots::of(root.to_owned()).site
}

/// Reads a file. Names of files in it become paths that begin at one of the [`site_folders`].
///
/// # Errors
/// If it is broken, as a sentence.
pub(crate) fn read_file(root: &Path, found: &FoundFile) -> Result<FileRead, String> {
    let bytes = read::read_bytes(&found.file)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| "not valid UTF-8: save it in that encoding".to_owned())?;
    if !read::has_front_matter(&text) && scan::is_about_repository(&found.path) {
        return Ok(FileRead::Skipped);
    }
    let roots = Roots::of(root.to_owned());
    match read::parse(found, &text)? {
        Some(Parsed::Article(mut source)) => {
            anchor(&roots, &mut source)?;
            Ok(FileRead::Article(Box::new(source)))
        }
        Some(Parsed::Page(mut page)) => {
            anchor(&roots, &mut page.source)?;
            Ok(FileRead::Page(Box::new(page)))
        }
        None => Ok(FileRead::Skipped),
    }
}

/// Replaces the names of files by their paths in the folders.
fn anchor(roots: &Roots, source: &mut Source) -> Result<(), String> {
    source.site_folders.clone_from(&roots.site);
    let mut paths: HashMap<String, String> = HashMap::new();
    for (name, file) in pictures::existing_files(source) {
        let folder = roots.site.iter().find(|folder| file.starts_with(folder));
        if let Some(folder) = folder.filter(|_| roots.contain(&file)) {
            let path = scan::relative(folder, &file);
            let address = path.split('/').map(|part| {
                percent_encoding::utf8_percent_encode(part, percent_encoding::NON_ALPHANUMERIC)
                    .to_string()
                    .replace("%2E", ".")
                    .replace("%2D", "-")
                    .replace("%5F", "_")
            });
            paths.insert(name, format!("/{}", address.collect::<Vec<_>>().join("/")));
        }
    }
    if let Some(ImageSource::Path(name)) = &mut source.article.image
        && let Some(path) = paths.get(name)
    {
        name.clone_from(path);
    }
    if let Some(text) = markdown::replace_pictures(&source.article.markdown, &paths) {
        source.article.markdown = text;
        return Ok(());
    }
    Err(
        "cannot replace the name of a picture by its address: write pictures as ![text](file)"
            .to_owned(),
    )
}
