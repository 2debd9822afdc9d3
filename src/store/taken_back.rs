//! Objects that their authors delete. Their texts are removed wherever they are stored, and the deletion is recorded,
//! so that they come back only when they should.

use super::{Conn, RemoteActorRow, Result, conn::on, now, spellings::is_id};
use crate::{content::registrable_domain, protocol::canonical_id};

/// The cause of an object's end, which decides whether it can come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// Its author, who can undo the deletion.
    Author,
    /// The admin. It never comes back.
    Admin,
    /// The deletion of its author's account. It returns with the account, within 30 days.
    Account,
    /// Absence: a check found it missing or no longer public. It returns when it is seen again.
    Absence,
}

impl EndedBy {
    fn as_str(self) -> &'static str {
        match self {
            EndedBy::Author => "author",
            EndedBy::Admin => "admin",
            EndedBy::Account => "account",
            EndedBy::Absence => "absence",
        }
    }
}

/// Selects `notices` rows that contain the text of a post, which its author can delete.
macro_rules! of_a_post {
    () => {
        "object_uri = $1 AND kind IN ('private', 'mention', 'quote')"
    };
}

impl Conn {
    /// Stores the cause of the end of an actor's object. Of two causes, the one that makes a return harder is kept.
    /// `deletion` is the id of its `Delete`.
    pub async fn add_end(
        &mut self,
        uri: &str,
        actor_uri: &str,
        by: EndedBy,
        deletion: Option<&str>,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by, ended_with)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (uri, actor_uri) DO UPDATE SET ended_by = excluded.ended_by,
                    ended_with = excluded.ended_with, deleted_at = excluded.deleted_at
                 WHERE tombstones.ended_by = 'absence' OR excluded.ended_by = 'admin'
                    OR (tombstones.ended_by = 'account' AND excluded.ended_by = 'author')",
            )
            .bind(canonical_id(uri).as_ref())
            .bind(canonical_id(actor_uri).as_ref())
            .bind(now())
            .bind(by.as_str())
            .bind(deletion.map(canonical_id).as_deref())
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Returns an object that an actor's deletion with this id ended, and whether its account ended with it.
    pub async fn ended_with(
        &mut self,
        deletion: &str,
        actor_uri: &str,
    ) -> Result<Option<(String, bool)>> {
        Ok(on!(self, |c| sqlx::query_as(concat!(
            "SELECT uri, CASE WHEN ended_by = 'account' THEN TRUE ELSE FALSE END FROM tombstones
             WHERE ended_with = $1 AND ended_by IN ('author', 'account') AND ",
            is_id!("actor_uri", "$2"),
            " LIMIT 1"
        ))
        .bind(canonical_id(deletion).as_ref())
        .bind(canonical_id(actor_uri).as_ref())
        .fetch_optional(c)
        .await)?)
    }

    /// Undoes an author's deletion of an object: it may be seen again. Returns false if the author had not deleted
    /// it.
    pub async fn take_end_back(&mut self, uri: &str, actor_uri: &str) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(concat!(
            "UPDATE tombstones SET ended_by = 'absence' WHERE ",
            is_id!("uri", "$1"),
            " AND ",
            is_id!("actor_uri", "$2"),
            " AND ended_by = 'author'"
        ))
        .bind(canonical_id(uri).as_ref())
        .bind(canonical_id(actor_uri).as_ref())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// Returns whether an object ended only by absence, so that it returns when it is seen again.
    pub async fn is_only_absent(&mut self, uri: &str) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query_scalar(concat!(
            "SELECT EXISTS (SELECT 1 FROM tombstones WHERE ",
            is_id!("uri", "$1"),
            " AND ended_by = 'absence')"
        ))
        .bind(canonical_id(uri).as_ref())
        .fetch_one(c)
        .await)?)
    }

    /// Queues fetches of up to `limit` comments that ended with a returned account, or were absent with it. Returns
    /// their number. They are nobody's share of the queue: others of the host do not wait for them.
    pub async fn return_account(
        &mut self,
        actor: &RemoteActorRow,
        root: &str,
        limit: i64,
    ) -> Result<u64> {
        let noted = on!(self, |c| {
            sqlx::query(
                "INSERT INTO lookups (uri, host, asked, asked_domain, root, priority, next_attempt_at, created_at)
                 SELECT c.uri, '', $2, $3, $4, 2, $5, $5 FROM tombstones t JOIN comments c ON c.uri = t.uri
                 WHERE t.actor_uri = $1 AND t.ended_by IN ('account', 'absence') AND c.state = 'deleted'
                 ORDER BY c.id DESC LIMIT $6 ON CONFLICT DO NOTHING",
            )
            .bind(&actor.uri)
            .bind(&actor.host)
            .bind(registrable_domain(&actor.host))
            .bind(root)
            .bind(now())
            .bind(limit)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
        on!(self, |c| {
            sqlx::query(
            "UPDATE tombstones SET ended_by = 'absence' WHERE actor_uri = $1 AND ended_by = 'account'"
        )
        .bind(&actor.uri)
        .execute(c)
        .await
        .map(drop)
        })?;
        self.notify_nodes().await?;
        Ok(noted)
    }

    /// Stores that an actor's comments ended with its account, which was deleted or is absent. Comments that the admin
    /// removed from the page never come back.
    pub(super) async fn add_ends_with_account(
        &mut self,
        actor_id: i64,
        by: EndedBy,
        deletion: Option<&str>,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by, ended_with)
                 SELECT c.uri, a.uri, $2, CASE WHEN c.state IN ('hidden', 'spam') THEN 'admin' ELSE $3 END, $4
                 FROM comments c JOIN remote_actors a ON a.id = c.actor_id WHERE c.actor_id = $1
                 ON CONFLICT DO NOTHING",
            )
            .bind(actor_id)
            .bind(now())
            .bind(by.as_str())
            .bind(deletion.map(canonical_id).as_deref())
            .execute(c)
            .await
            .map(drop)
        })?;
        if by == EndedBy::Account {
            // Its owner wants them gone, too.
            on!(self, |c| {
                sqlx::query(
                "UPDATE tombstones SET ended_by = 'account', ended_with = $2, deleted_at = $3
                 WHERE ended_by = 'absence' AND actor_uri = (SELECT uri FROM remote_actors WHERE id = $1)"
            )
            .bind(actor_id)
            .bind(deletion.map(canonical_id).as_deref())
            .bind(now())
            .execute(c)
            .await
            .map(drop)
            })?;
        }
        Ok(())
    }

    /// Returns the author of a post that has a notice, if known.
    pub async fn author_of_noticed(&mut self, uri: &str) -> Result<Option<String>> {
        Ok(on!(self, |c| sqlx::query_scalar(concat!(
            "SELECT actor_uri FROM notices WHERE ",
            of_a_post!(),
            " AND actor_uri <> '' LIMIT 1"
        ))
        .bind(canonical_id(uri).as_ref())
        .fetch_optional(c)
        .await)?)
    }

    /// Returns the author of a public post that is no comment here: one that mentions us, or quotes an article.
    pub async fn author_of_public_post(&mut self, uri: &str) -> Result<Option<RemoteActorRow>> {
        Ok(on!(self, |c| {
            sqlx::query_as(concat!(
                "SELECT * FROM remote_actors WHERE id IN (SELECT actor_id FROM quotes WHERE ",
                is_id!("post_uri", "$1"),
                ") OR uri IN (SELECT actor_uri FROM notices WHERE object_uri = $1
                        AND kind IN ('mention', 'quote')) LIMIT 1"
            ))
            .bind(canonical_id(uri).as_ref())
            .fetch_optional(c)
            .await
        })?)
    }

    /// Empties the notices about an actor's post, and cancels their waiting messages.
    pub async fn empty_notices_of(&mut self, uri: &str, actor_uri: &str) -> Result<()> {
        let notices: Vec<i64> = on!(self, |c| sqlx::query_scalar(concat!(
            "SELECT id FROM notices WHERE ",
            of_a_post!(),
            " AND actor_uri = $2"
        ))
        .bind(canonical_id(uri).as_ref())
        .bind(actor_uri)
        .fetch_all(c)
        .await)?;
        self.empty_notices(&notices).await
    }

    /// Empties all notices about an actor's posts and activities.
    pub(super) async fn empty_notices_by(&mut self, actor_id: i64) -> Result<()> {
        let notices: Vec<i64> = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT id FROM notices WHERE actor_uri = (SELECT uri FROM remote_actors WHERE id = $1)"
        )
        .bind(actor_id)
        .fetch_all(c)
        .await
        })?;
        self.empty_notices(&notices).await
    }

    async fn empty_notices(&mut self, notices: &[i64]) -> Result<()> {
        for id in notices {
            on!(self, |c| sqlx::query(
                "UPDATE notices SET text = '', untold = FALSE, unmailed = FALSE WHERE id = $1"
            )
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
            let waiting: Vec<i64> = on!(self, |c| sqlx::query_scalar(
                "SELECT message_id FROM message_topics WHERE notice_id = $1"
            )
            .bind(id)
            .fetch_all(c)
            .await)?;
            self.take_messages_back(&waiting).await?;
        }
        Ok(())
    }

    /// Returns the waiting messages that contain a comment's text.
    pub(super) async fn messages_about(&mut self, comment_id: i64) -> Result<Vec<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(
            "SELECT message_id FROM message_topics WHERE comment_id = $1"
        )
        .bind(comment_id)
        .fetch_all(c)
        .await)?)
    }

    /// Returns the waiting messages that contain the text of a deleted comment.
    pub(super) async fn messages_about_the_deleted(&mut self) -> Result<Vec<i64>> {
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
    pub(super) async fn take_messages_back(&mut self, messages: &[i64]) -> Result<()> {
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

    /// Empties the forwarded activities of a comment. A pending forward is not cancelled, because the comment's
    /// deletion follows it; it is emptied later.
    pub(super) async fn empty_forwards_of(&mut self, comment_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE activities SET body = '' WHERE kind = 'Forward'
                AND object_uri = (SELECT uri FROM comments WHERE id = $1)
                AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.activity_id = activities.id)"
        )
        .bind(comment_id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Empties the forwarded activities of posts that have ended.
    pub async fn empty_ended_forwards(&mut self) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE activities SET body = '' WHERE kind = 'Forward' AND body <> ''
                AND object_uri IN (SELECT uri FROM tombstones)
                AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.activity_id = activities.id)"
        )
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
