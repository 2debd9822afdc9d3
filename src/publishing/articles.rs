//! Stores, replaces, publishes, schedules and unpublishes articles.

use super::{
    Announced, Announcement, Leniency, PublishError, Source,
    batch::{self, Item},
    bylines,
    history::Signature,
    pictures::{self, Pictures, StoredPictures},
    source, unchanged,
};
use crate::{
    node::Node,
    store::{Article, ArticleFields, ArticleStatus, Conn, StoreError, Tx, now},
};

/// An article's file with its pictures, ready to be stored.
pub(crate) struct Prepared {
    /// The name in messages.
    pub(crate) name: String,
    pub(crate) fields: ArticleFields,
    /// Whether the article that it replaces has the same fields.
    is_same: bool,
    /// Whether the file names a date.
    pub(crate) is_dated: bool,
    /// Whether the file says that it is a draft.
    pub(crate) is_draft: bool,
    /// The state of an article that is replaced; `None` leaves it as it is.
    pub(crate) status: Option<ArticleStatus>,
    /// Paths at which the article was before.
    pub(super) former_paths: Vec<String>,
    pub(super) pictures: Pictures,
    /// Warnings to the author.
    pub(crate) warnings: Vec<String>,
}

/// An article as it is stored now.
pub(crate) struct Stored {
    pub(crate) article: Article,
    /// Warnings to the author.
    pub(crate) warnings: Vec<String>,
    /// Whether something was written: an article that is replaced by the same one is left alone.
    pub(crate) is_changed: bool,
}

/// Reads the pictures of an article's file and completes it. Missing values come from `old`, the article that it
/// replaces.
///
/// # Errors
/// If its pictures can't be read, it has no valid slug, or the database fails.
pub(crate) async fn prepare(
    node: &Node,
    mut source: Source,
    old: Option<&Article>,
    leniency: Leniency<'_>,
) -> Result<Prepared, PublishError> {
    let pictures = pictures::read(node, &mut source, leniency).await?;
    let mut warnings = std::mem::take(&mut source.warnings);
    let name = source.name.clone();
    let (is_dated, is_draft) = (source.article.date.is_some(), source.is_draft);
    let mut conn = node.store.read().await?;
    if let Some(author) = &source.article.author {
        warnings.extend(bylines::find(&mut conn, author).await?.1);
    }
    if let Some(old) = old.filter(|old| is_draft && old.status == ArticleStatus::Published) {
        warnings.push(format!(
            "the file says that it is a draft, but the article stays published: run `pamphlet post unpublish {}`",
            old.slug
        ));
    }
    let mut former_paths = Vec::new();
    for path in std::mem::take(&mut source.former_paths) {
        let path = node.urls().canonical_path(&path);
        match conn.article_uid_at(&path).await? {
            Some(uid) if old.is_none_or(|old| old.uid != uid) => warnings.push(format!(
                "the former address {path} belongs to another article, and stays with it"
            )),
            Some(_) => {}
            None => former_paths.push(path),
        }
    }
    let fields = source::fields_of(&mut conn, source, old, &node.config.site.language).await?;
    let is_same = match old {
        Some(old) => {
            let shown = source::shown_fields(&mut conn, old, &node.config.site.language).await?;
            fields.clone().sorted() == shown.sorted()
        }
        None => false,
    };
    Ok(Prepared {
        name,
        fields,
        is_same,
        is_dated,
        is_draft,
        status: None,
        former_paths,
        pictures,
        warnings,
    })
}

/// Stores a file as a new article.
///
/// # Errors
/// If its pictures can't be read, its slug is taken, or the database or the storage fails.
pub(crate) async fn create(
    node: &Node,
    source: Source,
    status: ArticleStatus,
    leniency: Leniency<'_>,
    announcement: Announcement,
) -> Result<Stored, PublishError> {
    let mut prepared = prepare(node, source, None, leniency).await?;
    let warnings = std::mem::take(&mut prepared.warnings);
    let item = Item::New {
        article: Box::new(prepared),
        status,
        announcement,
    };
    let ids = batch::store(node, &[item]).await?;
    stored(node, ids.first().copied(), warnings, true).await
}

