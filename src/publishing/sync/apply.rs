//! Carries a plan out. Each step is one transaction, in which the record of its file is written too.

use super::{
    Request, SyncError,
    article_plan::Given,
    hashes,
    library::page_by_id,
    plan::{Action, ActionKind, Content, Job, Plan},
    read::Parsed,
};
use crate::{
    node::Node,
    publishing::{
        Announced, Leniency, PublishError, articles, bin, pages, pictures::StoredPictures,
    },
    store::{Article, ArticleStatus, StaticPage, StoreError, SyncedFile, SyncedKind, Tx, now},
};

/// What became of a plan.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The number of steps that were done.
    pub(crate) done: usize,
    /// Files that could not be stored, each a sentence.
    pub(crate) failed: Vec<String>,
    /// Warnings to the authors of files that were stored.
    pub(crate) warnings: Vec<String>,
}

/// Carries a plan out. `on_step` is called after each step.
///
/// # Errors
/// If the database or the storage fails. The steps before are done; the next sync continues.
pub(crate) async fn apply(
    node: &Node,
    request: &Request,
    plan: &mut Plan,
    on_step: impl Fn(),
) -> Result<Outcome, SyncError> {
    let mut outcome = Outcome::default();
    let worker = Worker { node, request };
    let refreshed = std::mem::take(&mut plan.refreshed);
    if !refreshed.is_empty() {
        let mut tx = node.store.begin().await?;
        for file in &refreshed {
            tx.save_synced_file(&request.source, file).await?;
        }
        tx.commit().await?;
    }
    for action in &mut plan.actions {
        if action.kind == ActionKind::Conflict {
            continue;
        }
        match worker.run(action).await {
            Ok(warnings) => {
                outcome.done += 1;
                let named = |warning: String| format!("{}: {warning}", action.path);
                outcome.warnings.extend(warnings.into_iter().map(named));
            }
            Err(PublishError::Mistake(message) | PublishError::Taken { message, .. }) => {
                let is_named = message.starts_with(action.path.as_str());
                outcome.failed.push(match is_named {
                    true => message,
                    false => format!("{}: {message}", action.path),
                });
            }
            Err(other) => return Err(other.into()),
        }
        on_step();
    }
    Ok(outcome)
}

struct Worker<'a> {
    node: &'a Node,
    request: &'a Request,
}

/// The record of a file whose article is stored in the same transaction.
struct Record<'a> {
    source: &'a str,
    path: &'a str,
    content: Content,
}

