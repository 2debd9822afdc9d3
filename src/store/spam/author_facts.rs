//! Facts about a comment's author and text. The inbox reads them for every reply, so they are one statement.

use crate::{
    protocol::canonical_id,
    store::{
        database::{Conn, Result, Tx, execute, fetch_one, is_id},
        moderation::with_parents,
    },
};
use sqlx::FromRow;

/// Whether the admin allowed an author, so that their comments are never held.
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

/// Facts about an author and a text.
#[derive(Debug, Clone, FromRow)]
pub struct AuthorFacts {
    #[sqlx(try_from = "i64")]
    pub allowed: Allowed,
    /// The numbers of their comments that the admin approved, and marked as spam.
    pub approved: i64,
    pub spam: i64,
    /// Whether they follow a local actor.
    pub follows: bool,
    /// The numbers of other authors who wrote the same text recently, and of their hosts. At most 100 comments are
    /// counted.
    pub same_authors: i64,
    pub same_hosts: i64,
}

/// A version of the filters and learned words, which changes with them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct SpamRulesVersion {
    pub filters: i64,
    pub last_filter: i64,
    /// The numbers of comments that the filter learned as good, and as spam.
    pub ham: i64,
    pub spam: i64,
}

impl Conn {
    /// Returns the facts about an actor (0 and empty for a guest) on `host` (normalized), and about a text by its hash
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
        fetch_one!(
            self,
            concat!(
                "SELECT CAST(CASE
                 WHEN EXISTS (SELECT 1 FROM allows WHERE kind = 'actor' AND ",
                is_id!("value", "$1"),
                ") THEN 2
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
                    LIMIT 100) same"
            ),
            canonical_id(actor_uri).as_ref(),
            host,
            h0,
            h1,
            h2,
            h3,
            h4,
            h5,
            h6,
            h7,
            actor_id,
            text_hash,
            since
        )
    }

    pub async fn spam_rules_version(&mut self) -> Result<SpamRulesVersion> {
        fetch_one!(
            self,
            "SELECT (SELECT COUNT(*) FROM filters) AS filters,
             COALESCE((SELECT MAX(id) FROM filters), 0) AS last_filter,
             COALESCE((SELECT ham FROM learned_words WHERE word = ''), 0) AS ham,
             COALESCE((SELECT spam FROM learned_words WHERE word = ''), 0) AS spam"
        )
    }
}

impl Tx {
    /// Stores the spam score of a comment.
    pub async fn set_score(
        &mut self,
        comment_id: i64,
        points: i64,
        reasons: Option<&str>,
        text_hash: Option<&str>,
    ) -> Result<()> {
        execute!(
            self,
            "UPDATE comments SET score = $2, score_reasons = $3, text_hash = $4 WHERE id = $1",
            comment_id,
            points,
            reasons,
            text_hash
        )?;
        Ok(())
    }
}
