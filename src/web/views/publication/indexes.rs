//! The indexes of tags and authors, and the list of notes.

use super::head_of;
use crate::web::{
    templates::Page,
    views::{Author, Head, Link, NamedLink, Note, Paging, Site},
};
use serde::Serialize;

/// A tag with the number of its articles.
#[derive(Debug, Serialize)]
pub(crate) struct TagEntry {
    /// Its most used spelling, without `#`.
    pub name: String,
    pub url: Link,
    pub articles: i64,
}

/// The index of tags.
#[derive(Debug, Serialize)]
pub(crate) struct TagsPage<'a> {
    site: &'a Site,
    head: Head,
    tags: Vec<TagEntry>,
    /// The page with the tags after these.
    next: Option<Link>,
}

impl Page for TagsPage<'_> {
    const TEMPLATE: &'static str = "tags.html";
}

impl<'a> TagsPage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        title: String,
        canonical: Link,
        tags: Vec<TagEntry>,
        next: Option<Link>,
    ) -> Self {
        Self {
            head: head_of(site, title, canonical),
            site,
            tags,
            next,
        }
    }
}

/// An author in the index.
#[derive(Debug, Serialize)]
pub(crate) struct AuthorEntry {
    pub author: Author,
    /// The beginning of the biography in plain text. May be empty.
    pub bio: String,
    pub links: Vec<NamedLink>,
    pub articles: i64,
}

/// The index of authors.
#[derive(Debug, Serialize)]
pub(crate) struct AuthorsPage<'a> {
    site: &'a Site,
    head: Head,
    authors: Vec<AuthorEntry>,
    /// The page with the authors after these.
    next: Option<Link>,
}

impl Page for AuthorsPage<'_> {
    const TEMPLATE: &'static str = "authors.html";
}

impl<'a> AuthorsPage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        title: String,
        canonical: Link,
        authors: Vec<AuthorEntry>,
        next: Option<Link>,
    ) -> Self {
        Self {
            head: head_of(site, title, canonical),
            site,
            authors,
            next,
        }
    }
}

/// The notes of the publication.
#[derive(Debug, Serialize)]
pub(crate) struct NotesPage<'a> {
    site: &'a Site,
    head: Head,
    notes: Vec<Note>,
    paging: Paging,
}

impl Page for NotesPage<'_> {
    const TEMPLATE: &'static str = "notes.html";
}

impl<'a> NotesPage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        title: String,
        canonical: Link,
        notes: Vec<Note>,
        paging: Paging,
    ) -> Self {
        Self {
            head: head_of(site, title, canonical),
            site,
            notes,
            paging,
        }
    }
}
