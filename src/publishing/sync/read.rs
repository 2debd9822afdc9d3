//! Reads the files of a folder. A file that did not change since the last sync is not parsed.

use super::{
    hashes,
    pictures::{self, Roots, Seen},
    scan::{FoundFile, SkipReason, is_about_repository},
};
use crate::{
    content::{Slug, article::MAX_FILE_BYTES},
    media,
    publishing::{PageFile, Source},
    store::{SyncedFile, SyncedKind, SyncedPicture},
};
use std::path::Path;

/// A parsed file.
pub(super) enum Parsed {
    Article(Source),
    Page(PageFile),
}

impl Parsed {
    pub(super) fn kind(&self) -> SyncedKind {
        match self {
            Parsed::Article(_) => SyncedKind::Article,
            Parsed::Page(_) => SyncedKind::Page,
        }
    }

    pub(super) fn source(&self) -> &Source {
        match self {
            Parsed::Article(source) => source,
            Parsed::Page(page) => &page.source,
        }
    }

    fn source_mut(&mut self) -> &mut Source {
        match self {
            Parsed::Article(source) => source,
            Parsed::Page(page) => &mut page.source,
        }
    }
}

/// A file as it is now.
pub(super) struct ReadFile {
    pub(super) path: String,
    pub(super) hash: String,
    pub(super) state: FileState,
}

pub(super) enum FileState {
    /// It and its pictures are those of the last sync; perhaps their times changed.
    Unchanged {
        kind: SyncedKind,
        touched: Option<Vec<SyncedPicture>>,
    },
    Changed {
        parsed: Box<Parsed>,
        pictures: Vec<SyncedPicture>,
        /// The slug in the front matter.
        slug: Option<String>,
        /// The slug that is derived from the title.
        derived: Option<String>,
    },
}

impl ReadFile {
    pub(super) fn kind(&self) -> SyncedKind {
        match &self.state {
            FileState::Unchanged { kind, .. } => *kind,
            FileState::Changed { parsed, .. } => parsed.kind(),
        }
    }
}

/// The outcome of reading a file.
pub(super) enum Read {
    File(Box<ReadFile>),
    Skip(SkipReason),
    /// The mistakes of its author, each with its line.
    Broken(Vec<String>),
}

/// How files are read.
pub(super) struct Reader<'a> {
    pub(super) roots: &'a Roots,
    pub(super) limits: media::Limits,
    pub(super) site_language: &'a str,
    /// Whether files that can't be taken in are only warned of.
    pub(super) is_lenient: bool,
    /// Whether pictures are read even if their times did not change.
    pub(super) is_thorough: bool,
    /// Whether unchanged files are parsed too, because they may replace what was changed here.
    pub(super) parses_all: bool,
}

impl Reader<'_> {
    /// Reads a file; `known` is what the last sync noted of its path.
    pub(super) fn read(&self, found: &FoundFile, known: Option<&SyncedFile>) -> Read {
        let broken = |mistake: String| Read::Broken(vec![mistake]);
        let bytes = match read_bytes(&found.file) {
            Ok(bytes) => bytes,
            Err(mistake) => return broken(format!("{}: {mistake}", found.path)),
        };
        let hash = hashes::of_bytes(&bytes);
        let known = known.filter(|known| known.file_hash == hash);
        if let Some(known) = known.filter(|_| !self.parses_all) {
            let (synced_at, limits) = (known.synced_at, self.limits);
            let seen = pictures::look(
                self.roots,
                &known.pictures,
                synced_at,
                self.is_thorough,
                limits,
            );
            let touched = match seen {
                Seen::Unchanged => Some(None),
                Seen::Touched(pictures) => Some(Some(pictures)),
                Seen::Changed => None,
            };
            if let Some(touched) = touched {
                let kind = known.kind;
                return Read::File(Box::new(ReadFile {
                    path: found.path.clone(),
                    hash,
                    state: FileState::Unchanged { kind, touched },
                }));
            }
        }
        let Ok(text) = String::from_utf8(bytes) else {
            return broken(format!(
                "{}: not valid UTF-8: save it in that encoding",
                found.path
            ));
        };
        self.parse(found, hash, &text)
    }

    fn parse(&self, found: &FoundFile, hash: String, text: &str) -> Read {
        if !has_front_matter(text) && is_about_repository(&found.path) {
            return Read::Skip(SkipReason::NoFrontMatter);
        }
        let mut parsed = match parse(found, text) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => return Read::Skip(SkipReason::DraftPage),
            Err(mistake) => return Read::Broken(vec![mistake]),
        };
        parsed
            .source_mut()
            .site_folders
            .clone_from(&self.roots.site);
        let files = pictures::read(self.roots, parsed.source(), self.limits);
        let mut mistakes = files.forbidden;
        if !self.is_lenient {
            mistakes.extend(files.mistakes);
        }
        if !mistakes.is_empty() {
            let name = |mistake: String| format!("{}: {mistake}", found.path);
            return Read::Broken(mistakes.into_iter().map(name).collect());
        }
        let pictures = files.pictures;
        let article = &parsed.source().article;
        let language = article
            .language
            .as_ref()
            .map_or(self.site_language, |language| language.as_str());
        let derived = Slug::from_title(&article.title, language).map(|slug| slug.to_string());
        let slug = article.slug.as_ref().map(ToString::to_string);
        if slug.is_none() && derived.is_none() {
            return Read::Broken(vec![format!(
                "{}: cannot derive a slug from the title: add one to the front matter, such as `slug: my-article`",
                found.path
            )]);
        }
        Read::File(Box::new(ReadFile {
            path: found.path.clone(),
            hash,
            state: FileState::Changed {
                parsed: Box::new(parsed),
                pictures,
                slug,
                derived,
            },
        }))
    }
}

