//! A publication as WordPress exports it: WXR 1.2, which its importer and many other programs read.
//!
//! Texts are rendered as HTML in one block each, so that WordPress shows them as they are. Pictures are attachments with
//! their public addresses, from which an importer fetches them.

mod comments;
mod items;
mod xml;

use super::{ExportError, NewFile, Overwrite};
use crate::{
    content::{Slug, hashtag, markdown},
    node::Node,
    store::{self, Conn},
};
use chrono_tz::Tz;
use std::{collections::HashMap, io, path::Path};
use xml::{Xml, escaped};

/// The number of rows that are read at once.
const BATCH: i64 = 200;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- This is a WordPress eXtended RSS file. In WordPress, import it under Tools, Import, WordPress. -->
<rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
"#;

/// The contents of an export.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WordpressOptions {
    pub overwrite: Overwrite,
    /// Whether mail addresses of guests are written.
    pub with_private: bool,
}

/// The numbers of exported items.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Report {
    pub articles: u64,
    pub pages: u64,
    pub notes: u64,
    pub comments: u64,
    pub attachments: u64,
}

/// An export while it is written.
struct Export<'a> {
    node: &'a Node,
    conn: Conn,
    xml: Xml,
    zone: Tz,
    with_private: bool,
    /// The logins of authors by the ids of their rows, and of bylines.
    logins: HashMap<i64, String>,
    bylines: HashMap<String, String>,
    /// The post ids of attachments, by their names.
    attachments: HashMap<String, u64>,
    /// The alternative texts of lead pictures, by their addresses: WordPress has them at the files.
    lead_alts: HashMap<String, String>,
    last_id: u64,
    last_comment: u64,
    report: Report,
}

/// Writes all articles, pages, notes and comments into a file. `progress` gets the number of items that are done.
///
/// # Errors
/// If the file can't be written, or the database fails.
pub(crate) async fn export(
    node: &Node,
    path: &Path,
    options: WordpressOptions,
    progress: impl Fn(u64),
) -> Result<Report, ExportError> {
    let mut conn = node.store.read().await?;
    let lead_alts = conn.lead_picture_alts().await?;
    let mut export = Export {
        node,
        conn,
        lead_alts: lead_alts.into_iter().collect(),
        xml: Xml(NewFile::create(path, options.overwrite)?),
        zone: node.config.site.time_zone,
        with_private: options.with_private,
        logins: HashMap::new(),
        bylines: HashMap::new(),
        attachments: HashMap::new(),
        last_id: 0,
        last_comment: 0,
        report: Report::default(),
    };
    export.channel().await?;
    export.all_attachments(&progress).await?;
    export.all_pages(&progress).await?;
    export.all_articles(&progress).await?;
    export.all_notes(&progress).await?;
    export.write(|xml| xml.raw("</channel>\n</rss>\n"))?;
    export.xml.0.finish()?;
    Ok(export.report)
}

impl Export<'_> {
    fn write(&mut self, write: impl FnOnce(&mut Xml) -> io::Result<()>) -> Result<(), ExportError> {
        write(&mut self.xml).map_err(|error| self.xml.0.failure(error))
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Writes what is about the whole site: its name, its authors and its tags.
    async fn channel(&mut self) -> Result<(), ExportError> {
        let (site, home) = (&self.node.config.site, self.node.urls().home());
        let home = home.trim_end_matches('/').to_owned();
        let summary = markdown::render(&site.summary, self.node.urls().base()).page;
        let authors = self.conn.authors().await?;
        let bylines = self.conn.bylines_without_author().await?;
        let tags = self.conn.listed_tags().await?;
        let mut logins: Vec<(String, String)> =
            vec![(site.username.as_str().to_owned(), site.name.clone())];
        for author in authors {
            self.logins.insert(author.id, author.username.clone());
            logins.push((author.username, author.name));
        }
        for byline in bylines {
            let login = login_of(&byline, &logins);
            self.bylines.insert(byline.clone(), login.clone());
            logins.push((login, byline));
        }
        let (name, language) = (site.name.clone(), site.language.clone());
        self.write(|xml| {
            xml.raw(HEAD)?;
            xml.text("title", &escaped(&name))?;
            xml.plain("link", xml::attribute(&home))?;
            xml.text("description", &escaped(&summary.to_text()))?;
            xml.plain("pubDate", xml::rfc822(store::now()))?;
            xml.plain("language", xml::attribute(&language))?;
            xml.plain("wp:wxr_version", "1.2")?;
            xml.plain("wp:base_site_url", xml::attribute(&home))?;
            xml.plain("wp:base_blog_url", xml::attribute(&home))?;
            for (index, (login, name)) in logins.iter().enumerate() {
                xml.raw("<wp:author>\n")?;
                xml.plain("wp:author_id", index + 1)?;
                xml.text("wp:author_login", login)?;
                xml.text("wp:author_email", "")?;
                xml.text("wp:author_display_name", &escaped(name))?;
                xml.text("wp:author_first_name", "")?;
                xml.text("wp:author_last_name", "")?;
                xml.raw("</wp:author>\n")?;
            }
            for (index, tag) in tags.iter().enumerate() {
                xml.raw("<wp:tag>\n")?;
                xml.plain("wp:term_id", index + 1)?;
                xml.text("wp:tag_slug", &nicename(&tag.name))?;
                xml.text("wp:tag_name", &escaped(&tag.name))?;
                xml.raw("</wp:tag>\n")?;
            }
            xml.plain("generator", "https://wordpress.org/?v=6.1")
        })
    }
}

/// Returns a login for the name of somebody without a row.
fn login_of(name: &str, known: &[(String, String)]) -> String {
    let slug =
        Slug::from_title(name, "").map_or_else(|| "author".to_owned(), |slug| slug.to_string());
    let is_free = |login: &String| known.iter().all(|(other, _)| other != login);
    let numbered = (2..).map(|number| format!("{slug}-{number}"));
    let mut logins = std::iter::once(slug.clone()).chain(numbered);
    logins.find(is_free).unwrap_or(slug)
}

/// Returns the name of a tag in addresses, as WordPress makes it.
fn nicename(tag: &str) -> String {
    match Slug::from_title(tag, "") {
        Some(slug) => slug.to_string(),
        None => url::form_urlencoded::byte_serialize(hashtag::key(tag).as_bytes()).collect(),
    }
}
