//! Likes, boosts, emoji reactions and quotes of articles and comments.

use crate::{
    protocol::canonical_id,
    store::database::{
        Conn, Result, Tx, execute, fetch_all, fetch_one, fetch_optional_scalar, is_id, text_enum,
        to_json,
    },
};
use sqlx::FromRow;

text_enum! {
    pub enum ReactionKind ("kind of reaction") {
        Like = "like",
        Dislike = "dislike",
        Emoji = "emoji",
        Boost = "boost",
        /// A post that quotes the article.
        Quote = "quote",
    }
}

/// The numbers of actors who reacted to an object. All emoji reactions of one actor count as one like.
#[derive(Debug, Clone, Copy, Default, FromRow)]
pub struct ReactionTotals {
    pub likes: i64,
    pub boosts: i64,
}

/// The number of actors who reacted to an object in one way.
#[derive(Debug, Clone, FromRow)]
pub struct ReactionCount {
    /// The comment; 0 for the article itself.
    pub comment_id: i64,
    pub kind: ReactionKind,
    pub emoji: String,
    /// The address of a custom emoji's picture on its own server.
    pub emoji_url: Option<String>,
    /// The id of the first of these reactions.
    pub id: i64,
    pub count: i64,
    /// Whether this row sums up all further emoji.
    pub is_rest: bool,
}

/// A reaction to an article or a comment, with its actor.
#[derive(Debug, Clone, FromRow)]
pub struct Reaction {
    pub id: i64,
    pub kind: ReactionKind,
    pub emoji: String,
    /// The address of a custom emoji's picture on its own server.
    pub emoji_url: Option<String>,
    /// The page of a quote.
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
    /// each object's emoji, the `kinds` most frequent are counted separately.
    pub async fn reaction_counts(
        &mut self,
        article_id: i64,
        comment_ids: &[i64],
        kinds: i64,
    ) -> Result<Vec<ReactionCount>> {
        let ids: Vec<i64> = comment_ids.iter().copied().chain([0]).collect();
        fetch_all!(
            self,
            ids(
                "WITH counts AS (
                    SELECT COALESCE(comment_id, 0) AS comment_id, kind, emoji, emoji_url, MIN(id) AS id,
                        COUNT(*) AS number
                    FROM reactions WHERE article_id = $1 AND COALESCE(comment_id, 0) IN ",
                "$2",
                " GROUP BY 1, 2, 3, 4),
                 ranked AS (
                    SELECT comment_id, kind, emoji, emoji_url, id, number, ROW_NUMBER() OVER (
                        PARTITION BY comment_id, kind ORDER BY number DESC, emoji, id) AS place FROM counts)
                 SELECT comment_id, kind, MIN(emoji) AS emoji, MIN(emoji_url) AS emoji_url, MIN(id) AS id,
                    CAST(SUM(number) AS BIGINT) AS count, MIN(place) > $3 AS is_rest FROM ranked
                 GROUP BY comment_id, kind, CASE WHEN place > $3 THEN 0 ELSE place END
                 ORDER BY comment_id, MIN(place), kind"
            ),
            article_id,
            to_json(&ids),
            kinds
        )
    }

    /// Returns the next `limit` reactions with ids below `before` to an article itself (`comment_id` 0) or to a
    /// comment, newest first, without dislikes.
    pub async fn reactions(
        &mut self,
        article_id: i64,
        comment_id: i64,
        before: i64,
        limit: i64,
    ) -> Result<Vec<Reaction>> {
        fetch_all!(
            self,
            "SELECT r.id, r.kind, r.emoji, r.emoji_url, r.url, r.created_at, a.id AS actor_id, a.uri AS actor_uri,
                a.url AS actor_url, a.name, a.username, a.handle_host, a.icon_url, a.emoji AS name_emoji
             FROM reactions r JOIN remote_actors a ON a.id = r.actor_id
             WHERE r.article_id = $1 AND COALESCE(r.comment_id, 0) = $2 AND r.id < $3 AND r.kind <> 'dislike'
             ORDER BY r.id DESC LIMIT $4",
            article_id,
            comment_id,
            before,
            limit
        )
    }

    /// Returns the actor of the reaction with this activity id, visible or withheld.
    pub async fn actor_of_reaction(&mut self, uri: &str) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            concat!(
                "SELECT actor_id FROM reactions WHERE ",
                is_id!("uri", "$1"),
                " UNION ALL SELECT actor_id FROM withheld_reactions WHERE ",
                is_id!("uri", "$1"),
                " LIMIT 1"
            ),
            canonical_id(uri).as_ref()
        )
    }

    pub async fn article_totals(&mut self, article_id: i64) -> Result<ReactionTotals> {
        fetch_one!(
            self,
            "SELECT COUNT(DISTINCT CASE WHEN kind IN ('like', 'emoji') THEN actor_id END) AS likes,
                    COUNT(DISTINCT CASE WHEN kind = 'boost' THEN actor_id END) AS boosts
             FROM reactions WHERE article_id = $1 AND COALESCE(comment_id, 0) = 0",
            article_id
        )
    }
}

impl Tx {
    /// Deletes the reaction with this activity id, if it is the actor's own. Returns false if there is none.
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
            concat!(
                "DELETE FROM bin_rows WHERE actor_id = $1 AND ",
                is_id!("uri", "$2")
            ),
        ] {
            removed += execute!(self, statement, actor_id, canonical_id(uri).as_ref())?;
        }
        Ok(removed > 0)
    }

    /// Deletes an actor's reaction of a kind to an object: the one with the given emoji, or all of them. Returns false
    /// if there is none.
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
            removed += execute!(
                self,
                statement,
                actor_id,
                article_id,
                comment_id,
                kind.as_str(),
                emoji
            )?;
        }
        Ok(removed > 0)
    }
}
