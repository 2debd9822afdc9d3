//! The part before the items: the site, its authors, categories and tags.

use super::{content::text_line, tree::Element};
use std::collections::HashMap;
use url::Url;

/// The site, its authors, categories and tags.
#[derive(Debug, Default)]
pub(super) struct Channel {
    /// The address of the site, without a slash at its end.
    pub(super) base: String,
    pub(super) language: Option<String>,
    pub(super) authors: Vec<Author>,
    /// The parents of the categories that have one, by their slugs.
    parents: HashMap<String, String>,
    /// The numbers of categories, by their slugs.
    categories: HashMap<String, String>,
    is_wordpress: bool,
}

/// An author.
#[derive(Debug, Default)]
pub(super) struct Author {
    pub(super) id: String,
    pub(super) login: String,
    pub(super) name: String,
}

/// The maximum number of categories above one.
const MAX_DEPTH: usize = 16;

impl Channel {
    /// Adds what stands before the items of another file of the same export.
    pub(super) fn add(&mut self, head: &Element) {
        let Some(channel) = head.find("channel") else {
            return;
        };
        let has = |name| channel.all(name).next().is_some();
        self.is_wordpress |= has("wp:wxr_version") || has("wp:base_blog_url") || has("wp:author");
        if self.base.is_empty() {
            let base = match channel.text_of("wp:base_blog_url") {
                "" => channel.text_of("link"),
                base => base,
            };
            self.base = base.trim_end_matches('/').to_owned();
        }
        let language = channel.text_of("language").replace('_', "-");
        if self.language.is_none() && !language.is_empty() {
            self.language = Some(language);
        }
        for author in channel.all("wp:author") {
            let login = author.text_of("wp:author_login");
            if login.is_empty() || self.authors.iter().any(|known| known.login == login) {
                continue;
            }
            let own = text_line(author.text_of("wp:author_display_name"));
            let full = format!(
                "{} {}",
                author.text_of("wp:author_first_name"),
                author.text_of("wp:author_last_name")
            );
            self.authors.push(Author {
                id: author.text_of("wp:author_id").to_owned(),
                login: login.to_owned(),
                name: [own, text_line(&full), login.to_owned()]
                    .into_iter()
                    .find(|name| !name.is_empty())
                    .unwrap_or_default(),
            });
        }
        for category in channel.all("wp:category") {
            let slug = category.text_of("wp:category_nicename").to_owned();
            let (id, parent) = (
                category.text_of("wp:term_id"),
                category.text_of("wp:category_parent"),
            );
            if !id.is_empty() {
                self.categories.insert(slug.clone(), id.to_owned());
            }
            if !parent.is_empty() {
                self.parents.insert(slug, parent.to_owned());
            }
        }
    }

    /// Returns whether the file is an export of WordPress.
    pub(super) fn is_wordpress(&self) -> bool {
        self.is_wordpress
    }

    /// Returns the address of the site, if it has a valid one.
    pub(super) fn url(&self) -> Option<Url> {
        Url::parse(&format!("{}/", self.base))
            .ok()
            .filter(|url| url.has_host())
    }

    /// Returns the number of a category.
    pub(super) fn category_id(&self, slug: &str) -> Option<&str> {
        self.categories.get(slug).map(String::as_str)
    }

    /// Returns the slugs of a category and those above it, from the outermost to itself.
    pub(super) fn path_of<'a>(&'a self, category: &'a str) -> Vec<&'a str> {
        let mut path = vec![category];
        while path.len() < MAX_DEPTH
            && let Some(parent) = path.last().and_then(|last| self.parents.get(*last))
            && !path.contains(&parent.as_str())
        {
            path.push(parent);
        }
        path.reverse();
        path
    }
}
