//! Makes drafts of published and scheduled articles.

use super::history::Signature;
use crate::{
    node::Node,
    publishing::{PublishError, articles},
    store::{Article, ArticleStatus, now},
};

/// Makes a published or scheduled article a draft. Other servers delete it. A scheduled one loses its date.
///
/// # Errors
/// If it is not published or does not exist, or the database fails.
pub(crate) async fn unpublish(node: &Node, slug: &str) -> Result<Article, PublishError> {
    let mut tx = node.store.begin().await?;
    let article = articles::find(&mut tx, slug).await?;
    if article.status != ArticleStatus::Published {
        return Err(PublishError::mistake(format!("{slug} is not published")));
    }
    let signature = Signature::begin(&mut tx, article.id).await?;
    if !article.is_visible() {
        tx.set_undated(article.id, true).await?;
        tx.set_article_date(article.id, now()).await?;
        tx.forget_scheduled_changes(&article.uid).await?;
    }
    tx.set_article_status(article.id, ArticleStatus::Draft)
        .await?;
    signature.end(&mut tx, article.id).await?;
    let changed = tx.article_by_id(article.id).await?;
    tx.commit().await?;
    changed.ok_or_else(|| PublishError::no_article(&article.slug))
}
