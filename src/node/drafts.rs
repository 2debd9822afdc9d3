//! Secret links to drafts: `/drafts/TOKEN`. A token is signed, names the article, and has an end.

use super::{Inner, tokens::Purpose};
use crate::store::{self, Article, Conn, StoreError};

/// The article that a link leads to.
pub(crate) enum Shared {
    Article(Box<Article>),
    /// The link expired or was revoked, or the article was deleted.
    Ended,
    /// This node did not sign the link.
    Invalid,
}

/// Returns the address of a draft that is valid until a time (milliseconds since 1970), or until it is revoked.
///
/// # Errors
/// If the database fails.
pub(crate) async fn link(
    node: &Inner,
    conn: &mut Conn,
    article: &Article,
    until: i64,
) -> Result<String, StoreError> {
    let revoked = conn.revoked_draft_links(article.id).await?;
    let text = format!("{revoked} {}", article.uid);
    let token = node.tokens.sign(Purpose::Draft, &text, until);
    Ok(node.urls().at(&format!("/drafts/{token}")))
}

/// Returns the article that a token names.
///
/// # Errors
/// If the database fails.
pub(crate) async fn read(node: &Inner, conn: &mut Conn, token: &str) -> Result<Shared, StoreError> {
    // An expired token was valid at the beginning of time.
    if node.tokens.read(Purpose::Draft, token, i64::MIN).is_none() {
        return Ok(Shared::Invalid);
    }
    let Some(text) = node.tokens.read(Purpose::Draft, token, store::now()) else {
        return Ok(Shared::Ended);
    };
    let Some((revoked, uid)) = text.split_once(' ') else {
        return Ok(Shared::Invalid);
    };
    let Some(article) = conn.article_by_uid(uid).await? else {
        return Ok(Shared::Ended);
    };
    let current = conn.revoked_draft_links(article.id).await?;
    if current.to_string() != revoked {
        return Ok(Shared::Ended);
    }
    Ok(Shared::Article(Box::new(article)))
}
