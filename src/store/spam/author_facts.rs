//! Facts about comments' authors and texts. The inbox reads them for every reply, so they are one statement for as many as
//! there are.

use crate::store::{
    database::{Conn, Result, Tx, execute, fetch_all, fetch_one, is_id, to_json},
    moderation::{ActorNames, names_actor, names_host},
};
use serde::Serialize;
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

/// An actor (0 and empty for a guest) on a host (normalized), and a text by its hash.
#[derive(Debug, Clone, Copy)]
pub struct AuthorAndText<'a> {
    pub actor_id: i64,
    pub actor_uri: &'a str,
    pub host: &'a str,
    pub text_hash: Option<&'a str>,
}

#[derive(Serialize)]
struct Row<'a> {
    n: usize,
    actor_id: i64,
    hash: Option<&'a str>,
    #[serde(flatten)]
    names: ActorNames<'a>,
}

/// Selects the author and host of comments with the text of the row `r` by others.
macro_rules! same_text {
    () => {
        "(SELECT COALESCE('actor ' || k.actor_id, 'guest ' || k.guest_id) AS author, COALESCE(a.host, '') AS host
            FROM comments k LEFT JOIN remote_actors a ON a.id = k.actor_id
            WHERE k.text_hash = r.hash AND k.received_at > $2 AND (k.actor_id <> r.actor_id OR k.guest_id IS NOT NULL)
            LIMIT 100) same"
    };
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
    /// Returns the facts about each of some authors and texts, in their order. The same texts are those of comments
    /// received after `since`.
    pub async fn author_facts(
        &mut self,
        authors: &[AuthorAndText<'_>],
        since: i64,
    ) -> Result<Vec<AuthorFacts>> {
        let rows = authors.iter().enumerate().map(|(n, author)| Row {
            n,
            actor_id: author.actor_id,
            hash: author.text_hash,
            names: ActorNames::of(author.actor_uri, author.host),
        });
        let rows = to_json(&rows.collect::<Vec<_>>());
        fetch_all!(
            self,
            rows(
                "$1",
                [n bigint, actor_id bigint, hash text, actor text, host text, h0 text, h1 text, h2 text, h3 text, h4 text,
                 h5 text, h6 text, h7 text],
                concat!(
                    "SELECT CAST(CASE WHEN EXISTS (SELECT 1 FROM allows WHERE ",
                    names_actor!(),
                    ") THEN 2 WHEN EXISTS (SELECT 1 FROM allows WHERE ",
                    names_host!(),
                    ") THEN 1 ELSE 0 END AS BIGINT) AS allowed,
                     (SELECT COUNT(*) FROM comments c WHERE c.actor_id = r.actor_id AND c.trained = 'ham') AS approved,
                     (SELECT COUNT(*) FROM comments c WHERE c.actor_id = r.actor_id AND c.trained = 'spam') AS spam,
                     EXISTS (SELECT 1 FROM followers f WHERE f.actor_id = r.actor_id AND f.state = 'accepted') AS follows,
                     (SELECT COUNT(DISTINCT author) FROM ",
                    same_text!(),
                    ") AS same_authors,
                     (SELECT COUNT(DISTINCT host) FROM ",
                    same_text!(),
                    ") AS same_hosts
                     FROM r ORDER BY r.n"
                )
            ),
            rows,
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
