//! The comments and notices whose text a waiting message contains.

use crate::store::database::{Conn, Result, on};

impl Conn {
    /// Returns the waiting messages that contain a comment's text.
    pub(in crate::store) async fn messages_about(&mut self, comment_id: i64) -> Result<Vec<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT message_id FROM message_topics WHERE comment_id = $1"
        )
        .bind(comment_id)
        .fetch_all(c)
        .await)?)
    }

    /// Returns the waiting messages that contain the text of a deleted comment.
    pub(in crate::store) async fn messages_about_the_deleted(&mut self) -> Result<Vec<i64>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "SELECT DISTINCT t.message_id FROM message_topics t JOIN comments c ON c.id = t.comment_id
             WHERE c.state = 'deleted'"
        )
        .fetch_all(c)
        .await
        })?)
    }

    /// Cancels waiting messages after one of their texts was emptied. The other contents of a mail go into the next
    /// one.
    pub(in crate::store) async fn take_messages_back(&mut self, messages: &[i64]) -> Result<()> {
        for id in messages {
            for statement in [
                "UPDATE comments SET unmailed = TRUE WHERE state IN ('visible', 'held') AND id IN
                    (SELECT comment_id FROM message_topics WHERE message_id = $1)",
                "UPDATE notices SET unmailed = TRUE WHERE text <> '' AND id IN
                    (SELECT notice_id FROM message_topics WHERE message_id = $1)",
                "DELETE FROM messages WHERE id = $1",
            ] {
                on!(self, |c| sqlx::query(statement)
                    .bind(id)
                    .execute(c)
                    .await
                    .map(drop))?;
            }
        }
        Ok(())
    }

    /// Stores which texts a message contains.
    pub async fn add_topics(
        &mut self,
        message_id: i64,
        comments: impl Iterator<Item = i64>,
        notices: impl Iterator<Item = i64>,
    ) -> Result<()> {
        let comments = comments.map(|id| (Some(id), None));
        let notices = notices.map(|id| (None, Some(id)));
        for (comment, notice) in comments.chain(notices) {
            on!(self, |c| sqlx::query(
                "INSERT INTO message_topics (message_id, comment_id, notice_id) VALUES ($1, $2, $3)"
            )
            .bind(message_id)
            .bind(comment)
            .bind(notice)
            .execute(c)
            .await
            .map(drop))?;
        }
        Ok(())
    }
}
