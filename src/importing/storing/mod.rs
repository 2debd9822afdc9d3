//! Stores items in batches, each in a transaction with the records of what became of them.
//!
//! An import that was interrupted continues when it is repeated: an item that is recorded and unchanged is skipped.

mod addresses;
mod articles;
mod authors;
mod comments;
mod files;
mod finish;
mod guests;
mod index;
mod links;
mod notes;
mod order;
mod origins;
mod pages;
mod slugs;
mod threads;

use super::{
    ImportError, ImportOptions, Report,
    model::{ImportedArticle, ImportedComment, ImportedFile, Located, Place},
    prepare::{Prepared, Ready, ReadyArticle},
    source::ReadItem,
};
use crate::{
    node::{Node, media::Claims},
    publishing::{Announced, Announcement},
    store::{Author, ImportKind, Tx},
};
use authors::Authors;
use files::Files;
use guests::Guests;
use index::Index;
use slugs::Slugs;
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
};
use threads::Threads;
use url::Url;

/// The number of rows and bytes of one transaction.
const BATCH_ROWS: usize = 400;
const BATCH_BYTES: usize = 1024 * 1024;

/// An import that is under way.
pub(super) struct Importer<'a> {
    node: &'a Node,
    options: &'a ImportOptions,
    /// The name of the source.
    source: String,
    /// The address of the other site.
    base: Option<Url>,
    index: Index,
    /// The records of imports of such a source without an address.
    without_address: Index,
    slugs: Slugs,
    authors: Authors,
    guests: Guests,
    threads: Threads,
    files: Files,
    /// The alternative texts of files, by address.
    alts: HashMap<String, String>,
    default_author: Option<Author>,
    batch: Vec<Located<Prepared>>,
    /// Rows and bytes of the batch.
    size: (usize, usize),
    /// Comments whose articles did not come yet, by the keys of the articles.
    orphans: BTreeMap<String, Vec<Located<Ready<ImportedComment>>>>,
    report: Report,
}

