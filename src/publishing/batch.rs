//! Stores many new articles and publishes many drafts: all of them, or none.

use super::{
    Announced, Announcement, PublishError,
    articles::{self, Prepared},
    history,
    pictures::StoredPictures,
};
use crate::{
    node::Node,
    store::{ArticleStatus, StoreError, Tx},
};

/// An article to store or to publish.
pub(crate) enum Item {
    New {
        article: Box<Prepared>,
        status: ArticleStatus,
        announcement: Announcement,
    },
    /// A draft to publish.
    Draft {
        slug: String,
        announcement: Announcement,
    },
}

/// Stores or publishes articles in one transaction. Returns their row ids, in the same order.
///
/// # Errors
/// If a slug is taken or a draft is none, or the database or the storage fails. Then nothing is stored.
pub(crate) async fn store(node: &Node, items: &[Item]) -> Result<Vec<i64>, PublishError> {
    let mut pictures = Vec::new();
    let stored = async {
        for item in items {
            if let Item::New { article, .. } = item {
                pictures.push(article.pictures.store(node).await?);
            }
        }
        store_rows(node, items, &pictures).await
    };
    match stored.await {
        Ok(ids) => Ok(ids),
        Err(error) => {
            for pictures in pictures {
                pictures.give_up().await;
            }
            Err(error)
        }
    }
}

/// Stores the rows of articles whose pictures are stored.
async fn store_rows(
    node: &Node,
    items: &[Item],
    pictures: &[StoredPictures<'_>],
) -> Result<Vec<i64>, PublishError> {
    let mut tx = node.store.begin().await?;
    let mut ids = Vec::with_capacity(items.len());
    for item in items {
        ids.push(match item {
            Item::New {
                article,
                status,
                announcement,
            } => add_row(&mut tx, article, *status, *announcement).await?,
            Item::Draft { slug, announcement } => {
                articles::publish_in(&mut tx, slug, *announcement).await?
            }
        });
    }
    for pictures in pictures {
        pictures.release(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(ids)
}

async fn add_row(
    tx: &mut Tx,
    article: &Prepared,
    status: ArticleStatus,
    announcement: Announcement,
) -> Result<i64, PublishError> {
    let announced = Announced::begin(tx, announcement).await?;
    let id = match tx.add_article(&article.fields, status).await {
        Err(StoreError::Duplicate(_)) => return Err(taken(article)),
        other => other?,
    };
    if status == ArticleStatus::Draft && !article.is_dated {
        tx.set_undated(id, true).await?;
    }
    for path in &article.former_paths {
        tx.add_former_path(path, id).await?;
    }
    announced.end(tx).await?;
    history::sign_new_article(tx, id).await?;
    Ok(id)
}

/// Returns the error for an article whose slug another article has.
pub(crate) fn taken(article: &Prepared) -> PublishError {
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
