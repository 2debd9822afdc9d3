//! Frames, embedded objects and scripts of other sites, which become links.

use crate::content::html::{
    escape::{self, push_attribute, push_text},
    tokens::{self, Tag, Token},
};
use url::Url;

/// Replaces the frames in a text of the site's authors by links to what they show. All else stays.
pub(super) fn replace(html: &str) -> String {
    const EMBEDS: [&str; 5] = ["<iframe", "<embed", "<object", "<script", "<center"];
    let lower = html.to_ascii_lowercase();
    if !EMBEDS.iter().any(|embed| lower.contains(embed)) {
        return html.to_owned();
    }
    let mut out = String::with_capacity(html.len());
    let mut skipped: Option<String> = None;
    tokens::read_own(html, |token| match token {
        Token::Start(tag) => {
            if let Some(address) = address_of(&tag) {
                let address = escape::escape(&address);
                out.push_str(&format!("<p><a href=\"{address}\">{address}</a></p>"));
            }
            match tag.name.as_str() {
                "iframe" | "script" | "style" if !tag.self_closing => skipped = Some(tag.name),
                "iframe" | "script" | "style" | "embed" | "object" | "param" => {}
                "center" => out.push_str("<div>"),
                _ => push_start(&mut out, &tag),
            }
        }
        Token::End(name) => match name.as_str() {
            _ if skipped.as_ref() == Some(&name) => skipped = None,
            "embed" | "object" | "param" | "script" | "iframe" | "style" => {}
            "center" => out.push_str("</div>"),
            name => out.push_str(&format!("</{name}>")),
        },
        Token::Text(text) if skipped.is_none() => push_text(&mut out, &text),
        Token::Text(_) => {}
    });
    out
}

/// Appends a start tag with all attributes.
pub(super) fn push_start(out: &mut String, tag: &Tag) {
    out.push('<');
    out.push_str(&tag.name);
    for (name, value) in &tag.attributes {
        push_attribute(out, name, value);
    }
    out.push('>');
}

/// Returns the address of what a frame or a script shows.
fn address_of(tag: &Tag) -> Option<String> {
    let source = match tag.name.as_str() {
        "iframe" => tag.get("src").filter(|source| *source != "about:blank"),
        "embed" => tag.get("src"),
        "object" => tag.get("data"),
        "script" => {
            return tag
                .get("src")
                .and_then(|source| source.strip_suffix(".js"))
                .filter(|source| source.starts_with("https://gist.github.com/"))
                .map(str::to_owned);
        }
        _ => None,
    };
    let source = source.or_else(|| tag.get("data-src").filter(|_| tag.name == "iframe"))?;
    let source = match source.strip_prefix("//") {
        Some(rest) => format!("https://{rest}"),
        None => source.to_owned(),
    };
    let url = Url::parse(&source).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| page_of(&url))
}

/// Returns the page of a video whose player has this address; of anything else the address itself.
fn page_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let parts: Vec<&str> = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    match (host, parts.as_slice()) {
        ("youtube.com" | "youtube-nocookie.com", ["embed" | "v", id]) if *id != "videoseries" => {
            let id = id.split('&').next().unwrap_or(id);
            format!("https://www.youtube.com/watch?v={id}")
        }
        ("player.vimeo.com", ["video", id]) => format!("https://vimeo.com/{id}"),
        _ => url.to_string(),
    }
}
