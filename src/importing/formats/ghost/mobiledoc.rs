//! Posts in Mobiledoc, the form in which Ghost 1 to 4 store them, for those without HTML.

use super::cards;
use crate::content::html::escape;
use serde_json::Value;

/// The elements that markups and sections may be.
const MARKUPS: &[&str] = &[
    "a", "b", "code", "em", "i", "mark", "s", "strong", "sub", "sup", "u", "del",
];
const SECTIONS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "aside",
];

/// Converts a post to HTML. Returns `None` if it is no Mobiledoc.
pub(super) fn to_html(mobiledoc: &str) -> Option<String> {
    let document: Value = serde_json::from_str(mobiledoc).ok()?;
    let sections = document.get("sections")?.as_array()?;
    Some(
        sections
            .iter()
            .map(|section| html(&document, section))
            .collect(),
    )
}

fn html(document: &Value, section: &Value) -> String {
    let named = |at: usize| section.get(at).and_then(Value::as_str).unwrap_or_default();
    match section.get(0).and_then(Value::as_u64) {
        Some(1) => {
            let name = match named(1) {
                "aside" => "blockquote",
                "pull-quote" => "blockquote",
                name if SECTIONS.contains(&name) => name,
                _ => "p",
            };
            let content = markers(document, section.get(2));
            format!("<{name}>{content}</{name}>")
        }
        Some(2) => format!("<p><img src=\"{}\" alt=\"\"></p>", escape(named(1))),
        Some(3) => {
            let name = if named(1) == "ol" { "ol" } else { "ul" };
            let items = section.get(2).and_then(Value::as_array);
            let items: String = items
                .into_iter()
                .flatten()
                .map(|item| format!("<li>{}</li>", markers(document, Some(item))))
                .collect();
            format!("<{name}>{items}</{name}>")
        }
        Some(10) => {
            let card = part(document, "cards", section.get(1));
            let name = card.and_then(|card| card.get(0)?.as_str());
            let payload = card.and_then(|card| card.get(1)).unwrap_or(&Value::Null);
            name.map_or_else(String::new, |name| cards::html(name, payload))
        }
        _ => String::new(),
    }
}

/// Returns an element of one of the lists at the top, by its index.
fn part<'a>(document: &'a Value, list: &str, index: Option<&Value>) -> Option<&'a Value> {
    let index = usize::try_from(index?.as_u64()?).ok()?;
    document.get(list)?.get(index)
}

/// Converts the texts of a section: `[kind, opened markups, number of closed markups, text]`.
fn markers(document: &Value, markers: Option<&Value>) -> String {
    let mut html = String::new();
    let mut open: Vec<&str> = Vec::new();
    for marker in markers.and_then(Value::as_array).into_iter().flatten() {
        let opened = marker.get(1).and_then(Value::as_array);
        for index in opened.into_iter().flatten() {
            let markup = part(document, "markups", Some(index));
            let name = markup.and_then(|markup| markup.get(0)?.as_str());
            let name = name
                .filter(|name| MARKUPS.contains(name))
                .unwrap_or_default();
            match (name, markup.and_then(|markup| href(markup.get(1)?))) {
                ("", _) => {}
                ("a", Some(href)) => html.push_str(&format!("<a href=\"{}\">", escape(href))),
                (name, _) => html.push_str(&format!("<{name}>")),
            }
            open.push(name);
        }
        match marker.get(0).and_then(Value::as_u64) {
            Some(1) => {
                let atom = part(document, "atoms", marker.get(3));
                let name = atom.and_then(|atom| atom.get(0)?.as_str());
                let text = atom.and_then(|atom| atom.get(1)?.as_str());
                html.push_str(&match name {
                    Some("soft-return") => "<br>".to_owned(),
                    _ => escape(text.unwrap_or_default()),
                });
            }
            _ => html.push_str(&escape(
                marker.get(3).and_then(Value::as_str).unwrap_or_default(),
            )),
        }
        let closed = marker.get(2).and_then(Value::as_u64).unwrap_or(0);
        for _ in 0..closed.min(open.len() as u64) {
            if let Some(name) = open.pop().filter(|name| !name.is_empty()) {
                html.push_str(&format!("</{name}>"));
            }
        }
    }
    for name in open.into_iter().rev().filter(|name| !name.is_empty()) {
        html.push_str(&format!("</{name}>"));
    }
    html
}

/// Returns the address in the attributes of a markup, a list of names and values in turn.
fn href(attributes: &Value) -> Option<&str> {
    let attributes = attributes.as_array()?;
    attributes
        .chunks(2)
        .find(|pair| pair.first().and_then(Value::as_str) == Some("href"))
        .and_then(|pair| pair.get(1)?.as_str())
}
