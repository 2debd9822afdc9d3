//! Changes of stored comments: text, author, state.

use super::comment::CommentState;
use crate::store::database::{Result, Tx, execute, now};

/// The maximum number of earlier texts that are kept for each comment.
const MOST_EDITS: i64 = 100;

/// The new values of an edited comment.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    pub content: &'a str,
    pub content_warning: Option<&'a str>,
    pub language: Option<&'a str>,
    pub extras: Option<&'a str>,
    /// The time of the edit that readers see.
    pub edited_at: i64,
    /// The time of the edit according to its author's server, if given.
    pub updated_at: Option<i64>,
}

impl Tx {
    /// Replaces the admins' private note about a comment.
    pub async fn set_admin_note(&mut self, id: i64, note: Option<&str>) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET admin_note = $2 WHERE id = $1",
            id,
            note
        )?;
        Ok(())
    }

    /// Replaces a comment's text. The last [`MOST_EDITS`] earlier texts are kept for the admin.
    pub async fn edit_comment(&mut self, id: i64, edit: &Edit<'_>) -> Result<()> {
        self.archive_text(id).await?;
        execute!(
            self,
            "UPDATE comments SET content = $2, content_warning = $3, language = $4, extras = $5, edited_at = $6,
             updated_at = COALESCE($7, updated_at) WHERE id = $1",
            id,
            edit.content,
            edit.content_warning,
            edit.language,
            edit.extras,
            edit.edited_at,
            edit.updated_at
        )?;
        Ok(())
    }

    /// Keeps a comment's text for the admin, before another replaces it.
    pub(super) async fn archive_text(&mut self, id: i64) -> Result<()> {
        execute!(
            self,
            "INSERT INTO comment_edits (comment_id, content, content_warning, replaced_at)
             SELECT id, content, content_warning, $2 FROM comments WHERE id = $1",
            id,
            now()
        )?;
        execute!(
            self,
            "DELETE FROM comment_edits WHERE comment_id = $1 AND id <=
             (SELECT id FROM comment_edits WHERE comment_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
            id,
            MOST_EDITS
        )?;
        Ok(())
    }

    /// Replaces a comment's attachments, emoji, poll and quote.
    pub async fn set_comment_extras(
        &mut self,
        id: i64,
        extras: Option<&str>,
        updated_at: Option<i64>,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET extras = $2, updated_at = COALESCE($3, updated_at) WHERE id = $1",
            id,
            extras,
            updated_at
        )?;
        Ok(())
    }

    pub async fn set_comment_state(
        &mut self,
        id: i64,
        state: CommentState,
        reason: Option<&str>,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET state = $2, reason = $3 WHERE id = $1",
            id,
            state.as_str(),
            reason
        )?;
        Ok(())
    }

    /// Updates the name, handle and profile page of an actor on its comments.
    pub async fn update_comment_author(
        &mut self,
        actor_id: i64,
        name: &str,
        handle: &str,
        url: &str,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET author_name = $2, author_handle = $3, author_url = $4 WHERE actor_id = $1",
            actor_id,
            name,
            handle,
            url
        )?;
        Ok(())
    }

    /// Gives a comment another id, after the deletion of the former one was sent to other servers.
    pub async fn set_comment_uri(&mut self, id: i64, uri: &str) -> Result<()> {
        execute!(self, "UPDATE comments SET uri = $2 WHERE id = $1", id, uri)?;
        Ok(())
    }
}
