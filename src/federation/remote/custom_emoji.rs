//! Custom emoji in the texts and names of other servers.

use crate::{
    content::extras::{Emoji, MAX_EMOJI},
    protocol::CustomEmoji,
};
use url::Url;

/// Those custom emoji that stand in a text.
pub fn emoji_in(text: &str, emoji: impl Iterator<Item = CustomEmoji>) -> Vec<Emoji> {
    emoji
        .filter(|emoji| {
            is_shortcode(&emoji.name)
                && is_address(&emoji.url)
                && text.contains(&format!(":{}:", emoji.name))
        })
        .map(|emoji| Emoji {
            name: emoji.name,
            url: emoji.url,
        })
        .take(MAX_EMOJI)
        .collect()
}

/// What Mastodon and others take for the name of an emoji.
pub(crate) fn is_shortcode(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
}

pub(crate) fn is_address(address: &str) -> bool {
    address.len() <= MAX_ADDRESS
        && Url::parse(address)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Longest address that is kept, in bytes.
const MAX_ADDRESS: usize = 1024;
