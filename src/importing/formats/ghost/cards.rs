//! Cards: what is not plain text in a post of Ghost's. They become HTML that needs no style sheet and no script.

use super::super::json_values::{list, text};
use crate::content::html::escape;
use comrak::{Options, markdown_to_html};
use serde_json::Value;

/// Converts a card. `name` is its type in Lexical or Mobiledoc; both name its values in the same way. A card that is for
/// mails only, or for signing up, is left out; of an unknown one the text remains.
pub(super) fn html(name: &str, card: &Value) -> String {
    match name {
        "image" => picture(card),
        "gallery" => gallery(card),
        "bookmark" => bookmark(card),
        "embed" | "transistor" => embed(card),
        "html" => text(card, "html").unwrap_or_default(),
        "markdown" | "card-markdown" => markdown(card),
        "codeblock" | "code" => code(card),
        "callout" => callout(card),
        "toggle" => {
            let heading = value(card, "heading");
            format!(
                "<p><strong>{heading}</strong></p>{}",
                value(card, "content")
            )
        }
        "button" => button(card, "buttonUrl", "buttonText"),
        "audio" | "video" => player(name, card),
        "file" => file(card),
        "product" => product(card),
        "header" => header(card),
        "call-to-action" => {
            let image = match text(card, "imageUrl") {
                Some(src) => format!("<p><img src=\"{}\" alt=\"\"></p>", escape(&src)),
                None => String::new(),
            };
            let button = button(card, "buttonUrl", "buttonText");
            format!("{image}{}{button}", value(card, "textValue"))
        }
        "horizontalrule" | "hr" => "<hr>".to_owned(),
        "email" | "email-cta" | "paywall" | "signup" => String::new(),
        _ => unknown(card),
    }
}

/// Returns a value that is HTML.
fn value(card: &Value, name: &str) -> String {
    text(card, name).unwrap_or_default()
}

/// Returns a value that is text, escaped.
fn escaped(card: &Value, name: &str) -> String {
    escape(&value(card, name))
}

/// Wraps content in a figure with the card's caption, which is HTML.
fn figure(content: &str, card: &Value) -> String {
    match text(card, "caption") {
        Some(caption) => format!("<figure>{content}<figcaption>{caption}</figcaption></figure>"),
        None => format!("<figure>{content}</figure>"),
    }
}

fn img(card: &Value) -> Option<String> {
    let src = escape(&text(card, "src")?);
    let title = match text(card, "title") {
        Some(title) => format!(" title=\"{}\"", escape(&title)),
        None => String::new(),
    };
    let img = format!(
        "<img src=\"{src}\" alt=\"{}\"{title}>",
        escaped(card, "alt")
    );
    Some(match text(card, "href") {
        Some(href) => format!("<a href=\"{}\">{img}</a>", escape(&href)),
        None => img,
    })
}

fn picture(card: &Value) -> String {
    img(card).map_or_else(String::new, |img| figure(&img, card))
}

fn gallery(card: &Value) -> String {
    let pictures: String = list(card, "images").iter().filter_map(img).collect();
    match pictures.is_empty() {
        true => pictures,
        false => figure(&pictures, card),
    }
}

fn bookmark(card: &Value) -> String {
    let Some(url) = text(card, "url") else {
        return String::new();
    };
    // Mobiledoc has the values in `metadata`.
    let empty = Value::Null;
    let metadata = card.get("metadata").unwrap_or(&empty);
    let of = |name| text(card, name).or_else(|| text(metadata, name));
    let title = of("title").unwrap_or_else(|| url.clone());
    let mut html = format!("<p><a href=\"{}\">{}</a>", escape(&url), escape(&title));
    if let Some(description) = of("description") {
        html.push_str("<br>");
        html.push_str(&escape(&description));
    }
    html.push_str("</p>");
    html.push_str(&caption(card));
    html
}

/// Returns the card's caption as a paragraph of its own.
fn caption(card: &Value) -> String {
    match text(card, "caption") {
        Some(caption) => format!("<p>{caption}</p>"),
        None => String::new(),
    }
}

/// Converts an embedded page to a link in a paragraph of its own. What is no frame, such as a quoted post, stays; so does a
/// frame whose page is unknown, which the importer replaces.
fn embed(card: &Value) -> String {
    let html = value(card, "html");
    let content = match text(card, "url").map(|url| escape(&url)) {
        Some(url) if !html.contains("<blockquote") => format!("<p><a href=\"{url}\">{url}</a></p>"),
        _ => html,
    };
    content + &caption(card)
}

fn markdown(card: &Value) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    // The importer sanitizes all HTML.
    options.render.r#unsafe = true;
    markdown_to_html(&value(card, "markdown"), &options)
}

fn code(card: &Value) -> String {
    let language = match text(card, "language") {
        Some(language) => format!(" class=\"language-{}\"", escape(&language)),
        None => String::new(),
    };
    format!(
        "<pre><code{language}>{}</code></pre>{}",
        escaped(card, "code"),
        caption(card)
    )
}

fn callout(card: &Value) -> String {
    let emoji = escaped(card, "calloutEmoji");
    let text = value(card, "calloutText");
    format!(
        "<blockquote><p>{}</p></blockquote>",
        format!("{emoji} {text}").trim()
    )
}

fn button(card: &Value, url: &str, label: &str) -> String {
    let Some(url) = text(card, url) else {
        return String::new();
    };
    let label = text(card, label).unwrap_or_else(|| url.clone());
    format!("<p><a href=\"{}\">{}</a></p>", escape(&url), escape(&label))
}

fn player(name: &str, card: &Value) -> String {
    let Some(src) = text(card, "src") else {
        return String::new();
    };
    let label = match text(card, "title") {
        Some(title) => format!(" aria-label=\"{}\"", escape(&title)),
        None => String::new(),
    };
    let player = format!("<{name} src=\"{}\"{label} controls></{name}>", escape(&src));
    format!("<p>{player}</p>{}", caption(card))
}

fn file(card: &Value) -> String {
    let Some(src) = text(card, "src") else {
        return String::new();
    };
    let name = text(card, "fileTitle").or_else(|| text(card, "fileName"));
    let name = name.unwrap_or_else(|| src.rsplit('/').next().unwrap_or_default().to_owned());
    let caption = match text(card, "fileCaption") {
        Some(caption) => format!("<br>{}", escape(&caption)),
        None => String::new(),
    };
    format!(
        "<p><a href=\"{}\">{}</a>{caption}</p>",
        escape(&src),
        escape(&name)
    )
}

fn product(card: &Value) -> String {
    let image = match text(card, "productImageSrc") {
        Some(src) => format!("<p><img src=\"{}\" alt=\"\"></p>", escape(&src)),
        None => String::new(),
    };
    format!(
        "{image}<h4>{}</h4>{}{}",
        value(card, "productTitle"),
        value(card, "productDescription"),
        button(card, "productUrl", "productButton")
    )
}

fn header(card: &Value) -> String {
    let mut html = String::new();
    if let Some(header) = text(card, "header") {
        html.push_str(&format!("<h2>{header}</h2>"));
    }
    if let Some(subheader) = text(card, "subheader") {
        html.push_str(&format!("<p>{subheader}</p>"));
    }
    html + &button(card, "buttonUrl", "buttonText")
}

/// Returns the text of a card that Ghost did not have when this was written.
fn unknown(card: &Value) -> String {
    ["html", "content", "text", "caption"]
        .iter()
        .find_map(|name| text(card, name))
        .map_or_else(String::new, |text| format!("<p>{text}</p>"))
}
