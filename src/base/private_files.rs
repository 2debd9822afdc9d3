//! Creates files and folders that only the node's own user can read.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown},
    path::Path,
};

/// Creates a folder and its missing parents, which only their owner can enter.
///
/// # Errors
/// If one of them can't be created.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Creates an empty file that only its owner can read, unless it exists.
///
/// # Errors
/// If it can't be created.
pub(crate) fn create_file(path: &Path) -> io::Result<()> {
    match open_options().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        opened => opened.map(drop),
    }
}

/// Returns options that open a file for writing. A file that they create can be read by its owner alone.
pub(crate) fn open_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    options
}

/// Gives a new file to the owner of its folder. A command that root runs must not leave a file that the node can't read.
pub(crate) fn inherit_owner(file: &Path) {
    let owner = file.parent().and_then(|folder| fs::metadata(folder).ok());
    if let (Some(folder), Ok(metadata)) = (owner, fs::metadata(file))
        && folder.uid() != metadata.uid()
    {
        // Only root may do this. For other users it fails, and the file stays theirs.
        let _ = chown(file, Some(folder.uid()), Some(folder.gid()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_files_and_folders_are_private() {
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        let folder = tempfile::tempdir().unwrap();
        let (inner, file) = (folder.path().join("a/b"), folder.path().join("a/b/c"));
        create_folder(&inner).unwrap();
        create_file(&file).unwrap();
        fs::write(&file, "kept").unwrap();
        create_file(&file).unwrap();
        assert_eq!((mode(&inner), mode(&file)), (0o700, 0o600));
        assert_eq!(fs::read(&file).unwrap(), b"kept");
    }
}
