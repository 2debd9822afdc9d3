//! All that is kept about one person of another server, or about one who comments here without an account: to
//! be shown to them, and to be erased.

use super::{Conn, EndedBy, LogEntry, RemoteActorRow, Result, conn::on, now, spellings::is_id};
use crate::protocol::canonical_id;
use serde::Serialize;
use sqlx::FromRow;

/// Somebody who comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// The row of `remote_actors`.
    Actor(i64),
    /// Whoever comments without an account under this mail address, whatever its case.
    Mail(String),
}

/// How much is kept about somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow, Serialize)]
#[sqlx(default)]
pub struct Kept {
    pub comments: i64,
    pub reactions: i64,
    /// Whom of ours they follow, or asked to.
    pub follows: i64,
    /// What our actors did to them: likes, boosts, follows, reports.
    pub interactions: i64,
    pub quotes: i64,
    /// The number of their collections that feature local actors.
    pub features: i64,
    /// The number of their replies, likes and boosts that asked for approval.
    pub approvals: i64,
    pub mentions: i64,
    pub notices: i64,
    pub keys: i64,
    /// What they called themselves here, without an account.
    pub names: i64,
    pub mails: i64,
}

/// A row about an actor, of whichever table.
#[derive(Debug, Clone, FromRow)]
pub struct Trace {
    /// The table, more or less.
    pub kept_in: String,
    pub kind: Option<String>,
    /// What it is about.
    pub object: Option<String>,
    pub text: Option<String>,
    pub uri: Option<String>,
    pub at: Option<i64>,
}

/// A row of `guests`.
#[derive(Debug, Clone, FromRow)]
pub struct KnownGuest {
    pub id: i64,
    pub name: String,
    pub mail: Option<String>,
    pub site: Option<String>,
    pub confirmed_at: Option<i64>,
    pub trusted: bool,
    pub unsubscribed: bool,
    pub created_at: i64,
}

/// Entries of the log that are shown to one person.
const MOST_ENTRIES: i64 = 10_000;

impl Conn {
    /// The actor with this id, or with this page.
    pub async fn actor_at(&mut self, address: &str) -> Result<Option<RemoteActorRow>> {
        Ok(on!(self, |c| {
            sqlx::query_as(concat!(
                "SELECT * FROM remote_actors WHERE ",
                is_id!("uri", "$1"),
                " OR ",
                is_id!("url", "$1"),
                " OR url = $2
                     ORDER BY CASE WHEN ",
                is_id!("uri", "$1"),
                " THEN 0 ELSE 1 END, id LIMIT 1"
            ))
            .bind(canonical_id(address).as_ref())
            .bind(address)
            .fetch_optional(c)
            .await
        })?)
    }

