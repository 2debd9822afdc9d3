//! `Like`, `Dislike` and `EmojiReact`: a reaction to an article or comment, once for each actor.

use super::{InboxError, received::handles, target};
use crate::{
    content::clean_name, federation::node::Context, protocol::Activity as Wire, store::ReactionKind,
};

handles!(
    /// A reaction of a single sign.
    Like
);

/// Longest emoji or emoji name, in characters.
const MAX_EMOJI: usize = 64;

fn emoji_of(activity: &Wire) -> String {
    clean_name(activity.content.as_deref().unwrap_or(""), MAX_EMOJI)
}

/// What kind of reaction a `Like`, `Dislike` or `EmojiReact` is.
pub fn kind_of(activity: &Wire) -> ReactionKind {
    match activity.kind() {
        "Dislike" => ReactionKind::Dislike,
        "EmojiReact" => ReactionKind::Emoji,
        // Misskey and its kin send an emoji reaction as a Like with content.
        _ if !emoji_of(activity).is_empty() => ReactionKind::Emoji,
        _ => ReactionKind::Like,
    }
}

impl Like {
    async fn check(&self, _: &Context) -> Result<(), InboxError> {
        self.0.object_id().map(drop)
    }

    async fn apply(&self, data: &Context) -> Result<(), InboxError> {
        let object = self.0.object_id()?;
        let mut tx = self.0.begin(data).await?;
        let target = target::find(&mut tx, data.urls(), &object).await?;
        let Some(target) = target.filter(target::Target::is_visible) else {
            return Err(InboxError::Dropped("reaction to nothing here"));
        };
        let emoji = emoji_of(&self.0.activity);
        let kind = kind_of(&self.0.activity);
        tx.add_reaction(
            self.0.actor.row.id,
            target.article.id,
            target.comment_id(),
            kind,
            &emoji,
            self.0.id.as_str(),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
