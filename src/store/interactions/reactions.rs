//! Likes, boosts and their like, of articles and comments.

use crate::{
    protocol::canonical_id,
    store::database::{Conn, Raw, Result, is_id, now, on},
};
use sqlx::FromRow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReactionKind {
    Like,
    Dislike,
    Emoji,
    Boost,
    /// A post that quotes it.
    Quote,
}

impl ReactionKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ReactionKind::Like => "like",
            ReactionKind::Dislike => "dislike",
            ReactionKind::Emoji => "emoji",
            ReactionKind::Boost => "boost",
            ReactionKind::Quote => "quote",
        }
    }
}

/// How many actors reacted to one thing. Emoji reactions count as likes, however many of one actor.
#[derive(Debug, Clone, Copy, Default, FromRow)]
pub struct ReactionTotals {
    pub likes: i64,
    pub boosts: i64,
}

/// How many actors reacted to a comment in one way.
#[derive(Debug, Clone, FromRow)]
pub struct ReactionCount {
    /// 0 for the article itself.
    pub comment_id: i64,
    pub kind: String,
    pub emoji: String,
    /// The address of a custom emoji's picture on its own server.
    pub emoji_url: Option<String>,
    /// The id of the first of these reactions.
    pub id: i64,
    pub count: i64,
    /// These are all further emoji together.
    pub is_rest: bool,
}

/// Who reacted to an article or a comment, and how.
#[derive(Debug, Clone, FromRow)]
pub struct Reaction {
    pub id: i64,
    pub kind: String,
    pub emoji: String,
    /// The address of a custom emoji's picture on its own server.
    pub emoji_url: Option<String>,
    /// Where a quote is read.
    pub url: Option<String>,
    pub created_at: i64,
    pub actor_id: i64,
    pub actor_uri: String,
    pub actor_url: Option<String>,
    pub name: String,
    pub username: String,
    pub handle_host: String,
    pub icon_url: Option<String>,
    /// JSON list of the custom emoji in the name.
    pub name_emoji: Option<String>,
}

impl Conn {
    /// Counts the reactions to an article itself and to the comments with these ids, by kind, emoji and its picture. Of
    /// each thing's emoji, the `kinds` most frequent are told apart.
    pub async fn reaction_counts(
        &mut self,
        article_id: i64,
        comment_ids: &[i64],
        kinds: i64,
    ) -> Result<Vec<ReactionCount>> {
        let ids: Vec<i64> = comment_ids.iter().copied().chain([0]).collect();
        let ids = serde_json::to_string(&ids).unwrap_or_default();
        macro_rules! select {
            ($list:literal, $c:expr) => {
                sqlx::query_as(concat!(
                    "WITH counts AS (
                        SELECT COALESCE(comment_id, 0) AS comment_id, kind, emoji, emoji_url, MIN(id) AS id,
                            COUNT(*) AS number
                        FROM reactions WHERE article_id = $1 AND COALESCE(comment_id, 0) IN ",
                    $list,
                    " GROUP BY 1, 2, 3, 4),
                     ranked AS (
                        SELECT comment_id, kind, emoji, emoji_url, id, number, ROW_NUMBER() OVER (
                            PARTITION BY comment_id, kind ORDER BY number DESC, emoji, id) AS place FROM counts)
                     SELECT comment_id, kind, MIN(emoji) AS emoji, MIN(emoji_url) AS emoji_url, MIN(id) AS id,
                        CAST(SUM(number) AS BIGINT) AS count, MIN(place) > $3 AS is_rest FROM ranked
                     GROUP BY comment_id, kind, CASE WHEN place > $3 THEN 0 ELSE place END
                     ORDER BY comment_id, MIN(place), kind"
                ))
                .bind(article_id)
                .bind(ids)
                .bind(kinds)
                .fetch_all($c)
                .await?
            };
        }
        Ok(match self.raw() {
            Raw::Sqlite(c) => select!("(SELECT value FROM json_each($2))", c),
            Raw::Postgres(c) => select!(
                "(SELECT value::bigint FROM json_array_elements_text($2::json))",
                c
            ),
        })
    }

