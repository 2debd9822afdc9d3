//! The pages behind links in mails: a comment to decide on, and no more mails to a guest.

use askama::Template;

use super::{Author, Head, Link, NamedLink, PageKind, Site, Timestamp, VERSION};
use crate::content::Html;

/// A comment, and what can be done about it.
#[derive(Debug, Clone)]
pub struct Moderated {
    /// Where the forms go.
    pub address: String,
    /// Who wrote it.
    pub author: Author,
    /// What it is about.
    pub article: NamedLink,
    /// When it came.
    pub received: Timestamp,
    /// The comment on the server it came from.
    pub original: Option<Link>,
    /// Whether it is on the page, or why not.
    pub state: String,
    /// BCP 47 tag of its language, if it says so.
    pub language: Option<String>,
    /// Its content warning.
    pub content_warning: Option<String>,
    /// The text.
    pub content: Html,
    /// Whether the text is longer than that.
    pub is_shortened: bool,
    /// What makes it look like spam: points, and why.
    pub reasons: Vec<(i64, String)>,
    /// What was just done.
    pub done: Option<Decided>,
    /// Why nothing was done.
    pub problem: Option<String>,
    /// What can be decided.
    pub buttons: Vec<Choice>,
    /// Blocks of its author and of their server.
    pub block: Option<[Choice; 2]>,
    /// Whether it can be answered.
    pub can_reply: bool,
    /// Whether nothing of it is left.
    pub is_deleted: bool,
}

/// A button of a form.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What the form says when it is pressed.
    pub value: &'static str,
    /// What stands on it.
    pub label: String,
}

/// What was decided.
#[derive(Debug, Clone)]
pub struct Decided {
    /// In a sentence.
    pub text: String,
    /// How it is undone.
    pub undo: Option<Choice>,
}

/// The page on which the admin decides on a comment.
#[derive(Debug, Template)]
#[template(path = "moderate.html")]
pub struct ModeratePage<'a> {
    site: &'a Site,
    head: Head,
    comment: Moderated,
}

impl<'a> ModeratePage<'a> {
    /// The page of a comment; search engines leave it out.
    pub fn new(site: &'a Site, comment: Moderated) -> Self {
        Self {
            site,
            head: Head::unlisted("Decide on a comment"),
            comment,
        }
    }
}

/// The page on which a guest says that they want no more mails, or where that is confirmed.
#[derive(Debug, Template)]
#[template(path = "unsubscribe.html")]
pub struct UnsubscribePage<'a> {
    site: &'a Site,
    head: Head,
    is_done: bool,
}

impl<'a> UnsubscribePage<'a> {
    /// The page; search engines leave it out.
    pub fn new(site: &'a Site, is_done: bool) -> Self {
        Self {
            site,
            head: Head::unlisted("No more mails"),
            is_done,
        }
    }
}
