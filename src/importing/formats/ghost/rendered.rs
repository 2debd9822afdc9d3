//! HTML that Ghost rendered: its cards are read back, and written as simpler HTML.

use super::cards;
use crate::{
    content::html::{Tag, escape},
    importing::formats::html::{Element, Tokens},
};
use serde_json::{Value, json};

/// Simplifies the HTML of a post.
pub(super) fn simplified(html: &str) -> String {
    if !html.contains("kg-") {
        return html.to_owned();
    }
    Tokens::read(html).rewritten(|tag, element| {
        let class = tag.get("class").filter(|class| class.contains("kg-"))?;
        let name = class
            .split_ascii_whitespace()
            .find_map(|class| class.strip_prefix("kg-")?.strip_suffix("-card"))?;
        card(name, element).map(|(name, card)| cards::html(name, &card))
    })
}

/// Reads a card. One that is readable as it is yields `None`.
fn card(name: &str, element: Element<'_>) -> Option<(&'static str, Value)> {
    Some(match name {
        "gallery" => ("gallery", gallery(element)),
        "bookmark" => ("bookmark", bookmark(element)),
        "embed" => ("embed", embed(element)),
        "callout" => (
            "callout",
            json!({
                "calloutEmoji": element.text_of("kg-callout-emoji"),
                "calloutText": element.html_of("kg-callout-text"),
            }),
        ),
        "toggle" => (
            "toggle",
            json!({
                "heading": element.html_of("kg-toggle-heading-text"),
                "content": element.html_of("kg-toggle-content"),
            }),
        ),
        "button" => {
            let link = element.find(|tag| tag.name == "a");
            (
                "button",
                json!({
                    "buttonUrl": attribute(link.map(|(tag, _)| tag), "href"),
                    "buttonText": link.map(|(_, link)| link.text()),
                }),
            )
        }
        "audio" | "video" => {
            let player = element.find(|tag| matches!(tag.name.as_str(), "audio" | "video"));
            let name = if name == "audio" { "audio" } else { "video" };
            let card = json!({
                "src": attribute(player.map(|(tag, _)| tag), "src"),
                "title": element.text_of("kg-audio-title"),
                "caption": caption(element),
            });
            (name, card)
        }
        "file" => (
            "file",
            json!({
                "src": attribute(element.find(|tag| tag.name == "a").map(|(tag, _)| tag), "href"),
                "fileTitle": element.text_of("kg-file-card-title"),
                "fileCaption": element.text_of("kg-file-card-caption"),
                "fileName": element.text_of("kg-file-card-filename"),
            }),
        ),
        "product" => (
            "product",
            json!({
                "productImageSrc": attribute(tag_of(element, "kg-product-card-image"), "src"),
                "productTitle": element.html_of("kg-product-card-title"),
                "productDescription": element.html_of("kg-product-card-description"),
                "productUrl": attribute(tag_of(element, "kg-product-card-button"), "href"),
                "productButton": element.text_of("kg-product-card-button"),
            }),
        ),
        "header" => ("header", header(element)),
        // Whatever readers can't use without an account there.
        "signup" => ("signup", Value::Null),
        _ => return None,
    })
}

fn gallery(element: Element<'_>) -> Value {
    let images: Vec<Value> = element
        .find_all(|tag| tag.name == "img")
        .map(|(img, _)| json!({ "src": img.get("src"), "alt": img.get("alt") }))
        .collect();
    json!({ "images": images, "caption": caption(element) })
}

fn bookmark(element: Element<'_>) -> Value {
    json!({
        "url": attribute(element.find(|tag| tag.name == "a").map(|(tag, _)| tag), "href"),
        "title": element.text_of("kg-bookmark-title"),
        "description": element.text_of("kg-bookmark-description"),
        "caption": caption(element),
    })
}

/// The caption of a frame must not keep it from being a paragraph of its own.
fn embed(element: Element<'_>) -> Value {
    let frame = attribute(
        element.find(|tag| tag.name == "iframe").map(|(tag, _)| tag),
        "src",
    );
    let html = match frame {
        Some(src) => format!("<iframe src=\"{}\"></iframe>", escape(&src)),
        None => element
            .find(|tag| tag.name == "blockquote")
            .map_or_else(String::new, |(_, quote)| {
                format!("<blockquote>{}</blockquote>", quote.inner_html())
            }),
    };
    json!({ "html": html, "caption": caption(element) })
}

/// Versions 1 and 2 of this card have different names for its parts.
fn header(element: Element<'_>) -> Value {
    let either = |one: &str, other: &str| {
        let html = element.html_of(one);
        if html.is_empty() {
            element.html_of(other)
        } else {
            html
        }
    };
    json!({
        "header": either("kg-header-card-header", "kg-header-card-heading"),
        "subheader": either("kg-header-card-subheader", "kg-header-card-subheading"),
        "buttonUrl": attribute(tag_of(element, "kg-header-card-button"), "href"),
        "buttonText": element.text_of("kg-header-card-button"),
    })
}

fn caption(element: Element<'_>) -> Option<String> {
    let (_, caption) = element.find(|tag| tag.name == "figcaption")?;
    Some(caption.inner_html())
}

fn tag_of<'a>(element: Element<'a>, class: &str) -> Option<&'a Tag> {
    element.find(|tag| tag.has_class(class)).map(|(tag, _)| tag)
}

fn attribute(tag: Option<&Tag>, name: &str) -> Option<String> {
    tag?.get(name).map(str::to_owned)
}
