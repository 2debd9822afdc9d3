//! Mentions like `@user@example.org` and hashtags like `#books` in a text.
//!
//! They are found only in running text, not in code and links, in Markdown or raw HTML.

mod nodes;
mod scan;
#[cfg(test)]
mod tests;

use crate::content::{Handle, hashtag, html::escape};
use comrak::{
    Arena, Node,
    nodes::{AstNode, NodeValue},
};
pub(super) use nodes::{has_escapes, join_escapes};
use nodes::{running_texts, unlink_handles};
use scan::mentions_in;
use std::collections::HashMap;

/// The maximum number of handles, and of hashtags, that are found in one text.
const MAX_MENTIONS: usize = 50;

/// The full-width number sign of Japanese keyboards.
const WIDE_HASH: char = '＃';

/// The mentions and hashtags in a text, each once, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    pub handles: Vec<Handle>,
    /// Hashtags as they are written, without `#`.
    pub hashtags: Vec<String>,
}

/// The link targets of mentions and hashtags. Any other stays plain text.
#[derive(Debug, Clone, Default)]
pub struct MentionLinks {
    mentions: HashMap<String, String>,
    hashtags: HashMap<String, String>,
}

impl MentionLinks {
    /// Sets the address of an actor.
    pub fn add_mention(&mut self, handle: &Handle, address: &str) {
        self.mentions.insert(key(handle), address.to_owned());
    }

    /// Sets the address of a hashtag, for all its spellings.
    pub fn add_hashtag(&mut self, tag: &str, address: &str) {
        self.hashtags.insert(hashtag::key(tag), address.to_owned());
    }

    /// Returns the link in the form that Mastodon and related servers recognize.
    fn html_of(&self, mention: &Mention) -> Option<String> {
        match mention {
            Mention::Handle(handle) => {
                let address = escape(self.mentions.get(&key(handle))?);
                let user = handle.user();
                Some(format!(
                    "<span class=\"h-card\"><a href=\"{address}\" class=\"u-url mention\" title=\"{handle}\">@<span>{user}</span></a></span>"
                ))
            }
            Mention::Hashtag(tag) => {
                let address = escape(self.hashtags.get(&hashtag::key(tag))?);
                Some(format!(
                    "<a href=\"{address}\" class=\"mention hashtag\" rel=\"tag\">#<span>{tag}</span></a>"
                ))
            }
        }
    }
}

/// Returns the form in which handles are compared, without regard to case.
fn key(handle: &Handle) -> String {
    handle.to_string().to_lowercase()
}

#[derive(Debug, PartialEq, Eq)]
enum Mention {
    Handle(Handle),
    Hashtag(String),
}

/// Returns whether a text may have mentions or hashtags. Most texts have none and need not be parsed for them.
pub(super) fn may_have(markdown: &str) -> bool {
    let bytes = markdown.as_bytes();
    let is_name = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let is_begin = |pair: &[u8]| matches!(pair[0], b'@' | b'#') && is_name(pair[1]);
    bytes.windows(2).any(is_begin) || markdown.contains(WIDE_HASH)
}

/// Returns the mentions and hashtags in a parsed text.
pub(super) fn find<'a>(arena: &'a Arena<'a>, root: Node<'a>) -> Mentions {
    unlink_handles(arena, root);
    let mut mentions = Mentions::default();
    for node in running_texts(root) {
        let data = node.data.borrow();
        let NodeValue::Text(text) = &data.value else {
            continue;
        };
        for (_, mention) in mentions_in(text) {
            match mention {
                Mention::Handle(handle) => push_new(&mut mentions.handles, handle, key),
                Mention::Hashtag(tag) => {
                    push_new(&mut mentions.hashtags, tag, |tag| hashtag::key(tag))
                }
            }
        }
    }
    mentions
}

/// Appends an item that the list does not have, unless the list is full.
fn push_new<T>(list: &mut Vec<T>, item: T, key: impl Fn(&T) -> String) {
    if list.len() < MAX_MENTIONS && list.iter().all(|known| key(known) != key(&item)) {
        list.push(item);
    }
}

/// Replaces mentions and hashtags by links.
pub(super) fn link<'a>(arena: &'a Arena<'a>, root: Node<'a>, links: &MentionLinks) {
    unlink_handles(arena, root);
    for node in running_texts(root) {
        let text = match &node.data.borrow().value {
            NodeValue::Text(text) => text.to_string(),
            _ => continue,
        };
        let mut end = 0;
        let mut parts = Vec::new();
        for (range, mention) in mentions_in(&text) {
            if let Some(html) = links.html_of(&mention) {
                parts.push(NodeValue::Text(text[end..range.start].to_owned().into()));
                parts.push(NodeValue::HtmlInline(html));
                end = range.end;
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