/// Replaces an article by a file, and removes the pictures that nothing uses any more.
///
/// # Errors
/// If its pictures can't be read, its slug is taken, or the database or the storage fails.
pub(crate) async fn replace(
    node: &Node,
    old: &Article,
    source: Source,
    leniency: Leniency<'_>,
    announcement: Announcement,
) -> Result<Stored, PublishError> {
    let prepared = prepare(node, source, Some(old), leniency).await?;
    let is_changed = replace_by(node, old, &prepared, announcement).await?;
    stored(node, Some(old.id), prepared.warnings, is_changed).await
}

/// Replaces an article by one that is prepared. Returns whether that changed anything.
///
/// # Errors
/// If it was changed since `old` was read, its slug is taken, or the database or the storage fails.
pub(crate) async fn replace_by(
    node: &Node,
    old: &Article,
    prepared: &Prepared,
    announcement: Announcement,
) -> Result<bool, PublishError> {
    if !changes(old, prepared) {
        return Ok(false);
    }
    let pictures = prepared.pictures.store(node).await?;
    let updated = update_row(node, old, prepared, &pictures, announcement).await;
    pictures.settle(updated).await?;
    remove_unused_pictures(node, old).await?;
    Ok(true)
}

/// Returns whether a prepared article differs from the stored one.
fn changes(old: &Article, new: &Prepared) -> bool {
    !new.is_same
        || !new.former_paths.is_empty()
        || new.pictures.has_focuses()
        || (old.is_undated && new.is_dated)
        || new.status.is_some_and(|status| status != old.status)
}

