//! What the publication has: the slugs of all articles and pages, and the hashes of those that files became.

use super::{hashes, plan::Stored};
use crate::{
    node::Node,
    store::{Conn, StaticPage, StoreError, SyncedFile, SyncedKind},
};
use std::collections::{HashMap, HashSet};

/// The number of articles that are read at once.
const BATCH: usize = 500;

type Item = (SyncedKind, i64);

/// The articles and pages of the publication.
#[derive(Default)]
pub(super) struct Library {
    slugs: HashMap<Item, String>,
    holders: HashMap<(SyncedKind, String), i64>,
    /// Those whose slugs are free in the end.
    freed: HashSet<Item>,
    /// Those that belong to files of other sources: the source and the path.
    elsewhere: HashMap<Item, (String, String)>,
    hashes: HashMap<Item, String>,
}

impl Library {
    /// Reads all slugs, and the hashes of what the files of the last sync became.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn read(
        conn: &mut Conn,
        source: &str,
        known: &[SyncedFile],
    ) -> Result<Library, StoreError> {
        let mut library = Library::default();
        for (kind, id, slug) in conn.slugs().await? {
            library.holders.insert((kind, slug.clone()), id);
            library.slugs.insert((kind, id), slug);
        }
        for (kind, id, source, path) in conn.synced_elsewhere(source).await? {
            library.elsewhere.insert((kind, id), (source, path));
        }
        let of_kind = |kind: SyncedKind| -> Vec<i64> {
            let of_kind = known.iter().filter(|file| file.kind == kind);
            of_kind.map(|file| file.ref_id).collect()
        };
        for ids in of_kind(SyncedKind::Article).chunks(BATCH) {
            for article in conn.articles_by_ids(ids).await? {
                let hash = hashes::of_article(&article);
                library
                    .hashes
                    .insert((SyncedKind::Article, article.id), hash);
            }
        }
        let pages: HashSet<i64> = of_kind(SyncedKind::Page).into_iter().collect();
        if !pages.is_empty() {
            for page in all_pages(conn).await? {
                if pages.contains(&page.id) {
                    let hash = hashes::of_page(&page);
                    library.hashes.insert((SyncedKind::Page, page.id), hash);
                }
            }
        }
        Ok(library)
    }

    /// Reads the hash of an article or page to which no file belongs yet.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn load(&mut self, node: &Node, file: &SyncedFile) -> Result<(), StoreError> {
        let mut conn = node.store.read().await?;
        let hash = match file.kind {
            SyncedKind::Article => {
                let article = conn.article_by_id(file.ref_id).await?;
                article.map(|article| hashes::of_article(&article))
            }
            SyncedKind::Page => {
                let page = page_by_id(&mut conn, file.ref_id).await?;
                page.map(|page| hashes::of_page(&page))
            }
        };
        self.hashes
            .extend(hash.map(|hash| ((file.kind, file.ref_id), hash)));
        Ok(())
    }

    /// Returns the slug that a file's article has now; `None` if it was deleted.
    pub(super) fn slug_of(&self, file: &SyncedFile) -> Option<&str> {
        let slug = self.slugs.get(&(file.kind, file.ref_id));
        slug.map(String::as_str)
    }

    pub(super) fn hash_of(&self, file: &SyncedFile) -> Option<&str> {
        let hash = self.hashes.get(&(file.kind, file.ref_id));
        hash.map(String::as_str)
    }

    pub(super) fn state_of(&self, file: &SyncedFile) -> Stored {
        match self.hash_of(file) {
            None => Stored::Gone,
            Some(hash) if hash == file.stored_hash => Stored::AsSynced,
            Some(_) => Stored::ChangedHere,
        }
    }

    /// Notes whose slugs are free in the end.
    pub(super) fn free(&mut self, items: Vec<Item>) {
        self.freed.extend(items);
    }

    /// Returns which article or page keeps a slug.
    pub(super) fn holder_of(&self, kind: SyncedKind, slug: &str) -> Option<i64> {
        let holder = self.holders.get(&(kind, slug.to_owned())).copied();
        holder.filter(|id| !self.freed.contains(&(kind, *id)))
    }

    pub(super) fn is_taken(&self, kind: SyncedKind, slug: &str) -> bool {
        self.holder_of(kind, slug).is_some()
    }

    /// Returns the source and the path of the file to which an article or page belongs, if it is one of another source.
    pub(super) fn owner_elsewhere(&self, kind: SyncedKind, id: i64) -> Option<(String, String)> {
        self.elsewhere.get(&(kind, id)).cloned()
    }
}

async fn all_pages(conn: &mut Conn) -> Result<Vec<StaticPage>, StoreError> {
    let mut pages: Vec<StaticPage> = Vec::new();
    loop {
        let after = pages.last().map_or(0, |page| page.id);
        let more = conn.pages(after, BATCH as i64).await?;
        if more.is_empty() {
            return Ok(pages);
        }
        pages.extend(more);
    }
}

/// Finds a page by its id.
///
/// # Errors
/// If the database fails.
pub(super) async fn page_by_id(conn: &mut Conn, id: i64) -> Result<Option<StaticPage>, StoreError> {
    let found = conn.pages(id - 1, 1).await?;
    Ok(found.into_iter().find(|page| page.id == id))
}
