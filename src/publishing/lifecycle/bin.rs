//! The bin: deleted articles and pages come back for 30 days. Their files stay as long, and nobody can fetch them.

use super::history;
use crate::{
    config::retention,
    content::Slug,
    node::Node,
    publishing::{Announced, Announcement, PublishError, articles, pages},
    store::{self, Article, BinEntry, BinKind, Conn, StaticPage, StoreError, Tx},
};

/// The maximum number of entries that are listed or emptied at once.
const MOST: i64 = 100_000;

/// Moves an article with its comments to the bin. Other servers delete it. Returns the article and its entry's id.
///
/// # Errors
/// If no article has the slug, or the database fails.
pub(crate) async fn delete_article(
    node: &Node,
    slug: &str,
) -> Result<(Article, i64), PublishError> {
    let mut tx = node.store.begin().await?;
    let article = articles::find(&mut tx, slug).await?;
    let entry = move_article(node, &mut tx, &article).await?;
    tx.commit().await?;
    node.store.wake();
    Ok((article, entry))
}

/// Moves an article with its comments to the bin, in a transaction. Returns its entry's id.
///
/// # Errors
/// If it was deleted in the meantime, or the database fails.
pub(crate) async fn move_article(
    node: &Node,
    tx: &mut Tx,
    article: &Article,
) -> Result<i64, PublishError> {
    let entry = tx.move_to_bin(BinKind::Article, article.id).await?;
    let entry = entry.ok_or_else(|| PublishError::no_article(&article.slug))?;
    let lead = article.image_url.as_deref().unwrap_or_default();
    node.media
        .hide_in_bin(tx, &[lead, &article.markdown])
        .await?;
    Ok(entry)
}

/// Moves a page to the bin. Returns its entry's id.
///
/// # Errors
/// If the page was deleted in the meantime, or the database fails.
pub(crate) async fn delete_page(node: &Node, page: &StaticPage) -> Result<i64, PublishError> {
    let mut tx = node.store.begin().await?;
    let entry = tx.move_to_bin(BinKind::Page, page.id).await?;
    let entry = entry.ok_or_else(|| {
        PublishError::mistake(format!(
            "the page {} was deleted in the meantime",
            page.slug
        ))
    })?;
    let lead = page.image_url.as_deref().unwrap_or_default();
    let texts = [lead, &page.markdown];
    node.media.hide_in_bin(&mut tx, &texts).await?;
    tx.commit().await?;
    Ok(entry)
}

/// Returns the time at which an entry ends.
pub(crate) fn ends_at(entry: &BinEntry) -> i64 {
    entry.deleted_at.saturating_add(retention::BIN)
}

/// Returns the entries of a kind, the last deleted first.
///
/// # Errors
/// If the database fails.
pub(crate) async fn entries(node: &Node, kind: BinKind) -> Result<Vec<BinEntry>, PublishError> {
    Ok(node.store.read().await?.bin_entries(kind, MOST).await?)
}

/// Finds an entry by its slug or its id. Of several entries with the slug, it is the one that was deleted last.
///
/// # Errors
/// If there is none, or the database fails.
pub(crate) async fn find(
    conn: &mut Conn,
    kind: BinKind,
    which: &str,
) -> Result<BinEntry, PublishError> {
    let with_slug = conn.bin_entries_with_slug(kind, which).await?;
    if let Some(entry) = with_slug.into_iter().next() {
        return Ok(entry);
    }
    let with_id = match which.parse() {
        Ok(id) => conn.bin_entry(kind, id).await?,
        Err(_) => None,
    };
    with_id.ok_or_else(|| {
        let command = command_of(kind);
        PublishError::mistake(format!(
            "the bin has no {} {which}: run `pamphlet {command} bin` to list what can be restored",
            kind.as_str()
        ))
    })
}

fn command_of(kind: BinKind) -> &'static str {
    match kind {
        BinKind::Article => "post",
        BinKind::Page => "page",
    }
}

