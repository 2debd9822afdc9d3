//! The page of an author.

use super::{Author, Head, Link, NamedLink, PageKind, Paging, Site, Summary, VERSION};
use crate::content::Html;
use askama::Template;

/// What is known of an author, for their own page.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Name, handle, picture.
    pub author: Author,
    /// What they say of themselves.
    pub bio: Option<Html>,
    /// The same in plain text, for previews. May be empty.
    pub bio_text: String,
    /// Their page, absolute.
    pub permalink: Link,
    /// Their actor's id, if they can be followed on their own.
    pub activity: Option<Link>,
    /// Where readers follow them from their own server.
    pub follow: Option<Link>,
}

/// The page of one author and their articles.
#[derive(Debug, Template)]
#[template(path = "profile.html")]
pub struct ProfilePage<'a> {
    site: &'a Site,
    head: Head,
    profile: Profile,
    articles: Vec<Summary>,
    paging: Paging,
    /// Where they moved, if they did.
    moved: Option<NamedLink>,
}

impl<'a> ProfilePage<'a> {
    /// The page of `profile` above their newest articles.
    pub fn new(site: &'a Site, profile: Profile, articles: Vec<Summary>, paging: Paging) -> Self {
        let head = Head {
            title: profile.author.name.clone(),
            description: profile.bio_text.clone(),
            language: site.language.clone(),
            canonical: Some(profile.permalink.clone()),
            activity: profile.activity.clone(),
            creator: profile.author.handle.clone(),
            image: None,
            indexable: site.indexable,
            kind: PageKind::Profile,
        };
        Self {
            site,
            head,
            profile,
            articles,
            paging,
            moved: None,
        }
    }

    /// The same, of an author who moved.
    pub fn moved_to(self, moved: Option<NamedLink>) -> Self {
        Self { moved, ..self }
    }
}
