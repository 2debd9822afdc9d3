//! Objects that their authors delete. Their texts are removed wherever they are stored, and the deletion is recorded,
//! so that they come back only when they should.

use crate::{
    content::registrable_domain,
    protocol::canonical_id,
    store::{
        actors::RemoteActorRow,
        database::{Conn, Result, is_id, now, on},
    },
};

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

impl Conn {
    /// Remembers that an actor deleted an object of this id.
    pub async fn add_tombstone(&mut self, uri: &str, actor_uri: &str) -> Result<()> {
        self.add_end(uri, actor_uri, EndedBy::Author, None).await
    }

    /// Remembers that a comment was deleted here, so that it does not come back.
    pub async fn add_tombstone_of_comment(&mut self, comment_id: i64) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by)
             SELECT c.uri, a.uri, $2, 'admin' FROM comments c JOIN remote_actors a ON a.id = c.actor_id
             WHERE c.id = $1
             ON CONFLICT (uri, actor_uri) DO UPDATE SET ended_by = excluded.ended_by"
        )
        .bind(comment_id)
        .bind(now())
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Forgets tombstones from before `time`, and those of deleted accounts from before `time_of_accounts`. Comments
    /// that were only absent may be seen again after any time.
    pub async fn forget_tombstones(&mut self, time: i64, time_of_accounts: i64) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "DELETE FROM tombstones WHERE deleted_at < CASE WHEN ended_by = 'account' THEN $2 ELSE $1 END
                AND (ended_by <> 'absence' OR uri NOT IN (SELECT uri FROM comments))"
        )
        .bind(time)
        .bind(time_of_accounts)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Whether this actor, or we for them, deleted the object of this id.
    pub async fn has_tombstone(&mut self, uri: &str, actor_uri: &str) -> Result<bool> {
        let found: Option<i64> = on!(self, |c| {
            sqlx::query_scalar(concat!(
                "SELECT deleted_at FROM tombstones WHERE ",
                is_id!("uri", "$1"),
                " AND ",
                is_id!("actor_uri", "$2"),
                " AND ended_by <> 'absence' LIMIT 1"
            ))
            .bind(canonical_id(uri).as_ref())
            .bind(canonical_id(actor_uri).as_ref())
            .fetch_optional(c)
            .await
        })?;
        Ok(found.is_some())
    }

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
    pub(in crate::store) async fn add_ends_with_account(
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
}
