//! Shortcodes of WordPress in a text: `[youtube ...]`, `[caption]`, `[gallery ids="1,2"]` and their like become HTML. Any
//! other stays as it is, and is named.

use super::{
    Attachment, Converter, embeds,
    markup::{Token, tokens},
};
use crate::content::html::escape;
use regex::Regex;
use std::sync::LazyLock;

/// Matches a shortcode's tag: `[name]`, `[name attributes]`, `[name=value]`, `[name /]` and `[/name]`, and with a second
/// bracket around it.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"\[(\[?)(/?)([A-Za-z][A-Za-z0-9_-]*)((?:[\s=](?:[^\[\]"']|"[^"]*"|'[^']*'|["'])*?)?)\s*(/?)\](\]?)"#;
    Regex::new(pattern).expect("the pattern is valid")
});

/// Matches an argument: `name="value"`, `name=value` or a value.
static ARGUMENT: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"([A-Za-z][A-Za-z0-9_-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))|"([^"]*)"|'([^']*)'|(\S+)"#;
    Regex::new(pattern).expect("the pattern is valid")
});

/// Shortcodes whose address or id is all that they are.
const LINKS: &[&str] = &[
    "dailymotion",
    "embed",
    "facebook",
    "flickr",
    "gist",
    "googlemaps",
    "instagram",
    "kickstarter",
    "mixcloud",
    "pinterest",
    "scribd",
    "slideshare",
    "soundcloud",
    "spotify",
    "ted",
    "tiktok",
    "tweet",
    "twitter",
    "vimeo",
    "vine",
    "wpvideo",
    "youtube",
    "youtube_sc",
];
/// Shortcodes of this module that are no links.
const OTHERS: &[&str] = &[
    "audio",
    "caption",
    "code",
    "gallery",
    "playlist",
    "sourcecode",
    "video",
    "wp_caption",
];
/// The maximum number of bytes in which ends of shortcodes are looked for.
const MAX_SEARCHED: usize = 256 << 20;
/// Formats that `[audio]` and `[video]` have an argument for.
const AUDIO: &[&str] = &["src", "mp3", "m4a", "ogg", "wav", "wma", "flac"];
const VIDEO: &[&str] = &["src", "mp4", "m4v", "webm", "ogv", "flv", "wmv"];

/// The arguments of a shortcode.
struct Arguments(Vec<(String, String)>);

