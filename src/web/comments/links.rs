//! Addresses of comments on article pages.

use crate::{
    node::urls::permalink_path,
    store::Article,
    web::{app::own_link, views::Link},
};

/// The comments with numbers up to this one are on the first page.
const FIRST_PAGE: i64 = 100;

/// Returns the path of an article's page.
pub(crate) fn path_of(article: &Article) -> String {
    permalink_path(article.published_at, &article.slug)
}

/// Returns the page with the form for replies to a comment, by its number. 0 is the article.
pub(super) fn reply_form(article: &Article, number: i64) -> Link {
    own_link(&format!("{}/reply/{number}", path_of(article)))
}

/// Returns the form by which readers report a comment, for the path of its article.
pub(super) fn report_form(path: &str, number: i64) -> Link {
    own_link(&format!("{path}/comments/{number}/report"))
}

/// Returns the path of a comment.
pub(crate) fn address_of(article: &Article, number: i64) -> String {
    address_at(&path_of(article), number)
}

/// Returns the path of a comment, for the path of its article.
pub(crate) fn address_at(path: &str, number: i64) -> String {
    if number <= FIRST_PAGE {
        return format!("{path}#comment-{number}");
    }
    format!("{path}?after={}#comment-{number}", number.saturating_sub(1))
}

/// Returns the path of a comment that was just edited, past the page cache, which may still have the former text.
pub(crate) fn address_of_edited(article: &Article, number: i64, time: i64) -> String {
    let path = path_of(article);
    let after = match number {
        ..=FIRST_PAGE => String::new(),
        _ => format!("&after={}", number.saturating_sub(1)),
    };
    format!("{path}?edited={time}{after}#comment-{number}")
}

/// Returns the path of a comment that was just posted. It differs from [`address_of`], because the page cache may still
/// have the page without the comment.
pub(crate) fn address_of_new(article: &Article, number: i64) -> String {
    let path = path_of(article);
    if number <= FIRST_PAGE {
        return format!("{path}?posted={number}#comment-{number}");
    }
    address_of(article, number)
}
