//! The names of backups, by which older ones are found and removed.

use super::{
    error::{BackupError, shown},
    format::EXTENSION,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The time in a name.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// Returns the name of a backup of a publication, such as `example.org-20270131T183000Z.pamphlet.age`.
pub(crate) fn default_name(domain: &str, at: DateTime<Utc>) -> String {
    format!("{}-{}.{EXTENSION}", start_of(domain), at.format(TIME))
}

/// A port has a colon, which some file systems refuse.
fn start_of(domain: &str) -> String {
    domain.replace(':', "_")
}

/// Returns whether a name is one that [`default_name`] gives to a backup of this publication.
fn is_of(name: &str, domain: &str) -> bool {
    name.strip_prefix(&start_of(domain))
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.strip_suffix(EXTENSION))
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|time| NaiveDateTime::parse_from_str(time, TIME).is_ok())
}

/// Removes the oldest backups of a publication in the folder of a new one, so that `keep` of them stay. The new one stays
/// even if the clock was set back, and so do files with other names. Returns those that were removed.
///
/// # Errors
/// If the folder can't be read, or a file can't be removed.
pub(crate) fn remove_older(
    newest: &Path,
    domain: &str,
    keep: usize,
) -> Result<Vec<PathBuf>, BackupError> {
    let folder = newest.parent().unwrap_or(Path::new("."));
    let unreadable = |error| BackupError::Read(shown(folder), error);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().into_string().unwrap_or_default();
        let is_new = newest.file_name().is_some_and(|new| new == name.as_str());
        if !is_new && is_of(&name, domain) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
            names.push(name);
        }
    }
    // The time has the same length in all names.
    names.sort_unstable();
    let removed = (names.len() + 1).saturating_sub(keep);
    let mut paths = Vec::with_capacity(removed);
    for name in names.into_iter().take(removed) {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|error| BackupError::Write(shown(&path), error))?;
        paths.push(path);
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_older_backups_of_the_publication_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let name = default_name("example.org", at("2027-01-31T18:30:00Z"));
        assert_eq!(name, "example.org-20270131T183000Z.pamphlet.age");
        let others = [
            "example.org-by-hand.pamphlet.age",
            "example.org.evil-20270131T183000Z.pamphlet.age",
            "a.example.org-20200131T183000Z.pamphlet.age",
            "pamphlet.sqlite",
        ];
        let ours = [
            default_name("example.org", at("2026-12-31T18:30:00Z")),
            name,
            default_name("example.org", at("2027-02-01T01:00:00Z")),
        ];
        for name in ours.iter().map(String::as_str).chain(others) {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let newest = folder.path().join(&ours[2]);
        let removed = remove_older(&newest, "example.org", 2).unwrap();
        assert_eq!(removed, [folder.path().join(&ours[0])]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 6);
        let removed = remove_older(&newest, "example.org", 5).unwrap();
        assert_eq!(removed.len(), 0);
        // The clock was set back: the new backup has the oldest name.
        let newest = folder.path().join(&ours[1]);
        let removed = remove_older(&newest, "example.org", 1).unwrap();
        assert_eq!(removed, [folder.path().join(&ours[2])]);
        assert!(newest.exists());
    }
}
