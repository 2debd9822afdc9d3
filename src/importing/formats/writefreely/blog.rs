//! Blogs, which WriteFreely calls collections.

use super::super::json_values::text;
use crate::importing::model::{Body, ImportedAuthor};
use serde_json::Value;
use url::Url;

/// The blog of a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Blog {
    pub(super) alias: String,
    pub(super) title: String,
    pub(super) description: String,
    /// Its address, if the export has it.
    pub(super) url: Option<Url>,
}

impl Blog {
    /// Reads a blog, unless it has no alias: a post without a blog has none.
    pub(super) fn of(collection: &Value) -> Option<Blog> {
        Some(Blog {
            alias: text(collection, "alias")?,
            title: text(collection, "title").unwrap_or_default(),
            description: text(collection, "description").unwrap_or_default(),
            url: text(collection, "url").and_then(|url| Url::parse(&url).ok()),
        })
    }

    /// Returns the blog as an author: followers followed the blog, by its alias.
    pub(super) fn author(&self) -> ImportedAuthor {
        ImportedAuthor {
            key: self.alias.clone(),
            username: self.alias.clone(),
            name: match self.title.is_empty() {
                true => self.alias.clone(),
                false => self.title.clone(),
            },
            bio: (!self.description.is_empty()).then(|| Body::Markdown(self.description.clone())),
            former_paths: match self.is_whole_site() {
                true => Vec::new(),
                false => vec![format!("/{}/", self.alias), format!("/@/{}", self.alias)],
            },
            ..ImportedAuthor::default()
        }
    }

    /// Returns whether the blog is the whole site, so that its posts are at its top.
    pub(super) fn is_whole_site(&self) -> bool {
        self.url.as_ref().is_some_and(|url| url.path() == "/")
    }
}
