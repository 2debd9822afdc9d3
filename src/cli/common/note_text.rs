//! Reads the text of a note from a file or from stdin.

use anyhow::{Context, Result, bail};
use std::{fs::File, io::Read, path::Path};

/// The maximum number of bytes to read: a longer text is refused anyway.
const MAX_BYTES: u64 = 1024 * 1024;

/// Reads stdin to its end.
///
/// # Errors
/// If it can't be read, or is not UTF-8.
pub(crate) fn stdin() -> Result<String> {
    read(std::io::stdin().lock(), "stdin")
}

/// Reads a file.
///
/// # Errors
/// If it can't be read, is a folder, or is not UTF-8.
pub(crate) fn file(path: &Path) -> Result<String> {
    let shown = path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        bail!("{shown} is a folder: pass a text file");
    }
    read(file, &shown)
}

fn read(from: impl Read, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))?;
    let Ok(text) = String::from_utf8(bytes) else {
        bail!("{name} is not valid UTF-8: save it in that encoding");
    };
    Ok(text.trim_start_matches('\u{FEFF}').trim_end().to_owned())
}
