//! Articles, pages, notes and attachments as items.

use super::{
    BATCH, Export, nicename,
    xml::{self, escaped},
};
use crate::{
    content::{html::escape, markdown},
    exporting::ExportError,
    store::{
        self, Article, ArticleStatus, CommentState, Media, Note, NoteFilter, NoteState, PinState,
        StaticPage,
    },
};
use regex::Regex;
use std::{borrow::Cow, sync::LazyLock};
use url::Url;

/// Matches a player of a video, as the renderer writes it.
static PLAYER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"<figure class="embed[^>]*><a href="([^"]+)">[^<]*</a></figure>"#).ok()
});

/// The fields of all posts in WordPress.
struct Post {
    id: u64,
    kind: &'static str,
    title: String,
    link: String,
    guid: String,
    creator: String,
    content: String,
    excerpt: String,
    published_at: i64,
    /// Whether it gets its date when it is published.
    is_undated: bool,
    updated_at: i64,
    status: &'static str,
    slug: String,
    comments: &'static str,
    pings: &'static str,
    position: i64,
    is_sticky: bool,
    /// Pairs of domain and name.
    terms: Vec<(&'static str, String)>,
    meta: Vec<(&'static str, String)>,
}

fn open_or_closed(is_open: bool) -> &'static str {
    if is_open { "open" } else { "closed" }
}

impl Export<'_> {
    pub(super) async fn all_attachments(
        &mut self,
        progress: &impl Fn(u64),
    ) -> Result<(), ExportError> {
        let mut last = String::new();
        loop {
            let files = self.conn.media_after(&last, BATCH).await?;
            let Some(end) = files.last() else {
                return Ok(());
            };
            last.clone_from(&end.name);
            for file in files {
                self.attachment(&file)?;
                progress(self.last_id);
            }
        }
    }

    fn attachment(&mut self, file: &Media) -> Result<(), ExportError> {
        let id = self.next_id();
        let address = self.node.urls().at(&file.address());
        self.attachments.insert(file.name.clone(), id);
        let alt = file.alt.clone().filter(|alt| !alt.is_empty());
        let alt = alt.or_else(|| self.lead_alts.get(&file.address()).cloned());
        let post = Post {
            kind: "attachment",
            title: file.name.clone(),
            link: address.clone(),
            guid: address.clone(),
            published_at: file.created_at,
            updated_at: file.created_at,
            status: "inherit",
            slug: file.name.replace('.', "-"),
            comments: "closed",
            meta: vec![("_wp_attachment_image_alt", alt.unwrap_or_default())],
            ..self.post(id)
        };
        self.report.attachments += 1;
        self.begin(&post)?;
        self.write(|xml| {
            xml.text("wp:attachment_url", &address)?;
            xml.raw("</item>\n")
        })
    }

    pub(super) async fn all_pages(&mut self, progress: &impl Fn(u64)) -> Result<(), ExportError> {
        let mut last = 0;
        loop {
            let pages = self.conn.pages(last, BATCH).await?;
            let Some(end) = pages.last() else {
                return Ok(());
            };
            last = end.id;
            for page in pages {
                self.page(&page)?;
                progress(self.last_id);
            }
        }
    }

    fn page(&mut self, page: &StaticPage) -> Result<(), ExportError> {
        let link = self.node.urls().at(&format!("/{}", page.slug));
        let alt = page.image_alt.as_deref().unwrap_or_default();
        let picture = page.image_url.as_deref().map(|url| (url, alt));
        let id = self.next_id();
        let (content, meta) = self.content(&page.markdown, &link, picture, None);
        let post = Post {
            kind: "page",
            title: page.title.clone(),
            guid: link.clone(),
            content,
            excerpt: page.summary.clone().unwrap_or_default(),
            published_at: page.created_at,
            updated_at: page.updated_at.unwrap_or(page.created_at),
            slug: page.slug.clone(),
            comments: "closed",
            position: page.position,
            meta,
            link,
            ..self.post(id)
        };
        self.report.pages += 1;
        self.begin(&post)?;
        self.write(|xml| xml.raw("</item>\n"))
    }

    pub(super) async fn all_articles(
        &mut self,
        progress: &impl Fn(u64),
    ) -> Result<(), ExportError> {
        let mut last = i64::MIN;
        loop {
            let ids = self.conn.article_ids(last, BATCH).await?;
            let Some(end) = ids.last() else {
                return Ok(());
            };
            last = *end;
            let mut articles = self.conn.articles_by_ids(&ids).await?;
            articles.sort_by_key(|article| article.id);
            for article in articles {
                self.article(&article).await?;
                progress(self.last_id);
            }
        }
    }

