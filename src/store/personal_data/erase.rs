//! Erases what is stored about a remote actor or under a guest's mail address.

use crate::store::{
    actors::RemoteActorRow,
    comments::bury,
    database::{Conn, Result, now, on},
    inbox::EndedBy,
};

impl Conn {
    /// Removes an actor and all that is kept about them, but for a block of them and for what keeps their
    /// comments from coming back: the ids.
    pub async fn erase_actor(&mut self, actor: &RemoteActorRow) -> Result<()> {
        // This also deletes the waiting messages about them.
        self.empty_notices_by(actor.id).await?;
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO tombstones (uri, actor_uri, deleted_at, ended_by)
             SELECT uri, $2, $3, 'admin' FROM comments WHERE actor_id = $1
             ON CONFLICT (uri, actor_uri) DO UPDATE SET ended_by = excluded.ended_by",
            )
            .bind(actor.id)
            .bind(&actor.uri)
            .bind(now())
            .execute(c)
            .await
            .map(drop)
        })?;
        for statement in [
            "UPDATE log SET why = NULL, before_reason = NULL
             WHERE about IN (SELECT 'comment ' || id FROM comments WHERE actor_id = $1)",
            "DELETE FROM notices WHERE object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)",
            "DELETE FROM rechecks WHERE uri IN (SELECT uri FROM comments WHERE actor_id = $1)",
        ] {
            on!(self, |c| sqlx::query(statement)
                .bind(actor.id)
                .execute(c)
                .await
                .map(drop))?;
        }
        for statement in [
            "UPDATE log SET about = 'an erased person', why = NULL WHERE about = $1",
            "DELETE FROM notices WHERE actor_uri = $1 OR object_uri = $1",
            "DELETE FROM rechecks WHERE uri = $1",
            "DELETE FROM allows WHERE kind = 'actor' AND value IN ($1,
                (SELECT id FROM spellings WHERE spelling = $1))",
            // What was sent to them alone.
            "DELETE FROM activities
             WHERE NOT public AND body <> REPLACE(body, '\"to\":[\"' || CAST($1 AS TEXT) || '\"]', '')",
        ] {
            on!(self, |c| sqlx::query(statement)
                .bind(&actor.uri)
                .execute(c)
                .await
                .map(drop))?;
        }
        self.erase_remote_actor(actor.id, EndedBy::Account, None)
            .await?;
        // An inbox of their own has their name.
        on!(self, |c| {
            sqlx::query(
            "DELETE FROM destinations WHERE inbox = $1 AND id NOT IN (SELECT destination_id FROM followers)"
        )
        .bind(&actor.inbox)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Removes what is kept under a mail address, once its comments are deleted.
    pub async fn erase_mail(&mut self, mail: &str) -> Result<()> {
        for statement in [
            "DELETE FROM messages WHERE channel = 'mail' AND LOWER(recipient) = LOWER($1)",
            "DELETE FROM guests WHERE LOWER(mail) = LOWER($1)",
        ] {
            on!(self, |c| sqlx::query(statement)
                .bind(mail)
                .execute(c)
                .await
                .map(drop))?;
        }
        Ok(())
    }

    /// Removes from the log why something was decided about the comments under a mail address.
    pub async fn forget_reasons_about_mail(&mut self, mail: &str) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
            "UPDATE log SET why = NULL, before_reason = NULL WHERE about IN (SELECT 'comment ' || id FROM comments
                WHERE guest_id IN (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1)))"
        )
        .bind(mail)
        .execute(c)
        .await
        .map(drop)
        })?;
        Ok(())
    }

    /// Removes an actor with all of its data. Its comments stay as empty tombstones that hold threads together, and
    /// come back if their author does.
    pub async fn erase_remote_actor(
        &mut self,
        id: i64,
        by: EndedBy,
        deletion: Option<&str>,
    ) -> Result<()> {
        self.add_ends_with_account(id, by, deletion).await?;
        self.empty_notices_by(id).await?;
        on!(self, |c| sqlx::query(
            "DELETE FROM activities WHERE kind = 'Forward'
                AND object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        on!(self, |c| {
            sqlx::query(
            "DELETE FROM comment_edits WHERE comment_id IN (SELECT id FROM comments WHERE actor_id = $1)"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop)
        })?;
        on!(self, |c| sqlx::query(bury!("actor_id = $1"))
            .bind(id)
            .execute(c)
            .await
            .map(drop))?;
        let waiting = self.messages_about_the_deleted().await?;
        self.take_messages_back(&waiting).await?;
        on!(self, |c| sqlx::query(
            "DELETE FROM remote_actors WHERE id = $1"
        )
        .bind(id)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
