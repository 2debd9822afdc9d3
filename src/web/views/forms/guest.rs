//! The form for comments without an account, and the pages around it.

use crate::web::templates::Page;
use serde::Serialize;
use std::borrow::Cow;

use crate::content::Html;
use crate::i18n::Locale;
use crate::web::views::{Head, Link, Site};

/// The form, empty or filled in.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CommentForm {
    /// The address to which it is sent.
    pub action: Link,
    /// A signed token with the article and the time at which the form was shown.
    pub token: String,
    /// The number of the parent comment; 0 for the article.
    pub parent: i64,
    /// The page that fills in the name of a guest who commented before.
    pub returning: Option<Link>,
    pub name: String,
    pub mail: String,
    pub site: String,
    pub text: String,
    pub wants_replies: bool,
    /// Whether the node can send email.
    pub can_mail: bool,
    pub problems: Vec<FormProblem>,
}

/// An error in a submitted form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FormProblem {
    /// The name of the field; empty if it concerns the whole form.
    pub field: &'static str,
    pub text: String,
}

impl FormProblem {
    /// Creates a problem with a field, or with the whole form if `field` is empty.
    pub(crate) fn new(field: &'static str, text: impl Into<String>) -> Self {
        FormProblem {
            field,
            text: text.into(),
        }
    }
}

/// The parent comment, as the page of the form shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Quoted {
    pub author: String,
    /// `None` if its author hides it from people who are not logged in.
    pub text: Option<QuotedText>,
    pub permalink: Link,
}

/// The text of a quoted comment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct QuotedText {
    pub content: Html,
    /// A warning that hides the text until the reader opens it.
    pub content_warning: Option<Html>,
}

/// The ways to reply from other servers.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Ways {
    /// The page on which readers name their own server.
    pub from_server: Link,
    /// The address that they search for in their app.
    pub address: String,
}

/// The page with all ways to reply, and the form with a preview or with errors.
#[derive(Debug, Serialize)]
pub(crate) struct WritePage<'a> {
    site: &'a Site,
    head: Head,
    /// The language of the interface.
    locale: Locale,
    /// The title of the article.
    title: String,
    /// The page of the article.
    page: Link,
    parent: Option<Quoted>,
    /// The name of the author, and the rendered comment.
    preview: Option<(String, Html)>,
    ways: Option<Ways>,
    form: Option<CommentForm>,
}

impl Page for WritePage<'_> {
    const TEMPLATE: &'static str = "write.html";
}

impl<'a> WritePage<'a> {
    /// Creates the page of a form under the article with this title.
    pub(crate) fn new(
        site: &'a Site,
        locale: Locale,
        title: String,
        page: Link,
        parent: Option<Quoted>,
        preview: Option<(String, Html)>,
        form: Option<CommentForm>,
    ) -> Self {
        let heading = match (&preview, &parent) {
            (Some(_), _) => "write-heading-preview",
            (None, Some(_)) => "write-heading-reply",
            (None, None) => "write-heading",
        };
        WritePage {
            site,
            head: Head::unlisted(locale, locale.text(heading)),
            locale,
            title,
            page,
            parent,
            preview,
            ways: None,
            form,
        }
    }

    /// Adds the ways to reply from other servers.
    pub(crate) fn with_ways(self, ways: Option<Ways>) -> Self {
        WritePage { ways, ..self }
    }
}

/// A button that submits a token.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Button {
    pub action: Link,
    pub token: String,
    pub label: Cow<'static, str>,
}

/// A page with a message and a link.
#[derive(Debug, Serialize)]
pub(crate) struct MessagePage<'a> {
    site: &'a Site,
    head: Head,
    /// The language of the interface.
    locale: Locale,
    text: Cow<'static, str>,
    button: Option<Button>,
    next: Link,
    label: Cow<'static, str>,
}

impl Page for MessagePage<'_> {
    const TEMPLATE: &'static str = "message.html";
}

impl<'a> MessagePage<'a> {
    /// Creates a page with a heading, a sentence or two, and a link to `next`, by the keys of these texts.
    pub(crate) fn new(
        site: &'a Site,
        locale: Locale,
        heading: &str,
        text: &str,
        next: Link,
        label: &str,
    ) -> Self {
        MessagePage {
            site,
            head: Head::unlisted(locale, locale.text(heading)),
            locale,
            text: locale.text(text),
            button: None,
            next,
            label: locale.text(label),
        }
    }

    /// Adds a button.
    pub(crate) fn with_button(self, button: Button) -> Self {
        MessagePage {
            button: Some(button),
            ..self
        }
    }
}
