//! The pages on which guests see, edit and withdraw their comments, and on which readers report one.

use crate::web::views::{Head, Link, Quoted, Site, Timestamp};
use crate::{content::Html, web::templates::Page};
use serde::Serialize;

/// A comment on the page of a guest's own comments.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OwnComment {
    /// The title of the article.
    pub article: String,
    /// The page of the article.
    pub page: Link,
    /// The address of the comment, if it is visible.
    pub permalink: Option<Link>,
    /// `visible`, `held` or `unconfirmed`.
    pub state: &'static str,
    pub written: Timestamp,
    pub edited: Option<Timestamp>,
    pub content: Html,
    /// The page on which it is edited or withdrawn.
    pub change: Link,
    /// Whether it can still be edited. It can always be withdrawn.
    pub is_editable: bool,
}

/// The page of a guest's own comments.
#[derive(Debug, Serialize)]
pub(crate) struct OwnCommentsPage<'a> {
    site: &'a Site,
    head: Head,
    /// A sentence or two above the list.
    text: String,
    comments: Vec<OwnComment>,
    /// The link below the list.
    next: Link,
    /// Whether that link leads to the article.
    is_after_sending: bool,
}

impl Page for OwnCommentsPage<'_> {
    const TEMPLATE: &'static str = "own_comments.html";
}

impl<'a> OwnCommentsPage<'a> {
    /// Creates the page of all comments of a guest.
    pub(crate) fn new(
        site: &'a Site,
        heading: &str,
        text: String,
        comments: Vec<OwnComment>,
        next: Link,
    ) -> Self {
        OwnCommentsPage {
            site,
            head: Head::unlisted(site.locale, heading),
            text,
            comments,
            next,
            is_after_sending: false,
        }
    }

    /// Makes it the page that is shown after a comment was sent, with a link to the article.
    pub(crate) fn after_sending(self) -> Self {
        OwnCommentsPage {
            is_after_sending: true,
            ..self
        }
    }
}

/// The page on which a guest edits or withdraws a comment.
#[derive(Debug, Serialize)]
pub(crate) struct EditCommentPage<'a> {
    site: &'a Site,
    head: Head,
    action: Link,
    /// The title of the article.
    title: String,
    /// The page of the article.
    page: Link,
    is_editable: bool,
    text: String,
    name: String,
    preview: Option<Html>,
    /// The key of a message.
    problem: Option<&'static str>,
}

impl Page for EditCommentPage<'_> {
    const TEMPLATE: &'static str = "edit_comment.html";
}

impl<'a> EditCommentPage<'a> {
    /// Creates the page of a comment under the article with this title.
    pub(crate) fn new(
        site: &'a Site,
        heading: &str,
        action: Link,
        title: String,
        page: Link,
    ) -> Self {
        EditCommentPage {
            site,
            head: Head::unlisted(site.locale, heading),
            action,
            title,
            page,
            is_editable: false,
            text: String::new(),
            name: String::new(),
            preview: None,
            problem: None,
        }
    }

    /// Sets the text of the comment.
    pub(crate) fn with_text(self, is_editable: bool, text: String) -> Self {
        EditCommentPage {
            is_editable,
            text,
            ..self
        }
    }

    /// Adds a preview of the comment, by the name of its author.
    pub(crate) fn with_preview(self, name: String, preview: Option<Html>) -> Self {
        EditCommentPage {
            name,
            preview,
            ..self
        }
    }

    /// Adds a problem with the text.
    pub(crate) fn with_problem(self, problem: Option<&'static str>) -> Self {
        EditCommentPage { problem, ..self }
    }
}

/// The page on which a reader reports a comment.
#[derive(Debug, Serialize)]
pub(crate) struct ReportPage<'a> {
    site: &'a Site,
    head: Head,
    action: Link,
    comment: Quoted,
    token: String,
    reason: String,
    /// The key of a message.
    problem: Option<&'static str>,
}

impl Page for ReportPage<'_> {
    const TEMPLATE: &'static str = "report.html";
}

impl<'a> ReportPage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        heading: &str,
        action: Link,
        comment: Quoted,
        token: String,
        reason: String,
        problem: Option<&'static str>,
    ) -> Self {
        ReportPage {
            site,
            head: Head::unlisted(site.locale, heading),
            action,
            comment,
            token,
            reason,
            problem,
        }
    }
}
