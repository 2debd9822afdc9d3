//! Stores, replaces, publishes and unpublishes articles.

use super::{
    Announced, Announcement, Leniency, PublishError, Source,
    pictures::{self, Pictures, StoredPictures},
    source,
};
use crate::{
    node::Node,
    store::{Article, ArticleFields, ArticleStatus, Conn, StoreError, Tx},
};

/// An article's file with its pictures, ready to be stored.
pub(crate) struct Prepared {
    /// The name in messages.
    pub(crate) name: String,
    pub(crate) fields: ArticleFields,
    pictures: Pictures,
    /// Warnings to the author.
    pub(crate) warnings: Vec<String>,
}

/// An article as it is stored now.
pub(crate) struct Stored {
    pub(crate) article: Article,
    /// Warnings to the author.
    pub(crate) warnings: Vec<String>,
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
    let warnings = std::mem::take(&mut source.warnings);
    let name = source.name.clone();
    let mut conn = node.store.read().await?;
    let fields = source::fields_of(&mut conn, source, old, &node.config.site.language).await?;
    Ok(Prepared {
        name,
        fields,
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
    let prepared = prepare(node, source, None, leniency).await?;
    let ids = add(node, std::slice::from_ref(&prepared), status, announcement).await?;
    stored(node, ids.first().copied(), prepared.warnings).await
}

/// Stores new articles: all of them, or none. Returns their row ids.
///
/// # Errors
/// If a slug is taken, or the database or the storage fails.
pub(crate) async fn add(
    node: &Node,
    articles: &[Prepared],
    status: ArticleStatus,
    announcement: Announcement,
) -> Result<Vec<i64>, PublishError> {
    let mut stored = Vec::new();
    let added = async {
        for article in articles {
            stored.push(article.pictures.store(node).await?);
        }
        add_rows(node, articles, &stored, status, announcement).await
    };
    match added.await {
        Ok(ids) => Ok(ids),
        Err(error) => {
            for pictures in stored {
                pictures.give_up().await;
            }
            Err(error)
        }
    }
}

/// Stores the rows of articles whose pictures are stored.
async fn add_rows(
    node: &Node,
    articles: &[Prepared],
    stored: &[StoredPictures<'_>],
    status: ArticleStatus,
    announcement: Announcement,
) -> Result<Vec<i64>, PublishError> {
    let mut tx = node.store.begin().await?;
    let announced = Announced::begin(&mut tx, announcement).await?;
    let mut ids = Vec::with_capacity(articles.len());
    for article in articles {
        let id = match tx.add_article(&article.fields, status).await {
            Err(StoreError::Duplicate(_)) => return Err(taken(article)),
            other => other?,
        };
        ids.push(id);
    }
    announced.end(&mut tx).await?;
    for pictures in stored {
        pictures.release(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(ids)
}

fn taken(article: &Prepared) -> PublishError {
    let slug = &article.fields.slug;
    PublishError::Taken {
        slug: slug.clone(),
        message: format!(
            "an article with the slug {slug} already exists: run `pamphlet post edit {slug} {}` to change it, \
             or set another slug in the front matter",
            article.name
        ),
    }
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
    replace_by(node, old, &prepared, announcement).await?;
    stored(node, Some(old.id), prepared.warnings).await
}

/// Replaces an article by one that is prepared.
///
/// # Errors
/// If its slug is taken, or the database or the storage fails.
pub(crate) async fn replace_by(
    node: &Node,
    old: &Article,
    prepared: &Prepared,
    announcement: Announcement,
) -> Result<(), PublishError> {
    let pictures = prepared.pictures.store(node).await?;
    let updated = update_row(node, old, &prepared.fields, &pictures, announcement).await;
    pictures.settle(updated).await?;
    remove_unused_pictures(node, old).await
}

/// Replaces the row of an article whose new pictures are stored.
async fn update_row(
    node: &Node,
    old: &Article,
    fields: &ArticleFields,
    pictures: &StoredPictures<'_>,
    announcement: Announcement,
) -> Result<(), PublishError> {
    let mut tx = node.store.begin().await?;
    let announced = Announced::begin(&mut tx, announcement).await?;
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
    announced.end(&mut tx).await?;
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
    let mut tx = node.store.begin().await?;
    let article = find(&mut tx, slug).await?;
    if article.status == ArticleStatus::Published {
        return Err(PublishError::mistake(format!(
            "{slug} is already published: run `pamphlet post edit {slug}` to change it"
        )));
    }
    set_status(tx, &article, ArticleStatus::Published, announcement).await
}

/// Makes a published article a draft. Other servers delete it.
///
/// # Errors
/// If it is not published or does not exist, or the database fails.
pub(crate) async fn unpublish(node: &Node, slug: &str) -> Result<Article, PublishError> {
    let mut tx = node.store.begin().await?;
    let article = find(&mut tx, slug).await?;
    if article.status != ArticleStatus::Published {
        return Err(PublishError::mistake(format!("{slug} is not published")));
    }
    set_status(tx, &article, ArticleStatus::Draft, Announcement::Tell).await
}

async fn set_status(
    mut tx: Tx,
    article: &Article,
    status: ArticleStatus,
    announcement: Announcement,
) -> Result<Article, PublishError> {
    let announced = Announced::begin(&mut tx, announcement).await?;
    tx.set_article_status(article.id, status).await?;
    match status {
        ArticleStatus::Published => announced.end_publication(&mut tx, &article.uid).await?,
        ArticleStatus::Draft => announced.end(&mut tx).await?,
    }
    let changed = tx.article_by_id(article.id).await?;
    tx.commit().await?;
    changed.ok_or_else(|| PublishError::no_article(&article.slug))
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
) -> Result<Stored, PublishError> {
    let found = match id {
        Some(id) => node.store.read().await?.article_by_id(id).await?,
        None => None,
    };
    let article = found.ok_or_else(|| {
        PublishError::mistake("the article was deleted in the meantime: store it again")
    })?;
    Ok(Stored { article, warnings })
}
