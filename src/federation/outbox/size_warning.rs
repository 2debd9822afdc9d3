//! Articles that are too large for other servers to fetch.

use crate::{
    content::FederatedForm,
    federation::objects::{
        articles::{self, Writer},
        documents,
        mentions::References,
        replies,
    },
    node::{Node, NodeError},
    store::{Article, ArticleStatus, Conn},
};

/// An article whose text has fewer bytes is never too large.
const SMALL: usize = documents::OBJECT_LIMIT / 16;

/// Returns a warning for the author of an article that is too large.
///
/// # Errors
/// If the database is unavailable.
pub async fn size_warning(
    node: &Node,
    conn: &mut Conn,
    article: &Article,
) -> Result<Option<String>, NodeError> {
    if article.status != ArticleStatus::Published {
        return Ok(None);
    }
    let publication = conn.publication(&article.uid).await?;
    let form = articles::form_to_send(article, publication.as_ref(), &node.config);
    if matches!(form, FederatedForm::No | FederatedForm::Teaser) || article.markdown.len() < SMALL {
        return Ok(None);
    }
    let site = node.local_actors.find(conn, node.site_id()).await?;
    let linked = References::of_article(node, conn, article).await?;
    let writer = Writer {
        config: &node.config,
        urls: node.urls(),
        author: &site,
        site: &site,
    };
    let replies = replies::of_article(conn, node.urls(), &article.uid, article.id).await?;
    let post = writer.post(article, form, &linked, replies);
    let (text, left_out) = documents::fitting(&serde_json::to_value(post).unwrap_or_default());
    if text.len() > documents::OBJECT_LIMIT {
        return Ok(Some(format!(
            "other servers fetch no more than {} bytes, and this article alone has {}: they will not get it. \
             Split it, or add `federate: teaser` to its front matter",
            documents::OBJECT_LIMIT,
            text.len()
        )));
    }
    Ok((!left_out.is_empty()).then(|| {
        format!(
            "this article is so large that other servers get it without its {}",
            left_out.join(" and its ")
        )
    }))
}
