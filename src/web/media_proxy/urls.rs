//! The addresses of copies on pages.

use crate::{
    content::{Html, extras::Emoji},
    node::tokens::Tokens,
    web::views::Link,
};

/// Returns the address of the copy of an actor's avatar. `url` is that of the original.
pub(crate) fn avatar(tokens: &Tokens, actor_id: i64, url: &str) -> Option<Link> {
    let version = version(tokens, url);
    Link::parse(&format!("/pictures/avatars/{actor_id}{version}"))
}

/// Returns the address of the copy of a comment's picture.
pub(crate) fn attachment(
    tokens: &Tokens,
    comment_id: i64,
    number: usize,
    url: &str,
) -> Option<Link> {
    let version = version(tokens, url);
    Link::parse(&format!(
        "/pictures/comments/{comment_id}/{number}{version}"
    ))
}

/// Returns the address of the copy of a custom emoji in a comment.
pub(crate) fn comment_emoji(
    tokens: &Tokens,
    comment_id: i64,
    known: &[Emoji],
    name: &str,
) -> Option<String> {
    emoji(tokens, "emoji", comment_id, known, name)
}

/// Returns the address of the copy of a custom emoji in an actor's name.
pub(crate) fn name_emoji(
    tokens: &Tokens,
    actor_id: i64,
    known: &[Emoji],
    name: &str,
) -> Option<String> {
    emoji(tokens, "names", actor_id, known, name)
}

/// Renders a reaction's emoji, with the copy of its picture if `url` is known.
pub(crate) fn reaction(tokens: &Tokens, id: i64, url: Option<&str>, text: &str) -> Html {
    let address = |url: &str| format!("/pictures/reactions/{id}{}", version(tokens, url));
    Html::from_text(text).with_emoji(|_| url.map(address))
}

fn emoji(tokens: &Tokens, folder: &str, id: i64, known: &[Emoji], name: &str) -> Option<String> {
    let number = known.iter().position(|emoji| emoji.name == name)?;
    let version = version(tokens, &known[number].url);
    Some(format!("/pictures/{folder}/{id}/{number}{version}"))
}

/// Returns a query that differs for each original, so that browsers may cache each copy.
fn version(tokens: &Tokens, url: &str) -> String {
    format!("?v={}", &tokens.hash(url)[..8])
}
