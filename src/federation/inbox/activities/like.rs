//! `Like`, `Dislike` and `EmojiReact`: a reaction to an article or comment, once for each actor and emoji.

use crate::{
    base::steps,
    content::{clean_line, is_emoji},
    federation::{
        comments::reactions::{self, Reaction},
        remote::custom_emoji::{is_address, is_shortcode},
        verified_activity::VerifiedActivity,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        target::{self, Target},
    },
    protocol::Activity as Wire,
    store::ReactionKind,
};

/// The maximum length of an emoji, in characters.
const MAX_EMOJI: usize = 64;

/// The names that Misskey gave its reactions before it used emoji.
const OLD_NAMES: [(&str, &str); 11] = [
    ("like", "👍"),
    ("love", "❤"),
    ("laugh", "😆"),
    ("hmm", "🤔"),
    ("surprise", "😮"),
    ("congrats", "🎉"),
    ("angry", "💢"),
    ("confused", "😥"),
    ("rip", "😇"),
    ("pudding", "🍮"),
    ("star", "⭐"),
];

/// Returns the emoji of a reaction: a Unicode emoji, or `:name:` for a custom emoji, whose host is removed. Returns an
/// empty string for a plain `Like`.
pub(super) fn emoji_of(activity: &Wire) -> String {
    let text = activity.reaction().unwrap_or_default();
    let text = text.trim();
    let is_tagged = || activity.custom_emoji().any(|emoji| emoji.name == text);
    if let Some(name) = name_of_custom(text) {
        return format!(":{name}:");
    }
    if is_shortcode(text) && is_tagged() {
        return format!(":{text}:");
    }
    let old_name = OLD_NAMES.iter().find(|(name, _)| *name == text);
    old_name.map_or_else(
        || clean_line(text, MAX_EMOJI),
        |(_, emoji)| (*emoji).to_owned(),
    )
}

/// Returns the shortcode in `:name:` or `:name@host:`.
fn name_of_custom(text: &str) -> Option<&str> {
    let inner = text.strip_prefix(':')?.strip_suffix(':')?;
    without_host(inner).filter(|name| is_shortcode(name))
}

fn without_host(name: &str) -> Option<&str> {
    name.split('@').next()
}

/// Returns the address of a custom emoji's picture from the reaction itself.
fn picture_of(activity: &Wire, emoji: &str) -> Option<String> {
    let name = name_of_custom(emoji)?;
    activity
        .custom_emoji()
        .find(|tag| without_host(&tag.name) == Some(name) && is_address(&tag.url))
        .map(|tag| tag.url)
}

/// Returns the kind of a `Like`, `Dislike` or `EmojiReact` with this emoji.
pub(super) fn kind_of(activity: &Wire, emoji: &str) -> ReactionKind {
    match activity.kind() {
        "Dislike" => ReactionKind::Dislike,
        "EmojiReact" => ReactionKind::Emoji,
        // Misskey and its forks send an emoji reaction as a Like with content.
        _ if !emoji.is_empty() => ReactionKind::Emoji,
        _ => ReactionKind::Like,
    }
}

/// The emoji that is shown for a reaction: a Unicode emoji, or a custom emoji with its picture. Any other text is
/// removed, since it could carry a message.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    emoji: String,
    picture: Option<String>,
}

fn shown(activity: &Wire) -> Shown {
    let emoji = emoji_of(activity);
    let picture = picture_of(activity, &emoji);
    if picture.is_some() || is_emoji(&emoji) {
        Shown { emoji, picture }
    } else {
        Shown {
            emoji: String::new(),
            picture: None,
        }
    }
}

pub(super) async fn receive(activity: &VerifiedActivity, ctx: &Context) -> Result<(), InboxError> {
    let object = activity.object_id()?;
    let mut tx = activity.begin(ctx).await?;
    let target = target::find(&mut tx, ctx.urls(), &object).await?;
    let Some(target) = target.filter(target::Target::is_visible) else {
        return Err(InboxError::Dropped(DropReason::ReactionToUnknownObject));
    };
    let reaction = reaction_of(activity, &target)?;
    let kind = reaction.kind;
    reactions::store(&mut tx, reaction, ctx).await?;
    steps::note("effect", || {
        format!("the reaction would be stored ({})", kind.as_str())
    });
    tx.commit().await?;
    Ok(())
}

/// Reads the reaction in a `Like`, `Dislike` or `EmojiReact`.
///
/// # Errors
/// [`InboxError::Dropped`] if it is an emoji reaction without an emoji that can be shown.
pub(in crate::federation::inbox) fn reaction_of<'a>(
    activity: &'a VerifiedActivity,
    target: &'a Target,
) -> Result<Reaction<'a>, InboxError> {
    let Shown { emoji, picture } = shown(&activity.payload);
    let kind = kind_of(&activity.payload, &emoji);
    if kind == ReactionKind::Emoji && emoji.is_empty() {
        return Err(InboxError::Dropped(DropReason::ReactionWithoutEmoji));
    }
    let emoji = if kind == ReactionKind::Dislike {
        String::new()
    } else {
        emoji
    };
    Ok(Reaction {
        actor: &activity.actor,
        target,
        kind,
        emoji,
        picture,
        uri: activity.id.as_str(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn emoji_are_read_in_the_shapes_in_use() {
        let tag = |name: &str| json!({"type": "Emoji", "name": name, "icon": {"type": "Image", "url": "https://a.example/cat"}});
        let cat = Some("https://a.example/cat");
        for (fields, emoji, picture) in [
            (json!({}), "", None),
            (json!({"content": "🔥"}), "🔥", None),
            (
                json!({"content": "", "_misskey_reaction": "🔥"}),
                "🔥",
                None,
            ),
            (json!({"_misskey_reaction": "pudding"}), "🍮", None),
            (json!({"content": ":cat:"}), ":cat:", None),
            (
                json!({"content": ":cat:", "tag": [tag(":cat:")]}),
                ":cat:",
                cat,
            ),
            (
                json!({"content": ":cat:", "tag": tag(":cat:")}),
                ":cat:",
                cat,
            ),
            (
                json!({"_misskey_reaction": ":cat:", "tag": [tag("cat")]}),
                ":cat:",
                cat,
            ),
            (
                json!({"content": ":cat@b.example:", "tag": [tag(":cat@b.example:")]}),
                ":cat:",
                cat,
            ),
            (json!({"content": ":cat@.:"}), ":cat:", None),
            (
                json!({"content": "cat", "tag": [tag(":cat:")]}),
                ":cat:",
                cat,
            ),
            (
                json!({"content": ":dog:", "tag": [null, 7, tag(":cat:")]}),
                ":dog:",
                None,
            ),
            (
                json!({"content": ":<b>:", "tag": [tag(":<b>:")]}),
                ":<b>:",
                None,
            ),
            (json!({"content": "::"}), "::", None),
        ] {
            let activity = Wire::read(fields.clone()).unwrap();
            assert_eq!(emoji_of(&activity), emoji, "{fields}");
            assert_eq!(picture_of(&activity, emoji).as_deref(), picture, "{fields}");
            let is_shown = picture.is_some() || matches!(emoji, "🔥" | "🍮");
            let expected = Shown {
                emoji: if is_shown {
                    emoji.to_owned()
                } else {
                    String::new()
                },
                picture: picture.map(str::to_owned),
            };
            assert_eq!(shown(&activity), expected, "{fields}");
        }
    }
}
