//! The error page.

use crate::web::templates::Page;
use serde::Serialize;

use super::{Head, Site};

/// The reasons why a page can't be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// 404: there is nothing at this address.
    NotFound,
    /// 410: the article was withdrawn.
    Gone,
    /// 410: a signed link has expired.
    LinkExpired,
    /// 410: the link to a draft has ended.
    DraftEnded,
    /// 403: a signed link is incomplete or was changed.
    BadLink,
    /// 500: an internal error.
    Internal,
}

impl Problem {
    /// Returns the HTTP status (RFC 9110, section 15).
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Gone | Self::LinkExpired | Self::DraftEnded => 410,
            Self::BadLink => 403,
            Self::Internal => 500,
        }
    }

    /// Returns the heading.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::NotFound => "Page not found",
            Self::Gone => "This article was withdrawn",
            Self::LinkExpired => "This link has expired",
            Self::DraftEnded => "This draft is no longer shared",
            Self::BadLink => "This link is invalid",
            Self::Internal => "Something went wrong on our side",
        }
    }

    /// Returns the advice to the reader.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::NotFound => {
                "Check the address for typing errors, or look for the article on the home page."
            }
            Self::Gone => {
                "Its author withdrew it for good. You can find other articles on the home page."
            }
            Self::LinkExpired => {
                "Links in emails work for a limited time. To decide on a comment, use `pamphlet comments`."
            }
            Self::DraftEnded => "Its author can give you a new link.",
            Self::BadLink => {
                "Part of it is missing or was changed. Open it from the email itself, or copy all of it."
            }
            Self::Internal => "The error was logged. Please try again in a few minutes.",
        }
    }
}

/// The error page.
#[derive(Debug, Serialize)]
pub(crate) struct ProblemPage<'a> {
    site: &'a Site,
    head: Head,
    status: u16,
    advice: &'static str,
}

impl Page for ProblemPage<'_> {
    const TEMPLATE: &'static str = "problem.html";
}

impl<'a> ProblemPage<'a> {
    /// Creates the page about a problem.
    pub(crate) fn new(site: &'a Site, problem: Problem) -> Self {
        Self {
            site,
            head: Head::unlisted(problem.title()),
            status: problem.status(),
            advice: problem.advice(),
        }
    }
}
