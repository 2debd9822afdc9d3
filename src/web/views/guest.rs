//! The form for readers without an account, and the pages around it.

use askama::Template;

use super::{Head, Link, PageKind, Site, VERSION};
use crate::content::Html;

/// The form, empty or filled in.
#[derive(Debug, Clone)]
pub struct CommentForm {
    /// Where it is sent.
    pub action: Link,
    /// Signed by us: which article it is for, and when it was shown.
    pub token: String,
    /// The number of the comment that it answers; 0 for the article.
    pub parent: i64,
    /// The page on which a guest who wrote here before finds their name filled in.
    pub returning: Option<Link>,
    /// What stands in its fields.
    pub name: String,
    pub mail: String,
    pub site: String,
    pub text: String,
    pub wants_answers: bool,
    /// Whether mails can be sent at all.
    pub can_mail: bool,
    /// What was wrong with it.
    pub problems: Vec<FormProblem>,
}

/// What is wrong with a filled-in form, in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormProblem {
    /// The field's name; empty if it is none of one field.
    pub field: &'static str,
    pub text: String,
}

impl FormProblem {
    /// A problem with one field, or with none in particular (an empty name).
    pub fn new(field: &'static str, text: impl Into<String>) -> Self {
        FormProblem {
            field,
            text: text.into(),
        }
    }
}

impl CommentForm {
    /// What is wrong with a field.
    pub(super) fn problem(&self, field: &str) -> Option<&str> {
        let found = self.problems.iter().find(|problem| problem.field == field);
        found.map(|problem| problem.text.as_str())
    }

    /// Whether a field is the first that has to be corrected.
    pub(super) fn comes_first(&self, field: &str) -> bool {
        let mut named = self
            .problems
            .iter()
            .filter(|problem| !problem.field.is_empty());
        named.next().is_some_and(|first| first.field == field)
    }
}

/// A comment that is answered, as the form's page shows it.
#[derive(Debug, Clone)]
pub struct Quoted {
    pub author: String,
    /// `None` if its author hides it from strangers.
    pub text: Option<QuotedText>,
    pub permalink: Link,
}

/// The text of a quoted comment.
#[derive(Debug, Clone)]
pub struct QuotedText {
    pub content: Html,
    /// If set, the text stays closed behind this warning until the reader opens it.
    pub content_warning: Option<Html>,
}

/// The page of the form: for an answer to a comment, with a preview, or with what was wrong.
#[derive(Debug, Template)]
#[template(path = "write.html")]
pub struct WritePage<'a> {
    site: &'a Site,
    head: Head,
    /// The article's title and page.
    title: String,
    page: Link,
    parent: Option<Quoted>,
    /// The comment as it will look, and its author's name.
    preview: Option<(String, Html)>,
    form: CommentForm,
}

impl<'a> WritePage<'a> {
    /// The page of `form` under the article `title`; search engines leave it out.
    pub fn new(
        site: &'a Site,
        title: String,
        page: Link,
        parent: Option<Quoted>,
        preview: Option<(String, Html)>,
        form: CommentForm,
    ) -> Self {
        let heading = match (&preview, &parent) {
            (Some(_), _) => "Preview of your comment",
            (None, Some(_)) => "Answer a comment",
            (None, None) => "Write a comment",
        };
        WritePage {
            site,
            head: Head::unlisted(heading),
            title,
            page,
            parent,
            preview,
            form,
        }
    }
}

/// Something to press, with what it sends.
#[derive(Debug, Clone)]
pub struct Button {
    pub action: Link,
    pub token: String,
    pub label: &'static str,
}

/// A page that says one thing, and leads on.
#[derive(Debug, Template)]
#[template(path = "message.html")]
pub struct MessagePage<'a> {
    site: &'a Site,
    head: Head,
    text: String,
    button: Option<Button>,
    /// Where to go from there.
    next: Link,
    label: &'static str,
}

impl<'a> MessagePage<'a> {
    /// A page with a heading and a sentence or two; search engines leave it out.
    pub fn new(site: &'a Site, heading: &str, text: &str, next: Link, label: &'static str) -> Self {
        MessagePage {
            site,
            head: Head::unlisted(heading),
            text: text.to_owned(),
            button: None,
            next,
            label,
        }
    }

    /// The same, with something to press.
    pub fn with_button(self, button: Button) -> Self {
        MessagePage {
            button: Some(button),
            ..self
        }
    }
}
