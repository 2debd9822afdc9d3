//! Notices to the admin of events that no page shows.

use super::notice_kind::NoticeKind;
use crate::{
    protocol::canonical_id,
    store::{
        actors::RemoteActorRow,
        database::{
            Conn, Result, Tx, execute, fetch_all, fetch_optional, fetch_optional_scalar,
            fetch_scalars, is_id, now,
        },
    },
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use sqlx::FromRow;

/// A row of `notices`.
#[derive(Debug, Clone, FromRow)]
pub struct Notice {
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub kind: NoticeKind,
    pub actor_uri: String,
    pub object_uri: Option<String>,
    pub text: String,
    pub created_at: i64,
    /// How often the event occurred.
    pub times: i64,
    /// The time of the last repeat.
    pub last_at: Option<i64>,
}

/// A notice to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewNotice<'a> {
    pub kind: NoticeKind,
    pub actor_uri: &'a str,
    /// The object that it is about.
    pub object_uri: Option<&'a str>,
    /// The subject: a notice of the same kind, actor and subject is a repeat.
    pub subject: &'a str,
    pub text: &'a str,
}

impl NewNotice<'_> {
    /// Returns a hash of kind, actor and subject.
    fn hash(&self) -> String {
        let subject = format!(
            "{}\n{}\n{}",
            self.kind.stored(),
            self.actor_uri,
            self.subject
        );
        let digest = digest(&SHA256, subject.as_bytes());
        BASE64.encode(digest.as_ref())
    }
}

/// A condition: the notice contains the text of the post `$1`, which its author can delete.
macro_rules! of_a_post {
    () => {
        "object_uri = $1 AND kind IN ('private', 'mention', 'quote')"
    };
}

impl Conn {
    /// Returns the next `limit` notices with ids below `before`, newest first.
    pub async fn notices(&mut self, before: i64, limit: i64) -> Result<Vec<Notice>> {
        fetch_all!(
            self,
            "SELECT * FROM notices WHERE id < $1 ORDER BY id DESC LIMIT $2",
            before,
            limit
        )
    }

    /// Returns the author of a post with a notice, if known.
    pub async fn author_of_noticed(&mut self, uri: &str) -> Result<Option<String>> {
        fetch_optional_scalar!(
            self,
            concat!(
                "SELECT actor_uri FROM notices WHERE ",
                of_a_post!(),
                " AND actor_uri <> '' LIMIT 1"
            ),
            canonical_id(uri).as_ref()
        )
    }

    /// Returns the author of a public post that is no comment: one that mentions a local actor or quotes an article.
    pub async fn author_of_public_post(&mut self, uri: &str) -> Result<Option<RemoteActorRow>> {
        fetch_optional!(
            self,
            concat!(
                "SELECT * FROM remote_actors WHERE id IN (SELECT actor_id FROM quotes WHERE ",
                is_id!("post_uri", "$1"),
                ") OR uri IN (SELECT actor_uri FROM notices WHERE object_uri = $1
                        AND kind IN ('mention', 'quote')) LIMIT 1"
            ),
            canonical_id(uri).as_ref()
        )
    }
}

impl Tx {
    /// Counts a repeat of a notice and replaces its text, without a new notification. Returns false if there is no such
    /// notice.
    pub async fn repeat_notice(&mut self, notice: &NewNotice<'_>) -> Result<bool> {
        Ok(execute!(
            self,
            "UPDATE notices SET times = times + 1, last_at = $2, text = $3 WHERE subject = $1",
            notice.hash(),
            now(),
            notice.text
        )? > 0)
    }

    /// Adds a notice that may be repeated. Of two concurrent ones, the second counts as a repeat.
    pub async fn add_or_repeat_notice(&mut self, notice: &NewNotice<'_>) -> Result<()> {
        execute!(
            self,
            "INSERT INTO notices (kind, actor_uri, object_uri, text, created_at, untold, subject)
             VALUES ($1, $2, $3, $4, $5, TRUE, $6) ON CONFLICT (subject) DO UPDATE
             SET times = notices.times + 1, last_at = excluded.created_at, text = excluded.text",
            notice.kind.stored(),
            notice.actor_uri,
            notice.object_uri.map(canonical_id).as_deref(),
            notice.text,
            now(),
            notice.hash()
        )?;
        Ok(())
    }

    /// Deletes notices that were neither added nor repeated since `time`.
    pub async fn forget_notices(&mut self, time: i64) -> Result<()> {
        execute!(
            self,
            "DELETE FROM notices WHERE created_at < $1 AND COALESCE(last_at, 0) < $1",
            time
        )?;
        Ok(())
    }

