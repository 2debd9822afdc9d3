//! The page with all ways to get new articles.

use super::head_of;
use crate::web::{
    templates::Page,
    views::{Head, Link, NamedLink, Site},
};
use serde::Serialize;

/// A feed of the publication.
#[derive(Debug, Serialize)]
pub(crate) struct FeedFormat {
    /// The name of the format.
    pub label: &'static str,
    pub content_type: &'static str,
    pub url: Link,
}

/// The page with all ways to get new articles.
#[derive(Debug, Serialize)]
pub(crate) struct SubscribePage<'a> {
    site: &'a Site,
    head: Head,
    /// The id of the publication's actor.
    actor: Link,
    feeds: Vec<FeedFormat>,
    /// The publication's accounts on other sites.
    accounts: Vec<NamedLink>,
    /// Pages on which readers can donate.
    donate: Vec<NamedLink>,
    /// The account to which the publication moved.
    moved: Option<NamedLink>,
}

impl Page for SubscribePage<'_> {
    const TEMPLATE: &'static str = "subscribe.html";
}

impl<'a> SubscribePage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        title: String,
        canonical: Link,
        actor: Link,
        feeds: Vec<FeedFormat>,
        moved: Option<NamedLink>,
    ) -> Self {
        Self {
            head: Head {
                description: site.description.clone(),
                ..head_of(site, title, canonical)
            },
            actor,
            feeds,
            accounts: site.accounts.clone(),
            donate: site.donate.clone(),
            moved,
            site,
        }
    }
}
