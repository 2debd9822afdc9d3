//! Items that posts refer to by numbers: attachments, reusable blocks and the pages of menus. It is read before the posts.

use super::{
    channel::Channel,
    dates,
    items::field_of_text,
    tree::{self, Element},
};
use crate::importing::model::Located;
use std::collections::{BTreeMap, HashMap};

/// The maximum number of attachments that are remembered. Galleries lack the others.
const MAX_ATTACHMENTS: usize = 1_000_000;
/// The maximum size of all reusable blocks together.
const MAX_BLOCKS: usize = 8 << 20;

/// A file of the media library.
#[derive(Debug, Default)]
pub(super) struct Attachment {
    pub(super) url: String,
    pub(super) alt: String,
    pub(super) title: String,
    /// The caption, with the HTML that its author wrote.
    pub(super) caption: String,
}

impl Attachment {
    /// Returns the title that somebody gave it. WordPress makes one of the file's name.
    pub(super) fn own_title(&self) -> &str {
        let file = self.url.rsplit('/').next().unwrap_or_default();
        match file.starts_with(&self.title.replace(' ', "-")) {
            true => "",
            false => &self.title,
        }
    }

    /// Returns whether it is an `image`, `audio`, a `video`, or something else.
    pub(super) fn kind(&self) -> &'static str {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        match mime_guess::from_path(path).first() {
            Some(mime) if mime.type_() == "image" => "image",
            Some(mime) if mime.type_() == "audio" => "audio",
            Some(mime) if mime.type_() == "video" => "video",
            _ => "",
        }
    }

    pub(super) fn is_picture(&self) -> bool {
        self.kind() == "image"
    }
}

/// Items that posts refer to.
#[derive(Debug, Default)]
pub(super) struct Lookup {
    pub(super) channel: Channel,
    attachments: HashMap<String, Attachment>,
    /// The attachments of each post, in their order.
    children: HashMap<String, Vec<String>>,
    blocks: HashMap<String, String>,
    blocks_size: usize,
    /// The pages in menus, with their positions.
    pub(super) menu: BTreeMap<String, i64>,
    /// Parts of the channel that can't be read.
    pub(super) problems: Vec<Located<String>>,
    /// The number of items.
    pub(super) count: u64,
    /// How many milliseconds local dates of the site are ahead of UTC, by the first post that has both.
    offset: Option<i64>,
}

impl Lookup {
    /// Returns an attachment by its id.
    pub(super) fn attachment(&self, id: &str) -> Option<&Attachment> {
        self.attachments.get(id)
    }

    /// Returns the attachments of a post with their ids, in their order.
    pub(super) fn children_of<'a>(
        &'a self,
        post: &str,
    ) -> impl Iterator<Item = (&'a str, &'a Attachment)> {
        let ids = self.children.get(post).into_iter().flatten();
        ids.filter_map(|id| Some((id.as_str(), self.attachments.get(id)?)))
    }

    /// Returns the text of a reusable block.
    pub(super) fn block(&self, id: &str) -> Option<&str> {
        self.blocks.get(id).map(String::as_str)
    }

    /// Looks at the XML of an item.
    pub(super) fn see(&mut self, text: &str) {
        let kind = field_of_text(text, "wp:post_type");
        let is_referred_to = matches!(kind, Some("attachment" | "wp_block" | "nav_menu_item"));
        let is_first_post = kind == Some("post") && self.offset.is_none();
        if (is_referred_to || is_first_post)
            && let Ok(element) = tree::read(text)
            && let Some(item) = element.children.first()
        {
            self.offset = self.offset.or_else(|| dates::offset(item));
            self.add(item);
        }
    }

    /// Returns how many milliseconds local dates of the site are ahead of UTC, as far as the export shows it.
    pub(super) fn offset(&self) -> i64 {
        self.offset.unwrap_or_default()
    }

    /// Remembers an item.
    fn add(&mut self, item: &Element) {
        let id = item.text_of("wp:post_id").to_owned();
        match item.text_of("wp:post_type") {
            "attachment" if self.attachments.len() < MAX_ATTACHMENTS => {
                let url = match item.text_of("wp:attachment_url") {
                    "" => item.text_of("guid"),
                    url => url,
                };
                let attachment = Attachment {
                    url: url.to_owned(),
                    alt: meta(item, "_wp_attachment_image_alt")
                        .unwrap_or_default()
                        .to_owned(),
                    title: super::content::text_line(item.text_of("title")),
                    caption: item.text_of("excerpt:encoded").to_owned(),
                };
                let parent = item.text_of("wp:post_parent");
                if parent != "0" && !parent.is_empty() {
                    self.children
                        .entry(parent.to_owned())
                        .or_default()
                        .push(id.clone());
                }
                self.attachments.insert(id, attachment);
            }
            "wp_block" => {
                let text = item.raw_text_of("content:encoded");
                if self.blocks_size + text.len() <= MAX_BLOCKS {
                    self.blocks_size += text.len();
                    self.blocks.insert(id, text.to_owned());
                }
            }
            "nav_menu_item" if meta(item, "_menu_item_object") == Some("page") => {
                let position = item.text_of("wp:menu_order").parse().unwrap_or_default();
                if let Some(page) = meta(item, "_menu_item_object_id") {
                    self.menu.entry(page.to_owned()).or_insert(position);
                }
            }
            _ => {}
        }
    }
}

/// Returns a value that a plugin or a theme keeps with an item.
pub(super) fn meta<'a>(item: &'a Element, key: &str) -> Option<&'a str> {
    let found = item
        .all("wp:postmeta")
        .find(|meta| meta.text_of("wp:meta_key") == key)?;
    Some(found.text_of("wp:meta_value")).filter(|value| !value.is_empty())
}
