//! The pages between this site and a reader's own server.

use askama::Template;

use super::{Head, Link, PageKind, Site, VERSION};

/// Where a reader says which server is theirs.
#[derive(Debug, Template)]
#[template(path = "interaction.html")]
pub struct InteractionPage<'a> {
    site: &'a Site,
    head: Head,
    /// Whether they want to follow, rather than to answer.
    is_follow: bool,
    /// Whom they follow, or what they answer.
    name: String,
    /// Its page here.
    page: Link,
    /// What servers know it by.
    uri: String,
    /// What they wrote.
    written: String,
    /// What was wrong with it.
    problem: Option<String>,
}

impl<'a> InteractionPage<'a> {
    /// The page for following or answering `name`; search engines leave it out.
    pub fn new(
        site: &'a Site,
        is_follow: bool,
        name: String,
        page: Link,
        uri: String,
        written: String,
        problem: Option<String>,
    ) -> Self {
        let title = match is_follow {
            true => "Follow from your server",
            false => "Reply from your server",
        };
        Self {
            site,
            head: Head::unlisted(title),
            is_follow,
            name,
            page,
            uri,
            written,
            problem,
        }
    }
}

/// A command for the admin.
#[derive(Debug, Clone)]
pub struct CommandLine {
    /// What it does.
    pub label: &'static str,
    /// The line to type.
    pub line: String,
}

/// What the admin types to act on something that is on another server.
#[derive(Debug, Template)]
#[template(path = "commands.html")]
pub struct CommandsPage<'a> {
    site: &'a Site,
    head: Head,
    lines: Vec<CommandLine>,
}

impl<'a> CommandsPage<'a> {
    /// The page of these commands; search engines leave it out.
    pub fn new(site: &'a Site, lines: Vec<CommandLine>) -> Self {
        Self {
            site,
            head: Head::unlisted("Act as this publication"),
            lines,
        }
    }
}