impl Arguments {
    fn of(text: &str) -> Arguments {
        let text = text.trim().trim_start_matches('=');
        // The editor of some versions wrote typographic quotes.
        let text = text
            .replace("&#8221;", "\"")
            .replace("&#8220;", "\"")
            .replace(['”', '“', '″'], "\"");
        let text = text
            .replace("&amp;", "&")
            .replace("&#038;", "&")
            .replace("&quot;", "\"");
        let arguments = ARGUMENT.captures_iter(&text).map(|found| {
            let name = found
                .get(1)
                .map_or("", |name| name.as_str())
                .to_ascii_lowercase();
            let value = (2..8)
                .find_map(|group| found.get(group))
                .map_or("", |value| value.as_str());
            (name, value.to_owned())
        });
        Arguments(arguments.collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    fn first_of(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Returns whether there is an argument with a name.
    fn has_names(&self) -> bool {
        self.0.iter().any(|(name, _)| !name.is_empty())
    }
}

impl Converter<'_> {
    /// Replaces the shortcodes of a text.
    pub(super) fn replace_shortcodes(&mut self, text: &str) -> String {
        if !text.contains('[') {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        let mut budget = MAX_SEARCHED;
        while let Some(found) = TAG.captures_at(text, at) {
            let Some(whole) = found.get(0) else { break };
            out.push_str(&text[at..whole.start()]);
            let (name, inner) = (found[3].to_ascii_lowercase(), &found[4]);
            let is_escaped = &found[1] == "[" && &found[6] == "]";
            let is_known = LINKS.contains(&name.as_str()) || OTHERS.contains(&name.as_str());
            at = whole.end();
            if is_escaped {
                let shown = whole.as_str();
                out.push_str(&shown[1..shown.len() - 1]);
                continue;
            }
            let is_opening = found[2].is_empty() && found[5].is_empty();
            let end = is_opening
                .then(|| closing_tag(text, at, &name, &mut budget))
                .flatten();
            if !is_known || !found[2].is_empty() {
                if found[2].is_empty() && (end.is_some() || Arguments::of(inner).has_names()) {
                    self.name_shortcode(&name);
                }
                out.push_str(whole.as_str());
                continue;
            }
            let content = end.map(|(start, _)| &text[at..start]);
            match self.shortcode(&name, &Arguments::of(inner), content) {
                Some(html) => {
                    // A second bracket is text.
                    out.push_str(&found[1]);
                    out.push_str("\n\n");
                    out.push_str(&html);
                    out.push_str("\n\n");
                    out.push_str(&found[6]);
                    at = end.map_or(at, |(_, end)| end);
                }
                None => {
                    self.name_shortcode(&name);
                    out.push_str(whole.as_str());
                }
            }
        }
        out.push_str(&text[at..]);
        out
    }

    fn shortcode(
        &mut self,
        name: &str,
        arguments: &Arguments,
        content: Option<&str>,
    ) -> Option<String> {
        match name {
            "caption" | "wp_caption" => Some(caption(arguments, content?)),
            "gallery" | "playlist" if self.left == 0 => None,
            "gallery" => {
                let html = self.gallery(arguments);
                Some(html).filter(|html| self.may_add(html.len()))
            }
            "playlist" => {
                let html = self.playlist(arguments);
                Some(html).filter(|html| self.may_add(html.len()))
            }
            "audio" => player("audio", arguments, content, AUDIO),
            "video" => player("video", arguments, content, VIDEO),
            "code" | "sourcecode" => Some(code(arguments, content?)),
            _ => {
                let value = content.filter(|content| !content.trim().is_empty());
                let value = value
                    .or_else(|| arguments.first_of(&["", "url", "src", "id", "video", "v"]))?;
                embeds::of_shortcode(name, value.trim())
            }
        }
    }

    /// Returns the attachments that a gallery or a playlist shows: those it names, or those of the post.
    fn attachments(&self, arguments: &Arguments) -> Vec<&Attachment> {
        let named = arguments.first_of(&["ids", "include"]);
        match named {
            Some(ids) => {
                let ids = ids.split(',').map(str::trim);
                ids.filter_map(|id| self.lookup.attachment(id)).collect()
            }
            None => {
                let excluded: Vec<&str> = arguments
                    .get("exclude")
                    .unwrap_or_default()
                    .split(',')
                    .map(str::trim)
                    .collect();
                let of_post = self
                    .lookup
                    .children_of(arguments.get("id").unwrap_or(self.post));
                of_post
                    .filter(|(id, _)| !excluded.contains(id))
                    .map(|(_, attachment)| attachment)
                    .collect()
            }
        }
    }

    fn gallery(&self, arguments: &Arguments) -> String {
        let mut html = String::new();
        for picture in self
            .attachments(arguments)
            .into_iter()
            .filter(|attachment| attachment.is_picture())
        {
            html.push_str(&format!(
                "<figure><img src=\"{}\" alt=\"{}\">",
                escape(&picture.url),
                escape(&picture.alt)
            ));
            if !picture.caption.trim().is_empty() {
                html.push_str(&format!(
                    "<figcaption>{}</figcaption>",
                    picture.caption.trim()
                ));
            }
            html.push_str("</figure>\n");
        }
        html
    }

    fn playlist(&self, arguments: &Arguments) -> String {
        let wanted = if arguments.get("type") == Some("video") {
            "video"
        } else {
            "audio"
        };
        let mut html = String::new();
        for recording in self.attachments(arguments) {
            if recording.kind() != wanted {
                continue;
            }
            html.push_str(&format!(
                "<p>{}</p>\n<{wanted} controls src=\"{}\"></{wanted}>\n",
                escape(&recording.title),
                escape(&recording.url)
            ));
        }
        html
    }
}

/// Finds `[/name]` after a position, before the next `[name`. Returns where it begins and ends.
fn closing_tag(text: &str, from: usize, name: &str, budget: &mut usize) -> Option<(usize, usize)> {
    let mut at = from;
    while let Some(found) = text[at..].find('[') {
        let start = at + found;
        *budget = budget.checked_sub(found + 1)?;
        let rest = &text[start + 1..];
        let starts_with = |rest: &str| {
            rest.get(..name.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(name))
        };
        if let Some(end) = rest.strip_prefix('/').filter(|rest| starts_with(rest)) {
            if end[name.len()..].starts_with(']') {
                return Some((start, start + 2 + name.len() + 1));
            }
        } else if starts_with(rest) && rest[name.len()..].starts_with([']', ' ', '=']) {
            return None;
        }
        at = start + 1;
    }
    *budget = budget.saturating_sub(text.len() - at);
    None
}

/// A picture with its caption, which is an argument in old texts.
fn caption(arguments: &Arguments, content: &str) -> String {
    let content = content.trim();
    let mut picture_end = 0;
    let mut at = 0;
    let mut link = false;
    for token in tokens(content) {
        at += token.raw().len();
        match token {
            Token::Start(tag) if tag.is("a") => link = true,
            Token::Start(tag) if tag.is("img") && !link => {
                picture_end = at;
                break;
            }
            Token::End(tag) if tag.is("a") => {
                picture_end = at;
                break;
            }
            _ => {}
        }
    }
    let (picture, text) = content.split_at(picture_end);
    let text = match text.trim() {
        "" => arguments.get("caption").unwrap_or_default(),
        text => text,
    };
    if text.is_empty() {
        return format!("<figure>{picture}</figure>");
    }
    format!("<figure>{picture}<figcaption>{text}</figcaption></figure>")
}

fn player(
    element: &str,
    arguments: &Arguments,
    content: Option<&str>,
    formats: &[&str],
) -> Option<String> {
    let inner = content
        .map(str::trim)
        .filter(|content| content.starts_with("http"));
    let source = arguments
        .first_of(formats)
        .or_else(|| arguments.get(""))
        .or(inner)?;
    // The old player takes several files, and options after them.
    let source = source.split(['|', ',']).next()?.trim();
    if let Some(link) = embeds::paragraph_of(source) {
        return Some(link);
    }
    let poster = arguments
        .get("poster")
        .map(|poster| format!(" poster=\"{}\"", escape(poster)));
    Some(format!(
        "<{element} controls src=\"{}\"{}></{element}>",
        escape(source),
        poster.unwrap_or_default()
    ))
}

fn code(arguments: &Arguments, content: &str) -> String {
    let language = arguments.first_of(&["language", "lang"]);
    let class = language.map(|language| format!(" class=\"language-{}\"", escape(language)));
    // Some versions store code escaped, others as it is.
    let is_escaped = content.contains("&lt;") || content.contains("&gt;");
    let content = content.trim_matches('\n');
    let content = if is_escaped {
        content.replace('<', "&lt;")
    } else {
        escape(content)
    };
    format!(
        "<pre><code{}>{content}</code></pre>",
        class.unwrap_or_default()
    )
}