    /// How much is kept about an actor.
    pub async fn kept_of_actor(&mut self, actor: &RemoteActorRow) -> Result<Kept> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM comments WHERE actor_id = $1) AS comments,
                (SELECT COUNT(*) FROM reactions WHERE actor_id = $1 AND kind <> 'quote')
                    + (SELECT COUNT(*) FROM withheld_reactions WHERE actor_id = $1 AND kind <> 'quote') AS reactions,
                (SELECT COUNT(*) FROM followers WHERE actor_id = $1) AS follows,
                (SELECT COUNT(*) FROM interactions WHERE actor_id = $1) AS interactions,
                (SELECT COUNT(*) FROM quotes WHERE actor_id = $1) AS quotes,
                (SELECT COUNT(*) FROM features WHERE actor_id = $1) AS features,
                (SELECT COUNT(*) FROM approvals WHERE actor_id = $1) AS approvals,
                (SELECT COUNT(*) FROM mentions WHERE actor_id = $1) AS mentions,
                (SELECT COUNT(*) FROM notices WHERE actor_uri = $2 OR object_uri = $2
                    OR object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)) AS notices,
                (SELECT COUNT(*) FROM remote_keys WHERE actor_id = $1) AS keys"
        )
        .bind(actor.id)
        .bind(&actor.uri)
        .fetch_one(c)
        .await
        })?)
    }

    /// How much is kept about who writes under a mail address.
    pub async fn kept_of_mail(&mut self, mail: &str) -> Result<Kept> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM comments WHERE guest_id IN
                    (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1))) AS comments,
                (SELECT COUNT(*) FROM guests WHERE LOWER(mail) = LOWER($1)) AS names,
                (SELECT COUNT(*) FROM messages WHERE channel = 'mail' AND LOWER(recipient) = LOWER($1)) AS mails"
        )
        .bind(mail)
        .fetch_one(c)
        .await
        })?)
    }

    /// What is kept about an actor beside their comments and profile.
    pub async fn traces_of(&mut self, actor: &RemoteActorRow) -> Result<Vec<Trace>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT 'reactions' AS kept_in, r.kind AS kind, w.slug || COALESCE('#comment-' || c.number, '') AS object,
                r.emoji AS text, r.uri AS uri, r.created_at AS at
             FROM reactions r JOIN articles w ON w.id = r.article_id LEFT JOIN comments c ON c.id = r.comment_id
             WHERE r.actor_id = $1
             UNION ALL SELECT 'reactions', r.kind, w.slug || COALESCE('#comment-' || c.number, ''), r.emoji, r.uri,
                r.created_at
             FROM withheld_reactions r JOIN articles w ON w.id = r.article_id
                LEFT JOIN comments c ON c.id = r.comment_id WHERE r.actor_id = $1
             UNION ALL SELECT 'follows', f.state, l.username, CAST(NULL AS TEXT), f.follow_uri, f.created_at
             FROM followers f JOIN local_actors l ON l.id = f.local_actor_id WHERE f.actor_id = $1
             UNION ALL SELECT 'interactions', kind, object_uri, text, CAST(NULL AS TEXT), created_at
             FROM interactions WHERE actor_id = $1
             UNION ALL SELECT 'quotes', q.state, w.slug, CAST(NULL AS TEXT), q.post_uri, q.created_at
             FROM quotes q JOIN articles w ON w.id = q.article_id WHERE q.actor_id = $1
             UNION ALL SELECT 'features', f.state, l.username, f.name, f.collection_uri, f.created_at
             FROM features f JOIN local_actors l ON l.id = f.local_actor_id WHERE f.actor_id = $1
             UNION ALL SELECT 'approvals', state, target_uri, kind, object_uri, created_at
             FROM approvals WHERE actor_id = $1
             UNION ALL SELECT 'mentions', CAST(NULL AS TEXT), post_uid, CAST(NULL AS TEXT), CAST(NULL AS TEXT),
                CAST(NULL AS BIGINT) FROM mentions WHERE actor_id = $1
             UNION ALL SELECT 'keys', CAST(NULL AS TEXT), key_id, public_key, CAST(NULL AS TEXT), CAST(NULL AS BIGINT)
             FROM remote_keys WHERE actor_id = $1
             UNION ALL SELECT 'notices', kind, object_uri, text, CAST(NULL AS TEXT), created_at
             FROM notices WHERE actor_uri = $2 OR object_uri = $2
                OR object_uri IN (SELECT uri FROM comments WHERE actor_id = $1)
             UNION ALL SELECT 'blocks', severity, value, reason, CAST(NULL AS TEXT), created_at
             FROM blocks WHERE kind = 'actor' AND value IN ($2, (SELECT id FROM spellings WHERE spelling = $2))
             UNION ALL SELECT 'allows', CAST(NULL AS TEXT), value, reason, CAST(NULL AS TEXT), created_at
             FROM allows WHERE kind = 'actor' AND value IN ($2, (SELECT id FROM spellings WHERE spelling = $2))
             ORDER BY 1, 6"
        )
        .bind(actor.id)
        .bind(&actor.uri)
        .fetch_all(c)
        .await
        })?)
    }

    /// What was decided about an actor and their comments.
    pub async fn log_of_actor(&mut self, actor: &RemoteActorRow) -> Result<Vec<LogEntry>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT * FROM log WHERE about = $2
                OR about IN (SELECT 'comment ' || id FROM comments WHERE actor_id = $1)
             ORDER BY id DESC LIMIT $3",
            )
            .bind(actor.id)
            .bind(&actor.uri)
            .bind(MOST_ENTRIES)
            .fetch_all(c)
            .await
        })?)
    }

    /// What was decided about the comments under a mail address.
    pub async fn log_of_mail(&mut self, mail: &str) -> Result<Vec<LogEntry>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT * FROM log WHERE about IN (SELECT 'comment ' || id FROM comments
                WHERE guest_id IN (SELECT id FROM guests WHERE LOWER(mail) = LOWER($1)))
             ORDER BY id DESC LIMIT $2",
            )
            .bind(mail)
            .bind(MOST_ENTRIES)
            .fetch_all(c)
            .await
        })?)
    }

    /// Who comments without an account under a mail address: one row for each browser.
    pub async fn guests_of_mail(&mut self, mail: &str) -> Result<Vec<KnownGuest>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT id, name, mail, site, confirmed_at, trusted, unsubscribed, created_at FROM guests
             WHERE LOWER(mail) = LOWER($1) ORDER BY id"
        )
        .bind(mail)
        .fetch_all(c)
        .await
        })?)
    }

    /// The mails to an address that are not sent, or could not be: their content, and when they were written.
    pub async fn mails_to(&mut self, mail: &str) -> Result<Vec<(String, i64)>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT payload, created_at FROM messages WHERE channel = 'mail' AND LOWER(recipient) = LOWER($1)
             ORDER BY id"
        )
        .bind(mail)
        .fetch_all(c)
        .await
        })?)
    }

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
}
