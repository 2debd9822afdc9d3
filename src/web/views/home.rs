//! The front page.

use super::{
    Head, Link, Metadata, NamedLink, PageKind, Paging, Site, Summary, metadata::schema_org,
};
use crate::web::templates::Page;
use serde::Serialize;

/// The newest articles with a tag.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Section {
    /// The tag, as the configuration spells it.
    pub name: String,
    /// The page of the tag.
    pub url: Link,
    pub articles: Vec<Summary>,
}

/// The front page: the lead, the next articles, the newest notes, and sections by tag.
#[derive(Debug, Serialize)]
pub(crate) struct HomePage<'a> {
    site: &'a Site,
    head: Head,
    lead: Option<Summary>,
    articles: Vec<Summary>,
    notes: Vec<Summary>,
    sections: Vec<Section>,
    paging: Paging,
    /// The account to which the publication moved.
    moved: Option<NamedLink>,
    metadata: Metadata,
}

impl Page for HomePage<'_> {
    const TEMPLATE: &'static str = "home.html";
}

impl<'a> HomePage<'a> {
    /// Creates the front page. The first article is the lead; `activity` is the id of the site's actor.
    pub(crate) fn new(
        site: &'a Site,
        activity: Link,
        mut articles: Vec<Summary>,
        paging: Paging,
    ) -> Self {
        let lead = (!articles.is_empty()).then(|| articles.remove(0));
        let head = Head {
            title: site.name.clone(),
            description: site.description.clone(),
            language: site.language.clone(),
            canonical: Some(site.home.clone()),
            activity: Some(activity),
            creator: Some(site.handle.clone()),
            image: Some(site.card.clone()),
            indexable: site.indexable,
            kind: PageKind::Website,
        };
        Self {
            site,
            head,
            lead,
            articles,
            notes: Vec::new(),
            sections: Vec::new(),
            paging,
            moved: None,
            metadata: Metadata {
                json_ld: Some(schema_org::website(site)),
                ..Metadata::default()
            },
        }
    }

    /// Adds the newest notes and the sections.
    pub(crate) fn with(self, notes: Vec<Summary>, sections: Vec<Section>) -> Self {
        Self {
            notes,
            sections,
            ..self
        }
    }

    /// Adds the account to which the publication moved.
    pub(crate) fn moved_to(self, moved: Option<NamedLink>) -> Self {
        Self { moved, ..self }
    }
}
