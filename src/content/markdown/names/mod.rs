//! Names of the fediverse in a text: mentions like `@user@example.org`, hashtags like `#books`.
//!
//! Only running text has them: code, links and what stands in raw HTML links or code are left alone.

mod nodes;
mod scan;
#[cfg(test)]
mod tests;

use crate::content::{Handle, hashtag, html::escape};
use comrak::{
    Arena, Node,
    nodes::{AstNode, NodeValue},
};
pub(super) use nodes::{has_escaped_hash, join_escapes};
use nodes::{running_texts, unlink_handles};
use scan::names_in;
use std::collections::HashMap;

/// Different handles, and different hashtags, of one text that are found.
const MAX_NAMES: usize = 50;

/// The full-width sign of Japanese keyboards.
const WIDE_HASH: char = '＃';

/// The names in a text, each once, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    pub handles: Vec<Handle>,
    /// As they are written, without `#`.
    pub hashtags: Vec<String>,
}

/// Where names lead. A name that is not here stays plain text.
#[derive(Debug, Clone, Default)]
pub struct MentionLinks {
    mentions: HashMap<String, String>,
    hashtags: HashMap<String, String>,
}

impl MentionLinks {
    /// A mention leads to this address.
    pub fn add_mention(&mut self, handle: &Handle, address: &str) {
        self.mentions.insert(key(handle), address.to_owned());
    }

    /// The address of a hashtag, in any spelling.
    pub fn add_hashtag(&mut self, tag: &str, address: &str) {
        self.hashtags.insert(hashtag::key(tag), address.to_owned());
    }

    /// The link that Mastodon and its kin know the name by.
    fn html_of(&self, name: &Name) -> Option<String> {
        match name {
            Name::Mention(handle) => {
                let address = escape(self.mentions.get(&key(handle))?);
                let user = handle.user();
                Some(format!(
                    "<span class=\"h-card\"><a href=\"{address}\" class=\"u-url mention\" title=\"{handle}\">@<span>{user}</span></a></span>"
                ))
            }
            Name::Hashtag(tag) => {
                let address = escape(self.hashtags.get(&hashtag::key(tag))?);
                Some(format!(
                    "<a href=\"{address}\" class=\"mention hashtag\" rel=\"tag\">#<span>{tag}</span></a>"
                ))
            }
        }
    }
}

/// Handles are the same in any case of the user.
fn key(handle: &Handle) -> String {
    handle.to_string().to_lowercase()
}

#[derive(Debug, PartialEq, Eq)]
enum Name {
    Mention(Handle),
    Hashtag(String),
}

/// Whether a text can have names at all: most have none, and need no second look.
pub(super) fn may_have(markdown: &str) -> bool {
    let bytes = markdown.as_bytes();
    let is_name = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let is_begin = |pair: &[u8]| matches!(pair[0], b'@' | b'#') && is_name(pair[1]);
    bytes.windows(2).any(is_begin) || markdown.contains(WIDE_HASH)
}

/// The names in a parsed text.
pub(super) fn find<'a>(arena: &'a Arena<'a>, root: Node<'a>) -> Mentions {
    unlink_handles(arena, root);
    let mut names = Mentions::default();
    for node in running_texts(root) {
        let data = node.data.borrow();
        let NodeValue::Text(text) = &data.value else {
            continue;
        };
        for (_, name) in names_in(text) {
            match name {
                Name::Mention(handle) => push(&mut names.handles, handle, key),
                Name::Hashtag(tag) => push(&mut names.hashtags, tag, |tag| hashtag::key(tag)),
            }
        }
    }
    names
}

fn push<T>(list: &mut Vec<T>, name: T, key: impl Fn(&T) -> String) {
    if list.len() < MAX_NAMES && list.iter().all(|known| key(known) != key(&name)) {
        list.push(name);
    }
}

/// Puts links in the place of names.
pub(super) fn link<'a>(arena: &'a Arena<'a>, root: Node<'a>, links: &MentionLinks) {
    unlink_handles(arena, root);
    for node in running_texts(root) {
        let text = match &node.data.borrow().value {
            NodeValue::Text(text) => text.to_string(),
            _ => continue,
        };
        let mut end = 0;
        let mut parts = Vec::new();
        for (place, name) in names_in(&text) {
            if let Some(html) = links.html_of(&name) {
                parts.push(NodeValue::Text(text[end..place.start].to_owned().into()));
                parts.push(NodeValue::HtmlInline(html));
                end = place.end;
            }
        }
        if parts.is_empty() {
            continue;
        }
        for part in parts {
            node.insert_before(arena.alloc(AstNode::from(part)));
        }
        node.data.borrow_mut().value = NodeValue::Text(text[end..].to_owned().into());
    }
}
