//! Texts in feeds, in the language of what they are about.

use super::model::{Labels, representable};
use crate::{i18n::Locale, web::app::App};

/// Returns the title of the feed of a tag or an author.
pub(super) fn title_of_part(part: &str, site: &str) -> String {
    format!("{part} · {site}")
}

pub(super) fn title_of_comments(language: &str, article: &str) -> String {
    Locale::from_tag(language).text_with("feed-comments-title", &[("title", article.into())])
}

pub(super) fn title_of_comment(language: &str, number: i64, author: &str) -> String {
    let arguments = [
        ("number", number.to_string().into()),
        ("author", author.into()),
    ];
    Locale::from_tag(language).text_with("feed-comment-title", &arguments)
}

pub(super) fn warning(language: &str, warning: &str) -> String {
    Locale::from_tag(language).text_with("feed-content-warning", &[("warning", warning.into())])
}

/// Returns the line under the title for people: date and author.
pub(super) fn line(app: &App, language: &str, published: i64, author: &str) -> String {
    let zone = app.node.config.site.time_zone;
    let date = Locale::from_tag(language).date(representable(published), zone);
    format!("{date} · {author}")
}

/// Returns the texts above the entries for people.
pub(super) fn labels(language: &str) -> Labels {
    let text = |key| Locale::from_tag(language).text(key).into_owned();
    Labels {
        explanation: text("feed-explanation"),
        back: text("feed-open-page"),
    }
}
