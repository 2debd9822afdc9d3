//! Makes the plan: compares the files of a folder with the last sync and with what is stored.

use super::{
    Request, SyncError,
    library::Library,
    matching::{Candidate, Known, match_files},
    order,
    pictures::Roots,
    plan::Plan,
    read::{FileState, Read, ReadFile, Reader},
    scan::{Scan, SkipReason, Skipped},
};
use crate::{
    node::Node,
    store::{SyncedFile, SyncedKind},
};
use std::collections::{HashMap, HashSet};

/// The files of a folder, read.
struct Folder {
    files: Vec<ReadFile>,
    skipped: Vec<Skipped>,
    broken: Vec<String>,
}

/// Makes the plan for a folder. `on_file` is called for each file that was read.
///
/// # Errors
/// If a file is broken, the folder is hardly the one of the last sync, or the database fails.
pub(crate) async fn make(
    node: &Node,
    request: &Request,
    scan: Scan,
    on_file: impl Fn(),
) -> Result<Plan, SyncError> {
    let roots = Roots::of(request.root.clone());
    let mut conn = node.store.read().await?;
    let known = conn.synced_files(&request.source).await?;
    let library = Library::read(&mut conn, &request.source, &known).await?;
    let followers = conn.count_all_followers().await?;
    drop(conn);
    if scan.files.is_empty() {
        return Err(SyncError::no_files(request));
    }
    let folder = read_all(node, request, &roots, scan, &known, on_file);
    if !folder.broken.is_empty() && !request.keep_going {
        return Err(SyncError::Broken(folder.broken));
    }
    let mut planner = Planner {
        node,
        request,
        library,
        plan: Plan {
            source: request.source.clone(),
            skipped: folder.skipped,
            broken: folder.broken,
            known: known.len(),
            followers,
            ..Plan::default()
        },
        mistakes: Vec::new(),
        slugs: HashMap::new(),
    };
    planner.plan_all(folder.files, known).await?;
    Ok(planner.plan)
}

fn read_all(
    node: &Node,
    request: &Request,
    roots: &Roots,
    scan: Scan,
    known: &[SyncedFile],
    on_file: impl Fn(),
) -> Folder {
    let reader = Reader {
        roots,
        limits: node.config.media.limits(),
        site_language: &node.config.site.language,
        is_lenient: request.is_lenient,
        is_thorough: request.is_thorough,
        parses_all: request.force,
    };
    let by_path: HashMap<&str, &SyncedFile> = known
        .iter()
        .map(|known| (known.path.as_str(), known))
        .collect();
    let mut folder = Folder {
        files: Vec::with_capacity(scan.files.len()),
        skipped: scan.skipped,
        broken: Vec::new(),
    };
    for found in scan.files {
        match reader.read(&found, by_path.get(found.path.as_str()).copied()) {
            Read::File(file) => folder.files.push(*file),
            Read::Skip(reason) => folder.skipped.push(Skipped {
                path: found.path,
                reason,
            }),
            Read::Broken(mistakes) => {
                folder.broken.extend(mistakes);
                folder.skipped.push(Skipped {
                    path: found.path,
                    reason: SkipReason::Broken,
                });
            }
        }
        on_file();
    }
    folder
}

/// A plan while it is made.
pub(super) struct Planner<'a> {
    pub(super) node: &'a Node,
    pub(super) request: &'a Request,
    pub(super) library: Library,
    pub(super) plan: Plan,
    /// Mistakes that concern several files.
    pub(super) mistakes: Vec<String>,
    /// The file that has each slug.
    slugs: HashMap<(SyncedKind, String), String>,
}

