//! The page of a note.

use super::{Author, Head, Image, Link, PageKind, Site, Timestamp};
use crate::content::Html;
use crate::i18n::Locale;
use crate::web::templates::Page;
use serde::Serialize;

/// A note.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Note {
    pub author: Author,
    pub published: Timestamp,
    /// The time of the last edit.
    pub edited: Option<Timestamp>,
    /// BCP 47 tag of its language.
    pub language: String,
    /// The post that it replies to.
    pub in_reply_to: Option<Link>,
    /// A warning that hides text and picture until the reader opens them.
    pub content_warning: Option<String>,
    pub content: Html,
    /// The picture under the text.
    pub image: Option<Image>,
    /// The absolute address of its page, which is its ActivityPub id too.
    pub permalink: Link,
}

/// The page of a note.
#[derive(Debug, Serialize)]
pub(crate) struct NotePage<'a> {
    site: &'a Site,
    head: Head,
    /// The language of the interface.
    locale: Locale,
    note: Note,
}

/// The maximum length of a note's title, for its page and lists, in characters.
const TITLE: usize = 60;
/// The maximum length of a note in link previews, in characters.
const DESCRIPTION: usize = 200;

/// Returns the title of a note: its warning, or else its beginning.
pub(crate) fn title_of(content: &Html, warning: Option<&str>, locale: Locale) -> String {
    let title = warning.map_or_else(|| content.excerpt(TITLE), str::to_owned);
    if title.is_empty() {
        return locale.text("note-untitled").into_owned();
    }
    title
}

impl Page for NotePage<'_> {
    const TEMPLATE: &'static str = "note.html";
}

impl<'a> NotePage<'a> {
    /// Creates the page of a note. A text behind a warning is not in the title or link preview.
    pub(crate) fn new(site: &'a Site, note: Note) -> Self {
        let description = match &note.content_warning {
            Some(warning) => warning.clone(),
            None => note.content.excerpt(DESCRIPTION),
        };
        let is_open = note.content_warning.is_none();
        let locale = site.locale_for(&note.language);
        let head = Head {
            title: title_of(&note.content, note.content_warning.as_deref(), locale),
            description,
            language: note.language.clone(),
            canonical: Some(note.permalink.clone()),
            activity: Some(note.permalink.clone()),
            creator: note.author.handle.clone(),
            image: note.image.clone().filter(|_| is_open),
            indexable: true,
            kind: PageKind::Website,
        };
        Self {
            site,
            head,
            locale,
            note,
        }
    }
}
