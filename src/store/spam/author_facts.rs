//! What is known here of a comment's author and text, read at once: the inbox asks this for every reply.

use crate::{
    protocol::canonical_id,
    store::{
        database::{Conn, Result, is_id, on},
        moderation::with_parents,
    },
};
use sqlx::FromRow;

/// Whether the admin wants comments of somebody never to be held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    No,
    /// Their host, or a domain above it.
    Host,
    Actor,
}

impl From<i64> for Allowed {
    fn from(rank: i64) -> Self {
        match rank {
            0 => Allowed::No,
            1 => Allowed::Host,
            _ => Allowed::Actor,
        }
    }
}

/// What is known of an author, and of their text.
#[derive(Debug, Clone, FromRow)]
pub struct AuthorFacts {
    #[sqlx(try_from = "i64")]
    pub allowed: Allowed,
    /// Comments of theirs that the admin approved, and marked as spam.
    pub approved: i64,
    pub spam: i64,
    /// They follow one of our actors.
    pub follows: bool,
    /// Others who wrote the same text lately, and their hosts; of many only some are counted.
    pub same_authors: i64,
    pub same_hosts: i64,
}

/// What tells whether filters and what was learned have changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct SpamStamp {
    pub filters: i64,
    pub last_filter: i64,
    /// Comments that were learned as good, and as spam.
    pub ham: i64,
    pub spam: i64,
}

impl Conn {
    /// What is known of an actor (0 and empty for a guest) on `host` (normalized), and of a text by its hash
    /// among the comments received after `since`.
    pub async fn author_facts(
        &mut self,
        actor_id: i64,
        actor_uri: &str,
        host: &str,
        text_hash: Option<&str>,
        since: i64,
    ) -> Result<AuthorFacts> {
        let [h0, h1, h2, h3, h4, h5, h6, h7] = with_parents(host);
        Ok(on!(self, |c| {
            sqlx::query_as(
                concat!("SELECT CAST(CASE
                    WHEN EXISTS (SELECT 1 FROM allows WHERE kind = 'actor' AND ", is_id!("value", "$1"), ") THEN 2
                    WHEN EXISTS (SELECT 1 FROM allows WHERE kind = 'host'
                        AND value IN ($2, $3, $4, $5, $6, $7, $8, $9, $10)) THEN 1
                    ELSE 0 END AS BIGINT) AS allowed,
                (SELECT COUNT(*) FROM comments WHERE actor_id = $11 AND trained = 'ham') AS approved,
                (SELECT COUNT(*) FROM comments WHERE actor_id = $11 AND trained = 'spam') AS spam,
                EXISTS (SELECT 1 FROM followers WHERE actor_id = $11 AND state = 'accepted') AS follows,
                COUNT(DISTINCT same.author) AS same_authors, COUNT(DISTINCT same.host) AS same_hosts
             FROM (SELECT COALESCE('actor ' || k.actor_id, 'guest ' || k.guest_id) AS author,
                    COALESCE(a.host, '') AS host
                FROM comments k LEFT JOIN remote_actors a ON a.id = k.actor_id
                WHERE k.text_hash = $12 AND k.received_at > $13
                    AND (k.actor_id <> $11 OR k.guest_id IS NOT NULL)
                LIMIT 100) same"),
            )
            .bind(canonical_id(actor_uri).as_ref())
            .bind(host)
            .bind(h0)
            .bind(h1)
            .bind(h2)
            .bind(h3)
            .bind(h4)
            .bind(h5)
            .bind(h6)
            .bind(h7)
            .bind(actor_id)
            .bind(text_hash)
            .bind(since)
            .fetch_one(c)
            .await
        })?)
    }

    pub async fn spam_stamp(&mut self) -> Result<SpamStamp> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM filters) AS filters,
                COALESCE((SELECT MAX(id) FROM filters), 0) AS last_filter,
                COALESCE((SELECT ham FROM learned_words WHERE word = ''), 0) AS ham,
                COALESCE((SELECT spam FROM learned_words WHERE word = ''), 0) AS spam"
        )
        .fetch_one(c)
        .await)?)
    }

    /// Writes down how much of a spam a comment looks like now.
    pub async fn set_score(
        &mut self,
        comment_id: i64,
        points: i64,
        reasons: Option<&str>,
        text_hash: Option<&str>,
    ) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE comments SET score = $2, score_reasons = $3, text_hash = $4 WHERE id = $1"
        )
        .bind(comment_id)
        .bind(points)
        .bind(reasons)
        .bind(text_hash)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
