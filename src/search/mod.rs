//! Indexes articles and pages for the search, as they change.

use crate::{
    base::wait::{self, WakeUp},
    content::markdown,
    node::{Node, NodeError},
    store::{
        Article, ArticleStatus, Conn, FoundPage, SearchDocument, SearchKind, SearchPending,
        SearchableDocument, StoreError,
    },
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use url::Url;

/// The number of texts in one transaction.
const BATCH: i64 = 20;
/// The number of texts from which on progress is logged, and after which it is logged again.
const MANY: i64 = 500;
/// The shortest time between two looks at the database, because every commit of this process wakes the loop.
const MIN_WAIT: Duration = Duration::from_millis(100);
/// The longest wait between two looks, in case a wake-up was missed.
const MAX_WAIT: Duration = Duration::from_secs(20);

/// Indexes texts as they are written, until `stop`.
pub(crate) async fn run(node: Node, stop: CancellationToken) {
    let mut progress = Progress::default();
    while !stop.is_cancelled() {
        let wake_up = WakeUp::listen(node.store.woken());
        match step(&node).await {
            Ok(0) => {
                progress.end();
                wait::sleep(MIN_WAIT, &stop).await;
                wake_up.wait(MAX_WAIT, &stop).await;
            }
            Ok(indexed) => progress.add(&node, indexed).await,
            Err(error) => {
                tracing::warn!(%error, "could not index articles for the search, retrying");
                wait::sleep(Duration::from_secs(1), &stop).await;
            }
        }
    }
}

/// Logs how far the index is, if there is much to do, as after an upgrade.
#[derive(Default)]
struct Progress {
    indexed: i64,
    logged: i64,
}

impl Progress {
    async fn add(&mut self, node: &Node, indexed: usize) {
        self.indexed += indexed as i64;
        if self.indexed >= self.logged + MANY {
            self.logged = self.indexed;
            let left = match node.store.read().await {
                Ok(mut conn) => conn.count_pending_search_entries().await.ok(),
                Err(_) => None,
            };
            tracing::info!(
                indexed = self.indexed,
                left,
                "indexing articles for the search"
            );
        }
    }

    fn end(&mut self) {
        if self.logged > 0 {
            tracing::info!(
                indexed = self.indexed,
                "all articles are indexed for the search"
            );
        }
        *self = Progress::default();
    }
}

/// The parts of an article or page that are indexed, before its Markdown is read.
struct Source {
    document: SearchDocument,
    markdown: String,
}

/// Indexes the oldest pending texts. Returns their number.
async fn step(node: &Node) -> Result<usize, NodeError> {
    let mut conn = node.store.read().await?;
    let pending = conn.pending_search_entries(BATCH).await?;
    if pending.is_empty() {
        return Ok(0);
    }
    let mut sources = Vec::with_capacity(pending.len());
    for entry in &pending {
        sources.push(source_of(&mut conn, entry, &node.config.site.language).await?);
    }
    drop(conn);
    let base = node.urls().base().clone();
    let divide = move || -> Vec<Option<SearchableDocument>> {
        let divided = |source: Option<Source>| source.map(|source| divide(source, &base));
        sources.into_iter().map(divided).collect()
    };
    let documents = tokio::task::spawn_blocking(divide)
        .await
        .map_err(|error| NodeError::Client(error.to_string()))?;
    let mut tx = node.store.begin().await?;
    for (entry, document) in pending.iter().zip(&documents) {
        tx.index_search_entry(entry, document.as_ref()).await?;
    }
    tx.commit().await?;
    Ok(pending.len())
}

fn divide(source: Source, base: &Url) -> SearchableDocument {
    let text = markdown::render(&source.markdown, base).page.to_text();
    SearchDocument {
        body: text.split_whitespace().collect::<Vec<_>>().join(" "),
        ..source.document
    }
    .divided()
}

/// Reads an article or page; `None` if it no longer exists.
async fn source_of(
    conn: &mut Conn,
    entry: &SearchPending,
    language: &str,
) -> Result<Option<Source>, StoreError> {
    Ok(match entry.kind {
        SearchKind::Article => {
            let article = conn.article_by_id(entry.ref_id).await?;
            article.map(|article| of_article(article, language))
        }
        SearchKind::Page => {
            let mut pages = conn.pages_for_search(&[entry.ref_id]).await?;
            pages.pop().map(|page| of_page(page, language))
        }
    })
}

/// Returns the texts of an article; those of a draft are not indexed.
fn of_article(article: Article, language: &str) -> Source {
    if article.status == ArticleStatus::Draft {
        return Source {
            document: SearchDocument::default(),
            markdown: String::new(),
        };
    }
    let summary = [article.warning(), article.summary()];
    let document = SearchDocument {
        tags: article.tags.join(" "),
        names: article.byline().unwrap_or_default().to_owned(),
        summary: summary.into_iter().flatten().collect::<Vec<_>>().join(" "),
        language: Some(article.language.unwrap_or_else(|| language.to_owned())),
        title: article.title,
        ..SearchDocument::default()
    };
    Source {
        document,
        markdown: article.markdown,
    }
}

fn of_page(page: FoundPage, language: &str) -> Source {
    let document = SearchDocument {
        summary: page.summary.unwrap_or_default(),
        language: Some(page.language.unwrap_or_else(|| language.to_owned())),
        title: page.title,
        ..SearchDocument::default()
    };
    Source {
        document,
        markdown: page.markdown,
    }
}
