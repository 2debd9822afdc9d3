//! The plan of a sync: which articles and pages it creates, changes and deletes, and who learns of it.

use super::{
    read::Parsed,
    scan::{SkipReason, Skipped},
};
use crate::{
    content::Announcement,
    store::{Article, StaticPage, SyncedFile, SyncedKind, SyncedPicture},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What happens to an article or a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ActionKind {
    Create,
    Change,
    /// The article becomes a draft, and other servers delete it.
    Unpublish,
    /// Only the file has another name.
    Move,
    /// An article that is the same as the file belongs to it from now on.
    Adopt,
    Delete,
    /// The article or page stays, because no sync created it.
    Forget,
    /// Nothing is done, because both the file and the article changed.
    Conflict,
}

impl ActionKind {
    /// Returns the word for people.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ActionKind::Create => "create",
            ActionKind::Change => "change",
            ActionKind::Unpublish => "unpublish",
            ActionKind::Move => "move",
            ActionKind::Adopt => "adopt",
            ActionKind::Delete => "delete",
            ActionKind::Forget => "forget",
            ActionKind::Conflict => "conflict",
        }
    }
}

/// The activity that followers get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Told {
    Nothing,
    Create,
    Update,
    Delete,
}

/// Whether readers see the article afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Visibility {
    Published,
    Scheduled,
    Draft,
    Deleted,
}

/// The reason why an article is left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Conflict {
    /// The article was changed on the site since the last sync.
    ChangedHere,
    /// The article was deleted on the site.
    DeletedHere,
    /// The file is gone, and the article was changed on the site.
    RemovedAndChangedHere,
    /// An article with the file's slug exists, which no sync created.
    Exists,
    /// The article belongs to a file of another source.
    OtherSource { source: String, path: String },
}

impl Conflict {
    /// Returns a sentence that says what is in conflict and how to solve it.
    pub(crate) fn describe(&self, slug: &str) -> String {
        match self {
            Conflict::ChangedHere => format!(
                "{slug} was changed here since the last sync: take the change into the file, or replace it with --force"
            ),
            Conflict::DeletedHere => format!(
                "{slug} was deleted here: remove the file too, or create it again with --force"
            ),
            Conflict::RemovedAndChangedHere => format!(
                "the file is gone, but {slug} was changed here since the last sync: delete it with --force"
            ),
            Conflict::Exists => format!(
                "{slug} exists here with other contents: take these into the file, replace it with --force, or choose \
                 another slug"
            ),
            Conflict::OtherSource { source, path } => format!(
                "{slug} belongs to the file {path} of the source {source}: choose another slug"
            ),
        }
    }
}

/// A step of a plan.
pub(crate) struct Action {
    pub(crate) kind: ActionKind,
    pub(crate) what: SyncedKind,
    pub(crate) path: String,
    /// The former path of the file, if it was moved.
    pub(crate) from: Option<String>,
    pub(crate) slug: String,
    /// The former slug, if it changes.
    pub(crate) former_slug: Option<String>,
    pub(crate) title: String,
    pub(crate) visibility: Visibility,
    /// The date of publication, in milliseconds.
    pub(crate) published_at: Option<i64>,
    pub(crate) told: Told,
    /// Whether followers are told of a new or changed article, now or at its date.
    pub(super) announcement: Announcement,
    /// The number of comments that are deleted with the article.
    pub(crate) comments: i64,
    /// Whether the article is published with a date older than a day.
    pub(crate) is_old: bool,
    /// The parts that change.
    pub(crate) parts: Vec<&'static str>,
    pub(crate) conflict: Option<Conflict>,
    pub(super) job: Job,
}

