//! Decides which article each file continues, even if files were moved or renamed.

use crate::store::SyncedKind;
use std::collections::HashMap;

/// A file in the folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub(super) path: &'a str,
    pub(super) kind: SyncedKind,
    pub(super) hash: &'a str,
    /// The slug in its front matter.
    pub(super) slug: Option<&'a str>,
    /// The slug that is derived from its title.
    pub(super) derived: Option<&'a str>,
}

/// A file of the last sync.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) path: &'a str,
    pub(super) kind: SyncedKind,
    pub(super) hash: &'a str,
    /// The slug that its article or page has now; `None` if it was deleted.
    pub(super) slug: Option<&'a str>,
}

/// Returns for each file the number of the known file whose article it continues. The first rule that finds a known file
/// that no other file continues decides: path and content are the same; the content is the same; the path is the same; the
/// front matter has its slug; the title leads to its slug.
pub(super) fn match_files(files: &[Candidate<'_>], known: &[Known<'_>]) -> Vec<Option<usize>> {
    let mut matches = Matches {
        of_file: vec![None; files.len()],
        is_taken: vec![false; known.len()],
    };
    let by_path = index(known, |known| Some((known.kind, known.path)));
    let by_hash = index(known, |known| Some((known.kind, known.hash)));
    let by_slug = index(known, |known| known.slug.map(|slug| (known.kind, slug)));
    let same_path = |file: &Candidate<'_>| numbers(&by_path, Some((file.kind, file.path)));
    matches.pass(files, |file| {
        let mut found = same_path(file);
        found.retain(|number| known[*number].hash == file.hash);
        found
    });
    matches.pass(files, |file| {
        numbers(&by_hash, Some((file.kind, file.hash)))
    });
    matches.pass(files, same_path);
    matches.pass(files, |file| {
        numbers(&by_slug, file.slug.map(|slug| (file.kind, slug)))
    });
    matches.pass(files, |file| {
        let derived = file.derived.filter(|_| file.slug.is_none());
        numbers(&by_slug, derived.map(|slug| (file.kind, slug)))
    });
    matches.of_file
}

type Key<'a> = (SyncedKind, &'a str);

fn index<'a>(
    known: &[Known<'a>],
    key: impl Fn(&Known<'a>) -> Option<Key<'a>>,
) -> HashMap<Key<'a>, Vec<usize>> {
    let mut index: HashMap<Key<'a>, Vec<usize>> = HashMap::new();
    for (number, known) in known.iter().enumerate() {
        if let Some(key) = key(known) {
            index.entry(key).or_default().push(number);
        }
    }
    index
}

fn numbers(index: &HashMap<Key<'_>, Vec<usize>>, key: Option<Key<'_>>) -> Vec<usize> {
    key.and_then(|key| index.get(&key).cloned())
        .unwrap_or_default()
}

struct Matches {
    of_file: Vec<Option<usize>>,
    is_taken: Vec<bool>,
}

impl Matches {
    /// Gives each file without a match the first free one of those that `find` returns.
    fn pass(&mut self, files: &[Candidate<'_>], find: impl Fn(&Candidate<'_>) -> Vec<usize>) {
        for (number, file) in files.iter().enumerate() {
            if self.of_file[number].is_some() {
                continue;
            }
            let free = find(file).into_iter().find(|known| !self.is_taken[*known]);
            if let Some(free) = free {
                self.of_file[number] = Some(free);
                self.is_taken[free] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file<'a>(
        path: &'a str,
        hash: &'a str,
        slug: Option<&'a str>,
        derived: &'a str,
    ) -> Candidate<'a> {
        Candidate {
            path,
            kind: SyncedKind::Article,
            hash,
            slug,
            derived: Some(derived),
        }
    }

    fn known<'a>(path: &'a str, hash: &'a str, slug: &'a str) -> Known<'a> {
        Known {
            path,
            kind: SyncedKind::Article,
            hash,
            slug: Some(slug),
        }
    }

    #[test]
    fn a_file_keeps_its_article_wherever_it_goes() {
        let before = [known("a.md", "1", "one"), known("b.md", "2", "two")];
        type Case<'a> = (&'a str, Vec<Candidate<'a>>, &'a [Option<usize>]);
        let cases: [Case<'_>; 8] = [
            (
                "nothing",
                vec![
                    file("a.md", "1", None, "one"),
                    file("b.md", "2", None, "two"),
                ],
                &[Some(0), Some(1)],
            ),
            ("moved", vec![file("x/a.md", "1", None, "one")], &[Some(0)]),
            (
                "moved and edited, with a slug",
                vec![file("x.md", "9", Some("two"), "other")],
                &[Some(1)],
            ),
            (
                "moved and edited, by its title",
                vec![file("x.md", "9", None, "two")],
                &[Some(1)],
            ),
            (
                "edited with a new title",
                vec![file("b.md", "9", None, "other")],
                &[Some(1)],
            ),
            (
                "edited with a new slug",
                vec![file("b.md", "9", Some("other"), "other")],
                &[Some(1)],
            ),
            (
                "exchanged names",
                vec![
                    file("b.md", "1", None, "one"),
                    file("a.md", "2", None, "two"),
                ],
                &[Some(0), Some(1)],
            ),
            (
                "a new file under an old name",
                vec![
                    file("a.md", "9", None, "new"),
                    file("c.md", "1", None, "one"),
                ],
                &[None, Some(0)],
            ),
        ];
        for (what, files, expected) in cases {
            assert_eq!(match_files(&files, &before), expected, "{what}");
        }
    }

    #[test]
    fn a_page_continues_no_article() {
        let before = [known("a.md", "1", "one")];
        let page = Candidate {
            kind: SyncedKind::Page,
            ..file("a.md", "1", Some("one"), "one")
        };
        assert_eq!(match_files(&[page], &before), [None]);
    }

    #[test]
    fn equal_files_continue_different_articles() {
        let before = [known("a.md", "1", "one"), known("b.md", "1", "two")];
        let files = [file("c.md", "1", None, "x"), file("b.md", "1", None, "x")];
        assert_eq!(match_files(&files, &before), [Some(0), Some(1)]);
    }
}
