//! Tombstones: deleted and vanished remote objects, with the cause, which decides whether an object may return.

use crate::{
    content::registrable_domain,
    protocol::canonical_id,
    store::{
        actors::RemoteActorRow,
        database::{
            Conn, Result, Tx, execute, fetch_optional, fetch_optional_scalar, fetch_scalar, is_id,
            now, text_enum,
        },
    },
};

text_enum! {
    /// The cause of an object's deletion, which decides whether it may return.
    pub enum DeletionCause ("cause of an end") {
        /// Its author, who can undo the deletion.
        Author = "author",
        /// The admin. It never comes back.
        Admin = "admin",
        /// The deletion of its author's account. It may return with the account, within 30 days.
        Account = "account",
        /// A check found it missing or no longer public. It returns when it is seen again.
        Absence = "absence",
    }
}

impl Conn {
    /// Returns whether this actor, or the admin, deleted the object with this id.
    pub async fn has_tombstone(&mut self, uri: &str, actor_uri: &str) -> Result<bool> {
        let found: Option<i64> = fetch_optional_scalar!(
            self,
            concat!(
                "SELECT deleted_at FROM tombstones WHERE ",
                is_id!("uri", "$1"),
                " AND ",
                is_id!("actor_uri", "$2"),
                " AND ended_by <> 'absence' LIMIT 1"
            ),
            canonical_id(uri).as_ref(),
            canonical_id(actor_uri).as_ref()
        )?;
        Ok(found.is_some())
    }

    /// Returns an object that the `Delete` with this id ended, and whether it ended the actor's account.
    pub async fn object_deleted_by(
        &mut self,
        deletion: &str,
        actor_uri: &str,
    ) -> Result<Option<(String, bool)>> {
        fetch_optional!(
            self,
            concat!(
            "SELECT uri, CASE WHEN ended_by = 'account' THEN TRUE ELSE FALSE END FROM tombstones
             WHERE ended_with = $1 AND ended_by IN ('author', 'account') AND ",
            is_id!("actor_uri", "$2"),
            " LIMIT 1"
        ),
            canonical_id(deletion).as_ref(),
            canonical_id(actor_uri).as_ref()
        )
    }

    /// Returns whether an object only vanished, so that it returns when it is seen again.
    pub async fn has_only_vanished(&mut self, uri: &str) -> Result<bool> {
        fetch_scalar!(
            self,
            concat!(
                "SELECT EXISTS (SELECT 1 FROM tombstones WHERE ",
                is_id!("uri", "$1"),
                " AND ended_by = 'absence')"
            ),
            canonical_id(uri).as_ref()
        )
    }
}

impl Tx {
    /// Stores that an actor deleted the object with this id.
    pub async fn add_tombstone(&mut self, uri: &str, actor_uri: &str) -> Result<()> {
        self.add_tombstone_with_cause(uri, actor_uri, DeletionCause::Author, None)
            .await
    }

    /// Stores that the admin deleted a comment, so that it never returns.
    pub async fn add_tombstone_of_comment(&mut self, comment_id: i64) -> Result<()> {
        execute!(
            self,
            "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by)
             SELECT c.uri, a.uri, $2, 'admin' FROM comments c JOIN remote_actors a ON a.id = c.actor_id
             WHERE c.id = $1
             ON CONFLICT (uri, actor_uri) DO UPDATE SET ended_by = excluded.ended_by",
            comment_id,
            now()
        )?;
        Ok(())
    }

