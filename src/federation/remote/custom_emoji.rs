//! Custom emoji in texts and names from other servers.

use crate::{
    content::extras::{Emoji, MAX_EMOJI},
    protocol::CustomEmoji,
};
use url::Url;

/// Returns the custom emoji that occur in a text.
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

/// Returns whether Mastodon and others accept a name as a custom emoji's.
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

/// The maximum length of a stored address, in bytes.
const MAX_ADDRESS: usize = 1024;
