//! Static pages as files: front matter with fewer keys than an article's, then the text in Markdown.

#[cfg(test)]
use super::{ArticleFile, FrontMatterError};
use super::{ArticleSource, Menu, front_matter};

/// The first parts of addresses that the node uses or may use. A page must not have one as its slug, because it could not
/// be reached there.
const RESERVED: &[&str] = &[
    "actor",
    "activities",
    "admin",
    "api",
    "archive",
    "articles",
    "assets",
    "author",
    "authorizations",
    "authors",
    "card",
    "cards",
    "comments",
    "draft",
    "drafts",
    "embed",
    "featured",
    "features",
    "feed",
    "feeds",
    "healthz",
    "home",
    "inbox",
    "interact",
    "login",
    "logout",
    "manifest",
    "media",
    "micropub",
    "moderate",
    "nodeinfo",
    "notes",
    "oembed",
    "outbox",
    "page",
    "pages",
    "pictures",
    "post",
    "posts",
    "preview",
    "quotes",
    "report",
    "reports",
    "robots",
    "rss",
    "search",
    "settings",
    "sitemap",
    "sitemaps",
    "source",
    "static",
    "subscribe",
    "tag",
    "tags",
    "theme",
    "unsubscribe",
    "users",
    "webmention",
];

/// A static page as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageSource {
    /// Title, slug, language, summary, picture and text. All else is unset.
    pub article: ArticleSource,
    /// The menu that links to the page.
    pub menu: Option<Menu>,
    /// The position in the menu: smaller numbers come first.
    pub position: Option<i64>,
}

impl PageSource {
    /// Parses a page's file as [`ArticleFile::parse_page`] does.
    #[cfg(test)]
    pub(crate) fn parse(file_text: &str) -> Result<Self, FrontMatterError> {
        let file = ArticleFile::parse_page(file_text)?;
        Ok(PageSource {
            article: file.article,
            menu: file.menu,
            position: file.position,
        })
    }

    /// Writes the file of which [`ArticleFile::parse_page`](super::ArticleFile::parse_page) makes this page.
    pub(crate) fn to_file_text(&self) -> String {
        let yaml = front_matter::write_page(&self.article, self.menu, self.position);
        format!("---\n{yaml}---\n\n{}", self.article.markdown)
    }

    /// Returns whether no page can have a slug: the node needs the address, or it looks like a year.
    pub(crate) fn is_reserved(slug: &str) -> bool {
        RESERVED.contains(&slug) || slug.bytes().all(|byte| byte.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_written_as_it_was_read() {
        let text = "---\ntitle: 'Imprint: who we are'\nslug: imprint\nlanguage: de\nimage: us.jpg\nmenu: footer\n\
                    position: '2'\n---\n\nText.\n";
        let page = PageSource::parse(text).unwrap();
        assert_eq!((page.menu, page.position), (Some(Menu::Footer), Some(2)));
        assert_eq!(PageSource::parse(&page.to_file_text()), Ok(page));
    }

    #[test]
    fn keys_of_articles_are_not_used_for_pages() {
        let page = ArticleFile::parse_page("---\ntitle: A\ntags: b\nmenu: main\nweight: 3\n---\n")
            .unwrap();
        assert_eq!(page.warnings, ["ignored: tags"]);
        assert_eq!((page.menu, page.position), (Some(Menu::Header), Some(3)));
        let hugo = "+++\ntitle = 'A'\n[menu.footer]\nweight = 10\n+++\n";
        let page = ArticleFile::parse_page(hugo).unwrap();
        assert_eq!((page.menu, page.position), (Some(Menu::Footer), Some(10)));
        let article = ArticleFile::parse("---\ntitle: A\nmenu: header\n---\n", None).unwrap();
        assert_eq!(article.warnings, ["ignored: menu"]);
        let position = PageSource::parse("---\ntitle: A\nposition: first\n---\n").unwrap_err();
        assert!(position.to_string().contains("whole number"), "{position}");
    }

    /// Every address of the node begins with a reserved word, or has a character that no slug has.
    #[test]
    fn no_page_can_take_the_address_of_a_route() {
        let routes = include_str!("../../web/server.rs");
        let paths = routes.split("\"/").skip(1);
        let firsts = paths.filter_map(|path| path.split(['/', '"']).next());
        let firsts: Vec<&str> = firsts
            .filter(|first| !first.is_empty() && !first.contains(['{', '.', '_']))
            .collect();
        assert!(firsts.contains(&"users"), "{firsts:?}");
        for first in firsts {
            assert!(
                PageSource::is_reserved(first) || first == "privacy",
                "{first}"
            );
        }
        assert!(PageSource::is_reserved("2026"));
        for free in ["about", "contact", "imprint", "privacy"] {
            assert!(!PageSource::is_reserved(free), "{free}");
        }
    }
}
