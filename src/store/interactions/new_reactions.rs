//! New reactions, stored one or many at a time.

use super::reactions::ReactionKind;
use crate::{
    protocol::canonical_id,
    store::database::{Result, Tx, execute, fetch_optional_scalar, now, to_json},
};
use serde::Serialize;
use std::borrow::Cow;

/// A reaction to be stored.
#[derive(Debug, Clone)]
pub struct NewReaction {
    pub actor_id: i64,
    pub article_id: i64,
    pub comment_id: Option<i64>,
    pub kind: ReactionKind,
    /// Empty for a plain like or boost.
    pub emoji: String,
    /// The address of a custom emoji's picture.
    pub picture: Option<String>,
    /// The id of the activity.
    pub uri: String,
}

/// A new reaction as the statement reads it.
#[derive(Serialize)]
struct Row<'a> {
    actor: i64,
    article: i64,
    comment: Option<i64>,
    kind: &'static str,
    emoji: &'a str,
    picture: Option<&'a str>,
    uri: Cow<'a, str>,
}

impl Tx {
    /// Adds reactions, each once for each actor and object.
    pub async fn add_reactions(&mut self, reactions: &[NewReaction]) -> Result<()> {
        if reactions.is_empty() {
            return Ok(());
        }
        let rows = reactions.iter().map(|it| Row {
            actor: it.actor_id,
            article: it.article_id,
            comment: it.comment_id,
            kind: it.kind.as_str(),
            emoji: &it.emoji,
            picture: it.picture.as_deref(),
            uri: canonical_id(&it.uri),
        });
        // Two nodes that store the same reactions wait for each other in the same order.
        let rows = to_json(&rows.collect::<Vec<_>>());
        execute!(
            self,
            rows(
                "$1",
                [actor bigint, article bigint, comment bigint, kind text, emoji text, picture text, uri text],
                "INSERT INTO reactions (actor_id, article_id, comment_id, kind, emoji, uri, created_at, emoji_url)
                 SELECT actor, article, comment, kind, emoji, uri, $2, picture FROM r WHERE true
                 ORDER BY article, actor, kind ON CONFLICT DO NOTHING"
            ),
            rows,
            now()
        )?;
        Ok(())
    }

    /// Adds a reaction, once for each actor and object. Returns its id, or `None` if it exists.
    pub async fn add_reaction(&mut self, reaction: &NewReaction) -> Result<Option<i64>> {
        fetch_optional_scalar!(
            self,
            "INSERT INTO reactions (actor_id, article_id, comment_id, kind, emoji, uri, created_at, emoji_url)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id",
            reaction.actor_id,
            reaction.article_id,
            reaction.comment_id,
            reaction.kind.as_str(),
            &reaction.emoji,
            canonical_id(&reaction.uri).as_ref(),
            now(),
            &reaction.picture
        )
    }
}