impl<'a> Importer<'a> {
    pub(super) async fn begin(
        node: &'a Node,
        source: String,
        generic: Option<String>,
        base: Option<Url>,
        folders: Vec<PathBuf>,
        options: &'a ImportOptions,
    ) -> Result<Importer<'a>, ImportError> {
        let mut conn = node.store.read().await?;
        let default_author = match &options.author {
            Some(name) => Some(conn.author(name).await?.ok_or_else(|| {
                ImportError::mistake(format!(
                    "no author is called {name}: run `pamphlet author list` for those that there are"
                ))
            })?),
            None => None,
        };
        let folders = options.attachments.clone().into_iter().chain(folders);
        let without_address = match &generic {
            Some(generic) => Index::read(&mut conn, generic).await?,
            None => Index::default(),
        };
        Ok(Importer {
            node,
            options,
            index: Index::read(&mut conn, &source).await?,
            without_address,
            slugs: Slugs::read(&mut conn).await?,
            authors: Authors::read(&mut conn).await?,
            guests: Guests::default(),
            threads: Threads::default(),
            // Names in a folder are no addresses of a site.
            files: Files::open(node, folders.collect(), options.downloads && base.is_some())?,
            alts: HashMap::new(),
            default_author,
            source,
            base,
            batch: Vec::new(),
            size: (0, 0),
            orphans: BTreeMap::new(),
            report: Report::default(),
        })
    }

    /// Takes the next item, and stores the batch when it is full.
    pub(super) async fn take(&mut self, item: ReadItem) -> Result<(), ImportError> {
        let mut located = match item {
            Ok(located) => located,
            Err(broken) => {
                self.report.broken.push(&broken.place, broken.value);
                return Ok(());
            }
        };
        self.refuse_twice(&located.value)?;
        self.warn_of_losses(&mut located);
        let (rows, bytes) = size_of(&located.value);
        self.size = (self.size.0 + rows, self.size.1 + bytes);
        self.batch.push(located);
        match self.size.0 >= BATCH_ROWS || self.size.1 >= BATCH_BYTES {
            true => self.flush().await,
            false => Ok(()),
        }
    }

    /// Refuses an article that was imported when the source had no address: it would come in once more.
    fn refuse_twice(&self, item: &Prepared) -> Result<(), ImportError> {
        let Prepared::Article(article) = item else {
            return Ok(());
        };
        let key = &article.article.item.key;
        let is_known = |index: &Index| {
            let kinds = [ImportKind::Article, ImportKind::Note];
            kinds.iter().any(|kind| index.id(*kind, key).is_some())
        };
        match is_known(&self.without_address) && !is_known(&self.index) {
            true => Err(ImportError::mistake(
                "an earlier import of these articles did not know the address of their site: repeat it as it was, without \
                 the address (for Ghost without --site), so that nothing comes in twice",
            )),
            false => Ok(()),
        }
    }

    /// Reports what an item and its comments lost when they were prepared.
    fn warn_of_losses(&mut self, located: &mut Located<Prepared>) {
        let warnings = match &mut located.value {
            Prepared::Author(author) => std::mem::take(&mut author.warnings),
            Prepared::Article(article) => {
                for comment in article.comments.iter_mut().flatten() {
                    for warning in std::mem::take(&mut comment.value.warnings) {
                        self.warn(&comment.place, warning);
                    }
                }
                std::mem::take(&mut article.article.warnings)
            }
            Prepared::Page(page) => std::mem::take(&mut page.warnings),
            Prepared::Comment(comment) => std::mem::take(&mut comment.warnings),
            Prepared::File(_) | Prepared::Redirect { .. } | Prepared::Notice(_) => Vec::new(),
        };
        for warning in warnings {
            self.warn(&located.place, warning);
        }
    }

    /// Stores the batch in one transaction.
    async fn flush(&mut self) -> Result<(), ImportError> {
        self.size = (0, 0);
        let mut batch = std::mem::take(&mut self.batch);
        let claims = self.look_for_files_first(&mut batch).await?;
        let mut tx = self.node.store.begin().await?;
        let announced = Announced::begin(&mut tx, Announcement::Silent).await?;
        let (mut announced_later, mut comments) = (Vec::new(), Vec::new());
        // The comments that came before their articles, which are stored now.
        let mut earlier = Vec::new();
        for Located { place, value } in batch {
            match value {
                Prepared::Author(author) => self.store_author(&mut tx, &place, author).await?,
                Prepared::Article(article) => {
                    let ReadyArticle {
                        article,
                        comments: own,
                    } = *article;
                    earlier.extend(self.orphans.remove(&article.item.key));
                    self.collect_comments(own, &mut comments);
                    match self.is_announced(&article) {
                        true => announced_later.push((place, article)),
                        false => self.store_article(&mut tx, &place, article).await?,
                    }
                }
                Prepared::Page(page) => self.store_page(&mut tx, &place, *page).await?,
                Prepared::Comment(comment) => comments.push(Located {
                    place,
                    value: *comment,
                }),
                Prepared::File(file) => self.note_file(file),
                Prepared::Notice(message) => self.warn(&place, message),
                Prepared::Redirect { from, to } => {
                    self.store_redirect(&mut tx, &place, &from, &to).await?;
                }
            }
        }
        announced.end(&mut tx).await?;
        for (place, article) in announced_later {
            self.store_article(&mut tx, &place, article).await?;
        }
        let comments = earlier.into_iter().flatten().chain(comments).collect();
        self.store_comments(&mut tx, comments).await?;
        for claims in claims {
            claims.release(&mut tx).await?;
        }
        self.end(tx).await
    }

    /// Ends a transaction with the records of what it stored. A dry run takes everything back.
    async fn end(&mut self, mut tx: Tx) -> Result<(), ImportError> {
        if self.options.is_dry_run {
            self.index.forget();
            return Ok(());
        }
        self.index.save(&mut tx, &self.source).await?;
        Ok(tx.commit().await?)
    }

    /// Takes in the files of what is announced, so that followers get it complete, and of notes. Those of all else follow
    /// when the texts are stored.
    async fn look_for_files_first(
        &mut self,
        batch: &mut [Located<Prepared>],
    ) -> Result<Vec<Claims>, ImportError> {
        let mut claims = Vec::new();
        for located in batch {
            let Prepared::Article(article) = &mut located.value else {
                continue;
            };
            let is_note = article.article.item.is_note;
            if !is_note && !self.is_announced(&article.article) {
                continue;
            }
            let place = located.place.clone();
            let found = self.complete_text(&place, &mut article.article).await?;
            claims.extend(found);
        }
        Ok(claims)
    }

    /// Returns whether followers get an article: those that are scheduled are published as any other when they are due.
    fn is_announced(&self, article: &Ready<ImportedArticle>) -> bool {
        let is_new = self
            .index
            .id(ImportKind::Article, &article.item.key)
            .is_none();
        is_new
            && !self.options.as_drafts
            && match self.options.announcement.is_silent() {
                false => articles::is_public(&article.item),
                true => articles::is_scheduled(&article.item),
            }
    }

    fn collect_comments(
        &mut self,
        own: Vec<Result<Located<Ready<ImportedComment>>, Located<String>>>,
        comments: &mut Vec<Located<Ready<ImportedComment>>>,
    ) {
        for comment in own {
            match comment {
                Ok(comment) => comments.push(comment),
                Err(broken) => self.report.broken.push(&broken.place, broken.value),
            }
        }
    }

    fn note_file(&mut self, file: ImportedFile) {
        let alt = file.alt.or(file.title);
        if let Some(path) = file.path.filter(|path| !path.is_empty()) {
            self.files.note_path(&file.address, &path);
        }
        if let Some(alt) = alt.filter(|alt| !alt.trim().is_empty()) {
            self.alts.insert(file.address, alt);
        }
    }

    fn warn(&mut self, place: &Place, message: impl Into<String>) {
        self.report.warnings.push(place, message);
    }
}

/// Returns about how many rows and bytes an item takes.
fn size_of(item: &Prepared) -> (usize, usize) {
    match item {
        Prepared::Article(article) => {
            let comments = article.comments.iter().flatten();
            let bytes: usize = comments.map(|comment| comment.value.text.len()).sum();
            (
                1 + article.comments.len(),
                article.article.text.len() + bytes,
            )
        }
        Prepared::Page(page) => (1, page.text.len()),
        Prepared::Comment(comment) => (1, comment.text.len()),
        Prepared::Author(_)
        | Prepared::File(_)
        | Prepared::Redirect { .. }
        | Prepared::Notice(_) => (1, 100),
    }
}