impl Worker<'_> {
    /// Does a step. Returns warnings to the author.
    async fn run(&self, action: &mut Action) -> Result<Vec<String>, PublishError> {
        match std::mem::replace(&mut action.job, Job::Nothing) {
            Job::Nothing => Ok(Vec::new()),
            Job::Create(content) => match content.parsed {
                Parsed::Article(_) => self.create_article(action, *content).await,
                Parsed::Page(_) => self.create_page(action, *content).await,
            },
            Job::ReplaceArticle(both) => self.replace_article(action, both.0, both.1).await,
            Job::ReplacePage(both) => self.replace_page(action, both.0, both.1).await,
            Job::Record(file) => {
                let mut tx = self.node.store.begin().await?;
                tx.save_synced_file(&self.request.source, &file).await?;
                tx.commit().await?;
                Ok(Vec::new())
            }
            Job::DeleteArticle(article) => {
                let mut tx = self.node.store.begin().await?;
                check_unchanged(&mut tx, &article).await?;
                bin::move_article(self.node, &mut tx, &article).await?;
                tx.commit().await?;
                self.forget(action).await
            }
            Job::DeletePage(page) => {
                bin::delete_page(self.node, &page).await?;
                self.forget(action).await
            }
            Job::Forget => self.forget(action).await,
        }
    }

    async fn forget(&self, action: &Action) -> Result<Vec<String>, PublishError> {
        let mut tx = self.node.store.begin().await?;
        tx.remove_synced_file(&self.request.source, &action.path)
            .await?;
        tx.commit().await?;
        Ok(Vec::new())
    }

    fn leniency(&self) -> Leniency<'static> {
        Leniency::new(self.request.is_lenient)
    }

    fn record<'b>(&'b self, action: &'b Action, content: Content) -> Record<'b> {
        Record {
            source: &self.request.source,
            path: &action.path,
            content,
        }
    }

    async fn create_article(
        &self,
        action: &Action,
        content: Content,
    ) -> Result<Vec<String>, PublishError> {
        let Parsed::Article(source) = &content.parsed else {
            return Ok(Vec::new());
        };
        let given = Given::of(source);
        let prepared = articles::prepare(self.node, source.clone(), None, self.leniency()).await?;
        let stored = prepared.pictures.store(self.node).await?;
        let record = self.record(action, content);
        let added = async {
            let mut tx = self.node.store.begin().await?;
            let announced = Announced::begin(&mut tx, action.announcement).await?;
            let id = match tx.add_article(&prepared.fields, given.status).await {
                Err(StoreError::Duplicate(_)) => return Err(taken(&prepared.fields.slug)),
                other => other?,
            };
            let is_undated = given.status == ArticleStatus::Draft && !given.has_date;
            tx.set_undated(id, is_undated).await?;
            for path in &prepared.former_paths {
                tx.add_former_path(path, id).await?;
            }
            announced.end(&mut tx).await?;
            stored.release(&mut tx).await?;
            record.save(&mut tx, id).await?;
            Ok(tx.commit().await?)
        };
        let added = added.await;
        stored.settle(added).await?;
        Ok(prepared.warnings)
    }

    async fn replace_article(
        &self,
        action: &Action,
        old: Article,
        content: Content,
    ) -> Result<Vec<String>, PublishError> {
        let Parsed::Article(source) = &content.parsed else {
            return Ok(Vec::new());
        };
        let given = Given::of(source);
        let prepared =
            articles::prepare(self.node, source.clone(), Some(&old), self.leniency()).await?;
        let stored = prepared.pictures.store(self.node).await?;
        let record = self.record(action, content);
        let mut fields = prepared.fields;
        given.complete(&mut fields, &old);
        let replaced = async {
            let mut tx = self.node.store.begin().await?;
            check_unchanged(&mut tx, &old).await?;
            let announced = Announced::begin(&mut tx, action.announcement).await?;
            match tx.update_article(old.id, &fields).await {
                Err(StoreError::Duplicate(_)) => return Err(taken(&fields.slug)),
                other => other?,
            }
            if given.has_date || given.status == ArticleStatus::Published {
                tx.set_undated(old.id, false).await?;
            }
            for path in &prepared.former_paths {
                tx.add_former_path(path, old.id).await?;
            }
            set_status(&mut tx, &old, given.status, &announced).await?;
            stored.release(&mut tx).await?;
            record.save(&mut tx, old.id).await?;
            Ok(tx.commit().await?)
        };
        let replaced = replaced.await;
        stored.settle(replaced).await?;
        articles::remove_unused_pictures(self.node, &old).await?;
        Ok(prepared.warnings)
    }

    async fn create_page(
        &self,
        action: &Action,
        content: Content,
    ) -> Result<Vec<String>, PublishError> {
        let Parsed::Page(page) = &content.parsed else {
            return Ok(Vec::new());
        };
        let prepared = pages::prepare(self.node, page.clone(), None, self.leniency()).await?;
        let stored = prepared.pictures.store(self.node).await?;
        let record = self.record(action, content);
        let added = async {
            let mut tx = self.node.store.begin().await?;
            let id = match tx.add_page(&prepared.fields).await {
                Err(StoreError::Duplicate(_)) => return Err(taken(&prepared.fields.slug)),
                other => other?,
            };
            finish(tx, &stored, record, id).await
        };
        let added = added.await;
        stored.settle(added).await?;
        Ok(prepared.warnings)
    }

    async fn replace_page(
        &self,
        action: &Action,
        old: StaticPage,
        content: Content,
    ) -> Result<Vec<String>, PublishError> {
        let Parsed::Page(page) = &content.parsed else {
            return Ok(Vec::new());
        };
        let prepared = pages::prepare(self.node, page.clone(), Some(&old), self.leniency()).await?;
        let stored = prepared.pictures.store(self.node).await?;
        let record = self.record(action, content);
        let replaced = async {
            let mut tx = self.node.store.begin().await?;
            match tx.update_page(old.id, &prepared.fields).await {
                Err(StoreError::Duplicate(_)) => return Err(taken(&prepared.fields.slug)),
                other => other?,
            }
            finish(tx, &stored, record, old.id).await
        };
        let replaced = replaced.await;
        stored.settle(replaced).await?;
        pages::remove_unused_pictures(self.node, &old).await?;
        Ok(prepared.warnings)
    }
}

/// Makes an article a draft or publishes it, and announces what the transaction did.
async fn set_status(
    tx: &mut Tx,
    old: &Article,
    status: ArticleStatus,
    announced: &Announced,
) -> Result<(), StoreError> {
    if old.status != status {
        tx.set_article_status(old.id, status).await?;
    }
    match (old.status, status) {
        (ArticleStatus::Draft, ArticleStatus::Published) => {
            announced.end_publication(tx, &old.uid).await
        }
        _ => announced.end(tx).await,
    }
}

async fn finish(
    mut tx: Tx,
    stored: &StoredPictures<'_>,
    record: Record<'_>,
    id: i64,
) -> Result<(), PublishError> {
    stored.release(&mut tx).await?;
    record.save(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

impl Record<'_> {
    /// Writes the record, with the hash of what is stored now.
    async fn save(self, tx: &mut Tx, id: i64) -> Result<(), StoreError> {
        let kind = self.content.parsed.kind();
        let stored_hash = match kind {
            SyncedKind::Article => {
                let article = tx.article_by_id(id).await?;
                article.map(|article| hashes::of_article(&article))
            }
            SyncedKind::Page => {
                let page = page_by_id(tx, id).await?;
                page.map(|page| hashes::of_page(&page))
            }
        };
        let file = SyncedFile {
            path: self.path.to_owned(),
            kind,
            ref_id: id,
            created: self.content.created,
            file_hash: self.content.hash,
            pictures: self.content.pictures,
            stored_hash: stored_hash.unwrap_or_default(),
            synced_at: now(),
        };
        tx.save_synced_file(self.source, &file).await
    }
}

/// Checks that an article is as it was when the plan was made: the admin may have edited it before they agreed.
async fn check_unchanged(tx: &mut Tx, planned: &Article) -> Result<(), PublishError> {
    let now = tx.article_by_id(planned.id).await?;
    match now {
        Some(now) if hashes::of_article(&now) == hashes::of_article(planned) => Ok(()),
        _ => Err(PublishError::mistake(format!(
            "{} was changed while the sync was planned: sync again",
            planned.slug
        ))),
    }
}

fn taken(slug: &str) -> PublishError {
    PublishError::Taken {
        slug: slug.to_owned(),
        message: format!(
            "the slug {slug} was taken in the meantime: sync again, or choose another slug"
        ),
    }
}
