//! Authors who hide their posts from visitors that are not signed in.

use crate::store::database::{Conn, Result, on};

/// Computes, for the comments that match a condition, the time from which strangers may not see the text, from the
/// settings of the comment and of its author. This is a macro, since sqlx takes literals.
macro_rules! hide {
    ($condition:literal) => {
        concat!(
            "UPDATE comments SET hidden_from = CASE WHEN signin_required THEN 0 ELSE (
                SELECT CASE WHEN comments.published_at <= a.hidden_before THEN 0
                    ELSE comments.published_at + a.hidden_after END
                FROM remote_actors a WHERE a.id = comments.actor_id) END WHERE ",
            $condition
        )
    };
}
pub(in crate::store) use hide;

impl Conn {
    /// Stores whether a comment's own object restricts it to readers who are signed in.
    pub async fn set_signin_required(&mut self, id: i64, is_required: bool) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET signin_required = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(is_required)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| sqlx::query(hide!("id = $1"))
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Applies an actor's changed wish to hide posts from strangers.
    pub async fn hide_comments_of(&mut self, actor_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(hide!("actor_id = $1"))
            .bind(actor_id)
            .execute(c)
            .await
            .map(drop))?;
        Ok(())
    }
}
