//! The folder of the files. A list in it names those that an export wrote: only these are replaced or removed later.

use super::targets::is_safe_name;
use crate::exporting::ExportError;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::{
    collections::{BTreeSet, HashMap},
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// The list of files, one on a line.
const LIST: &str = ".pamphlet-files";
/// The start of the names of files that are being written.
const TEMPORARY: &str = ".pamphlet-page-";
/// Other files that a folder may have from the start: those of a version control system.
const IGNORED: [&str; 4] = [".git", ".gitignore", ".nojekyll", "CNAME"];
/// The size of the parts in which files are compared, in bytes.
const PART: usize = 64 * 1024;

/// A folder that is being filled.
pub(super) struct Folder {
    root: PathBuf,
    /// The files of earlier exports.
    old: BTreeSet<String>,
    new: BTreeSet<String>,
    /// The files of this export by their names in lower case: some disks ignore case.
    lower: HashMap<String, String>,
    pub(super) written: u64,
    /// Keeps other exports out of the folder.
    _lock: Option<File>,
}

impl Folder {
    /// Opens or creates a folder.
    ///
    /// # Errors
    /// If another export writes into it, or it has files that no export wrote, unless `uses_any` says that this does not
    /// matter.
    pub(super) fn open(root: &Path, uses_any: bool) -> Result<Folder, ExportError> {
        fs::create_dir_all(root).map_err(ExportError::writing(root))?;
        let lock = lock(root)?;
        if lock.is_some() {
            remove_leftovers(root);
        }
        let list = root.join(LIST);
        let old = match read_list(&list) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if !uses_any && has_other_files(root)? {
                    return Err(ExportError::Refused(format!(
                        "the folder {} has other files: name an empty folder, or add --force to write into it",
                        root.display()
                    )));
                }
                BTreeSet::new()
            }
            Err(error) => return Err(ExportError::reading(&list)(error)),
        };
        Ok(Folder {
            root: root.to_owned(),
            old,
            new: BTreeSet::new(),
            lower: HashMap::new(),
            written: 0,
            _lock: lock,
        })
    }

    /// Returns whether this export has written a file.
    pub(super) fn has(&self, name: &str) -> bool {
        self.new.contains(name)
    }

    /// Returns the file that this export has written under this name, in upper or lower case.
    pub(super) fn in_any_case(&self, name: &str) -> Option<&str> {
        self.lower.get(&name.to_lowercase()).map(String::as_str)
    }

    /// Returns whether a file can have this name beside those that this export has written.
    pub(super) fn is_free(&self, name: &str) -> bool {
        let inner = format!("{name}/");
        let is_folder = self.new.range(inner.clone()..).next();
        let mut folders = name.match_indices('/').map(|(at, _)| &name[..at]);
        !self.has(name)
            && !is_folder.is_some_and(|next| next.starts_with(&inner))
            && !folders.any(|folder| self.has(folder))
            && self.path(name).is_some()
    }

    /// Returns the number of files so far.
    pub(super) fn count(&self) -> u64 {
        self.new.len() as u64
    }

    /// Writes a file, unless it has this content already.
    ///
    /// # Errors
    /// If it can't be written.
    pub(super) fn write(&mut self, name: &str, content: &[u8]) -> Result<(), ExportError> {
        let path = self.begin(name)?;
        if fs::read(&path).is_ok_and(|old| old == content) {
            return Ok(());
        }
        let mut file = self.temporary()?;
        file.write_all(content)
            .map_err(ExportError::writing(&path))?;
        self.finish(file, &path)
    }

    /// Writes a file from a stream, unless it has this content already.
    ///
    /// # Errors
    /// If it can't be read or written.
    pub(super) async fn write_stream<E: std::fmt::Display>(
        &mut self,
        name: &str,
        mut content: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), ExportError> {
        let path = self.begin(name)?;
        let mut file = self.temporary()?;
        while let Some(part) = content.next().await {
            let part = part.map_err(|error| {
                ExportError::Unreadable(format!("/{name}"), io::Error::other(error.to_string()))
            })?;
            file.write_all(&part).map_err(ExportError::writing(&path))?;
        }
        if is_equal(file.path(), &path).unwrap_or(false) {
            return Ok(());
        }
        self.finish(file, &path)
    }

    /// Removes the files of earlier exports that are gone, and writes the list. Returns the number of removed files.
    ///
    /// # Errors
    /// If a file can't be removed, or the list can't be written.
    pub(super) fn close(&mut self) -> Result<u64, ExportError> {
        let mut removed = 0;
        for name in self.old.difference(&self.new) {
            let Some(path) = self.path(name) else {
                continue;
            };
            let new = self.in_any_case(name).and_then(|new| self.path(new));
            if new.is_some_and(|new| is_same_file(&new, &path)) {
                continue;
            }
            match fs::remove_file(&path) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(ExportError::writing(&path)(error)),
            }
            // Folders that became empty: the first that is not ends this.
            let mut folder = path.parent();
            while let Some(parent) = folder.filter(|parent| *parent != self.root) {
                if fs::remove_dir(parent).is_err() {
                    break;
                }
                folder = parent.parent();
            }
        }
        self.old = std::mem::take(&mut self.new);
        self.write_list()?;
        Ok(removed)
    }

    /// Remembers a file before it is written, so that a later export finds it even if this one fails.
    fn begin(&mut self, name: &str) -> Result<PathBuf, ExportError> {
        let path = self.path(name).ok_or_else(|| {
            ExportError::Refused(format!("the address /{name} has no name as a file"))
        })?;
        self.new.insert(name.to_owned());
        self.lower
            .entry(name.to_lowercase())
            .or_insert_with(|| name.to_owned());
        if self.old.insert(name.to_owned()) {
            self.append_to_list(name)?;
        }
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder).map_err(ExportError::writing(folder))?;
        Ok(path)
    }

    fn temporary(&self) -> Result<NamedTempFile, ExportError> {
        NamedTempFile::with_prefix_in(TEMPORARY, &self.root)
            .map_err(ExportError::writing(&self.root))
    }

    fn finish(&mut self, file: NamedTempFile, path: &Path) -> Result<(), ExportError> {
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        // A web server runs as another user.
        let set = file.as_file().set_permissions(readable);
        set.map_err(ExportError::writing(path))?;
        let named = file.persist(path).map_err(|error| error.error);
        named.map_err(ExportError::writing(path))?;
        self.written += 1;
        Ok(())
    }

    fn append_to_list(&self, name: &str) -> Result<(), ExportError> {
        let list = self.root.join(LIST);
        let mut options = fs::OpenOptions::new();
        let opened = options.create(true).append(true).open(&list);
        let written = opened.and_then(|mut file| file.write_all(format!("{name}\n").as_bytes()));
        written.map_err(ExportError::writing(&list))
    }

    fn write_list(&self) -> Result<(), ExportError> {
        let list = self.root.join(LIST);
        let text: String = self.old.iter().flat_map(|name| [name, "\n"]).collect();
        let mut file = self.temporary()?;
        file.write_all(text.as_bytes())
            .map_err(ExportError::writing(&list))?;
        let named = file.persist(&list).map_err(|error| error.error);
        named.map_err(ExportError::writing(&list)).map(drop)
    }

    /// Returns the path of a file, if its name keeps it in the folder.
    fn path(&self, name: &str) -> Option<PathBuf> {
        let is_safe = name.split('/').all(is_safe_name);
        is_safe.then(|| self.root.join(name))
    }
}