    /// Deletes tombstones from before `time`, and those of deleted accounts from before `time_of_accounts`. Those of
    /// comments that only vanished stay as long as their redacted rows.
    pub async fn forget_tombstones(&mut self, time: i64, time_of_accounts: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM tombstones WHERE (deleted_at < $1 OR deleted_at < $2)
             AND deleted_at < CASE WHEN ended_by = 'account' THEN $2 ELSE $1 END
             AND (ended_by <> 'absence' OR NOT EXISTS (SELECT 1 FROM comments c WHERE c.uri = tombstones.uri))",
            time,
            time_of_accounts
        )?;
        Ok(())
    }

    /// Stores the cause of the deletion of an actor's object. Of two causes, the one with the stricter condition for a
    /// return is kept. `deletion` is the id of its `Delete`.
    pub async fn add_tombstone_with_cause(
        &mut self,
        uri: &str,
        actor_uri: &str,
        by: DeletionCause,
        deletion: Option<&str>,
    ) -> Result<()> {
        self.forget_in_bin(uri, actor_uri).await?;
        execute!(
            self,
            "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by, ended_with)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (uri, actor_uri) DO UPDATE SET ended_by = excluded.ended_by,
                ended_with = excluded.ended_with, deleted_at = excluded.deleted_at
             WHERE tombstones.ended_by = 'absence' OR excluded.ended_by = 'admin'
                OR (tombstones.ended_by = 'account' AND excluded.ended_by = 'author')",
            canonical_id(uri).as_ref(),
            canonical_id(actor_uri).as_ref(),
            now(),
            by.as_str(),
            deletion.map(canonical_id).as_deref()
        )?;
        Ok(())
    }

    /// Undoes an author's deletion of an object, so that it returns when it is seen again. Returns false if its author
    /// had not deleted it.
    pub async fn undo_deletion(&mut self, uri: &str, actor_uri: &str) -> Result<bool> {
        Ok(execute!(
            self,
            concat!(
                "UPDATE tombstones SET ended_by = 'absence' WHERE ",
                is_id!("uri", "$1"),
                " AND ",
                is_id!("actor_uri", "$2"),
                " AND ended_by = 'author'"
            ),
            canonical_id(uri).as_ref(),
            canonical_id(actor_uri).as_ref()
        )? > 0)
    }

    /// Queues fetches of up to `limit` comments that were deleted or vanished with an account that returned. Returns
    /// their number. They do not count for the limits of their host.
    pub async fn restore_account(
        &mut self,
        actor: &RemoteActorRow,
        root: &str,
        limit: i64,
    ) -> Result<u64> {
        let noted = execute!(
            self,
            "INSERT INTO lookups (uri, host, asked, asked_domain, root, priority, next_attempt_at, created_at)
             SELECT c.uri, '', $2, $3, $4, 2, $5, $5 FROM tombstones t JOIN comments c ON c.uri = t.uri
             WHERE t.actor_uri = $1 AND t.ended_by IN ('account', 'absence') AND c.state = 'deleted'
             ORDER BY c.id DESC LIMIT $6 ON CONFLICT DO NOTHING",
            &actor.uri,
            &actor.host,
            registrable_domain(&actor.host),
            root,
            now(),
            limit
        )?;
        execute!(
            self,
            "UPDATE tombstones SET ended_by = 'absence' WHERE actor_uri = $1 AND ended_by = 'account'",
            &actor.uri
        )?;
        self.notify_nodes().await?;
        Ok(noted)
    }

    /// Stores the cause of the deletion of all comments of an actor. Those that the admin hid or marked as spam never
    /// return.
    pub(in crate::store) async fn add_tombstones_of_account(
        &mut self,
        actor_id: i64,
        by: DeletionCause,
        deletion: Option<&str>,
    ) -> Result<()> {
        execute!(
            self,
            "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by, ended_with)
             SELECT c.uri, a.uri, $2, CASE WHEN c.state IN ('hidden', 'spam') THEN 'admin' ELSE $3 END, $4
             FROM comments c JOIN remote_actors a ON a.id = c.actor_id WHERE c.actor_id = $1
             ON CONFLICT DO NOTHING",
            actor_id,
            now(),
            by.as_str(),
            deletion.map(canonical_id).as_deref()
        )?;
        if by == DeletionCause::Account {
            // The owner of the account deleted those that had vanished, too.
            execute!(
                self,
                "UPDATE tombstones SET ended_by = 'account', ended_with = $2, deleted_at = $3
                 WHERE ended_by = 'absence' AND actor_uri = (SELECT uri FROM remote_actors WHERE id = $1)",
                actor_id,
                deletion.map(canonical_id).as_deref(),
                now()
            )?;
        }
        Ok(())
    }
}
