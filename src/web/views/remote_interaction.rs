//! The pages that connect this site with a reader's own server.

use askama::Template;

use super::{Head, Link, PageKind, Site, VERSION};

/// The form on which a reader names their own server.
#[derive(Debug, Template)]
#[template(path = "interaction.html")]
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
            "Follow from your server"
        } else {
            "Reply from your server"
        };
        Self {
            site,
            head: Head::unlisted(title),
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
#[derive(Debug, Clone)]
pub(crate) struct CommandLine {
    pub label: &'static str,
    pub line: String,
}

/// The page of commands by which the admin acts on a post or actor of another server.
#[derive(Debug, Template)]
#[template(path = "commands.html")]
pub(crate) struct CommandsPage<'a> {
    site: &'a Site,
    head: Head,
    lines: Vec<CommandLine>,
}

impl<'a> CommandsPage<'a> {
    /// Creates the page of these commands.
    pub(crate) fn new(site: &'a Site, lines: Vec<CommandLine>) -> Self {
        Self {
            site,
            head: Head::unlisted("Act as this publication"),
            lines,
        }
    }
}
