//! The comments and notices whose text a waiting message contains.

use crate::store::database::{Conn, Result, Tx, execute, fetch_scalars};

impl Conn {
    /// Returns the waiting messages that contain a comment's text.
    pub(in crate::store) async fn messages_with_comment(
        &mut self,
        comment_id: i64,
    ) -> Result<Vec<i64>> {
        fetch_scalars!(
            self,
            "SELECT message_id FROM message_topics WHERE comment_id = $1",
            comment_id
        )
    }

    /// Returns the waiting messages that contain the text of a deleted comment.
    pub(in crate::store) async fn messages_with_deleted_comments(&mut self) -> Result<Vec<i64>> {
        fetch_scalars!(
            self,
            "SELECT DISTINCT t.message_id FROM message_topics t JOIN comments c ON c.id = t.comment_id
             WHERE c.state = 'deleted'"
        )
    }
}

impl Tx {
    /// Cancels waiting messages of which a text was deleted. What else a mail contained goes into the next one.
    pub(in crate::store) async fn cancel_messages(&mut self, messages: &[i64]) -> Result<()> {
        for id in messages {
            for statement in [
                "UPDATE comments SET unmailed = TRUE WHERE state IN ('visible', 'held') AND id IN
                 (SELECT comment_id FROM message_topics WHERE message_id = $1)",
                "UPDATE notices SET unmailed = TRUE WHERE text <> '' AND id IN
                 (SELECT notice_id FROM message_topics WHERE message_id = $1)",
                "DELETE FROM messages WHERE id = $1",
            ] {
                execute!(self, statement, id)?;
            }
        }
        Ok(())
    }

    /// Stores which texts a message contains.
    pub async fn add_message_topics(
        &mut self,
        message_id: i64,
        comments: impl Iterator<Item = i64>,
        notices: impl Iterator<Item = i64>,
    ) -> Result<()> {
        let comments = comments.map(|id| (Some(id), None));
        let notices = notices.map(|id| (None, Some(id)));
        for (comment, notice) in comments.chain(notices) {
            execute!(
                self,
                "INSERT INTO message_topics (message_id, comment_id, notice_id) VALUES ($1, $2, $3)",
                message_id,
                comment,
                notice
            )?;
        }
        Ok(())
    }
}
