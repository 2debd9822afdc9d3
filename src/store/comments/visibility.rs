//! Comments that their authors hide from visitors who are not signed in.

use crate::store::database::{Result, Tx, execute};

/// Updates the time from which the comments that match a condition are hidden, from the settings of comment and author.
/// This is a macro, since sqlx takes literals.
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

impl Tx {
    /// Stores whether a comment's author restricts it to readers who are signed in.
    pub async fn set_signin_required(&mut self, id: i64, is_required: bool) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET signin_required = $2 WHERE id = $1",
            id,
            is_required
        )?;
        execute!(self, hide!("id = $1"), id)?;
        Ok(())
    }

    /// Applies an actor's changed settings to its comments.
    pub async fn update_comment_visibility(&mut self, actor_id: i64) -> Result<()> {
        execute!(self, hide!("actor_id = $1"), actor_id)?;
        Ok(())
    }
}