    /// The next `limit` reactions, with ids below `before`, to an article itself (`comment_id` 0) or to a
    /// comment, the newest first. Dislikes are not told.
    pub async fn reactions(
        &mut self,
        article_id: i64,
        comment_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Reaction>> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "SELECT r.id, r.kind, r.emoji, r.emoji_url, r.url, r.created_at, a.id AS actor_id, a.uri AS actor_uri,
                    a.url AS actor_url, a.name, a.username, a.handle_host, a.icon_url, a.emoji AS name_emoji
                 FROM reactions r JOIN remote_actors a ON a.id = r.actor_id
                 WHERE r.article_id = $1 AND COALESCE(r.comment_id, 0) = $2 AND r.id < $3 AND r.kind <> 'dislike'
                 ORDER BY r.id DESC LIMIT $4",
            )
            .bind(article_id)
            .bind(comment_id)
            .bind(before)
            .bind(limit)
            .fetch_all(c)
            .await
        })?)
    }

    /// Adds a reaction, once for each actor and object. Returns its id, or `None` if it is already there. `emoji_url` is
    /// the address of a custom emoji's picture.
    #[allow(clippy::too_many_arguments)] // one column each
    pub async fn add_reaction(
        &mut self,
        actor_id: i64,
        article_id: i64,
        comment_id: Option<i64>,
        kind: ReactionKind,
        emoji: &str,
        emoji_url: Option<&str>,
        uri: &str,
    ) -> Result<Option<i64>> {
        Ok(on!(self, |c| {
            sqlx::query_scalar(
            "INSERT INTO reactions (actor_id, article_id, comment_id, kind, emoji, uri, created_at, emoji_url)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id"
        )
        .bind(actor_id)
        .bind(article_id)
        .bind(comment_id)
        .bind(kind.as_str())
        .bind(emoji)
        .bind(canonical_id(uri).as_ref())
        .bind(now())
        .bind(emoji_url)
        .fetch_optional(c)
        .await
        })?)
    }

    /// Takes back the reaction that an activity made; only its own actor's.
    pub async fn remove_reaction_by_uri(&mut self, actor_id: i64, uri: &str) -> Result<bool> {
        let mut removed = 0;
        for statement in [
            concat!(
                "DELETE FROM reactions WHERE actor_id = $1 AND ",
                is_id!("uri", "$2")
            ),
            concat!(
                "DELETE FROM withheld_reactions WHERE actor_id = $1 AND ",
                is_id!("uri", "$2")
            ),
        ] {
            removed += on!(self, |c| sqlx::query(statement)
                .bind(actor_id)
                .bind(canonical_id(uri).as_ref())
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
        }
        Ok(removed > 0)
    }

    /// Removes an actor's reaction of a kind to an object: the one with the given emoji, or all of them.
    pub async fn remove_reaction(
        &mut self,
        actor_id: i64,
        article_id: i64,
        comment_id: Option<i64>,
        kind: ReactionKind,
        emoji: Option<&str>,
    ) -> Result<bool> {
        macro_rules! delete_from {
            ($table:literal) => {
                concat!(
                    "DELETE FROM ",
                    $table,
                    " WHERE actor_id = $1 AND article_id = $2 AND COALESCE(comment_id, 0) = COALESCE($3, 0)
                        AND kind = $4 AND emoji = COALESCE($5, emoji)"
                )
            };
        }
        let mut removed = 0;
        for statement in [
            delete_from!("reactions"),
            delete_from!("withheld_reactions"),
        ] {
            removed += on!(self, |c| sqlx::query(statement)
                .bind(actor_id)
                .bind(article_id)
                .bind(comment_id)
                .bind(kind.as_str())
                .bind(emoji)
                .execute(c)
                .await
                .map(|done| done.rows_affected()))?;
        }
        Ok(removed > 0)
    }

    /// The actor of the reaction with this activity id, whether readers see it or not.
    pub async fn reaction_owner(&mut self, uri: &str) -> Result<Option<i64>> {
        Ok(on!(self, |c| sqlx::query_scalar(concat!(
            "SELECT actor_id FROM reactions WHERE ",
            is_id!("uri", "$1"),
            " UNION ALL SELECT actor_id FROM withheld_reactions WHERE ",
            is_id!("uri", "$1"),
            " LIMIT 1"
        ))
        .bind(canonical_id(uri).as_ref())
        .fetch_optional(c)
        .await)?)
    }

    pub async fn article_totals(&mut self, article_id: i64) -> Result<ReactionTotals> {
        Ok(on!(self, |c| {
            sqlx::query_as(
            "SELECT COUNT(DISTINCT CASE WHEN kind IN ('like', 'emoji') THEN actor_id END) AS likes,
                    COUNT(DISTINCT CASE WHEN kind = 'boost' THEN actor_id END) AS boosts
             FROM reactions WHERE article_id = $1 AND COALESCE(comment_id, 0) = 0"
        )
        .bind(article_id)
        .fetch_one(c)
        .await
        })?)
    }
}
