//! What was received: activities seen before, objects deleted, counts of what was dropped, notices to the admin.

use super::{Conn, EndedBy, NoticeKind, Result, conn::on, now, spellings::is_id};
use crate::protocol::canonical_id;
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

impl Conn {
    /// Stores that an activity was received, by its canonical id. Returns false if it was received before.
    pub async fn first_receipt(&mut self, activity_uri: &str) -> Result<bool> {
        Ok(on!(self, |c| {
            sqlx::query(
            "INSERT INTO received (activity_uri, received_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
        )
        .bind(activity_uri)
        .bind(now())
        .execute(c)
        .await
        .map(|done| done.rows_affected() > 0)
        })?)
    }

    pub async fn was_received(&mut self, activity_uri: &str) -> Result<bool> {
        let found: Option<i64> = on!(self, |c| sqlx::query_scalar(
            "SELECT received_at FROM received WHERE activity_uri = $1"
        )
        .bind(activity_uri)
        .fetch_optional(c)
        .await)?;
        Ok(found.is_some())
    }

    /// Forgets that an activity was received, because it was undone.
    pub async fn forget_receipt(&mut self, activity_uri: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "DELETE FROM received WHERE activity_uri = $1"
        )
        .bind(canonical_id(activity_uri).as_ref())
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Forgets receipts from before `time`: signatures that old are refused anyway.
    pub async fn forget_receipts(&mut self, time: i64) -> Result<u64> {
        Ok(on!(self, |c| sqlx::query(
            "DELETE FROM received WHERE received_at < $1"
        )
        .bind(time)
        .execute(c)
        .await
        .map(|done| done.rows_affected()))?)
    }

    /// Counts an activity that changed nothing, by the code of the reason.
    pub async fn count_dropped(&mut self, code: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "INSERT INTO inbox_counts (what, times) VALUES ($1, 1)
             ON CONFLICT (what) DO UPDATE SET times = inbox_counts.times + 1"
        )
        .bind(code)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Returns how many activities were dropped, by the code of the reason.
    pub async fn dropped_counts(&mut self) -> Result<Vec<(String, i64)>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT what, times FROM inbox_counts ORDER BY what"
        )
        .fetch_all(c)
        .await)?)
    }

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
}
