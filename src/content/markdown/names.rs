//! Names of the fediverse in a text: mentions like `@user@example.org`, hashtags like `#books`.
//!
//! Only running text has them: code, links and what stands in raw HTML links or code are left alone.

use crate::content::{Handle, hashtag};
use comrak::{
    Arena, Node,
    nodes::{AstNode, NodeValue},
};
use std::{collections::HashMap, ops::Range};
use unicode_normalization::char::is_combining_mark;

/// Different handles, and different hashtags, of one text that are found.
const MAX_NAMES: usize = 50;

/// The full-width sign of Japanese keyboards.
const WIDE_HASH: char = '＃';

/// The names in a text, each once, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    pub handles: Vec<Handle>,
    /// As they are written, without `#`.
    pub hashtags: Vec<String>,
}

/// Where names lead. A name that is not here stays plain text.
#[derive(Debug, Clone, Default)]
pub struct Links {
    mentions: HashMap<String, String>,
    hashtags: HashMap<String, String>,
}

impl Links {
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

/// For an attribute.
fn escape(address: &str) -> String {
    address
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
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
pub(super) fn find<'a>(arena: &'a Arena<'a>, root: Node<'a>) -> Names {
    unlink_handles(arena, root);
    let mut names = Names::default();
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

/// Marks a `#` that the author escaped, so that it begins no hashtag. No text contains it when it is shown.
const NO_NAME: char = '\u{FFFE}';

/// Returns whether the author may have escaped a `#`.
pub(super) fn has_escaped_hash(markdown: &str) -> bool {
    markdown.contains("\\#")
}

/// Joins escaped characters with the text around them; an escaped `#` begins no hashtag.
pub(super) fn join_escapes<'a>(root: Node<'a>) {
    let is_escape = |node: &Node<'a>| matches!(node.data.borrow().value, NodeValue::Escaped);
    let escapes: Vec<Node<'a>> = root.descendants().filter(is_escape).collect();
    for node in escapes {
        let mut text = String::new();
        if let Some(before) = node.previous_sibling()
            && let Some(begin) = text_of(before)
        {
            text.push_str(&begin);
            before.detach();
        }
        while let Some(child) = node.first_child() {
            text.push_str(&text_of(child).unwrap_or_default());
            child.detach();
        }
        if text.ends_with('#') {
            text.push(NO_NAME);
        }
        if let Some(after) = node.next_sibling()
            && let Some(rest) = text_of(after)
        {
            text.push_str(&rest);
            after.detach();
        }
        node.data.borrow_mut().value = NodeValue::Text(text.into());
    }
}

/// Puts links in the place of names.
pub(super) fn link<'a>(arena: &'a Arena<'a>, root: Node<'a>, links: &Links) {
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

/// Markdown takes the end of `@user@example.org` for a mail address and links it; the text comes back.
fn unlink_handles<'a>(arena: &'a Arena<'a>, root: Node<'a>) {
    let links: Vec<Node<'a>> = root
        .descendants()
        .filter(|node| is_mail_link_after_at(node))
        .collect();
    for link in links {
        let address = match &link.data.borrow().value {
            NodeValue::Link(link) => link.url.trim_start_matches("mailto:").to_owned(),
            _ => continue,
        };
        let Some(before) = link.previous_sibling() else {
            continue;
        };
        let mut text = text_of(before).unwrap_or_default() + &address;
        if let Some(after) = link.next_sibling()
            && let Some(rest) = text_of(after)
        {
            text.push_str(&rest);
            after.detach();
        }
        before.insert_after(arena.alloc(AstNode::from(NodeValue::Text(text.into()))));
        before.detach();
        link.detach();
    }
}

