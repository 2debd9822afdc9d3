//! The page of an author.

use super::{
    Author, FeedLink, Head, Image, Link, Metadata, NamedLink, PageKind, Paging, Site, Summary,
    metadata::schema_org,
};
use crate::content::Html;
use crate::web::templates::Page;
use serde::Serialize;

/// An author with a biography.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Profile {
    pub author: Author,
    pub bio: Option<Html>,
    /// The biography in plain text, for link previews. May be empty.
    pub bio_text: String,
    /// Their picture in a small size, for link previews.
    pub picture: Option<Image>,
    /// Their pages elsewhere.
    pub links: Vec<NamedLink>,
    /// The absolute address of their page.
    pub permalink: Link,
    /// The id of their actor, if they can be followed.
    pub activity: Option<Link>,
    /// The page on which readers follow them from their own server.
    pub follow: Option<Link>,
}

/// The page of an author with their articles.
#[derive(Debug, Serialize)]
pub(crate) struct ProfilePage<'a> {
    site: &'a Site,
    head: Head,
    profile: Profile,
    articles: Vec<Summary>,
    paging: Paging,
    /// The account to which the author moved.
    moved: Option<NamedLink>,
    metadata: Metadata,
}

impl Page for ProfilePage<'_> {
    const TEMPLATE: &'static str = "profile.html";
}

impl<'a> ProfilePage<'a> {
    /// Creates the page of an author and their newest articles.
    pub(crate) fn new(
        site: &'a Site,
        profile: Profile,
        articles: Vec<Summary>,
        paging: Paging,
    ) -> Self {
        let head = Head {
            title: profile.author.name.clone(),
            description: profile.bio_text.clone(),
            language: site.language.clone(),
            canonical: Some(profile.permalink.clone()),
            activity: profile.activity.clone(),
            creator: profile.author.handle.clone(),
            image: profile.picture.clone(),
            indexable: site.indexable,
            kind: PageKind::Profile,
        };
        let feed = Link::parse(&format!("{}/feed", profile.permalink));
        let metadata = Metadata {
            feeds: feed
                .map(|address| FeedLink {
                    title: Some(profile.author.name.clone()),
                    address,
                })
                .into_iter()
                .collect(),
            json_ld: Some(schema_org::profile(site, &profile)),
            ..Metadata::default()
        };
        Self {
            site,
            head,
            profile,
            articles,
            paging,
            moved: None,
            metadata,
        }
    }

    /// Adds the account to which the author moved.
    pub(crate) fn moved_to(self, moved: Option<NamedLink>) -> Self {
        Self { moved, ..self }
    }
}
