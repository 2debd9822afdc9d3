//! Names of entries, checked before they become names of files.

use std::path::PathBuf;

/// The maximum length of a name, in bytes.
const MAX_NAME: usize = 1024;
/// The maximum length of one part of a name, in bytes.
const MAX_PART: usize = 240;
const MAX_DEPTH: usize = 32;

/// Converts the name of an entry to a relative path without `..`. A `/` at the beginning is left out, as `tar` does it.
///
/// # Errors
/// If the name can't be used. The error is the reason, without the name.
pub(super) fn checked(name: &[u8]) -> Result<PathBuf, &'static str> {
    let name = std::str::from_utf8(name).map_err(|_| "its name is not UTF-8")?;
    if name.len() > MAX_NAME {
        return Err("its name is too long");
    }
    let mut path = PathBuf::new();
    let mut depth = 0;
    // Programs on Windows write backslashes.
    for part in name.split(['/', '\\']) {
        match part {
            "" | "." => continue,
            ".." => return Err("its name leads out of the archive"),
            _ => {}
        }
        // `C:` and `file:stream` have a meaning on Windows.
        if part.contains(|c: char| c.is_control() || c == ':') {
            return Err("its name has characters that names of files can't have");
        }
        depth += 1;
        if part.len() > MAX_PART || depth > MAX_DEPTH {
            return Err("its name is too long");
        }
        path.push(part);
    }
    if depth == 0 {
        return Err("it has no name");
    }
    Ok(path)
}

/// Returns whether an entry is one that macOS adds, and nobody misses.
pub(super) fn is_clutter(name: &[u8]) -> bool {
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
    name.starts_with(b"__MACOSX/") || last.starts_with(b"._") || last == b".DS_Store"
}
