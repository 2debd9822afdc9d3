//! Plans the step for each file.

use super::{
    SyncError,
    article_plan::{self, Proposal},
    page_plan,
    plan::{
        Action, ActionKind, Conflict, Content, Decision, Job, Stored, Told, Visibility, decide,
    },
    planner::Planner,
    read::{FileState, ReadFile},
};
use crate::store::{SyncedFile, SyncedKind, SyncedPicture};

impl Planner<'_> {
    /// Plans for a file that continues one of the last sync.
    pub(super) async fn plan_known(
        &mut self,
        file: ReadFile,
        before: SyncedFile,
    ) -> Result<(), SyncError> {
        let stored = self.library.state_of(&before);
        let is_moved = file.path != before.path;
        let (parsed, pictures) = match file.state {
            FileState::Unchanged { touched, .. } => {
                self.plan_unchanged(before, stored, touched);
                return Ok(());
            }
            FileState::Changed {
                parsed, pictures, ..
            } => (*parsed, pictures),
        };
        let contents = |pictures: &[SyncedPicture]| -> Vec<Option<String>> {
            pictures
                .iter()
                .map(|picture| picture.hash.clone())
                .collect()
        };
        let is_changed =
            file.hash != before.file_hash || contents(&pictures) != contents(&before.pictures);
        if stored == Stored::AsSynced && !is_changed && !is_moved {
            self.plan.unchanged += 1;
            return Ok(());
        }
        let content = Content {
            hash: file.hash,
            // An article that was deleted here is created again.
            created: before.created || stored == Stored::Gone,
            parsed,
            pictures,
        };
        if stored == Stored::Gone {
            match decide(is_changed || is_moved, stored, false, self.request.force) {
                Decision::CreateAgain => self.add_new(file.path, content),
                _ => {
                    let slug = before.path.clone();
                    let conflict = Conflict::DeletedHere;
                    self.add_conflict(file.path, before.kind, &slug, String::new(), conflict);
                }
            }
            return Ok(());
        }
        let proposal = self.propose(&before, content).await?;
        let is_same = proposal.hash == self.library.hash_of(&before).unwrap_or_default();
        let slug = self.library.slug_of(&before).unwrap_or_default().to_owned();
        match decide(is_changed || is_moved, stored, is_same, self.request.force) {
            Decision::Replace => self.add_replacement(file.path, &before, proposal),
            Decision::ConflictChanged => {
                let title = proposal.action.title;
                self.add_conflict(file.path, before.kind, &slug, title, Conflict::ChangedHere);
            }
            Decision::Unchanged => self.plan.unchanged += 1,
            _ => self.add_record(file.path, &before, proposal),
        }
        Ok(())
    }

    fn plan_unchanged(
        &mut self,
        before: SyncedFile,
        stored: Stored,
        touched: Option<Vec<SyncedPicture>>,
    ) {
        let conflict = match stored {
            Stored::AsSynced => {
                self.plan.unchanged += 1;
                if let Some(pictures) = touched {
                    self.plan.refreshed.push(SyncedFile { pictures, ..before });
                }
                return;
            }
            Stored::ChangedHere => Conflict::ChangedHere,
            Stored::Gone => Conflict::DeletedHere,
        };
        let slug = self
            .library
            .slug_of(&before)
            .unwrap_or(&before.path)
            .to_owned();
        self.add_conflict(before.path, before.kind, &slug, String::new(), conflict);
    }

    /// Plans for a file that no sync knows.
    pub(super) async fn plan_new(&mut self, file: ReadFile) -> Result<(), SyncError> {
        let FileState::Changed {
            parsed,
            pictures,
            slug,
            derived,
        } = file.state
        else {
            return Ok(());
        };
        let kind = parsed.kind();
        let content = Content {
            parsed: *parsed,
            hash: file.hash,
            pictures,
            created: true,
        };
        let slug = slug.or(derived).unwrap_or_default();
        let Some(id) = self.library.holder_of(kind, &slug) else {
            self.add_new(file.path, content);
            return Ok(());
        };
        let title = content.parsed.source().article.title.clone();
        if let Some((source, path)) = self.library.owner_elsewhere(kind, id) {
            let conflict = Conflict::OtherSource { source, path };
            self.add_conflict(file.path, kind, &slug, title, conflict);
            return Ok(());
        }
        let existing = SyncedFile {
            path: file.path.clone(),
            kind,
            ref_id: id,
            ..SyncedFile::unknown()
        };
        let content = Content {
            created: false,
            ..content
        };
        self.library.load(self.node, &existing).await?;
        let proposal = self.propose(&existing, content).await?;
        let is_same = self.library.hash_of(&existing) == Some(proposal.hash.as_str());
        if is_same {
            self.add_record(file.path, &existing, proposal);
        } else if self.request.force {
            self.add_replacement(file.path, &existing, proposal);
        } else {
            self.add_conflict(file.path, kind, &slug, title, Conflict::Exists);
        }
        Ok(())
    }

    /// Plans the end of a file.
    pub(super) async fn plan_ended(&mut self, before: SyncedFile) -> Result<(), SyncError> {
        let Some(slug) = self.library.slug_of(&before).map(str::to_owned) else {
            // The article ended too.
            self.add(Action::of_file(
                ActionKind::Forget,
                &before,
                String::new(),
                Job::Forget,
            ));
            return Ok(());
        };
        if !before.created {
            self.add(Action::of_file(
                ActionKind::Forget,
                &before,
                slug,
                Job::Forget,
            ));
            return Ok(());
        }
        if self.library.state_of(&before) == Stored::ChangedHere && !self.request.force {
            let (kind, conflict) = (before.kind, Conflict::RemovedAndChangedHere);
            self.add_conflict(before.path, kind, &slug, String::new(), conflict);
            return Ok(());
        }
        let action = match before.kind {
            SyncedKind::Article => article_plan::deletion(self.node, &before, slug).await?,
            SyncedKind::Page => page_plan::deletion(self.node, &before, slug).await?,
        };
        if let Some(action) = action {
            self.add(action);
        }
        Ok(())
    }

    /// Prepares the replacement of what a file became.
    async fn propose(&self, before: &SyncedFile, content: Content) -> Result<Proposal, SyncError> {
        let proposal = match before.kind {
            SyncedKind::Article => {
                article_plan::replacement(self.node, self.request, before, content).await?
            }
            SyncedKind::Page => {
                page_plan::replacement(self.node, self.request, before, content).await?
            }
        };
        Ok(proposal)
    }

    fn add_new(&mut self, path: String, content: Content) {
        let action = match content.parsed.kind() {
            SyncedKind::Article => article_plan::creation(self.node, self.request, path, content),
            SyncedKind::Page => match page_plan::creation(self.node, path, content) {
                Ok(action) => action,
                Err(mistake) => {
                    self.mistakes.push(mistake);
                    return;
                }
            },
        };
        self.add(action);
    }

    fn add_replacement(&mut self, path: String, before: &SyncedFile, proposal: Proposal) {
        self.add(Action {
            from: (before.path != path).then(|| before.path.clone()),
            path,
            ..proposal.action
        });
    }

    /// Only notes the file, because the article is right already.
    fn add_record(&mut self, path: String, before: &SyncedFile, proposal: Proposal) {
        let Some(content) = proposal.action.job.into_content() else {
            return;
        };
        let record = SyncedFile {
            path: path.clone(),
            file_hash: content.hash,
            pictures: content.pictures,
            stored_hash: proposal.hash,
            ..before.clone()
        };
        let is_new = before.synced_at == 0;
        if !is_new && before.path == path {
            self.plan.unchanged += 1;
            self.plan.refreshed.push(record);
            return;
        }
        let kind = if is_new {
            ActionKind::Adopt
        } else {
            ActionKind::Move
        };
        self.add(Action {
            kind,
            from: (before.path != path).then(|| before.path.clone()),
            path,
            told: Told::Nothing,
            is_old: false,
            parts: Vec::new(),
            job: Job::Record(Box::new(record)),
            ..proposal.action
        });
    }

    fn add_conflict(
        &mut self,
        path: String,
        what: SyncedKind,
        slug: &str,
        title: String,
        conflict: Conflict,
    ) {
        let file = SyncedFile {
            path,
            kind: what,
            ..SyncedFile::unknown()
        };
        self.add(Action {
            title,
            visibility: Visibility::Published,
            conflict: Some(conflict),
            ..Action::of_file(ActionKind::Conflict, &file, slug.to_owned(), Job::Nothing)
        });
    }

    fn add(&mut self, action: Action) {
        self.plan.actions.push(action);
    }
}
