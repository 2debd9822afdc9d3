//! Redacted comments: the empty rows that hold a thread together, and their return.

use super::{new::NewComment, visibility::hide};
use crate::{
    protocol::canonical_id,
    store::database::{Result, Tx, execute, is_id},
};

/// Redacts the comments that match a condition. Replies to them keep their place. This is a macro, since sqlx takes
/// literals.
macro_rules! redact {
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
pub(in crate::store) use redact;

impl Tx {
    /// Redacts a comment that its author deleted. Replies to it keep their place, and waiting messages with its text
    /// are cancelled.
    pub async fn redact_comment(&mut self, id: i64) -> Result<()> {
        self.clear_forwards_of_comment(id).await?;
        execute!(self, "DELETE FROM comment_edits WHERE comment_id = $1", id)?;
        execute!(self, redact!("id = $1"), id)?;
        // A concurrent notifier locks the comment's row, so its messages are visible only now.
        let waiting = self.messages_with_comment(id).await?;
        self.cancel_messages(&waiting).await
    }

    /// Fills the redacted row of a comment that returned. Returns false if it belongs to another article, or was not
    /// redacted.
    pub async fn restore_comment(&mut self, id: i64, comment: &NewComment) -> Result<bool> {
        let is_back = execute!(
            self,
            "UPDATE comments SET url = $3, actor_id = $4, author_name = $5, author_handle = $6, author_url = $7,
                content = $8, content_warning = $9, language = $10, state = $11, reason = $12, published_at = $13,
                replies_uri = $14, next_crawl_at = $15, extras = $16, score = $17, score_reasons = $18,
                text_hash = $19, untold = $20, edited_at = NULL, trained = NULL, trained_at = NULL,
                updated_at = $21, signin_required = $22, caused_by = $23
             WHERE id = $1 AND article_id = $2 AND state = 'deleted'",
            id,
            comment.article_id,
            &comment.url,
            comment.actor_id,
            &comment.author_name,
            &comment.author_handle,
            &comment.author_url,
            &comment.content,
            &comment.content_warning,
            &comment.language,
            comment.state.as_str(),
            &comment.reason,
            comment.published_at,
            comment.replies.as_ref().map(|(uri, _)| uri),
            comment.replies.as_ref().map(|(_, time)| time),
            &comment.extras,
            comment.score,
            &comment.score_reasons,
            &comment.text_hash,
            comment.notify_pending,
            comment.updated_at,
            comment.signin_required,
            &comment.caused_by
        )? > 0;
        if is_back {
            execute!(self, hide!("id = $1"), id)?;
            execute!(
                self,
                concat!(
                    "DELETE FROM tombstones WHERE ",
                    is_id!("uri", "$1"),
                    " AND ended_by = 'absence'"
                ),
                canonical_id(&comment.uri).as_ref()
            )?;
        }
        Ok(is_back)
    }
}
