//! The page for what could not be shown.

use askama::Template;

use super::{Head, PageKind, Site, VERSION};

/// Why a page could not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// 404: there is nothing at this address.
    NotFound,
    /// 410: there was an article, and it was taken back.
    Gone,
    /// 410: a link out of a mail is too old.
    LinkExpired,
    /// 403: a link that is signed was cut or changed.
    BadLink,
    /// 500: our fault.
    Internal,
}

impl Problem {
    /// The HTTP status (RFC 9110, section 15).
    pub fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Gone | Self::LinkExpired => 410,
            Self::BadLink => 403,
            Self::Internal => 500,
        }
    }

    /// What happened, as a heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::NotFound => "There is no page here",
            Self::Gone => "This article was withdrawn",
            Self::LinkExpired => "This link has expired",
            Self::BadLink => "This link does not work",
            Self::Internal => "Something went wrong on our side",
        }
    }

    /// What the reader can do now.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NotFound => {
                "Check the address for a typing mistake, or look for the article on the home page."
            }
            Self::Gone => {
                "Its author took it back, and it will not return; the home page has the articles that stand."
            }
            Self::LinkExpired => {
                "Links out of mails work for some time only. For a comment, use `pamphlet comments`."
            }
            Self::BadLink => {
                "A part of it is missing or changed: please follow it in the mail itself, or copy it whole."
            }
            Self::Internal => "The fault is recorded; please try again in a few minutes.",
        }
    }
}

/// The page that says so.
#[derive(Debug, Template)]
#[template(path = "problem.html")]
pub struct ProblemPage<'a> {
    site: &'a Site,
    head: Head,
    problem: Problem,
}

impl<'a> ProblemPage<'a> {
    /// A page about `problem`; search engines leave it out.
    pub fn new(site: &'a Site, problem: Problem) -> Self {
        Self {
            site,
            head: Head::unlisted(problem.title()),
            problem,
        }
    }
}
