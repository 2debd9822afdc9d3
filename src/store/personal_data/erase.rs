//! Erases what is stored about a remote actor or under a guest's mail address.

use crate::store::{
    actors::RemoteActorRow,
    comments::redact,
    database::{Result, Tx, execute, now},
    inbox::DeletionCause,
};

impl Tx {
    /// Erases an actor, except for blocks of them and the ids of their comments, which keep these from returning.
    pub async fn erase_actor(&mut self, actor: &RemoteActorRow) -> Result<()> {
        // This also cancels the waiting messages about them.
        self.clear_notices_by_actor(actor.id).await?;
        execute!(
            self,
            "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by)
             SELECT uri, $2, $3, 'admin' FROM comments WHERE actor_id = $1
             UNION SELECT uri, $2, $3, 'admin' FROM bin_rows WHERE actor_id = $1 AND origin = 'comments'
             ON CONFLICT (uri, actor_uri) DO UPDATE SET ended_by = excluded.ended_by",
            actor.id,
            &actor.uri,
            now()
        )?;
        for statement in [
            "UPDATE log SET why = NULL, before_reason = NULL
             WHERE about IN (SELECT 'comment ' || id FROM comments WHERE actor_id = $1)
                OR about IN (SELECT 'comment ' || row_id FROM bin_rows WHERE actor_id = $1 AND origin = 'comments')",
            "DELETE FROM notices WHERE object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)",
            "DELETE FROM rechecks WHERE uri IN (SELECT uri FROM comments WHERE actor_id = $1)",
        ] {
            execute!(self, statement, actor.id)?;
        }
        for statement in [
            "UPDATE log SET about = 'an erased person', why = NULL WHERE about = $1",
            "DELETE FROM notices WHERE actor_uri = $1 OR object_uri = $1",
            "DELETE FROM rechecks WHERE uri = $1",
            "DELETE FROM allows WHERE kind = 'actor' AND value IN ($1,
             (SELECT id FROM spellings WHERE spelling = $1))",
            // Activities that were sent only to them.
            "DELETE FROM activities
             WHERE NOT public AND body <> REPLACE(body, '\"to\":[\"' || CAST($1 AS TEXT) || '\"]', '')",
        ] {
            execute!(self, statement, &actor.uri)?;
        }
        self.erase_remote_actor(actor.id, DeletionCause::Account, None)
            .await?;
        // Their own inbox names them.
        execute!(
            self,
            "DELETE FROM destinations WHERE inbox = $1 AND id NOT IN (SELECT destination_id FROM followers)",
            &actor.inbox
        )?;
        Ok(())
    }

    /// Erases what is stored under a mail address, after its comments were deleted.
    pub async fn erase_mail(&mut self, mail: &str) -> Result<()> {
        self.forget_mail_in_bin(mail).await?;
        for statement in [
            "DELETE FROM messages WHERE channel = 'mail' AND LOWER(recipient) = LOWER($1)",
            "DELETE FROM guests WHERE LOWER(mail) = LOWER($1)",
        ] {
            execute!(self, statement, mail)?;
        }
        Ok(())
    }

    /// Deletes the reasons of decisions about the comments under a mail address from the log.
    pub async fn forget_reasons_about_mail(&mut self, mail: &str) -> Result<()> {
        execute!(
            self,
            "UPDATE log SET why = NULL, before_reason = NULL WHERE about IN (SELECT 'comment ' || id FROM comments
                WHERE guest_id IN (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1))
                UNION SELECT 'comment ' || row_id FROM bin_rows WHERE origin = 'comments'
                AND guest_id IN (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1)))",
            mail
        )?;
        Ok(())
    }

    /// Deletes an actor with its data. Redacts its comments, so that their rows hold the threads together; they return
    /// if their author does.
    pub async fn erase_remote_actor(
        &mut self,
        id: i64,
        by: DeletionCause,
        deletion: Option<&str>,
    ) -> Result<()> {
        self.add_tombstones_of_account(id, by, deletion).await?;
        self.forget_events_about(id).await?;
        self.clear_notices_by_actor(id).await?;
        execute!(
            self,
            "DELETE FROM activities WHERE kind = 'Forward'
             AND object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)",
            id
        )?;
        execute!(
            self,
            "DELETE FROM comment_edits WHERE comment_id IN (SELECT id FROM comments WHERE actor_id = $1)",
            id
        )?;
        execute!(self, redact!("actor_id = $1"), id)?;
        let waiting = self.messages_with_deleted_comments().await?;
        self.cancel_messages(&waiting).await?;
        execute!(self, "DELETE FROM bin_rows WHERE actor_id = $1", id)?;
        execute!(self, "DELETE FROM remote_actors WHERE id = $1", id)?;
        Ok(())
    }
}
