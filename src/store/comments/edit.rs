//! Changes of stored comments: text, author, state.

use super::comment::CommentState;
use crate::store::database::{Conn, Result, now, on};

/// Earlier texts of one comment that are kept.
const MOST_EDITS: i64 = 100;

/// The new values of an edited comment.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    pub content: &'a str,
    pub content_warning: Option<&'a str>,
    pub language: Option<&'a str>,
    pub extras: Option<&'a str>,
    /// The time of the edit for readers.
    pub edited_at: i64,
    /// The time of the edit according to its author's server, if given.
    pub updated_at: Option<i64>,
}

impl Conn {
    /// Keeps what admins write to themselves about a comment, in place of what they wrote before.
    pub async fn set_admin_note(&mut self, id: i64, note: Option<&str>) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET admin_note = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(note)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Replaces a comment's text and keeps the one before for the admin, of which the last [`MOST_EDITS`] are kept.
    pub async fn edit_comment(&mut self, id: i64, edit: &Edit<'_>) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO comment_edits (comment_id, content, content_warning, replaced_at)
             SELECT id, content, content_warning, $2 FROM comments WHERE id = $1"
        )
        .bind(id)
        .bind(now())
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| {
            sqlx::query(
                "DELETE FROM comment_edits WHERE comment_id = $1 AND id <=
                    (SELECT id FROM comment_edits WHERE comment_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
            )
            .bind(id)
            .bind(MOST_EDITS)
            .execute(c)
            .await
            .map(drop)
        })?;
        on!(self, |c| {
            sqlx::query(
            "UPDATE comments SET content = $2, content_warning = $3, language = $4, extras = $5, edited_at = $6,
                updated_at = COALESCE($7, updated_at) WHERE id = $1",
        )
        .bind(id)
        .bind(edit.content)
        .bind(edit.content_warning)
        .bind(edit.language)
        .bind(edit.extras)
        .bind(edit.edited_at)
        .bind(edit.updated_at)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Replaces what hangs on a comment beside its text.
    pub async fn set_comment_extras(
        &mut self,
        id: i64,
        extras: Option<&str>,
        updated_at: Option<i64>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET extras = $2, updated_at = COALESCE($3, updated_at) WHERE id = $1"
        )
        .bind(id)
        .bind(extras)
        .bind(updated_at)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    pub async fn set_comment_state(
        &mut self,
        id: i64,
        state: CommentState,
        reason: Option<&str>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET state = $2, reason = $3 WHERE id = $1"
        )
        .bind(id)
        .bind(state.as_str())
        .bind(reason)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Corrects what the comments of an actor show of them.
    pub async fn rename_commenter(
        &mut self,
        actor_id: i64,
        name: &str,
        handle: &str,
        url: &str,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE comments SET author_name = $2, author_handle = $3, author_url = $4 WHERE actor_id = $1"
        )
        .bind(actor_id)
        .bind(name)
        .bind(handle)
        .bind(url)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Gives a comment another id, after other servers were told to forget the one before.
    pub async fn set_comment_uri(&mut self, id: i64, uri: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET uri = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(uri)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