/// Replaces the row of an article whose new pictures are stored.
async fn update_row(
    node: &Node,
    old: &Article,
    prepared: &Prepared,
    pictures: &StoredPictures<'_>,
    announcement: Announcement,
) -> Result<(), PublishError> {
    let fields = &prepared.fields;
    let mut tx = node.store.begin().await?;
    unchanged::check(&mut tx, old).await?;
    let announced = Announced::begin(&mut tx, announcement).await?;
    let signature = Signature::begin(&mut tx, old.id).await?;
    match tx.update_article(old.id, fields).await {
        Err(StoreError::Duplicate(_)) => {
            let slug = fields.slug.clone();
            return Err(PublishError::Taken {
                message: format!("another article has the slug {slug}: choose another slug"),
                slug,
            });
        }
        other => other?,
    }
    for path in &prepared.former_paths {
        tx.add_former_path(path, old.id).await?;
    }
    let is_published =
        old.status == ArticleStatus::Draft && prepared.status == Some(ArticleStatus::Published);
    if let Some(status) = prepared.status {
        tx.set_article_status(old.id, status).await?;
    }
    if old.is_undated && is_published && !prepared.is_dated {
        tx.set_article_date(old.id, now()).await?;
    }
    if old.is_undated && (is_published || prepared.is_dated) {
        tx.set_undated(old.id, false).await?;
    }
    if is_published {
        announced.end_publication(&mut tx, &old.uid).await?;
    } else {
        announced.end(&mut tx).await?;
    }
    signature.end(&mut tx, old.id).await?;
    pictures.release(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Publishes a draft.
///
/// # Errors
/// If it is published already or does not exist, or the database fails.
pub(crate) async fn publish(
    node: &Node,
    slug: &str,
    announcement: Announcement,
) -> Result<Article, PublishError> {
    let item = Item::Draft {
        slug: slug.to_owned(),
        announcement,
    };
    let ids = batch::store(node, &[item]).await?;
    Ok(stored(node, ids.first().copied(), Vec::new(), true)
        .await?
        .article)
}

/// Returns the date with which a draft would be published: its own, or now if it has none.
pub(crate) fn date_at_publication(article: &Article) -> i64 {
    if article.is_undated {
        now()
    } else {
        article.published_at
    }
}

/// Publishes a draft in a transaction.
pub(super) async fn publish_in(
    tx: &mut Tx,
    slug: &str,
    announcement: Announcement,
) -> Result<i64, PublishError> {
    let article = find(tx, slug).await?;
    check_draft(&article)?;
    let announced = Announced::begin(tx, announcement).await?;
    let signature = Signature::begin(tx, article.id).await?;
    if article.is_undated {
        tx.set_article_date(article.id, now()).await?;
        tx.set_undated(article.id, false).await?;
    }
    tx.set_article_status(article.id, ArticleStatus::Published)
        .await?;
    announced.end_publication(tx, &article.uid).await?;
    signature.end(tx, article.id).await?;
    Ok(article.id)
}

/// Checks that an article can be published.
///
/// # Errors
/// If it is public or scheduled already.
pub(crate) fn check_draft(article: &Article) -> Result<(), PublishError> {
    let slug = &article.slug;
    match (article.status, article.is_visible()) {
        (ArticleStatus::Draft, _) => Ok(()),
        (ArticleStatus::Published, true) => Err(PublishError::mistake(format!(
            "{slug} is already published: run `pamphlet post edit {slug}` to change it"
        ))),
        (ArticleStatus::Published, false) => Err(PublishError::mistake(format!(
            "{slug} is scheduled already: run `pamphlet post reschedule {slug} --at now` to publish it now"
        ))),
    }
}

/// Publishes a draft at a time in the future.
///
/// # Errors
/// If it is published already or does not exist, or the database fails.
pub(crate) async fn schedule(
    node: &Node,
    slug: &str,
    at: i64,
    announcement: Announcement,
) -> Result<Article, PublishError> {
    let mut tx = node.store.begin().await?;
    let article = find(&mut tx, slug).await?;
    check_draft(&article)?;
    let announced = Announced::begin(&mut tx, announcement).await?;
    let signature = Signature::begin(&mut tx, article.id).await?;
    tx.set_article_date(article.id, at).await?;
    tx.set_undated(article.id, false).await?;
    tx.set_article_status(article.id, ArticleStatus::Published)
        .await?;
    announced.end_publication(&mut tx, &article.uid).await?;
    signature.end(&mut tx, article.id).await?;
    tx.commit().await?;
    Ok(stored(node, Some(article.id), Vec::new(), true)
        .await?
        .article)
}

/// Moves the time at which a scheduled article is published.
///
/// # Errors
/// If it is not scheduled, or the database fails.
pub(crate) async fn reschedule(node: &Node, slug: &str, at: i64) -> Result<Article, PublishError> {
    let mut tx = node.store.begin().await?;
    let article = find(&mut tx, slug).await?;
    if article.status == ArticleStatus::Draft {
        return Err(PublishError::mistake(format!(
            "{slug} is a draft: run `pamphlet post schedule {slug} --at TIME`"
        )));
    }
    if article.is_visible() {
        return Err(PublishError::mistake(format!(
            "{slug} is published already, and can't be scheduled: run `pamphlet post unpublish {slug}` first"
        )));
    }
    let signature = Signature::begin(&mut tx, article.id).await?;
    tx.set_article_date(article.id, at).await?;
    signature.end(&mut tx, article.id).await?;
    tx.commit().await?;
    Ok(stored(node, Some(article.id), Vec::new(), true)
        .await?
        .article)
}

/// Removes the pictures of an article that is changed or deleted, except those that something uses.
///
/// # Errors
/// If the database or the storage fails.
pub(crate) async fn remove_unused_pictures(
    node: &Node,
    article: &Article,
) -> Result<(), PublishError> {
    let lead = article.image_url.as_deref().unwrap_or_default();
    Ok(node
        .media
        .remove_unused_of(&[lead, &article.markdown])
        .await?)
}

/// Finds an article by its slug.
///
/// # Errors
/// If no article has it, or the database fails.
pub(crate) async fn find(conn: &mut Conn, slug: &str) -> Result<Article, PublishError> {
    let found = conn.article_by_slug(slug).await?;
    found.ok_or_else(|| PublishError::no_article(slug))
}

async fn stored(
    node: &Node,
    id: Option<i64>,
    warnings: Vec<String>,
    is_changed: bool,
) -> Result<Stored, PublishError> {
    let found = match id {
        Some(id) => node.store.read().await?.article_by_id(id).await?,
        None => None,
    };
    let article = found.ok_or_else(|| {
        PublishError::mistake("the article was deleted in the meantime: store it again")
    })?;
    Ok(Stored {
        article,
        warnings,
        is_changed,
    })
}
