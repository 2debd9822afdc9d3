//! The pages that connect this site with a reader's own server.

use crate::web::templates::Page;
use serde::Serialize;

use crate::web::views::{Head, Link, Site};

/// The form on which a reader names their own server.
#[derive(Debug, Serialize)]
pub(crate) struct InteractionPage<'a> {
    site: &'a Site,
    head: Head,
    /// Whether the reader wants to follow, rather than reply.
    is_follow: bool,
    /// The name of the actor or post.
    name: String,
    /// The page of the actor or post on this site.
    page: Link,
    /// The id of the actor or post.
    uri: String,
    /// The text that the reader entered.
    entered: String,
    /// An error in that text.
    problem: Option<String>,
}

impl Page for InteractionPage<'_> {
    const TEMPLATE: &'static str = "interaction.html";
}

impl<'a> InteractionPage<'a> {
    /// Creates the form for following or replying to `name`.
    pub(crate) fn new(
        site: &'a Site,
        is_follow: bool,
        name: String,
        page: Link,
        uri: String,
        entered: String,
        problem: Option<String>,
    ) -> Self {
        let title = if is_follow {
            "interact-follow-title"
        } else {
            "interact-reply-title"
        };
        Self {
            site,
            head: Head::unlisted(site.locale, site.locale.text(title)),
            is_follow,
            name,
            page,
            uri,
            entered,
            problem,
        }
    }
}

/// A command for the admin.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CommandLine {
    /// The key of its label.
    pub label: &'static str,
    pub line: String,
}

/// The page of commands by which the admin acts on a post or actor of another server.
#[derive(Debug, Serialize)]
pub(crate) struct CommandsPage<'a> {
    site: &'a Site,
    head: Head,
    lines: Vec<CommandLine>,
}

impl Page for CommandsPage<'_> {
    const TEMPLATE: &'static str = "commands.html";
}

impl<'a> CommandsPage<'a> {
    /// Creates the page of these commands.
    pub(crate) fn new(site: &'a Site, lines: Vec<CommandLine>) -> Self {
        Self {
            site,
            head: Head::unlisted(site.locale, site.locale.text("commands-title")),
            lines,
        }
    }
}
