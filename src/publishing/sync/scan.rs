//! Finds the Markdown files of a folder. Links are never followed, so that nothing outside of it is published.

use crate::publishing::PublishError;
use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};
use walkdir::{DirEntry, WalkDir};

/// Folders of generators and package managers, which have Markdown files that are no articles.
const FOREIGN: &[&str] = &[
    "node_modules",
    "vendor",
    "archetypes",
    "themes",
    "_site",
    "_includes",
    "_layouts",
    "_data",
    "_sass",
];
/// The names of files that describe a repository.
const ABOUT_REPOSITORY: &[&str] = &[
    "readme",
    "changelog",
    "contributing",
    "license",
    "code_of_conduct",
    "security",
];

/// A Markdown file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundFile {
    /// The path in the folder, with `/` between its parts.
    pub(crate) path: String,
    pub(crate) file: PathBuf,
}

/// The reason why a file or folder is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SkipReason {
    Hidden,
    Foreign,
    Link,
    SectionIndex,
    NoFrontMatter,
    DraftPage,
    OddName,
    /// The file is broken, and the admin asked to go on.
    Broken,
}

impl SkipReason {
    /// Returns a description for people.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            SkipReason::Hidden => "hidden",
            SkipReason::Foreign => "a generator's or package manager's folder",
            SkipReason::Link => "a symbolic link",
            SkipReason::SectionIndex => "the index of a section",
            SkipReason::NoFrontMatter => "about the repository, without front matter",
            SkipReason::DraftPage => "a draft of a page",
            SkipReason::OddName => "its name is not valid UTF-8",
            SkipReason::Broken => "broken",
        }
    }
}

/// A file or folder that is no article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Skipped {
    pub(crate) path: String,
    pub(crate) reason: SkipReason,
}

/// The Markdown files of a folder, in the order of their paths.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) files: Vec<FoundFile>,
    pub(crate) skipped: Vec<Skipped>,
}

/// Finds the Markdown files of a folder.
///
/// # Errors
/// If it does not exist, is no folder, or a part of it can't be read: files that are not seen would count as removed.
pub(crate) fn scan(root: &Path) -> Result<Scan, PublishError> {
    check_root(root)?;
    let mut scan = Scan::default();
    let mut entries = WalkDir::new(root)
        .follow_links(false)
        .sort_by_file_name()
        .into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|error| unreadable(root, &error))?;
        if entry.depth() == 0 {
            continue;
        }
        let path = relative(root, entry.path());
        match verdict(&entry) {
            Verdict::Enter | Verdict::Ignore => {}
            Verdict::Take => scan.files.push(FoundFile {
                path,
                file: entry.path().to_owned(),
            }),
            Verdict::Skip(reason) => {
                if entry.file_type().is_dir() {
                    entries.skip_current_dir();
                }
                scan.skipped.push(Skipped { path, reason });
            }
        }
    }
    Ok(scan)
}

/// Returns whether a file without front matter is no article, by its name.
pub(super) fn is_about_repository(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name).to_lowercase();
    ABOUT_REPOSITORY.contains(&stem.as_str())
}

enum Verdict {
    Enter,
    Take,
    /// It is no Markdown file.
    Ignore,
    Skip(SkipReason),
}

fn verdict(entry: &DirEntry) -> Verdict {
    let file_type = entry.file_type();
    let name = entry.file_name().to_string_lossy();
    let is_markdown = is_markdown(&name);
    if !file_type.is_dir() && !is_markdown && !file_type.is_symlink() {
        return Verdict::Ignore;
    }
    if name.starts_with('.') {
        return Verdict::Skip(SkipReason::Hidden);
    }
    if file_type.is_symlink() {
        // Links to pictures are checked when they are read.
        let leads_to_folder = fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_dir());
        return match is_markdown || leads_to_folder {
            true => Verdict::Skip(SkipReason::Link),
            false => Verdict::Ignore,
        };
    }
    if file_type.is_dir() {
        return match FOREIGN.contains(&&*name) {
            true => Verdict::Skip(SkipReason::Foreign),
            false => Verdict::Enter,
        };
    }
    if entry.file_name().to_str().is_none() {
        return Verdict::Skip(SkipReason::OddName);
    }
    if name.starts_with("_index.") {
        return Verdict::Skip(SkipReason::SectionIndex);
    }
    match file_type.is_file() {
        true => Verdict::Take,
        false => Verdict::Ignore,
    }
}

fn is_markdown(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|ext| ext.to_str());
    extension
        .is_some_and(|ext| ext.eq_ignore_ascii_case("md") || ext.eq_ignore_ascii_case("markdown"))
}

fn check_root(root: &Path) -> Result<(), PublishError> {
    let shown = root.display();
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(PublishError::mistake(format!(
            "{shown} is not a folder: name the folder of your Markdown files, or run `pamphlet post publish {shown}` \
             for a single file"
        ))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(PublishError::mistake(
            format!("the folder {shown} does not exist: nothing was changed"),
        )),
        Err(source) => Err(PublishError::Read {
            path: shown.to_string(),
            source,
        }),
    }
}

fn unreadable(root: &Path, error: &walkdir::Error) -> PublishError {
    let path = error.path().unwrap_or(root).display();
    let reason = error
        .io_error()
        .map_or_else(|| error.to_string(), ToString::to_string);
    PublishError::mistake(format!(
        "{path} can't be read ({reason}): files that are not seen would count as removed, so nothing was changed"
    ))
}

/// Returns the path in the folder, with `/` between its parts.
pub(super) fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts = path.components();
    parts
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_markdown_files_of_the_folder_itself_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in [
            "b.md",
            "a/c.Markdown",
            "a/picture.png",
            "a/_index.md",
            ".git/d.md",
            "node_modules/x/readme.md",
            ".hidden.md",
            "pages/about.md",
        ] {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "# Text\n").unwrap();
        }
        fs::write(outside.path().join("secret.md"), "# Secret\n").unwrap();
        symlink(outside.path(), root.join("linked")).unwrap();
        symlink(outside.path().join("secret.md"), root.join("secret.md")).unwrap();
        symlink(outside.path().join("gone.png"), root.join("gone.png")).unwrap();
        let scan = scan(root).unwrap();
        let files: Vec<&str> = scan.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(files, ["a/c.Markdown", "b.md", "pages/about.md"]);
        let mut skipped: Vec<(&str, SkipReason)> = scan
            .skipped
            .iter()
            .map(|skipped| (skipped.path.as_str(), skipped.reason))
            .collect();
        skipped.sort_unstable();
        assert_eq!(
            skipped,
            [
                (".git", SkipReason::Hidden),
                (".hidden.md", SkipReason::Hidden),
                ("a/_index.md", SkipReason::SectionIndex),
                ("linked", SkipReason::Link),
                ("node_modules", SkipReason::Foreign),
                ("secret.md", SkipReason::Link),
            ]
        );
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.md");
        fs::write(&file, "# A\n").unwrap();
        assert!(
            scan(&file)
                .unwrap_err()
                .to_string()
                .contains("not a folder")
        );
        let missing = scan(&folder.path().join("gone")).unwrap_err().to_string();
        assert!(missing.contains("does not exist"), "{missing}");
    }

    #[test]
    fn files_about_the_repository_are_recognized_by_name() {
        for name in ["README.md", "docs/ReadMe.de.md", "CHANGELOG.markdown"] {
            assert!(is_about_repository(name), "{name}");
        }
        assert!(!is_about_repository("readme-first.md"));
    }
}