impl Action {
    /// Creates a step about a file of the last sync.
    pub(super) fn of_file(kind: ActionKind, file: &SyncedFile, slug: String, job: Job) -> Action {
        Action {
            kind,
            what: file.kind,
            path: file.path.clone(),
            from: None,
            slug,
            former_slug: None,
            title: String::new(),
            visibility: Visibility::Deleted,
            published_at: None,
            told: Told::Nothing,
            announcement: Announcement::Tell,
            comments: 0,
            is_old: false,
            parts: Vec::new(),
            conflict: None,
            job,
        }
    }
}

/// The work of a step.
pub(super) enum Job {
    Nothing,
    Create(Box<Content>),
    ReplaceArticle(Box<(Article, Content)>),
    ReplacePage(Box<(StaticPage, Content)>),
    /// Only the record of the file is written.
    Record(Box<SyncedFile>),
    DeleteArticle(Box<Article>),
    DeletePage(Box<StaticPage>),
    Forget,
}

impl Job {
    /// Returns the file that the step would store.
    pub(super) fn into_content(self) -> Option<Content> {
        match self {
            Job::Create(content) => Some(*content),
            Job::ReplaceArticle(both) => Some(both.1),
            Job::ReplacePage(both) => Some(both.1),
            _ => None,
        }
    }
}

/// A file that is to be stored.
pub(super) struct Content {
    pub(super) parsed: Parsed,
    pub(super) hash: String,
    pub(super) pictures: Vec<SyncedPicture>,
    /// Whether a sync created the article, or does so now.
    pub(super) created: bool,
}

/// The plan of a sync.
#[derive(Default)]
pub(crate) struct Plan {
    pub(crate) source: String,
    pub(crate) actions: Vec<Action>,
    /// The number of files whose articles stay as they are.
    pub(crate) unchanged: usize,
    pub(crate) skipped: Vec<Skipped>,
    /// Broken files, which are left out.
    pub(crate) broken: Vec<String>,
    /// The number of files of the last sync.
    pub(crate) known: usize,
    pub(crate) followers: i64,
    /// Records whose pictures have other times, but the same content.
    pub(super) refreshed: Vec<SyncedFile>,
}

impl Plan {
    /// Returns the number of steps of a kind.
    pub(crate) fn count(&self, kind: ActionKind) -> usize {
        let of_kind = self.actions.iter().filter(|action| action.kind == kind);
        of_kind.count()
    }

    /// Returns the number of activities of a kind that followers get.
    pub(crate) fn told(&self, told: Told) -> usize {
        let of_kind = self.actions.iter().filter(|action| action.told == told);
        of_kind.count()
    }

    /// Returns the dates of the articles that followers would get as new ones.
    pub(crate) fn announced_dates(&self) -> Vec<i64> {
        let new = self
            .actions
            .iter()
            .filter(|action| action.told == Told::Create);
        new.filter_map(|action| action.published_at).collect()
    }

    /// Decides for each of these articles by its date whether followers are told.
    pub(crate) fn decide(&mut self, decision: impl Fn(i64) -> Announcement) {
        for action in self
            .actions
            .iter_mut()
            .filter(|action| action.told == Told::Create)
        {
            action.announcement = action.published_at.map(&decision).unwrap_or_default();
            if action.announcement.is_silent() {
                action.told = Told::Nothing;
            }
        }
    }

    /// Returns the number of articles and pages that would end here or elsewhere.
    pub(crate) fn endings(&self) -> usize {
        self.count(ActionKind::Delete) + self.count(ActionKind::Unpublish)
    }

    /// Returns how many files were skipped for each reason.
    pub(crate) fn skipped_by_reason(&self) -> BTreeMap<SkipReason, usize> {
        let mut counts = BTreeMap::new();
        for skipped in &self.skipped {
            *counts.entry(skipped.reason).or_default() += 1;
        }
        counts
    }

    /// Returns whether more than half of the files of the last sync would be deleted.
    pub(crate) fn deletes_most(&self) -> bool {
        let deleted = self.count(ActionKind::Delete);
        deleted > 1 && deleted * 2 > self.known
    }
}