/// Returns whether a text begins with front matter.
pub(super) fn has_front_matter(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{FEFF}').lines();
    lines.next().is_some_and(is_fence)
}

fn is_fence(line: &str) -> bool {
    matches!(line.trim_end(), "---" | "+++")
}

pub(super) fn read_bytes(file: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("can't be read: {error}");
    let metadata = std::fs::metadata(file).map_err(unreadable)?;
    if metadata.len() > MAX_FILE_BYTES as u64 {
        return Err("exceeds the size limit of 2 MiB".to_owned());
    }
    std::fs::read(file).map_err(unreadable)
}

/// Parses a file as an article or a page. Returns `None` for a draft of a page.
pub(super) fn parse(found: &FoundFile, text: &str) -> Result<Option<Parsed>, String> {
    let folder = found.file.parent().map(Path::to_owned);
    let name = found.path.clone();
    let parts: Vec<&str> = found.path.split('/').collect();
    let is_in = |folder: &str| parts[..parts.len() - 1].contains(&folder);
    if is_in("pages") || says_page(text) {
        let page = PageFile::parse(name, folder, text).map_err(|error| error.to_string())?;
        let is_draft = page.source.is_draft || is_in("_drafts");
        return Ok((!is_draft).then_some(Parsed::Page(page)));
    }
    let mut source = Source::parse(name, folder, text).map_err(|error| error.to_string())?;
    source.is_draft |= is_in("_drafts");
    Ok(Some(Parsed::Article(source)))
}

/// Returns whether front matter says that a file is a page, in the words of several generators.
fn says_page(text: &str) -> bool {
    let mut lines = text.trim_start_matches('\u{FEFF}').lines();
    let Some(fence) = lines.next().filter(|line| is_fence(line)) else {
        return false;
    };
    let mut keys = lines.take_while(|line| line.trim_end() != fence.trim_end());
    keys.any(|line| {
        line.split_once([':', '=']).is_some_and(|(key, value)| {
            let value = value.split('#').next().unwrap_or(value);
            let value = value.trim().trim_matches(['"', '\'']);
            matches!(key.trim_end(), "type" | "layout") && value.eq_ignore_ascii_case("page")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_all_generators_are_recognized() {
        let cases = [
            ("---\ntitle: A\n---\n", false),
            ("---\ntitle: A\nlayout: page\n---\n", true),
            (
                "+++\ntitle = \"A\"\ntype = \"page\" # not a post\n+++\n",
                true,
            ),
            ("---\nlayout: post\n---\n\nlayout: page\n", false),
            ("layout: page\n", false),
            ("---\nparams:\n  layout: page\n---\n", false),
        ];
        for (text, is_page) in cases {
            assert_eq!(says_page(text), is_page, "{text}");
        }
    }
}
