//! The pages behind signed links in emails: moderation of a comment, and unsubscribing.

use crate::web::templates::Page;
use serde::Serialize;

use crate::content::Html;
use crate::web::views::{Author, Head, Link, NamedLink, Site, Timestamp};

/// A comment with the possible decisions.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ModeratedComment {
    /// The address to which the forms are sent.
    pub address: String,
    pub author: Author,
    pub article: NamedLink,
    pub received: Timestamp,
    /// The comment on its own server.
    pub original: Option<Link>,
    /// A sentence about its state, and the reason for it.
    pub state: String,
    /// BCP 47 tag of its language, if known.
    pub language: Option<String>,
    pub content_warning: Option<String>,
    pub content: Html,
    /// Whether `content` is only the beginning of the text.
    pub is_shortened: bool,
    /// The points of the spam score, with the reason for each.
    pub reasons: Vec<(i64, String)>,
    /// The decision that was just made.
    pub done: Option<DecisionNotice>,
    /// The reason why the last decision failed.
    pub problem: Option<String>,
    /// The possible decisions.
    pub buttons: Vec<DecisionButton>,
    /// The buttons that block its author and their server.
    pub block: Option<[DecisionButton; 2]>,
    /// Whether the admin can reply.
    pub can_reply: bool,
    /// Whether only a tombstone is left.
    pub is_deleted: bool,
}

/// A button of a form.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DecisionButton {
    /// The value that the form sends.
    pub value: &'static str,
    pub label: String,
}

/// A decision that was made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DecisionNotice {
    pub text: String,
    /// The button that revokes it.
    pub undo: Option<DecisionButton>,
}

/// The page on which the admin moderates a comment.
#[derive(Debug, Serialize)]
pub(crate) struct ModeratePage<'a> {
    site: &'a Site,
    head: Head,
    comment: ModeratedComment,
}

impl Page for ModeratePage<'_> {
    const TEMPLATE: &'static str = "moderate.html";
}

impl<'a> ModeratePage<'a> {
    /// Creates the page of a comment.
    pub(crate) fn new(site: &'a Site, comment: ModeratedComment) -> Self {
        Self {
            site,
            head: Head::unlisted(site.locale, site.locale.text("moderate-title")),
            comment,
        }
    }
}

/// The page on which a guest unsubscribes from emails, or its confirmation.
#[derive(Debug, Serialize)]
pub(crate) struct UnsubscribePage<'a> {
    site: &'a Site,
    head: Head,
    is_done: bool,
}

impl Page for UnsubscribePage<'_> {
    const TEMPLATE: &'static str = "unsubscribe.html";
}

impl<'a> UnsubscribePage<'a> {
    /// Creates the form, or the confirmation if it is done.
    pub(crate) fn new(site: &'a Site, is_done: bool) -> Self {
        Self {
            site,
            head: Head::unlisted(site.locale, site.locale.text("unsubscribe-title")),
            is_done,
        }
    }
}
