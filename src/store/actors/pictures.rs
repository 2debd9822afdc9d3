//! The pictures on other servers that our pages show, with their owners.

use crate::store::database::{Conn, Result, fetch_optional, now};
use sqlx::FromRow;

/// The owner of a picture.
#[derive(Debug, Clone, FromRow)]
pub struct PictureOwner {
    pub uri: String,
    pub host: String,
}

/// The pictures of an actor.
#[derive(Debug, Clone, FromRow)]
pub struct ActorPictures {
    #[sqlx(flatten)]
    pub owner: PictureOwner,
    pub icon_url: Option<String>,
    /// JSON list of the custom emoji in the name.
    pub emoji: Option<String>,
}

/// The pictures of a comment.
#[derive(Debug, Clone, FromRow)]
pub struct CommentPictures {
    #[sqlx(flatten)]
    pub owner: PictureOwner,
    /// JSON of [`crate::content::Extras`].
    pub extras: String,
}

/// The picture of a reaction's custom emoji.
#[derive(Debug, Clone, FromRow)]
pub struct ReactionPicture {
    #[sqlx(flatten)]
    pub owner: PictureOwner,
    pub emoji_url: String,
}

/// A condition: readers see the comment `c` with its author and text at the time `$2`.
macro_rules! comment_is_shown {
    () => {
        "c.state = 'visible' AND (c.hidden_from IS NULL OR c.hidden_from > $2)"
    };
}

/// A condition: readers see the article `t` at the time `$2`.
macro_rules! article_is_shown {
    () => {
        "t.status = 'published' AND t.published_at <= $2"
    };
}

impl Conn {
    /// Returns the pictures of an actor, if a page shows them beside a comment or in a list of reactions. Other known
    /// actors are not public.
    pub async fn visible_actor_pictures(&mut self, id: i64) -> Result<Option<ActorPictures>> {
        fetch_optional!(
            self,
            concat!(
                "SELECT a.uri, a.host, a.icon_url, a.emoji FROM remote_actors a WHERE a.id = $1 AND (
                 EXISTS (SELECT 1 FROM comments c JOIN articles t ON t.id = c.article_id
                     WHERE c.actor_id = a.id AND ",
                comment_is_shown!(),
                " AND ",
                article_is_shown!(),
                ") OR EXISTS (SELECT 1 FROM reactions r JOIN articles t ON t.id = r.article_id
                 LEFT JOIN comments c ON c.id = r.comment_id
                 WHERE r.actor_id = a.id AND r.kind <> 'dislike'
                     AND COALESCE(c.state, 'visible') = 'visible' AND ",
                article_is_shown!(),
                "))"
            ),
            id,
            now()
        )
    }

    /// Returns the pictures of a comment that readers see.
    pub async fn visible_comment_pictures(&mut self, id: i64) -> Result<Option<CommentPictures>> {
        fetch_optional!(
            self,
            concat!(
                "SELECT a.uri, a.host, c.extras FROM comments c JOIN remote_actors a ON a.id = c.actor_id
                    JOIN articles t ON t.id = c.article_id
                 WHERE c.id = $1 AND c.extras IS NOT NULL AND ",
                comment_is_shown!(),
                " AND ",
                article_is_shown!()
            ),
            id,
            now()
        )
    }

    /// Returns the picture of a reaction's custom emoji, if readers see the reaction.
    pub async fn visible_reaction_picture(&mut self, id: i64) -> Result<Option<ReactionPicture>> {
        fetch_optional!(
            self,
            concat!(
                "SELECT a.uri, a.host, r.emoji_url FROM reactions r JOIN remote_actors a ON a.id = r.actor_id
                    JOIN articles t ON t.id = r.article_id LEFT JOIN comments c ON c.id = r.comment_id
                 WHERE r.id = $1 AND r.emoji_url IS NOT NULL AND COALESCE(c.state, 'visible') = 'visible' AND ",
                article_is_shown!()
            ),
            id,
            now()
        )
    }
}
