//! Redacted comments: the empty rows that hold a thread together, and their return.

use super::{comment::NewComment, visibility::hide};
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Result, is_id, on},
};

/// Empties the comments that a condition finds; what answers them keeps its place. A macro, since sqlx takes
/// literals.
macro_rules! bury {
    ($condition:literal) => {
        concat!(
            "UPDATE comments SET state = 'deleted', reason = NULL, content = '', content_warning = NULL,
                language = NULL, author_name = '', author_handle = '', author_url = NULL, url = NULL,
                actor_id = NULL, guest_id = NULL, markdown = NULL, wants_answers = FALSE, address_hash = NULL,
                extras = NULL, score = NULL, score_reasons = NULL, text_hash = NULL, admin_note = NULL,
                replies_uri = NULL, next_crawl_at = NULL, caused_by = NULL, akismet = NULL, akismet_at = NULL,
                untold = FALSE, unmailed = FALSE, guest_untold = FALSE, signin_required = FALSE,
                hidden_from = NULL WHERE ",
            $condition
        )
    };
}
pub(in crate::store) use bury;

impl Conn {
    /// Empties a comment that its author deleted; its replies keep their place. Its text is no longer sent anywhere.
    pub async fn bury_comment(&mut self, id: i64) -> Result<()> {
        self.empty_forwards_of(id).await?;
        on!(self, |c| sqlx::query(
            "DELETE FROM comment_edits WHERE comment_id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(bury!("id = $1"))
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        // A concurrent notifier locks the comment's row, so its messages are visible only now.
        let waiting = self.messages_about(id).await?;
        self.take_messages_back(&waiting).await
    }

    /// Fills the empty row of a restored comment. Returns false if it belongs to another article, or was not empty.
    pub async fn revive_comment(&mut self, id: i64, comment: &NewComment) -> Result<bool> {
        let is_back = on!(self, |c| {
            sqlx::query(
            "UPDATE comments SET url = $3, actor_id = $4, author_name = $5, author_handle = $6, author_url = $7,
                content = $8, content_warning = $9, language = $10, state = $11, reason = $12, published_at = $13,
                replies_uri = $14, next_crawl_at = $15, extras = $16, score = $17, score_reasons = $18,
                text_hash = $19, untold = $20, edited_at = NULL, trained = NULL, trained_at = NULL,
                updated_at = $21, signin_required = $22, caused_by = $23
             WHERE id = $1 AND article_id = $2 AND state = 'deleted'"
        )
        .bind(id)
        .bind(comment.article_id)
        .bind(&comment.url)
        .bind(comment.actor_id)
        .bind(&comment.author_name)
        .bind(&comment.author_handle)
        .bind(&comment.author_url)
        .bind(&comment.content)
        .bind(&comment.content_warning)
        .bind(&comment.language)
        .bind(comment.state.as_str())
        .bind(&comment.reason)
        .bind(comment.published_at)
        .bind(comment.replies.as_ref().map(|(uri, _)| uri))
        .bind(comment.replies.as_ref().map(|(_, time)| time))
        .bind(&comment.extras)
        .bind(comment.score)
        .bind(&comment.score_reasons)
        .bind(&comment.text_hash)
        .bind(comment.untold)
        .bind(comment.updated_at)
        .bind(comment.signin_required)
        .bind(&comment.caused_by)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
        })?;
        if is_back {
            on!(self, |c| sqlx::query(hide!("id = $1"))
                .bind(id)
                .execute(c)
                .await
                .map(drop))?;
            on!(self, |c| sqlx::query(concat!(
                "DELETE FROM tombstones WHERE ",
                is_id!("uri", "$1"),
                " AND ended_by = 'absence'"
            ))
            .bind(canonical_id(&comment.uri).as_ref())
            .execute(c)
            .await
            .map(drop))?;
        }
        Ok(is_back)
    }
}