/// Restores an article as a draft with a new id, under another slug if one is given.
///
/// # Errors
/// If the bin has no such article, its slug was taken since, or the database fails.
pub(crate) async fn restore_article(
    node: &Node,
    which: &str,
    slug: Option<&Slug>,
) -> Result<Article, PublishError> {
    let mut tx = node.store.begin().await?;
    let entry = find(&mut tx, BinKind::Article, which).await?;
    let slug = slug.map_or(entry.slug.clone(), ToString::to_string);
    if tx.article_by_slug(&slug).await?.is_some() {
        return Err(taken(&entry, slug));
    }
    // A draft has nothing to announce.
    let announced = Announced::begin(&mut tx, Announcement::Silent).await?;
    let restored = tx.restore_article(&entry, &store::new_uid(), &slug).await;
    restored.map_err(|error| row_taken(&entry, error))?;
    announced.end(&mut tx).await?;
    history::sign_last_article_version(&mut tx, entry.row_id).await?;
    let article = tx.article_by_id(entry.row_id).await?;
    let article = article.ok_or_else(|| PublishError::no_article(&slug))?;
    let lead = article.image_url.as_deref().unwrap_or_default();
    let texts = [lead, &article.markdown];
    node.media
        .show_again(&mut tx, &texts, entry.deleted_at)
        .await?;
    tx.commit().await?;
    node.store.wake();
    Ok(article)
}

/// Restores a page, under another slug if one is given. It is public at once.
///
/// # Errors
/// If the bin has no such page, its slug was taken since, or the database fails.
pub(crate) async fn restore_page(
    node: &Node,
    which: &str,
    slug: Option<&Slug>,
) -> Result<StaticPage, PublishError> {
    let mut tx = node.store.begin().await?;
    let entry = find(&mut tx, BinKind::Page, which).await?;
    let slug = slug.map_or(entry.slug.clone(), ToString::to_string);
    pages::check_slug(&slug)?;
    if tx.page_by_slug(&slug).await?.is_some() {
        return Err(taken(&entry, slug));
    }
    let restored = tx.restore_page(&entry, &slug).await;
    restored.map_err(|error| row_taken(&entry, error))?;
    let page = tx.page_by_slug(&slug).await?;
    let page = page.ok_or_else(|| PublishError::mistake("the page was not restored"))?;
    let lead = page.image_url.as_deref().unwrap_or_default();
    let texts = [lead, &page.markdown];
    node.media
        .show_again(&mut tx, &texts, entry.deleted_at)
        .await?;
    tx.commit().await?;
    Ok(page)
}

fn taken(entry: &BinEntry, slug: String) -> PublishError {
    let (kind, command) = (entry.kind.as_str(), command_of(entry.kind));
    PublishError::Taken {
        message: format!(
            "another {kind} has the slug {slug} now: run `pamphlet {command} restore {} --slug ANOTHER` to restore this \
             one under another slug",
            entry.id
        ),
        slug,
    }
}

/// Describes the conflict with a row that another program stored under an id of its own choice.
fn row_taken(entry: &BinEntry, error: StoreError) -> PublishError {
    match error {
        StoreError::Duplicate(_) => PublishError::mistake(format!(
            "another program took the row id {} of this {}, so that it can't be restored: change the id of that row",
            entry.row_id,
            entry.kind.as_str()
        )),
        other => other.into(),
    }
}

/// Ends an entry, or all of a kind, for ever. Returns what ended.
///
/// # Errors
/// If the bin has no such entry, or the database or the storage fails.
pub(crate) async fn empty(
    node: &Node,
    kind: BinKind,
    which: Option<&str>,
) -> Result<Vec<BinEntry>, PublishError> {
    let mut tx = node.store.begin().await?;
    let entries = match which {
        Some(which) => vec![find(&mut tx, kind, which).await?],
        None => tx.bin_entries(kind, MOST).await?,
    };
    let mut contents = Vec::new();
    for entry in &entries {
        contents.extend(tx.end_bin_entry(entry.id).await?);
    }
    tx.commit().await?;
    let texts: Vec<&str> = contents.iter().map(String::as_str).collect();
    node.media.end_in_bin(&texts).await?;
    Ok(entries)
}

/// Ends the entries whose time is over, with the files that nothing else uses.
///
/// # Errors
/// If the database or the storage fails.
pub(crate) async fn end_outdated(node: &Node) -> Result<(), PublishError> {
    loop {
        let mut tx = node.store.begin().await?;
        let contents = tx.end_bin_entries(store::now() - retention::BIN).await?;
        tx.commit().await?;
        if contents.is_empty() {
            return Ok(());
        }
        let texts: Vec<&str> = contents.iter().map(String::as_str).collect();
        node.media.end_in_bin(&texts).await?;
    }
}
