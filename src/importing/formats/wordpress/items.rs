//! Posts, pages and attachments.

use super::{
    addresses,
    content::{Converter, text_line},
    dates,
    lookup::{Lookup, meta},
    tree::Element,
};
use crate::{
    content::hashtag,
    importing::model::{Body, ImportedArticle, ImportedFile, ImportedPage, ImportedStatus, Item},
};
use std::collections::BTreeSet;

/// Types of items that WordPress and its themes keep for themselves, or that were read before the others. Those of the
/// ActivityPub plugin begin with `ap_`.
const INTERNAL: &[&str] = &[
    "custom_css",
    "customize_changeset",
    "nav_menu_item",
    "oembed_cache",
    "revision",
    "user_request",
    "wp_block",
    "wp_font_face",
    "wp_font_family",
    "wp_global_styles",
    "wp_navigation",
    "wp_template",
    "wp_template_part",
];

/// The outcome for an item.
pub(super) enum Outcome {
    Item(Item),
    /// It is not imported by design; a sentence about how many such items there were names this.
    LeftOut(String),
    /// Nobody would miss it.
    Internal,
    Broken(String),
}

/// A term of a post.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term {
    pub(super) domain: String,
    pub(super) slug: String,
    pub(super) name: String,
}

/// Reads items.
pub(super) struct Reader<'a> {
    pub(super) lookup: &'a Lookup,
    pub(super) notices: &'a mut BTreeSet<String>,
    /// The terms of the published posts so far.
    pub(super) terms: &'a mut BTreeSet<Term>,
}

impl Reader<'_> {
    /// Reads an item without its comments.
    pub(super) fn read(&mut self, item: &Element) -> Outcome {
        let id = item.text_of("wp:post_id");
        let kind = item.text_of("wp:post_type");
        if INTERNAL.contains(&kind) || kind.starts_with("ap_") {
            return Outcome::Internal;
        }
        if id.is_empty() || id == "0" {
            return Outcome::Broken("it has no id".to_owned());
        }
        match (item.text_of("wp:status"), kind) {
            ("auto-draft", _) => Outcome::Internal,
            ("trash", _) => Outcome::LeftOut("in the trash".to_owned()),
            (_, "post" | "") => self.article(id, item),
            (_, "page") => self.page(id, item),
            (_, "attachment") => match self.file(id, item) {
                Some(file) => Outcome::Item(Item::File(file)),
                None => Outcome::Broken("it is an attachment without an address".to_owned()),
            },
            (_, other) => Outcome::LeftOut(format!("of the type `{other}`")),
        }
    }

    fn article(&mut self, id: &str, item: &Element) -> Outcome {
        let status = self.status(item);
        let (published_at, updated_at) = self.dates(item);
        let (image, image_alt) = self.image(item);
        let creator = item.text_of("dc:creator");
        Outcome::Item(Item::Article(Box::new(ImportedArticle {
            key: id.to_owned(),
            title: text_line(item.text_of("title")),
            slug: addresses::decoded(item.text_of("wp:post_name")),
            body: self.body(id, item),
            summary: summary(item),
            author: (!creator.is_empty()).then(|| creator.to_owned()),
            tags: self.tags(item, status == ImportedStatus::Published),
            language: self.lookup.channel.language.clone(),
            status,
            published_at,
            updated_at,
            comments_are_open: open(item.text_of("wp:comment_status")),
            pings_are_open: open(item.text_of("wp:ping_status")),
            image,
            image_alt,
            is_pinned: item.text_of("wp:is_sticky") == "1",
            former_paths: addresses::of_item(item, &self.lookup.channel),
            ..ImportedArticle::default()
        })))
    }

    fn page(&mut self, id: &str, item: &Element) -> Outcome {
        let is_draft = self.status(item) != ImportedStatus::Published;
        let (published_at, updated_at) = self.dates(item);
        let (image, image_alt) = self.image(item);
        let order = item.text_of("wp:menu_order").parse().unwrap_or_default();
        // A site without a menu shows all its pages that are in no other.
        let in_menu = match self.lookup.menu.get(id) {
            None if self.lookup.menu.is_empty()
                && matches!(item.text_of("wp:post_parent"), "" | "0") =>
            {
                Some(order)
            }
            found => found.copied(),
        };
        Outcome::Item(Item::Page(Box::new(ImportedPage {
            key: id.to_owned(),
            title: text_line(item.text_of("title")),
            slug: addresses::decoded(item.text_of("wp:post_name")),
            body: self.body(id, item),
            summary: summary(item),
            language: self.lookup.channel.language.clone(),
            is_draft,
            in_menu: in_menu.is_some() && !is_draft,
            position: in_menu.unwrap_or(order),
            published_at,
            updated_at,
            image,
            image_alt,
            former_paths: addresses::of_item(item, &self.lookup.channel),
        })))
    }

    fn file(&self, id: &str, item: &Element) -> Option<ImportedFile> {
        let attachment = self.lookup.attachment(id)?;
        if attachment.url.is_empty() {
            return None;
        }
        let some = |text: String| (!text.is_empty()).then_some(text);
        let caption = text_line(&attachment.caption);
        Some(ImportedFile {
            address: attachment.url.clone(),
            path: meta(item, "_wp_attached_file").map(|path| format!("wp-content/uploads/{path}")),
            alt: some(attachment.alt.clone()),
            title: some(if caption.is_empty() {
                attachment.own_title().to_owned()
            } else {
                caption
            }),
        })
    }

    fn body(&mut self, id: &str, item: &Element) -> Body {
        let mut converter = Converter::of(self.lookup, id, self.notices);
        Body::Html(converter.html(item.raw_text_of("content:encoded")))
    }

    fn status(&mut self, item: &Element) -> ImportedStatus {
        let mut draft_because = |what: &str| {
            self.notices.insert(format!(
                "{what} become drafts: Pamphlet has nothing like it"
            ));
            ImportedStatus::Draft
        };
        match item.text_of("wp:status") {
            "publish" | "future" if !item.text_of("wp:post_password").is_empty() => {
                draft_because("posts and pages with a password")
            }
            "publish" => ImportedStatus::Published,
            "future" => ImportedStatus::Scheduled,
            "private" => draft_because("private posts and pages"),
            _ => ImportedStatus::Draft,
        }
    }

    fn dates(&self, item: &Element) -> (Option<i64>, Option<i64>) {
        let offset = self.lookup.offset();
        (dates::published(item, offset), dates::updated(item, offset))
    }

    /// Returns the lead picture and its alternative text.
    fn image(&self, item: &Element) -> (Option<String>, Option<String>) {
        let picture = meta(item, "_thumbnail_id").and_then(|id| self.lookup.attachment(id));
        let Some(picture) = picture.filter(|picture| picture.is_picture()) else {
            return (None, None);
        };
        (
            Some(picture.url.clone()),
            (!picture.alt.is_empty()).then(|| picture.alt.clone()),
        )
    }

    /// Returns the names of the categories and tags, categories first.
    fn tags(&mut self, item: &Element, is_published: bool) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for domain in ["category", "post_tag"] {
            for term in item
                .all("category")
                .filter(|term| term.attribute("domain") == domain)
            {
                let (slug, name) = (term.attribute("nicename"), text_line(term.text()));
                // The category of posts without one.
                if name.is_empty() || slug == "uncategorized" {
                    continue;
                }
                if is_published && !slug.is_empty() {
                    self.terms.insert(Term {
                        domain: domain.to_owned(),
                        slug: slug.to_owned(),
                        name: name.clone(),
                    });
                }
                if !names
                    .iter()
                    .any(|known| hashtag::key(known) == hashtag::key(&name))
                {
                    names.push(name);
                }
            }
        }
        names
    }
}

