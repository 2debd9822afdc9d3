//! The pictures, audio and video files of a synced file: whether they changed, and whether they can be taken in.

use super::scan::relative;
use crate::{
    content::{FileRole, ImageSource, markdown},
    media::{self, Original},
    publishing::{Source, pictures::Folders},
    store::SyncedPicture,
};
use std::{
    fs::{self, Metadata},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// How long before a sync a file must have been changed for its times to be believed, in milliseconds. A file that was
/// written while it was read may have the same times with another content.
const RACY: i64 = 2_000;

/// The folders from which files may be published.
#[derive(Debug, Clone)]
pub(super) struct Roots {
    pub(super) root: PathBuf,
    /// Where files are whose names begin with `/`, as generators have them.
    pub(super) site: Vec<PathBuf>,
}

impl Roots {
    /// Returns the folders for the canonical path of a folder of Markdown files: itself, and `static` in it or beside it.
    pub(super) fn of(root: PathBuf) -> Roots {
        let beside = root.parent().map(|parent| parent.join("static"));
        let inside = root.join("static");
        let site = [Some(root.clone()), Some(inside), beside];
        Roots {
            site: site
                .into_iter()
                .flatten()
                .filter(|folder| folder.is_dir())
                .collect(),
            root,
        }
    }

    /// Returns whether a file is in one of the folders, wherever links in its path lead.
    pub(super) fn contain(&self, file: &Path) -> bool {
        let Ok(real) = fs::canonicalize(file) else {
            return false;
        };
        let mut folders = self
            .site
            .iter()
            .filter_map(|folder| fs::canonicalize(folder).ok());
        real.starts_with(&self.root) || folders.any(|folder| real.starts_with(folder))
    }

    /// Returns the path that is stored for a file: relative to the folder, or to the folder above.
    fn stored_path(&self, file: &Path) -> String {
        match self.root.parent() {
            Some(parent) if !file.starts_with(&self.root) && file.starts_with(parent) => {
                format!("../{}", relative(parent, file))
            }
            _ => relative(&self.root, file),
        }
    }
}

/// A file that a text names.
struct Named {
    name: String,
    file: PathBuf,
    /// The line of the name; `None` for the lead picture.
    line: Option<usize>,
    is_required: bool,
}

fn named_files(source: &Source) -> Vec<Named> {
    let Some(folders) = Folders::of(source) else {
        return Vec::new();
    };
    let mut named = Vec::new();
    if let Some(ImageSource::Path(name)) = &source.article.image {
        named.push(Named {
            name: name.clone(),
            file: folders.file(name),
            line: None,
            is_required: true,
        });
    }
    for picture in markdown::pictures(&source.article.markdown) {
        named.push(Named {
            file: folders.file(&picture.name),
            line: Some(source.line(picture.line)),
            is_required: picture.is_required && picture.role != FileRole::Link,
            name: picture.name,
        });
    }
    named.retain(|file| !file.name.starts_with("/media/"));
    named
}

/// Returns the names in a source of files that are there, with the files.
pub(super) fn existing_files(source: &Source) -> Vec<(String, PathBuf)> {
    let named = named_files(source).into_iter();
    let existing = named.filter(|named| named.file.is_file());
    existing.map(|named| (named.name, named.file)).collect()
}

/// The files that a source names.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// What is remembered of them. Files that may be missing are remembered too, so that their appearance is noticed.
    pub(super) pictures: Vec<SyncedPicture>,
    /// Files that can't be taken in, with their lines.
    pub(super) mistakes: Vec<String>,
    /// Files that must not be published, with their lines.
    pub(super) forbidden: Vec<String>,
}

/// Reads the files that a source names.
pub(super) fn read(roots: &Roots, source: &Source, limits: media::Limits) -> Files {
    let mut files = Files::default();
    for named in named_files(source) {
        let at = |mistake: &str| match named.line {
            Some(line) => format!("line {line}: {mistake}"),
            None => format!("image: {mistake}"),
        };
        let name = &named.name;
        let metadata = fs::metadata(&named.file).ok().filter(Metadata::is_file);
        let mut picture = SyncedPicture {
            path: roots.stored_path(&named.file),
            hash: None,
            stat: None,
        };
        match metadata {
            None if named.is_required => files
                .mistakes
                .push(at(&format!("the file {name} does not exist"))),
            None => {}
            Some(_) if !roots.contain(&named.file) => files.forbidden.push(at(&format!(
                "{name} is outside of the folder: copy it into the folder"
            ))),
            Some(metadata) => match Original::read(&named.file, &limits) {
                Ok(original) => {
                    picture.hash = Some(original.stem().to_owned());
                    picture.stat = Some(stat(&metadata));
                }
                Err(error) => files.mistakes.push(at(&error.to_string())),
            },
        }
        if !files.pictures.contains(&picture) {
            files.pictures.push(picture);
        }
    }
    files
}

/// What became of known pictures.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Unchanged,
    /// Their times are others, but their contents are the same.
    Touched(Vec<SyncedPicture>),
    Changed,
}

/// Looks whether known pictures changed. Their sizes and times are believed if they are old enough, unless `is_thorough`.
pub(super) fn look(
    roots: &Roots,
    known: &[SyncedPicture],
    synced_at: i64,
    is_thorough: bool,
    limits: media::Limits,
) -> Seen {
    let mut seen = Vec::with_capacity(known.len());
    for picture in known {
        let file = roots.root.join(&picture.path);
        let metadata = fs::metadata(&file).ok().filter(Metadata::is_file);
        let Some(metadata) = metadata else {
            if picture.hash.is_some() {
                return Seen::Changed;
            }
            seen.push(picture.clone());
            continue;
        };
        let now = stat(&metadata);
        let is_believed = !is_thorough && last_change(&metadata) < synced_at - RACY;
        if picture.stat.as_ref() == Some(&now) && is_believed {
            seen.push(picture.clone());
            continue;
        }
        let Ok(original) = Original::read(&file, &limits) else {
            return Seen::Changed;
        };
        if picture.hash.as_deref() != Some(original.stem()) {
            return Seen::Changed;
        }
        seen.push(SyncedPicture {
            stat: Some(now),
            ..picture.clone()
        });
    }
    match seen == known {
        true => Seen::Unchanged,
        false => Seen::Touched(seen),
    }
}

/// Describes a file without its content. The time of its last change can't be set by programs, unlike that of its content.
fn stat(metadata: &Metadata) -> String {
    format!(
        "{} {}.{} {}.{} {}",
        metadata.size(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.ctime(),
        metadata.ctime_nsec(),
        metadata.ino()
    )
}

/// Returns the time of the last change in milliseconds.
fn last_change(metadata: &Metadata) -> i64 {
    let of = |seconds: i64, nanoseconds: i64| seconds * 1000 + nanoseconds / 1_000_000;
    of(metadata.mtime(), metadata.mtime_nsec()).max(of(metadata.ctime(), metadata.ctime_nsec()))
}
