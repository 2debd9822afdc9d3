//! A feed, independent of its format.

use super::format::Format;
use crate::base::time;
use chrono::{DateTime, Utc};

/// The first and last millisecond of the years that RFC 822 and RFC 3339 can write, from 1970.
const YEARS: (i64, i64) = (0, 253_402_300_799_999);

/// A feed with its newest entries, or with older ones.
#[derive(Debug)]
pub(super) struct Feed {
    /// The title, plain text.
    pub title: String,
    /// Plain text. May be empty.
    pub description: String,
    /// BCP 47 tag.
    pub language: String,
    /// The absolute address of the page that shows the same.
    pub page: String,
    /// The absolute address of the feed without the ending of its format and without a query.
    pub address: String,
    /// The position after which this part of the feed begins, if it is not the first.
    pub before: Option<String>,
    /// The position after which the next part begins.
    pub next: Option<String>,
    /// The name of the publication.
    pub publisher: String,
    /// The address of the publication.
    pub home: String,
    /// The address of the publication's picture.
    pub icon: String,
    /// Newest first.
    pub entries: Vec<Entry>,
    pub labels: Labels,
}

/// Texts for people who open a feed in a browser.
#[derive(Debug)]
pub(super) struct Labels {
    /// The explanation of what a feed is.
    pub explanation: String,
    /// The text of the link to the page.
    pub back: String,
}

/// An article, a note or a comment.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its id, which never changes.
    pub id: String,
    /// The address of its page.
    pub url: String,
    /// Plain text.
    pub title: String,
    /// Whether the title is only the beginning of the text.
    pub is_title_made: bool,
    /// Milliseconds.
    pub published: i64,
    /// The time of the last change, or that of the publication. Milliseconds.
    pub updated: i64,
    pub author: Author,
    /// BCP 47 tag, if known.
    pub language: Option<String>,
    pub tags: Vec<String>,
    /// Plain text: the content warning, or else the summary. May be empty.
    pub summary: String,
    /// The whole text with absolute addresses, after a content warning.
    pub html: String,
    pub picture: Option<Picture>,
    pub comments: Option<Comments>,
    /// The id and the address of the article or comment that it replies to.
    pub reply_to: Option<(String, String)>,
    /// The line about it for people who open the feed in a browser.
    pub line: String,
}

/// The author of an entry.
#[derive(Debug, Clone)]
pub(super) struct Author {
    pub name: String,
    pub url: Option<String>,
}

/// The lead picture of an article.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub url: String,
    pub alt: String,
    pub media_type: String,
    /// The size in bytes, if the picture is on this site.
    pub length: Option<u64>,
    /// Width and height in pixels, if known.
    pub size: Option<(u32, u32)>,
}

/// The conversation under an article.
#[derive(Debug, Clone)]
pub(super) struct Comments {
    /// The part of the article's page with its comments.
    pub page: String,
    /// The address of their feed without the ending of its format.
    pub feed: String,
    pub count: u64,
}

impl Feed {
    /// Returns the time of the newest change.
    pub(super) fn updated(&self) -> i64 {
        let times = self.entries.iter().map(|entry| entry.updated);
        times.max().unwrap_or_default()
    }

    /// Returns the address of this part of the feed in a format.
    pub(super) fn own_address(&self, format: Format) -> String {
        self.address_before(format, self.before.as_deref())
    }

    /// Returns the address of the next part in a format.
    pub(super) fn next_address(&self, format: Format) -> Option<String> {
        let next = self.next.as_deref()?;
        Some(self.address_before(format, Some(next)))
    }

    fn address_before(&self, format: Format, before: Option<&str>) -> String {
        let (address, ending) = (&self.address, format.ending());
        match before {
            Some(position) => format!("{address}.{ending}?before={position}"),
            None => format!("{address}.{ending}"),
        }
    }
}

/// Returns a stored time, or the nearest one that feeds can write. Other programs may have stored any.
pub(super) fn representable(milliseconds: i64) -> DateTime<Utc> {
    time::from_millis(milliseconds.clamp(YEARS.0, YEARS.1))
}
