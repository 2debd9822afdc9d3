//! Imported static pages as rows.

use super::{
    Importer,
    index::{Known, Meeting},
};
use crate::{
    importing::{
        ImportError,
        model::{ImportedArticle, ImportedPage, ImportedStatus, Place},
        prepare::{Ready, short_hash},
        report::Fate,
    },
    publishing::sync,
    store::{Conn, ImportKind, ImportRecord, PageFields, StaticPage, Tx},
};

/// Returns the hash of a page as it is stored, by which changes are detected that were made here.
pub(super) fn stored_hash(fields: &PageFields) -> String {
    short_hash(sync::of_page_fields(fields).as_bytes())
}

/// Returns the page with an id.
pub(super) async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<StaticPage>, ImportError> {
    let found = conn.pages(id - 1, 1).await?;
    Ok(found.into_iter().find(|page| page.id == id))
}

impl Importer<'_> {
    /// Stores a page that is new, or that has changed in the source only. A draft becomes the draft of an article, since
    /// pages are always public.
    pub(super) async fn store_page(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: Ready<ImportedPage>,
    ) -> Result<(), ImportError> {
        if ready.item.is_draft || self.options.as_drafts {
            self.warn(
                place,
                "it is the draft of a page, which becomes the draft of an article",
            );
            return self.store_article(tx, place, as_article(ready)).await;
        }
        let key = &ready.item.key;
        let fate = match self.index.meet(ImportKind::Page, key, &ready.hash) {
            Meeting::New => Some(self.add_page(tx, place, &ready).await?),
            Meeting::Unchanged => Some(Fate::Unchanged),
            Meeting::Changed(known) => self.change_page(tx, place, &ready, &known).await?,
            Meeting::Twice => {
                let message = format!("another page has the id {key}");
                self.report.broken.push(place, message);
                None
            }
        };
        if let Some(fate) = fate {
            self.report.count("pages", fate);
        }
        Ok(())
    }

    async fn add_page(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: &Ready<ImportedPage>,
    ) -> Result<Fate, ImportError> {
        let page = &ready.item;
        let language = self.language_of(page.language.as_deref());
        let free = self.slugs.for_page(&page.slug, &page.title, &language);
        if let Some(warning) = free.warning {
            self.warn(place, warning);
        }
        let fields = self.page_fields(ready, free.slug);
        let path = format!("/{}", fields.slug);
        let id = match self.options.is_dry_run {
            true => self.index.fake_id(),
            false => tx.add_page(&fields).await?,
        };
        for former in &page.former_paths {
            self.store_redirect(tx, place, former, &path).await?;
        }
        self.warn_of_draft(tx, place, &page.key).await?;
        self.note_page(ready, id, stored_hash(&fields));
        Ok(Fate::Added)
    }

    /// Names the article that an earlier import made of a page's draft.
    async fn warn_of_draft(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        key: &str,
    ) -> Result<(), ImportError> {
        let draft = self.index.id(ImportKind::Article, &draft_key(key));
        let article = match draft {
            Some(id) => tx.article_by_id(id).await?,
            None => None,
        };
        if let Some(article) = article {
            let message = format!(
                "its draft came in before as the article {}: delete that one",
                article.slug
            );
            self.warn(place, message);
        }
        Ok(())
    }

    async fn change_page(
        &mut self,
        tx: &mut Tx,
        place: &Place,
        ready: &Ready<ImportedPage>,
        known: &Known,
    ) -> Result<Option<Fate>, ImportError> {
        let Some(old) = by_id(tx, known.id).await? else {
            let message = "it was deleted here, and stays deleted";
            self.report.conflicts.push(place, message);
            return Ok(None);
        };
        if stored_hash(&PageFields::from(&old)) != known.stored_hash {
            let message = format!("it was changed here too, and stays as it is: {}", old.slug);
            self.report.conflicts.push(place, message);
            return Ok(None);
        }
        let fields = self.page_fields(ready, old.slug);
        if !self.options.is_dry_run {
            tx.update_page(old.id, &fields).await?;
        }
        self.note_page(ready, old.id, stored_hash(&fields));
        Ok(Some(Fate::Changed))
    }

    fn note_page(&mut self, ready: &Ready<ImportedPage>, id: i64, stored_hash: String) {
        self.index.note(ImportRecord {
            kind: ImportKind::Page,
            key: ready.item.key.clone(),
            ref_id: id,
            source_hash: ready.hash.clone(),
            stored_hash,
            is_open: ready.item.image.is_some() || self.may_have_addresses(&ready.text),
            address: None,
        });
    }

    fn page_fields(&self, ready: &Ready<ImportedPage>, slug: String) -> PageFields {
        let page = &ready.item;
        PageFields {
            slug,
            title: page.title.clone(),
            markdown: ready.text.clone(),
            summary: page.summary.clone(),
            language: page.language.clone(),
            menu: page.in_menu.then(|| "header".to_owned()),
            position: page.position,
            image_url: page.image.as_deref().and_then(|image| self.absolute(image)),
            image_alt: page.image_alt.clone(),
        }
    }
}

/// Returns the key of the article that the draft of a page becomes.
fn draft_key(page: &str) -> String {
    format!("page {page}")
}

fn as_article(ready: Ready<ImportedPage>) -> Ready<ImportedArticle> {
    let page = ready.item;
    Ready {
        item: ImportedArticle {
            key: draft_key(&page.key),
            title: page.title,
            slug: page.slug,
            summary: page.summary,
            language: page.language,
            status: ImportedStatus::Draft,
            published_at: page.published_at,
            updated_at: page.updated_at,
            image: page.image,
            image_alt: page.image_alt,
            former_paths: page.former_paths,
            ..ImportedArticle::default()
        },
        text: ready.text,
        hash: ready.hash,
        warnings: Vec::new(),
    }
}