fn text_of(node: Node<'_>) -> Option<String> {
    match &node.data.borrow().value {
        NodeValue::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

fn is_mail_link_after_at(node: Node<'_>) -> bool {
    let url = match &node.data.borrow().value {
        NodeValue::Link(link) => link.url.clone(),
        _ => return false,
    };
    let shown = node.first_child().and_then(text_of);
    let before = node.previous_sibling().and_then(text_of);
    url.strip_prefix("mailto:")
        .is_some_and(|address| shown.as_deref() == Some(address))
        && before.is_some_and(|before| before.ends_with('@'))
}

/// Texts outside of links, images, and raw HTML links and code.
fn running_texts<'a>(root: Node<'a>) -> Vec<Node<'a>> {
    let mut texts = Vec::new();
    let mut raw = 0i32;
    for node in root.descendants() {
        match &node.data.borrow().value {
            NodeValue::HtmlInline(html) => raw = (raw + nesting_of(html)).max(0),
            NodeValue::Text(_) if raw == 0 && !is_in_link(node) => texts.push(node),
            // Raw HTML ends with its paragraph at the latest.
            value if value.block() => raw = 0,
            _ => {}
        }
    }
    texts
}

fn nesting_of(html: &str) -> i32 {
    let html = html.to_ascii_lowercase();
    let is = |start: &str| {
        let rest = html.strip_prefix(start);
        rest.is_some_and(|rest| rest.starts_with(['>', ' ', '\t', '\n', '/']))
    };
    let elements = ["a", "code", "pre", "kbd", "samp"];
    match () {
        () if elements.iter().any(|name| is(&format!("<{name}"))) => 1,
        () if elements.iter().any(|name| is(&format!("</{name}"))) => -1,
        () => 0,
    }
}

fn is_in_link(node: Node<'_>) -> bool {
    node.ancestors().any(|above| {
        matches!(
            above.data.borrow().value,
            NodeValue::Link(_) | NodeValue::Image(_)
        )
    })
}

/// The names in one text with their places, in order.
fn names_in(text: &str) -> Vec<(Range<usize>, Name)> {
    let mut names = Vec::new();
    let mut before = None;
    let mut end = 0;
    for (start, c) in text.char_indices() {
        let is_begin = before.is_none_or(|b| !leads_on(b));
        let after_bracket = before == Some(')');
        before = Some(c);
        if start < end || !is_begin {
            continue;
        }
        let rest = &text[start + c.len_utf8()..];
        let found = match c {
            '@' => mention_at(rest),
            // `Array(x)#size` is a position in a document, not a topic.
            '#' | WIDE_HASH if !after_bracket => hashtag_at(rest),
            _ => None,
        };
        if let Some((length, name)) = found {
            end = start + c.len_utf8() + length;
            names.push((start..end, name));
        }
    }
    names
}

/// Returns whether a word or an address continues after a character, so that no name begins there.
fn leads_on(before: char) -> bool {
    before.is_alphanumeric()
        || is_combining_mark(before)
        || "_/=@#&＃\u{200C}\u{200D}".contains(before)
}

