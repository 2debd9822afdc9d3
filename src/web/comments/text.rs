//! Texts of comments and names of their authors, with the pictures of custom emoji.

use crate::{
    content::{Html, extras::Emoji},
    federation::comments::text::most_characters,
    web::{app::App, media_proxy::urls},
};

/// Returns the part of a stored text that pages show, and whether the text is longer.
pub(crate) fn shown_text(app: &App, content: &str) -> (Html, bool) {
    let whole = Html::from_stored(content.to_owned());
    match whole.truncated(most_characters(&app.node)) {
        Some(shortened) => (shortened, true),
        None => (whole, false),
    }
}

/// Renders a comment's text with the pictures of its custom emoji.
pub(crate) fn show_emoji(app: &App, comment_id: i64, emoji: &[Emoji], html: Html) -> Html {
    if emoji.is_empty() {
        return html;
    }
    html.with_emoji(|name| urls::comment_emoji(&app.node.tokens, comment_id, emoji, name))
}

/// Renders the name of an actor with the pictures of its custom emoji.
pub(crate) fn name_with_emoji(app: &App, name: &str, actor_id: i64, emoji: Option<&str>) -> Html {
    let plain = Html::from_text(name);
    let emoji: Vec<Emoji> = emoji
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default();
    if emoji.is_empty() {
        return plain;
    }
    plain.with_emoji(|name| urls::name_emoji(&app.node.tokens, actor_id, &emoji, name))
}