impl Planner<'_> {
    async fn plan_all(
        &mut self,
        files: Vec<ReadFile>,
        known: Vec<SyncedFile>,
    ) -> Result<(), SyncError> {
        let matches = self.matches(&files, &known);
        let continued: HashSet<usize> = matches.iter().flatten().copied().collect();
        let mut known: Vec<Option<SyncedFile>> = known.into_iter().map(Some).collect();
        let is_alive = |number: usize| {
            let alive = known[number].as_ref();
            alive.is_some_and(|known| known.created && self.library.slug_of(known).is_some())
        };
        if continued.is_empty() && (0..known.len()).any(is_alive) {
            return Err(SyncError::other_folder(self.request, known.len()));
        }
        self.note_freed_slugs(&files, &matches, &known);
        for (file, number) in files.into_iter().zip(matches) {
            let before = number.and_then(|number| known[number].take());
            self.check_slug(&file, before.as_ref());
            match before {
                Some(before) => self.plan_known(file, before).await?,
                None => self.plan_new(file).await?,
            }
        }
        if !self.mistakes.is_empty() {
            return Err(SyncError::Broken(std::mem::take(&mut self.mistakes)));
        }
        // A broken file may be the one that continues an article.
        if self.plan.broken.is_empty() {
            for before in known.into_iter().flatten() {
                self.plan_ended(before).await?;
            }
        }
        self.sort()
    }

    fn matches(&self, files: &[ReadFile], known: &[SyncedFile]) -> Vec<Option<usize>> {
        let candidates: Vec<Candidate<'_>> = files
            .iter()
            .map(|file| {
                let (slug, derived) = match &file.state {
                    FileState::Changed { slug, derived, .. } => {
                        (slug.as_deref(), derived.as_deref())
                    }
                    FileState::Unchanged { .. } => (None, None),
                };
                Candidate {
                    path: &file.path,
                    kind: file.kind(),
                    hash: &file.hash,
                    slug,
                    derived,
                }
            })
            .collect();
        let known: Vec<Known<'_>> = known
            .iter()
            .map(|known| Known {
                path: &known.path,
                kind: known.kind,
                hash: &known.file_hash,
                slug: self.library.slug_of(known),
            })
            .collect();
        match_files(&candidates, &known)
    }

    /// Notes which slugs are free in the end, because their articles get another one or are deleted.
    fn note_freed_slugs(
        &mut self,
        files: &[ReadFile],
        matches: &[Option<usize>],
        known: &[Option<SyncedFile>],
    ) {
        let continued: HashSet<usize> = matches.iter().flatten().copied().collect();
        let mut freed = Vec::new();
        for (file, number) in files.iter().zip(matches) {
            if let (
                FileState::Changed {
                    slug: Some(slug), ..
                },
                Some(number),
            ) = (&file.state, number)
                && let Some(before) = &known[*number]
                && self
                    .library
                    .slug_of(before)
                    .is_some_and(|former| former != slug)
            {
                freed.push((before.kind, before.ref_id));
            }
        }
        let ended = known
            .iter()
            .enumerate()
            .filter(|(number, _)| !continued.contains(number));
        freed.extend(ended.filter_map(|(_, before)| {
            let before = before.as_ref()?;
            before.created.then_some((before.kind, before.ref_id))
        }));
        self.library.free(freed);
    }

    /// Notes a mistake if another file, or an article that stays, has the slug of a file.
    fn check_slug(&mut self, file: &ReadFile, before: Option<&SyncedFile>) {
        let current = before.and_then(|before| self.library.slug_of(before));
        let slug = match (&file.state, current) {
            (
                FileState::Changed {
                    slug: Some(slug), ..
                },
                _,
            ) => slug.clone(),
            (_, Some(current)) => current.to_owned(),
            (
                FileState::Changed {
                    derived: Some(slug),
                    ..
                },
                None,
            ) => slug.clone(),
            _ => return,
        };
        let is_renamed = current.is_some_and(|current| current != slug);
        if is_renamed && self.library.is_taken(file.kind(), &slug) {
            self.mistakes.push(format!(
                "{}: another {} has the slug {slug}: choose another one",
                file.path,
                noun(file.kind())
            ));
        }
        let key = (file.kind(), slug);
        if let Some(other) = self.slugs.insert(key.clone(), file.path.clone()) {
            self.mistakes.push(format!(
                "{other} and {} have the same slug {}: set another `slug` in the front matter of one of them",
                file.path, key.1
            ));
        }
    }

    /// Puts the steps in an order in which each slug is free when it is taken: ends first, then changes, then new files by
    /// their dates.
    fn sort(&mut self) -> Result<(), SyncError> {
        order::sort(&mut self.plan.actions).map_err(|mistake| SyncError::Broken(vec![mistake]))
    }
}

/// Returns the word for a kind.
fn noun(kind: SyncedKind) -> &'static str {
    match kind {
        SyncedKind::Article => "article",
        SyncedKind::Page => "page",
    }
}
