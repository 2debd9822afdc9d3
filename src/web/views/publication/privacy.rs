//! The page about privacy that is made from the configuration.

use super::head_of;
use crate::web::{
    templates::Page,
    views::{Head, Link, Site},
};
use serde::Serialize;

/// A part of the page.
#[derive(Debug, Serialize)]
pub(crate) struct Topic {
    pub heading: String,
    pub facts: Vec<Fact>,
}

/// A sentence or a few.
#[derive(Debug, Serialize)]
pub(crate) struct Fact(pub String);

/// The page about privacy.
#[derive(Debug, Serialize)]
pub(crate) struct PrivacyPage<'a> {
    site: &'a Site,
    head: Head,
    /// The language of the texts, which is one of the interface.
    text_language: &'static str,
    introduction: String,
    topics: Vec<Topic>,
}

impl Page for PrivacyPage<'_> {
    const TEMPLATE: &'static str = "privacy.html";
}

impl<'a> PrivacyPage<'a> {
    pub(crate) fn new(
        site: &'a Site,
        title: String,
        canonical: Link,
        text_language: &'static str,
        introduction: String,
        topics: Vec<Topic>,
    ) -> Self {
        Self {
            head: Head {
                language: text_language.to_owned(),
                ..head_of(site, title, canonical)
            },
            site,
            text_language,
            introduction,
            topics,
        }
    }
}