    async fn article(&mut self, article: &Article) -> Result<(), ExportError> {
        let pin = self.conn.pin_state(article.id).await?;
        let is_sticky = pin.is_some_and(|pin| pin != PinState::Removed);
        let (urls, id) = (self.node.urls().clone(), self.next_id());
        let permalink = urls.permalink(article);
        let alt = article.image_alt.as_deref().unwrap_or_default();
        let picture = article.image_url.as_deref().map(|url| (url, alt));
        let (content, mut meta) =
            self.content(&article.markdown, &permalink, picture, article.warning());
        if let Some(language) = &article.language {
            meta.push(("language", language.clone()));
        }
        let is_draft = article.status == ArticleStatus::Draft;
        let login = article.author_id.and_then(|id| self.logins.get(&id));
        let login = login.or_else(|| self.bylines.get(&article.byline)).cloned();
        let post = Post {
            kind: "post",
            title: article.title.clone(),
            link: match is_draft {
                true => format!("{}?p={id}", urls.home()),
                false => permalink,
            },
            guid: urls.article(&article.uid),
            content,
            excerpt: article.summary.clone().unwrap_or_default(),
            published_at: article.published_at,
            is_undated: is_draft && article.is_undated,
            updated_at: article.updated_at.unwrap_or(article.published_at),
            status: match (is_draft, article.published_at > store::now()) {
                (true, _) => "draft",
                (false, true) => "future",
                (false, false) => "publish",
            },
            slug: article.slug.clone(),
            comments: open_or_closed(article.comments == "open"),
            pings: open_or_closed(article.pings == "open"),
            is_sticky,
            terms: article
                .tags
                .iter()
                .map(|tag| ("post_tag", tag.clone()))
                .collect(),
            meta,
            ..self.post(id)
        };
        let creator = login.unwrap_or_else(|| post.creator.clone());
        self.report.articles += 1;
        self.begin(&Post { creator, ..post })?;
        self.comments_of(article.id).await?;
        self.write(|xml| xml.raw("</item>\n"))
    }

    pub(super) async fn all_notes(&mut self, progress: &impl Fn(u64)) -> Result<(), ExportError> {
        let filter = NoteFilter {
            replies: Some(false),
            ..NoteFilter::default()
        };
        let mut last = i64::MAX;
        loop {
            let notes = self.conn.own_notes(&filter, last, BATCH).await?;
            let Some(end) = notes.last() else {
                return Ok(());
            };
            last = end.id;
            let is_public =
                |note: &Note| matches!(note.state, NoteState::Waiting | NoteState::Live);
            for note in notes.into_iter().filter(is_public) {
                self.note(&note)?;
                progress(self.last_id);
            }
        }
    }

    /// Writes a note as a post of the format "aside", which has no title.
    fn note(&mut self, note: &Note) -> Result<(), ExportError> {
        let (link, id) = (self.node.urls().note(&note.uid), self.next_id());
        let alt = note.image_alt.as_deref().unwrap_or_default();
        let picture = note.image_url.as_deref().map(|url| (url, alt));
        let warning = note.content_warning.as_deref();
        let (content, meta) = self.content(&note.markdown, &link, picture, warning);
        let post = Post {
            kind: "post",
            guid: link.clone(),
            content,
            published_at: note.published_at,
            updated_at: note.edited_at.unwrap_or(note.published_at),
            slug: format!("note-{}", note.id),
            comments: "closed",
            terms: vec![("post_format", "post-format-aside".to_owned())],
            meta,
            link,
            ..self.post(id)
        };
        self.report.notes += 1;
        self.begin(&post)?;
        self.write(|xml| xml.raw("</item>\n"))
    }

