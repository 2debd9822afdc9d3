//! Exports of WriteFreely and Write.as accounts.
//!
//! There are four: `export.json` has the account with its blogs and their posts, `posts.json` only the posts, `posts.csv` the
//! posts in a table, and `posts.zip` each post as a file of text. The first has the most, the last the least.

mod blog;
mod json;
mod post;
mod table;
#[cfg(test)]
mod tests;
mod texts;

use crate::importing::{ImportError, Source, archive::Archive};
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

/// Opens an export: a `.json`, `.csv` or `.zip` file, or the folder that was unpacked from the last.
///
/// # Errors
/// If the file can't be read, or is another one.
pub(crate) fn open(path: &Path) -> Result<Source, ImportError> {
    if path.is_dir() || Archive::is_archive(path) {
        let posts = texts::read(Archive::open(path)?);
        return Ok(Source::new("writefreely", posts));
    }
    let shown = path.display().to_string();
    let unreadable = |source| ImportError::Read {
        path: shown.clone(),
        source,
    };
    let mut file = BufReader::with_capacity(256 << 10, File::open(path).map_err(unreadable)?);
    let start = file.fill_buf().map_err(unreadable)?;
    let start = String::from_utf8_lossy(&start[..start.len().min(1024)]);
    let start = start.trim_start_matches('\u{feff}').trim_start().to_owned();
    let (base, source) = if start.starts_with(['{', '[']) {
        let base = json::base_of(path).map_err(unreadable)?;
        let posts = json::read(file, base.clone());
        (base, Source::new("writefreely", posts))
    } else if let Some(posts) = table::read(file, &start) {
        (table::base_of(path), Source::new("writefreely", posts))
    } else {
        return Err(ImportError::mistake(format!(
            "{shown} is no export of WriteFreely: pass its .json, .csv or .zip file"
        )));
    };
    Ok(match base {
        Some(base) => source.at(base),
        None => source,
    })
}
