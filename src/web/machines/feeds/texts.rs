//! Texts in feeds.

use super::model::{Labels, representable};
use crate::web::app::App;

/// Returns the title of the feed of a tag or an author.
pub(super) fn title_of_part(part: &str, site: &str) -> String {
    format!("{part} · {site}")
}

pub(super) fn title_of_comments(_: &App, _language: &str, article: &str) -> String {
    format!("Comments on “{article}”")
}

pub(super) fn title_of_comment(_: &App, _language: &str, number: i64, author: &str) -> String {
    format!("Comment {number} by {author}")
}

pub(super) fn warning(_: &App, _language: &str, warning: &str) -> String {
    format!("Content warning: {warning}")
}

/// Returns the line under the title for people: date and author.
pub(super) fn line(_: &App, _language: &str, published: i64, author: &str) -> String {
    let date = representable(published).format("%-d %B %Y");
    format!("{date} · {author}")
}

/// Returns the texts above the entries for people.
pub(super) fn labels(_: &App, _language: &str) -> Labels {
    Labels {
        explanation:
            "This is a feed: copy its address into a feed reader, and new entries come to you."
                .into(),
        back: "Open the page".into(),
    }
}
