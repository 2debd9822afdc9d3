//! Notices: what the admin may want to know, and no page shows.

use super::notice_kind::NoticeKind;
use crate::{
    protocol::canonical_id,
    store::{
        actors::RemoteActorRow,
        database::{Conn, Result, is_id, now, on},
    },
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use sqlx::FromRow;

/// A row of `notices`: something that the admin may want to know, and that no page shows.
#[derive(Debug, Clone, FromRow)]
pub struct Notice {
    pub id: i64,
    #[sqlx(try_from = "String")]
    pub kind: NoticeKind,
    pub actor_uri: String,
    pub object_uri: Option<String>,
    pub text: String,
    pub created_at: i64,
    /// How often it came.
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
    /// The thing by which a repeat is recognized, together with kind and actor.
    pub subject: &'a str,
    pub text: &'a str,
}

impl NewNotice<'_> {
    /// A hash of kind, actor and subject.
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

/// Selects `notices` rows that contain the text of a post, which its author can delete.
macro_rules! of_a_post {
    () => {
        "object_uri = $1 AND kind IN ('private', 'mention', 'quote')"
    };
}

impl Conn {
    /// Counts a repeat of a notice that is there, and replaces its text; nobody is told again. Returns false if there
    /// is no such notice.
    pub async fn repeat_notice(&mut self, notice: &NewNotice<'_>) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "UPDATE notices SET times = times + 1, last_at = $2, text = $3 WHERE subject = $1"
        )
        .bind(notice.hash())
        .bind(now())
        .bind(notice.text)
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// Adds a notice about something that others can repeat; of two at once, the second is a repeat.
    pub async fn add_notice_of_subject(&mut self, notice: &NewNotice<'_>) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO notices (kind, actor_uri, object_uri, text, created_at, untold, subject)
                 VALUES ($1, $2, $3, $4, $5, TRUE, $6) ON CONFLICT (subject) DO UPDATE
                 SET times = notices.times + 1, last_at = excluded.created_at, text = excluded.text",
            )
            .bind(notice.kind.stored())
            .bind(notice.actor_uri)
            .bind(notice.object_uri.map(canonical_id).as_deref())
            .bind(notice.text)
            .bind(now())
            .bind(notice.hash())
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Forgets notices that neither came nor were repeated since `time`.
    pub async fn forget_notices(&mut self, time: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM notices WHERE created_at < $1 AND COALESCE(last_at, 0) < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Notes something for the admin, who is told of it. The object's id is kept in its canonical form.
    async fn add_notice(
        &mut self,
        kind: NoticeKind,
        actor_uri: &str,
        object_uri: Option<&str>,
        text: &str,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "INSERT INTO notices (kind, actor_uri, object_uri, text, created_at, untold)
             VALUES ($1, $2, $3, $4, $5, TRUE)",
            )
            .bind(kind.stored())
            .bind(actor_uri)
            .bind(object_uri.map(canonical_id).as_deref())
            .bind(text)
            .bind(now())
            .execute(c)
            .await
            .map(drop)
        })?;
        Ok(())
    }

    /// Adds a notice unless there has been one of this kind about this object since a time.
    pub async fn add_notice_once(
        &mut self,
        kind: NoticeKind,
        actor_uri: &str,
        object_uri: &str,
        text: &str,
        since: i64,
    ) -> Result<()> {
        let found: Option<i64> = on!(self, |c| {
            sqlx::query_scalar(
            "SELECT id FROM notices WHERE kind = $1 AND object_uri = $2 AND created_at >= $3 LIMIT 1"
        )
        .bind(kind.stored())
        .bind(canonical_id(object_uri).as_ref())
        .bind(since)
        .fetch_optional(c)
        .await
        })?;
        match found {
            Some(_) => Ok(()),
            None => {
                self.add_notice(kind, actor_uri, Some(object_uri), text)
                    .await
            }
        }
    }

    /// Replaces the text of the notice about an actor's post. Returns false if there is none.
    pub async fn revise_notice(
        &mut self,
        actor_uri: &str,
        object_uri: &str,
        text: &str,
    ) -> Result<bool> {
        Ok(on!(self, |c| sqlx::query(
            "UPDATE notices SET text = $3
             WHERE object_uri = $2 AND actor_uri = $1 AND kind IN ($4, $5)"
        )
        .bind(actor_uri)
        .bind(canonical_id(object_uri).as_ref())
        .bind(text)
        .bind(NoticeKind::Mention.stored())
        .bind(NoticeKind::Private.stored())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0))?)
    }

    /// The next `limit` notices with ids below `before`, newest first.
    pub async fn notices(&mut self, before: i64, limit: i64) -> Result<Vec<Notice>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM notices WHERE id < $1 ORDER BY id DESC LIMIT $2"
        )
        .bind(before)
        .bind(limit)
        .fetch_all(c)
        .await)?)
    }

    /// Has the next quote by a post be no repeat of the one that ended.
    pub(in crate::store) async fn close_notices_of_quote(
        &mut self,
        actor_id: i64,
        post_uri: &str,
    ) -> Result<()> {
        on!(self, |c| {
            sqlx::query(
                "UPDATE notices SET subject = NULL WHERE kind = $3 AND object_uri = $2
                    AND actor_uri = (SELECT uri FROM remote_actors WHERE id = $1)",
            )
            .bind(actor_id)
            .bind(canonical_id(post_uri).as_ref())
            .bind(NoticeKind::Quote.stored())
            .execute(c)
            .await
            .map(drop)
        })?;
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
    pub(in crate::store) async fn empty_notices_by(&mut self, actor_id: i64) -> Result<()> {
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

    /// Notes for the admin that nothing is sent to a server any more, when the first of its inboxes is given up.
    pub(in crate::store) async fn add_notice_of_dead(&mut self, destination_id: i64) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO notices (kind, actor_uri, text, created_at, untold)
             SELECT $3, d.inbox, 'Nothing has arrived at ' || d.host
                || ' for days: only one try a day is made from now on.', $2, TRUE
             FROM destinations d WHERE d.id = $1 AND d.state = 'alive' AND NOT EXISTS (
                SELECT 1 FROM destinations o WHERE o.host = d.host AND o.state = 'dead')"
        )
        .bind(destination_id)
        .bind(now())
        .bind(NoticeKind::ServerDead.stored())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