/// What is known about the article of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// It was deleted on the site.
    Gone,
    /// It is as the last sync left it.
    AsSynced,
    /// It was changed since.
    ChangedHere,
}

/// What to do about a file that has an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Unchanged,
    /// The article is right already: only the file's record is written.
    Record,
    Replace,
    CreateAgain,
    ConflictChanged,
    ConflictDeleted,
}

/// Decides about a file that has an article. `is_file_changed` says whether its content or its place changed since the last
/// sync, `is_same` whether storing it would change nothing.
pub(super) fn decide(
    is_file_changed: bool,
    stored: Stored,
    is_same: bool,
    force: bool,
) -> Decision {
    match stored {
        Stored::Gone if force => Decision::CreateAgain,
        Stored::Gone => Decision::ConflictDeleted,
        Stored::AsSynced if !is_file_changed => Decision::Unchanged,
        _ if is_same => Decision::Record,
        Stored::AsSynced => Decision::Replace,
        Stored::ChangedHere if force => Decision::Replace,
        Stored::ChangedHere => Decision::ConflictChanged,
    }
}

/// Sorts changes of slugs so that each slug is free when it is taken. `changes` are former and new slugs; returns their
/// order.
///
/// # Errors
/// The numbers of changes that exchange their slugs, which no order allows.
pub(super) fn order_of_renames(changes: &[(&str, &str)]) -> Result<Vec<usize>, Vec<usize>> {
    let mut waiting: Vec<usize> = (0..changes.len()).collect();
    let mut order = Vec::with_capacity(changes.len());
    while !waiting.is_empty() {
        let held: std::collections::HashSet<&str> =
            waiting.iter().map(|number| changes[*number].0).collect();
        let (free, blocked): (Vec<usize>, Vec<usize>) = waiting.iter().partition(|number| {
            let (former, new) = changes[**number];
            former == new || !held.contains(new)
        });
        if free.is_empty() {
            return Err(blocked);
        }
        order.extend(free);
        waiting = blocked;
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_on_one_side_wins_and_on_both_is_a_conflict() {
        use Decision::{ConflictChanged, ConflictDeleted, CreateAgain, Record, Replace, Unchanged};
        use Stored::{AsSynced, ChangedHere, Gone};
        let cases = [
            // file changed, moved, stored, same, force
            ((false, false, AsSynced, false, false), Unchanged),
            ((false, false, AsSynced, false, true), Unchanged),
            ((false, true, AsSynced, true, false), Record),
            // A file that leaves the folder of drafts.
            ((false, true, AsSynced, false, false), Replace),
            ((true, false, AsSynced, false, false), Replace),
            ((true, false, AsSynced, true, false), Record),
            ((false, false, ChangedHere, false, false), ConflictChanged),
            ((false, false, ChangedHere, false, true), Replace),
            ((true, false, ChangedHere, false, false), ConflictChanged),
            ((true, false, ChangedHere, false, true), Replace),
            ((true, false, ChangedHere, true, false), Record),
            ((false, false, Gone, false, false), ConflictDeleted),
            ((true, false, Gone, false, false), ConflictDeleted),
            ((false, false, Gone, false, true), CreateAgain),
        ];
        for ((changed, moved, stored, same, force), expected) in cases {
            assert_eq!(
                decide(changed || moved, stored, same, force),
                expected,
                "{changed} {moved} {stored:?} {same} {force}"
            );
        }
    }

    #[test]
    fn slugs_are_freed_before_they_are_taken() {
        assert_eq!(
            order_of_renames(&[("a", "b"), ("b", "c"), ("d", "d")]),
            Ok(vec![1, 2, 0])
        );
        assert_eq!(
            order_of_renames(&[("a", "b"), ("b", "a"), ("c", "d")]),
            Err(vec![0, 1])
        );
        assert_eq!(order_of_renames(&[]), Ok(vec![]));
    }
}
