//! Slugs for imported articles and pages: valid, and none twice.

use crate::{
    content::{PageSource, Slug},
    importing::ImportError,
    store::{Conn, SyncedKind},
};
use percent_encoding::percent_decode_str;
use std::collections::HashSet;

/// The maximum length of a slug, with room for a number.
const MAX_LENGTH: usize = 100;

/// The slugs that are taken.
#[derive(Default)]
pub(super) struct Slugs {
    articles: HashSet<String>,
    pages: HashSet<String>,
}

/// A slug that is free, and the reason if it differs from the one of the source.
pub(super) struct FreeSlug {
    pub(super) slug: String,
    pub(super) warning: Option<String>,
}

impl Slugs {
    pub(super) async fn read(conn: &mut Conn) -> Result<Slugs, ImportError> {
        let mut slugs = Slugs::default();
        for (kind, _, slug) in conn.slugs().await? {
            match kind {
                SyncedKind::Article => slugs.articles.insert(slug),
                SyncedKind::Page => slugs.pages.insert(slug),
            };
        }
        Ok(slugs)
    }

    pub(super) fn has_page(&self, slug: &str) -> bool {
        self.pages.contains(slug)
    }

    /// Takes a slug for an article.
    pub(super) fn for_article(&mut self, slug: &str, title: &str, language: &str) -> FreeSlug {
        let wanted = wanted(slug, title, language).unwrap_or_else(|| "article".to_owned());
        let free = free(&wanted, |slug| self.articles.contains(slug));
        self.articles.insert(free.clone());
        FreeSlug {
            warning: (free != wanted)
                .then(|| format!("another article has the slug {wanted}: it is stored as {free}")),
            slug: free,
        }
    }

    /// Takes a slug for a page.
    pub(super) fn for_page(&mut self, slug: &str, title: &str, language: &str) -> FreeSlug {
        let wanted = wanted(slug, title, language).unwrap_or_else(|| "untitled".to_owned());
        let is_reserved = PageSource::is_reserved(&wanted);
        let start = match is_reserved {
            true => format!("page-{wanted}"),
            false => wanted.clone(),
        };
        let free = free(&start, |slug| {
            self.pages.contains(slug) || PageSource::is_reserved(slug)
        });
        self.pages.insert(free.clone());
        let warning = match (is_reserved, free == wanted) {
            (true, _) => Some(format!(
                "the address /{wanted} is reserved: it is stored as {free}"
            )),
            (false, false) => Some(format!(
                "another page has the slug {wanted}: it is stored as {free}"
            )),
            (false, true) => None,
        };
        FreeSlug {
            slug: free,
            warning,
        }
    }
}

/// Returns the slug that an item would have: its own if it is one, or else one that is made of it or of the title.
fn wanted(slug: &str, title: &str, language: &str) -> Option<String> {
    let own = percent_decode_str(slug.trim()).decode_utf8_lossy();
    let parsed = own.parse::<Slug>().ok();
    let made = || Slug::from_title(&own, language).or_else(|| Slug::from_title(title, language));
    parsed.or_else(made).map(|slug| slug.to_string())
}

/// Returns a slug that is not taken, by a number if it is necessary.
fn free(wanted: &str, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(wanted) {
        return wanted.to_owned();
    }
    let mut number = 2_u64;
    loop {
        let suffix = format!("-{number}");
        let length = wanted.len().min(MAX_LENGTH - suffix.len());
        let start = wanted.get(..length).unwrap_or(wanted);
        let candidate = format!("{}{suffix}", start.trim_end_matches('-'));
        if !is_taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_valid_and_taken_once() {
        let mut slugs = Slugs::default();
        let long = "a".repeat(100);
        for (slug, title, made) in [
            ("hello", "T", "hello"),
            ("hello", "T", "hello-2"),
            ("hello", "T", "hello-3"),
            ("Trotsky_Speaks.html", "T", "trotsky-speaks-html"),
            ("%d1%81%d0%bb%d0%be%d0%b2%d0%be", "T", "slovo"),
            ("", "On trains", "on-trains"),
            ("", "", "article"),
            (&long, "T", &long),
            (&long, "T", &format!("{}-2", "a".repeat(98))),
        ] {
            assert_eq!(slugs.for_article(slug, title, "en").slug, made, "{slug}");
        }
        assert_eq!(slugs.for_page("hello", "T", "en").slug, "hello");
        let reserved = slugs.for_page("archive", "T", "en");
        assert_eq!(reserved.slug, "page-archive");
        assert!(reserved.warning.is_some());
    }
}
