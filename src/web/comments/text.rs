//! Texts of comments and names of their authors, with the pictures of custom emoji.

use crate::{
    content::{Html, extras::Emoji, html::Mention},
    federation::comments::text::most_characters,
    store::{Comment, PageComment},
    web::{app::App, media_proxy::urls},
};

/// The author of the comment that another one replies to.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ParentAuthor<'a> {
    pub handle: Option<&'a str>,
    /// Their page.
    pub url: Option<&'a str>,
    /// The id of their actor.
    pub actor: Option<&'a str>,
}

impl<'a> ParentAuthor<'a> {
    pub(crate) fn of_row(row: &'a PageComment) -> Self {
        ParentAuthor {
            handle: row.parent_handle.as_deref(),
            url: row.parent_url.as_deref(),
            actor: row.parent_actor.as_deref(),
        }
    }

    pub(crate) fn of_comment(parent: &'a Comment) -> Self {
        ParentAuthor {
            handle: Some(&parent.author_handle),
            url: parent.author_url.as_deref(),
            actor: None,
        }
    }

    /// Returns whether a mention names this author.
    fn is_named_by(self, mention: &Mention) -> bool {
        let bare = |url: &str| url.trim_end_matches('/').to_ascii_lowercase();
        let is_handle = self
            .handle
            .is_some_and(|handle| !handle.is_empty() && handle.eq_ignore_ascii_case(&mention.text));
        match &mention.url {
            None => is_handle,
            Some(url) => [self.url, self.actor]
                .into_iter()
                .flatten()
                .any(|own| bare(own) == bare(url)),
        }
    }
}

/// Returns the part of a comment's text that pages and feeds show, and whether the text is longer. The leading mentions
/// of those who are answered are left out: actors of this site, and the author of the parent.
pub(crate) fn comment_text(app: &App, content: &str, parent: ParentAuthor<'_>) -> (Html, bool) {
    let (shown, is_shortened) = shown_text(app, content);
    let is_answered = |mention: &Mention| is_local(app, mention) || parent.is_named_by(mention);
    (shown.without_leading_mentions(is_answered), is_shortened)
}

/// Returns whether a mention names an actor of this site.
fn is_local(app: &App, mention: &Mention) -> bool {
    let urls = app.node.urls();
    if let Some(url) = &mention.url {
        return urls.actor_at(url).is_some();
    }
    let name = mention.text.trim_start_matches('@');
    match name.split_once('@') {
        Some((_, domain)) => urls.is_our_domain(domain),
        None => name.eq_ignore_ascii_case(app.node.config.site.username.as_str()),
    }
}

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
