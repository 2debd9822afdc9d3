//! Imported articles as rows.

use super::{
    Importer,
    index::{Known, Meeting},
};
use crate::{
    importing::{
        ImportError,
        model::{ImportedArticle, ImportedStatus, Place},
        prepare::{Ready, short_hash},
        report::Fate,
    },
    node::urls::permalink_path,
    publishing::sync,
    store::{ArticleFields, ArticleStatus, ChangeKind, ImportKind, ImportRecord, Tx, now},
};

/// Returns whether readers can see an article now.
pub(super) fn is_public(article: &ImportedArticle) -> bool {
    article.status != ImportedStatus::Draft
        && article.published_at.is_none_or(|time| time <= now())
        && (article.status == ImportedStatus::Published || article.published_at.is_some())
}

/// Returns whether readers will see an article at its date.
pub(super) fn is_scheduled(article: &ImportedArticle) -> bool {
    article.status != ImportedStatus::Draft && article.published_at.is_some_and(|time| time > now())
}

/// Returns the hash of an article as it is stored, by which changes are detected that were made here.
pub(super) fn stored_hash(fields: &ArticleFields, status: ArticleStatus) -> String {
    short_hash(sync::of_fields(fields, status).as_bytes())
}

impl Importer<'_> {
    /// Stores an article that is new, or that has changed in the source only.
    pub(super) async fn store_article(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: Ready<ImportedArticle>,
    ) -> Result<(), ImportError> {
        if ready.item.is_note && ready.item.status == ImportedStatus::Published {
            return self.store_note(tx, place, ready).await;
        }
        let key = &ready.item.key;
        let fate = match self.index.meet(ImportKind::Article, key, &ready.hash) {
            Meeting::New => Some(self.add_article(tx, place, &ready).await?),
            Meeting::Unchanged => Some(Fate::Unchanged),
            Meeting::Changed(known) => self.change_article(tx, place, &ready, &known).await?,
            Meeting::Twice => {
                let message = format!("another article has the id {key}");
                self.report.broken.push(place, message);
                None
            }
        };
        if let Some(fate) = fate {
            let kind = match self.status_of(&ready.item) {
                ArticleStatus::Draft => "drafts",
                ArticleStatus::Published if is_scheduled(&ready.item) => "scheduled",
                ArticleStatus::Published => "articles",
            };
            self.report.count(kind, fate);
        }
        Ok(())
    }

    fn status_of(&self, article: &ImportedArticle) -> ArticleStatus {
        let is_draft = self.options.as_drafts
            || article.status == ImportedStatus::Draft
            || article.status == ImportedStatus::Scheduled && article.published_at.is_none();
        match is_draft {
            true => ArticleStatus::Draft,
            false => ArticleStatus::Published,
        }
    }

    async fn add_article(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: &Ready<ImportedArticle>,
    ) -> Result<Fate, ImportError> {
        let article = &ready.item;
        let status = self.status_of(article);
        if article.published_at.is_none() && status == ArticleStatus::Published {
            self.warn(
                place,
                "it has no valid date, and gets the time of the import",
            );
        }
        if article.status == ImportedStatus::Scheduled && status == ArticleStatus::Draft {
            self.warn(place, "it has no valid date, and is stored as a draft");
        }
        let language = self.language_of(article.language.as_deref());
        let free = self
            .slugs
            .for_article(&article.slug, &article.title, &language);
        if let Some(warning) = free.warning {
            self.warn(place, warning);
        }
        let time = article.published_at.unwrap_or_else(now);
        let fields = self.fields_of(tx, place, ready, free.slug, time).await?;
        let id = match self.options.is_dry_run {
            true => self.index.fake_id(),
            false => {
                let id = tx.add_article(&fields, status).await?;
                if status == ArticleStatus::Draft && article.published_at.is_none() {
                    tx.set_undated(id, true).await?;
                }
                let current = permalink_path(fields.published_at, &fields.slug);
                self.add_former_paths(tx, place, id, &article.former_paths, &current)
                    .await?;
                self.adopt_id(tx, place, id, article).await?;
                if article.is_pinned && status == ArticleStatus::Published && tx.pin(id).await? {
                    tx.add_change(ChangeKind::Pin, &id.to_string()).await?;
                }
                id
            }
        };
        self.note_article(ready, id, stored_hash(&fields, status));
        Ok(Fate::Added)
    }

    /// Replaces an article, unless it was changed here too. Returns `None` if it was.
    async fn change_article(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: &Ready<ImportedArticle>,
        known: &Known,
    ) -> Result<Option<Fate>, ImportError> {
        if self.options.is_dry_run && known.id < 0 {
            return Ok(Some(Fate::Unchanged));
        }
        let Some(old) = tx.article_by_id(known.id).await? else {
            let message = "it was deleted here, and stays deleted";
            self.report.conflicts.push(place, message);
            return Ok(None);
        };
        if stored_hash(&ArticleFields::from(&old), old.status) != known.stored_hash {
            let message = format!("it was changed here too, and stays as it is: {}", old.slug);
            self.report.conflicts.push(place, message);
            return Ok(None);
        }
        let status = self.status_of(&ready.item);
        let time = ready.item.published_at.unwrap_or(old.published_at);
        let slug = old.slug.clone();
        let mut fields = self.fields_of(tx, place, ready, slug, time).await?;
        // Comments are opened and closed here.
        fields.comments.clone_from(&old.comments);
        fields.comment_policy.clone_from(&old.comment_policy);
        fields.comment_days = old.comment_days;
        if !self.options.is_dry_run {
            tx.update_article(old.id, &fields).await?;
            if status != old.status {
                tx.set_article_status(old.id, status).await?;
            }
            if old.is_undated && ready.item.published_at.is_some() {
                tx.set_undated(old.id, false).await?;
            }
            let current = permalink_path(fields.published_at, &fields.slug);
            self.add_former_paths(tx, place, old.id, &ready.item.former_paths, &current)
                .await?;
        }
        self.note_article(ready, old.id, stored_hash(&fields, status));
        Ok(Some(Fate::Changed))
    }

    fn note_article(&mut self, ready: &Ready<ImportedArticle>, id: i64, stored_hash: String) {
        let has_image = ready.item.image.is_some();
        self.index.note(ImportRecord {
            kind: ImportKind::Article,
            key: ready.item.key.clone(),
            ref_id: id,
            source_hash: ready.hash.clone(),
            stored_hash,
            is_open: has_image || self.may_have_addresses(&ready.text),
            address: None,
        });
    }

    /// Returns the language of a text: its own, or that of the site.
    pub(super) fn language_of(&self, own: Option<&str>) -> String {
        own.unwrap_or(&self.node.config.site.language).to_owned()
    }

    async fn fields_of(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: &Ready<ImportedArticle>,
        slug: String,
        published_at: i64,
    ) -> Result<ArticleFields, ImportError> {
        let article = &ready.item;
        let author = self.author_of(tx, place, article.author.as_deref()).await?;
        let word = |is_open: Option<bool>| match is_open {
            Some(false) => "closed".to_owned(),
            _ => "open".to_owned(),
        };
        Ok(ArticleFields {
            slug,
            title: article.title.clone(),
            markdown: ready.text.clone(),
            byline: match (&article.byline, &author) {
                (Some(byline), _) => byline.clone(),
                (None, Some((_, name))) => name.clone(),
                (None, None) => String::new(),
            },
            author_id: author.map(|(id, _)| id),
            summary: article.summary.clone(),
            language: article.language.clone(),
            image_url: article
                .image
                .clone()
                .and_then(|image| self.absolute(&image)),
            image_alt: article.image_alt.clone(),
            federate: article.is_note.then(|| "note".to_owned()),
            federate_summary: None,
            pictures: None,
            comments: word(article.comments_are_open),
            comment_policy: None,
            comment_days: None,
            pings: word(article.pings_are_open),
            quotes: None,
            sensitive: article.sensitive,
            content_warning: article.content_warning.clone(),
            published_at,
            updated_at: article.updated_at.filter(|time| *time > published_at),
            tags: article.tags.clone(),
        })
    }
}