/// Locks a folder for one export. Returns `None` where nothing can be locked, as on some disks of other machines.
fn lock(root: &Path) -> Result<Option<File>, ExportError> {
    let Ok(folder) = File::open(root) else {
        return Ok(None);
    };
    match folder.try_lock() {
        Ok(()) => Ok(Some(folder)),
        Err(TryLockError::WouldBlock) => Err(ExportError::Refused(format!(
            "another export writes into the folder {}: wait until it ends",
            root.display()
        ))),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Removes the files that exports left which were killed.
fn remove_leftovers(root: &Path) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            // A file that can't be removed is no reason to export nothing.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Reads the list of files. A full disk may have cut off its last line, whose file was not written then: the list is
/// shortened by it, so that the next name is not appended to it.
fn read_list(list: &Path) -> io::Result<BTreeSet<String>> {
    let bytes = fs::read(list)?;
    let newline = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = newline.map_or(0, |at| at + 1);
    if whole < bytes.len() {
        let file = fs::OpenOptions::new().write(true).open(list)?;
        file.set_len(whole as u64)?;
    }
    let text = String::from_utf8_lossy(&bytes[..whole]);
    Ok(text.lines().map(str::to_owned).collect())
}

fn has_other_files(root: &Path) -> Result<bool, ExportError> {
    let entries = fs::read_dir(root).map_err(ExportError::reading(root))?;
    for entry in entries {
        let name = entry.map_err(ExportError::reading(root))?.file_name();
        if !IGNORED.iter().any(|ignored| name == *ignored) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns whether two names lead to the same file, as on disks that ignore case.
fn is_same_file(a: &Path, b: &Path) -> bool {
    let id = |path: &Path| fs::symlink_metadata(path).map(|found| (found.dev(), found.ino()));
    id(a).is_ok_and(|a| id(b).is_ok_and(|b| a == b))
}

/// Returns whether two files have the same content.
fn is_equal(a: &Path, b: &Path) -> io::Result<bool> {
    let (mut a, mut b) = (File::open(a)?, File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; PART], vec![0; PART]);
    loop {
        let read = a.read(&mut left)?;
        if read == 0 {
            return Ok(true);
        }
        b.read_exact(&mut right[..read])?;
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_export_left_does_not_disturb_the_next_one() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path();
        let mut folder = Folder::open(root, false).unwrap();
        folder.write("index.html", b"old").unwrap();
        // Two exports at once would remove each other's files.
        assert!(Folder::open(root, false).is_err());
        drop(folder);
        let (leftover, list) = (root.join(format!("{TEMPORARY}a1b2c3")), root.join(LIST));
        fs::write(&leftover, "half").unwrap();
        fs::create_dir(root.join("mine")).unwrap();
        fs::write(&list, "index.html\nmine").unwrap();
        let mut folder = Folder::open(root, false).unwrap();
        assert!(!leftover.exists());
        folder.write("new.html", b"new").unwrap();
        let listed = fs::read_to_string(&list).unwrap();
        assert_eq!(listed, "index.html\nnew.html\n");
        assert_eq!(folder.close().unwrap(), 1);
        assert!(root.join("mine").is_dir());
    }
}