    /// Returns a text as HTML in one block, with absolute addresses, and the property that names its lead picture.
    fn content(
        &self,
        source: &str,
        permalink: &str,
        picture: Option<(&str, &str)>,
        warning: Option<&str>,
    ) -> (String, Vec<(&'static str, String)>) {
        let base = Url::parse(permalink).unwrap_or_else(|_| self.node.urls().base().clone());
        let html = markdown::render(source, &base).page.to_absolute(&base);
        let (mut content, mut meta) = (String::from("<!-- wp:html -->\n"), Vec::new());
        if let Some(warning) = warning {
            content.push_str(&self::warning(warning));
            content.push('\n');
        }
        if let Some((address, alt)) = picture
            && let Ok(address) = base.join(address)
        {
            let name = address.path().strip_prefix("/media/").unwrap_or_default();
            match self.attachments.get(name) {
                Some(id) => meta.push(("_thumbnail_id", id.to_string())),
                None => content.push_str(&format!(
                    "<figure><img src=\"{}\" alt=\"{}\"></figure>\n",
                    escape(address.as_str()),
                    escape(alt)
                )),
            }
        }
        content.push_str(without_players(html.as_str()).trim());
        content.push_str("\n<!-- /wp:html -->");
        // WordPress would take text in square brackets for shortcodes.
        (content.replace('[', "&#91;"), meta)
    }

    /// Returns a published post without anything in it.
    fn post(&self, id: u64) -> Post {
        Post {
            id,
            kind: "post",
            title: String::new(),
            link: String::new(),
            guid: String::new(),
            creator: self.node.config.site.username.as_str().to_owned(),
            content: String::new(),
            excerpt: String::new(),
            published_at: 0,
            is_undated: false,
            updated_at: 0,
            status: "publish",
            slug: String::new(),
            comments: "open",
            pings: "closed",
            position: 0,
            is_sticky: false,
            terms: Vec::new(),
            meta: Vec::new(),
        }
    }

    /// Writes an item up to its comments.
    fn begin(&mut self, post: &Post) -> Result<(), ExportError> {
        let zone = self.zone;
        self.write(|xml| {
            xml.raw("<item>\n")?;
            xml.text("title", &escaped(&post.title))?;
            xml.plain("link", xml::attribute(&post.link))?;
            match post.is_undated {
                true => xml.plain("pubDate", "")?,
                false => xml.plain("pubDate", xml::rfc822(post.published_at))?,
            }
            xml.text("dc:creator", &post.creator)?;
            xml.element("guid", " isPermaLink=\"false\"", &post.guid)?;
            xml.text("description", "")?;
            xml.text("content:encoded", &post.content)?;
            xml.text("excerpt:encoded", &escaped(&post.excerpt))?;
            xml.plain("wp:post_id", post.id)?;
            match post.is_undated {
                true => xml.no_times("wp:post_date")?,
                false => xml.times("wp:post_date", post.published_at, zone)?,
            }
            xml.times("wp:post_modified", post.updated_at, zone)?;
            xml.text("wp:comment_status", post.comments)?;
            xml.text("wp:ping_status", post.pings)?;
            xml.text("wp:post_name", &post.slug)?;
            xml.text("wp:status", post.status)?;
            xml.plain("wp:post_parent", 0)?;
            xml.plain("wp:menu_order", post.position)?;
            xml.text("wp:post_type", post.kind)?;
            xml.text("wp:post_password", "")?;
            xml.plain("wp:is_sticky", u8::from(post.is_sticky))?;
            for (domain, name) in &post.terms {
                let (slug, name) = match *domain {
                    "post_format" => (name.clone(), "Aside"),
                    _ => (nicename(name), name.as_str()),
                };
                let attributes = format!(
                    " domain=\"{domain}\" nicename=\"{}\"",
                    xml::attribute(&slug)
                );
                xml.element("category", &attributes, &escaped(name))?;
            }
            for (key, value) in post.meta.iter().filter(|(_, value)| !value.is_empty()) {
                xml.meta("postmeta", key, value)?;
            }
            Ok(())
        })
    }
}

/// Returns a warning as HTML before the content that it is about.
pub(super) fn warning(text: &str) -> String {
    format!("<p><strong>{}</strong></p>", escape(text))
}

/// Replaces players of videos by paragraphs with their addresses, which WordPress makes players of.
fn without_players(html: &str) -> Cow<'_, str> {
    match &*PLAYER {
        Some(player) => player.replace_all(html, "<p>$1</p>"),
        None => Cow::Borrowed(html),
    }
}

/// Returns the state of a comment in WordPress; `None` for one that is not exported.
pub(super) fn approval(state: CommentState) -> Option<&'static str> {
    match state {
        CommentState::Visible => Some("1"),
        CommentState::Held => Some("0"),
        CommentState::Spam => Some("spam"),
        CommentState::Hidden => Some("trash"),
        CommentState::Unconfirmed | CommentState::Deleted => None,
    }
}
