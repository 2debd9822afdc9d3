//! The form for comments without an account.

use super::links::reply_form;
use crate::{
    config::GuestPolicy,
    content::CommentPolicy,
    node::tokens::Purpose,
    store::{self, Article},
    web::{
        app::{App, own_link},
        views::CommentForm,
    },
};

/// How long a form can be sent after it was shown, in milliseconds.
const FORM_LIFETIME: i64 = 24 * 60 * 60 * 1000;

/// Returns whether guests can comment on an article.
pub(crate) fn is_open_to_guests(app: &App, article: &Article) -> bool {
    let comments = &app.node.config.comments;
    let policy = article.comment_policy(comments.terms());
    comments.guests != GuestPolicy::Closed
        && article.is_visible()
        && matches!(policy, CommentPolicy::Open | CommentPolicy::Moderated)
}

/// Returns the form for an article's page, if guests can comment on it. It is the same for all readers, so that the page
/// can be cached. It can be sent for a day.
pub(super) fn article_form(app: &App, article: &Article) -> Option<CommentForm> {
    is_open_to_guests(app, article).then(|| empty_form(app, article))
}

/// Returns an empty form. Its token contains the article and the time.
pub(crate) fn empty_form(app: &App, article: &Article) -> CommentForm {
    let now = store::now();
    let text = format!("{} {now}", article.uid);
    CommentForm {
        action: own_link(&format!("/articles/{}/comments", article.uid)),
        token: app
            .node
            .tokens
            .sign(Purpose::Form, &text, now + FORM_LIFETIME),
        parent: 0,
        returning: Some(reply_form(article, 0)),
        name: String::new(),
        mail: String::new(),
        site: String::new(),
        text: String::new(),
        wants_replies: false,
        can_mail: app.node.config.mail.server.is_some(),
        problems: Vec::new(),
    }
}

/// The time in the token of a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormTime {
    /// Milliseconds since 1970.
    ShownAt(i64),
    /// The token is invalid, expired, or for another article.
    Unknown,
}

/// Reads the token of a form for an article.
pub(crate) fn form_time(app: &App, article: &Article, token: &str) -> FormTime {
    let text = app.node.tokens.read(Purpose::Form, token, store::now());
    let time = text.as_deref().and_then(|text| {
        let (uid, time) = text.split_once(' ')?;
        (uid == article.uid).then(|| time.parse().ok())?
    });
    time.map_or(FormTime::Unknown, FormTime::ShownAt)
}