fn open(status: &str) -> Option<bool> {
    match status {
        "open" => Some(true),
        "closed" => Some(false),
        _ => None,
    }
}

fn summary(item: &Element) -> Option<String> {
    let text = text_line(item.text_of("excerpt:encoded"));
    (!text.is_empty()).then_some(text)
}

/// Returns how people know an item: `post 12 (On trains)`.
pub(super) fn name_of(item: &Element) -> String {
    let kind = match item.text_of("wp:post_type") {
        "" => "item",
        kind => kind,
    };
    named(
        kind,
        item.text_of("wp:post_id"),
        &text_line(item.text_of("title")),
    )
}

fn named(kind: &str, id: &str, title: &str) -> String {
    let id = if id.is_empty() {
        String::new()
    } else {
        format!(" {id}")
    };
    let title: String = title.chars().take(80).collect();
    if title.is_empty() {
        format!("{kind}{id}")
    } else {
        format!("{kind}{id} ({title})")
    }
}

/// Returns how people know an item that can't be read as XML.
pub(super) fn name_of_text(text: &str) -> String {
    let kind = field_of_text(text, "wp:post_type").unwrap_or("item");
    let id = field_of_text(text, "wp:post_id").unwrap_or_default();
    let title = field_of_text(text, "title").unwrap_or_default();
    named(kind, id, &text_line(title))
}

/// Returns the text of an element in the XML of an item, which need not be well-formed.
pub(super) fn field_of_text<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (inner, _) = rest.split_once(&format!("</{name}>"))?;
    let inner = inner.trim();
    let inner = inner
        .strip_prefix("<![CDATA[")
        .and_then(|inner| inner.strip_suffix("]]>"))
        .unwrap_or(inner);
    Some(inner.trim()).filter(|inner| !inner.is_empty())
}
