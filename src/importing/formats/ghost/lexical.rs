//! Posts in Lexical, the form in which Ghost 5 and 6 store them, for those without HTML.

use super::{
    super::json_values::{list, number, text},
    cards,
};
use crate::content::html::escape;
use serde_json::Value;

/// The bits of a text's format, with their elements.
const FORMATS: [(i64, &str); 8] = [
    (1, "strong"),
    (2, "em"),
    (4, "s"),
    (8, "u"),
    (16, "code"),
    (32, "sub"),
    (64, "sup"),
    (128, "mark"),
];

/// Converts a post to HTML. Returns `None` if it is no Lexical.
pub(super) fn to_html(lexical: &str) -> Option<String> {
    let document: Value = serde_json::from_str(lexical).ok()?;
    let root = document.get("root")?;
    Some(children(root))
}

fn children(node: &Value) -> String {
    list(node, "children").iter().map(html).collect()
}

fn html(node: &Value) -> String {
    let kind = text(node, "type").unwrap_or_default();
    let within = |name: &str| format!("<{name}>{}</{name}>", children(node));
    match kind.as_str() {
        "text" | "extended-text" | "tk" => formatted(node),
        "tab" => " ".to_owned(),
        "linebreak" | "extended-linebreak" => "<br>".to_owned(),
        "paragraph" => within("p"),
        "heading" | "extended-heading" => {
            let level = text(node, "tag")
                .filter(|tag| matches!(tag.as_str(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6"));
            within(level.as_deref().unwrap_or("h2"))
        }
        "quote" | "extended-quote" | "aside" => within("blockquote"),
        "link" | "autolink" | "at-link" => {
            let url = text(node, "url").unwrap_or_default();
            format!("<a href=\"{}\">{}</a>", escape(&url), children(node))
        }
        "list" => list_html(node),
        "listitem" => within("li"),
        "zwnj" | "at-link-search" => String::new(),
        _ if node.get("children").is_some_and(Value::is_array) => children(node),
        name => cards::html(name, node),
    }
}

/// An item that has only a list continues the item before it.
fn list_html(node: &Value) -> String {
    let is_ordered = text(node, "listType").as_deref() == Some("number")
        || text(node, "tag").as_deref() == Some("ol");
    let mut items: Vec<String> = Vec::new();
    for item in list(node, "children") {
        let content = children(item);
        let first = list(item, "children").first();
        let is_nested = first.and_then(|first| text(first, "type")).as_deref() == Some("list");
        match items.last_mut().filter(|_| is_nested) {
            Some(last) => last.push_str(&content),
            None => items.push(content),
        }
    }
    let items: String = items
        .iter()
        .map(|item| format!("<li>{item}</li>"))
        .collect();
    match (is_ordered, number(node, "start")) {
        (true, Some(start)) if start > 1 => format!("<ol start=\"{start}\">{items}</ol>"),
        (true, _) => format!("<ol>{items}</ol>"),
        (false, _) => format!("<ul>{items}</ul>"),
    }
}

fn formatted(node: &Value) -> String {
    // Spaces are text here, unlike elsewhere.
    let text = node.get("text").and_then(Value::as_str).unwrap_or_default();
    let format = number(node, "format").unwrap_or(0);
    let mut html = escape(text);
    for (bit, name) in FORMATS.iter().rev() {
        if format & bit != 0 {
            html = format!("<{name}>{html}</{name}>");
        }
    }
    html
}