    /// Adds a notice, of which the admin is notified. The object's id is stored in its canonical form.
    async fn add_notice(
        &mut self,
        kind: NoticeKind,
        actor_uri: &str,
        object_uri: Option<&str>,
        text: &str,
    ) -> Result<()> {
        execute!(
            self,
            "INSERT INTO notices (kind, actor_uri, object_uri, text, created_at, untold)
             VALUES ($1, $2, $3, $4, $5, TRUE)",
            kind.stored(),
            actor_uri,
            object_uri.map(canonical_id).as_deref(),
            text,
            now()
        )?;
        Ok(())
    }

    /// Adds a notice, unless there has been one of this kind about this object since a time.
    pub async fn add_notice_once(
        &mut self,
        kind: NoticeKind,
        actor_uri: &str,
        object_uri: &str,
        text: &str,
        since: i64,
    ) -> Result<()> {
        let found: Option<i64> = fetch_optional_scalar!(
            self,
            "SELECT id FROM notices WHERE kind = $1 AND object_uri = $2 AND created_at >= $3 LIMIT 1",
            kind.stored(),
            canonical_id(object_uri).as_ref(),
            since
        )?;
        match found {
            Some(_) => Ok(()),
            None => {
                self.add_notice(kind, actor_uri, Some(object_uri), text)
                    .await
            }
        }
    }

    /// Replaces the text of the notice about an actor's post. Returns false if there is none.
    pub async fn update_notice_text(
        &mut self,
        actor_uri: &str,
        object_uri: &str,
        text: &str,
    ) -> Result<bool> {
        Ok(execute!(
            self,
            "UPDATE notices SET text = $3
             WHERE object_uri = $2 AND actor_uri = $1 AND kind IN ($4, $5)",
            actor_uri,
            canonical_id(object_uri).as_ref(),
            text,
            NoticeKind::Mention.stored(),
            NoticeKind::Private.stored()
        )? > 0)
    }

    /// Closes the notices of a quote, so that the next quote by the same post is not a repeat.
    pub(in crate::store) async fn close_quote_notices(
        &mut self,
        actor_id: i64,
        post_uri: &str,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE notices SET subject = NULL WHERE kind = $3 AND object_uri = $2
             AND actor_uri = (SELECT uri FROM remote_actors WHERE id = $1)",
            actor_id,
            canonical_id(post_uri).as_ref(),
            NoticeKind::Quote.stored()
        )?;
        Ok(())
    }

    /// Deletes the texts of the notices about an actor's post, and cancels their waiting messages.
    pub async fn clear_notices_of_post(&mut self, uri: &str, actor_uri: &str) -> Result<()> {
        let notices: Vec<i64> = fetch_scalars!(
            self,
            concat!(
                "SELECT id FROM notices WHERE ",
                of_a_post!(),
                " AND actor_uri = $2"
            ),
            canonical_id(uri).as_ref(),
            actor_uri
        )?;
        self.clear_notices(&notices).await
    }

    /// Deletes the texts of all notices about an actor.
    pub(in crate::store) async fn clear_notices_by_actor(&mut self, actor_id: i64) -> Result<()> {
        let notices: Vec<i64> = fetch_scalars!(
            self,
            "SELECT id FROM notices WHERE actor_uri = (SELECT uri FROM remote_actors WHERE id = $1)",
            actor_id
        )?;
        self.clear_notices(&notices).await
    }

    async fn clear_notices(&mut self, notices: &[i64]) -> Result<()> {
        for id in notices {
            execute!(
                self,
                "UPDATE notices SET text = '', untold = FALSE, unmailed = FALSE WHERE id = $1",
                id
            )?;
            let waiting: Vec<i64> = fetch_scalars!(
                self,
                "SELECT message_id FROM message_topics WHERE notice_id = $1",
                id
            )?;
            self.cancel_messages(&waiting).await?;
        }
        Ok(())
    }

    /// Adds a notice that a server is dead, when the first of its destinations is.
    pub(in crate::store) async fn add_notice_of_dead(&mut self, destination_id: i64) -> Result<()> {
        execute!(
            self,
            "INSERT INTO notices (kind, actor_uri, text, created_at, untold)
             SELECT $3, d.inbox, 'Nothing has arrived at ' || d.host
                || ' for days: only one try a day is made from now on.', $2, TRUE
             FROM destinations d WHERE d.id = $1 AND d.state = 'alive' AND NOT EXISTS (
                SELECT 1 FROM destinations o WHERE o.host = d.host AND o.state = 'dead')",
            destination_id,
            now(),
            NoticeKind::ServerDead.stored()
        )?;
        Ok(())
    }
}