fn length_of(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn mention_at(text: &str) -> Option<(usize, Name)> {
    let user = length_of(text, |c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')
    });
    let host_on = text[user..].strip_prefix('@')?;
    let name = length_of(host_on, |c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    let name = host_on[..name].trim_end_matches(['.', '-']).len();
    let port = host_on[name..].strip_prefix(':').map_or(0, |port| {
        let digits = length_of(port, |c| c.is_ascii_digit());
        if digits > 0 { digits + 1 } else { 0 }
    });
    [name + port, name].into_iter().find_map(|host| {
        let length = user + 1 + host;
        let handle = format!("@{}", &text[..length]).parse().ok()?;
        Some((length, Name::Mention(handle)))
    })
}

fn hashtag_at(text: &str) -> Option<(usize, Name)> {
    let tag = hashtag::at(text)?;
    Some((tag.len(), Name::Hashtag(tag.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::super::{names, render_linked};
    use super::*;
    use url::Url;

    fn found(markdown: &str) -> (Vec<String>, Vec<String>) {
        let names = names(markdown);
        let handles = names.handles.iter().map(ToString::to_string);
        (handles.collect(), names.hashtags)
    }

    #[test]
    fn mentions_and_hashtags_are_found_in_running_text() {
        let (handles, hashtags) = found(
            "Hi @ann@example.org, @Ann@EXAMPLE.org and (@b.c_d@sub.example.org). @e@localhost:8080!\n\n\
             > *@f@example.org*: #Books, #été_2026 #books\n\n- #1 #2nd a#b https://x.example/#c &#35;",
        );
        assert_eq!(
            handles,
            [
                "@ann@example.org",
                "@b.c_d@sub.example.org",
                "@e@localhost:8080",
                "@f@example.org"
            ]
        );
        assert_eq!(hashtags, ["Books", "été_2026", "2nd"]);
    }

    #[test]
    fn code_and_links_are_left_alone() {
        for text in [
            "`@ann@example.org #tag`",
            "```\n@ann@example.org #tag\n```",
            "    @ann@example.org #tag",
            "[@ann@example.org #tag](https://a.example)",
            "![@ann@example.org #tag](https://a.example/b.png)",
            "<a href=\"https://a.example\">@ann@example.org #tag</a>",
            "<code>@ann@example.org *#tag*</code>",
            "https://a.example/@ann@example.org",
            "ann@example.org and me+ann@example.org",
            "\\#tag and a\\#b, \\*\\#c\\*",
            "example.org/#about, example.org#about, f(x)#y, &#x27;",
            "#fff, #1e90ff, #comment-5, #123, #1, issue #5",
        ] {
            assert_eq!(found(text), (vec![], vec![]), "{text}");
        }
    }

    #[test]
    fn known_names_become_links_and_others_stay_as_they_are() {
        let mut links = Links::default();
        links.add_mention(
            &"@ann@example.org".parse().unwrap(),
            "https://example.org/@ann?a=1&b",
        );
        links.add_hashtag("books", "https://blog.example/tags/books");
        let base = Url::parse("https://blog.example/").unwrap();
        let html = render_linked(
            "Hi @Ann@example.org, @bob@example.org: #Books #other",
            &base,
            &links,
        );
        let expected = "<p>Hi <span class=\"h-card\"><a href=\"https://example.org/@ann?a=1&amp;b\" class=\"u-url mention\" \
             title=\"@Ann@example.org\">@<span>Ann</span></a></span>, @bob@example.org: <a href=\"https://blog.example/tags/books\" \
             class=\"mention hashtag\" rel=\"tag\">#<span>Books</span></a> #other</p>\n";
        assert_eq!(html.page.as_str(), expected);
        assert_eq!(html.federated.as_str(), expected.trim());
        assert_eq!(
            html.excerpt,
            "Hi @Ann@example.org, @bob@example.org: #Books #other"
        );
    }

    #[test]
    fn hashtags_are_the_same_however_they_are_spelled() {
        let (_, hashtags) =
            found("#हिन्दी and ＃タグ #Русский #русский #U\u{308}ber #ÜBER, हि\u{94D}#न");
        assert_eq!(hashtags, ["हिन्दी", "タグ", "Русский", "U\u{308}ber"]);
        let mut links = Links::default();
        links.add_hashtag("Русский", "https://blog.example/tags/x");
        let base = Url::parse("https://blog.example/").unwrap();
        let html = render_linked("#РУССКИЙ \\#Русский", &base, &links)
            .page
            .into_string();
        assert!(
            html.contains("#<span>РУССКИЙ</span></a> #Русский</p>"),
            "{html}"
        );
    }

    #[test]
    fn many_names_are_cut() {
        let text: String = (0..1000)
            .map(|n| format!("@u{n}@example.org #t{n} "))
            .collect();
        let names = names(&text);
        assert_eq!(
            (names.handles.len(), names.hashtags.len()),
            (MAX_NAMES, MAX_NAMES)
        );
    }
}
