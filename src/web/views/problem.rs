//! The error page.

use super::{Head, Site, Timestamp};
use crate::{i18n::Locale, web::templates::Page};
use serde::Serialize;

/// The reasons why a page can't be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// 400: the address or form makes no sense.
    BadRequest,
    /// 410: the link to a draft has ended.
    DraftEnded,
    /// 403: a signed link is incomplete or was changed.
    BadLink,
    /// 404: there is nothing at this address.
    NotFound,
    /// 405: there is a page at this address, but nothing that takes a form.
    MethodNotAllowed,
    /// 408: the request did not arrive in time.
    Timeout,
    /// 410: an article, note or page was withdrawn.
    Gone {
        /// The time, if it is known.
        since: Option<Timestamp>,
    },
    /// 410: the publication has ended.
    Closed { since: Timestamp },
    /// 410: a signed link has expired.
    LinkExpired,
    /// 413: the request is too large.
    TooLarge,
    /// 415: the request has a format that is not understood.
    Unsupported,
    /// 429: too many requests.
    TooMany,
    /// 500: an internal error.
    Internal,
    /// 503: the node is busy, and the same request can succeed later.
    Busy,
}

impl Problem {
    /// Returns the problem that a status alone says.
    pub(crate) fn of_status(status: u16) -> Option<Problem> {
        Some(match status {
            400 | 414 | 431 => Self::BadRequest,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::Timeout,
            413 => Self::TooLarge,
            415 => Self::Unsupported,
            429 => Self::TooMany,
            500 => Self::Internal,
            503 => Self::Busy,
            _ => return None,
        })
    }

    /// Returns the keys of the heading and of the advice to the reader.
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::BadRequest => ("problem-bad-request-title", "problem-bad-request-advice"),
            Self::BadLink => ("problem-bad-link-title", "problem-bad-link-advice"),
            Self::NotFound => ("problem-not-found-title", "problem-not-found-advice"),
            Self::MethodNotAllowed => (
                "problem-method-not-allowed-title",
                "problem-method-not-allowed-advice",
            ),
            Self::Timeout => ("problem-timeout-title", "problem-timeout-advice"),
            Self::Gone { .. } => ("problem-gone-title", "problem-gone-advice"),
            Self::Closed { .. } => ("problem-closed-title", "problem-closed-advice"),
            Self::LinkExpired => ("problem-link-expired-title", "problem-link-expired-advice"),
            Self::DraftEnded => ("problem-draft-ended-title", "problem-draft-ended-advice"),
            Self::TooLarge => ("problem-too-large-title", "problem-too-large-advice"),
            Self::Unsupported => ("problem-unsupported-title", "problem-unsupported-advice"),
            Self::TooMany => ("problem-too-many-title", "problem-too-many-advice"),
            Self::Internal => ("problem-internal-title", "problem-internal-advice"),
            Self::Busy => ("problem-busy-title", "problem-busy-advice"),
        }
    }

    /// Returns the heading.
    pub(crate) fn title(self, locale: Locale) -> String {
        locale.text(self.keys().0).into_owned()
    }

    /// Returns whether the reader looks for something that may be elsewhere.
    fn is_about_absence(self) -> bool {
        matches!(self, Self::NotFound | Self::Gone { .. })
    }
}

/// The error page.
#[derive(Debug, Serialize)]
pub(crate) struct ProblemPage<'a> {
    site: &'a Site,
    head: Head,
    status: u16,
    advice: String,
    /// The time of a withdrawal.
    since: Option<Timestamp>,
    /// Whether the whole publication has ended.
    closed: bool,
    /// Whether the page helps to find something else: by a search, and by the newest articles.
    helps: bool,
}

impl Page for ProblemPage<'_> {
    const TEMPLATE: &'static str = "problem.html";
}

impl<'a> ProblemPage<'a> {
    /// Creates the page about a problem with this HTTP status.
    pub(crate) fn new(site: &'a Site, status: u16, problem: Problem) -> Self {
        let locale = site.locale;
        let advice = locale.text(problem.keys().1);
        Self {
            site,
            head: Head::unlisted(locale, problem.title(locale)),
            status,
            advice: advice.into_owned(),
            since: match problem {
                Problem::Gone { since } => since,
                Problem::Closed { since } => Some(since),
                _ => None,
            },
            closed: matches!(problem, Problem::Closed { .. }),
            helps: problem.is_about_absence(),
        }
    }
}
