//! Headings: their levels follow the page's, and each has an anchor that links to itself.

use super::{
    Writer,
    pieces::{self, StartTag},
};
use crate::content::slug::Slug;
use std::collections::HashMap;

/// The beginning of each anchor, so that none is an id of the page.
const PREFIX: &str = "s-";
/// The lowest level of headings in HTML.
const LOWEST: u8 = 6;

/// The headings of a text so far.
pub(super) struct Headings<'a> {
    top: u8,
    /// BCP 47 tag of the text's language, which determines how letters are transliterated.
    language: &'a str,
    /// The levels in the text of the current heading and those above it.
    path: Vec<u8>,
    /// The anchors, each with the number of headings whose text gives it.
    ids: HashMap<String, usize>,
    /// The end tags of the open heading.
    end: String,
}

impl<'a> Headings<'a> {
    pub(super) fn new(top: u8, language: &'a str) -> Self {
        Self {
            top,
            language,
            path: Vec::new(),
            ids: HashMap::new(),
            end: String::new(),
        }
    }

    /// Returns the level at which the next heading is shown, so that none is skipped.
    fn level(&mut self, written: u8) -> u8 {
        while self.path.last().is_some_and(|above| *above >= written) {
            self.path.pop();
        }
        let depth = u8::try_from(self.path.len()).unwrap_or(LOWEST);
        self.path.push(written);
        self.top.saturating_add(depth).min(LOWEST)
    }

    /// Returns the anchor of a heading with this text.
    fn id(&mut self, text: &str) -> String {
        let slug = Slug::from_title(text, self.language)
            .map_or_else(|| "section".to_owned(), |slug| slug.to_string());
        let id = format!("{PREFIX}{slug}");
        loop {
            let count = self.ids.entry(id.clone()).or_default();
            *count += 1;
            if *count == 1 {
                return id;
            }
            let numbered = format!("{id}-{count}");
            if !self.ids.contains_key(&numbered) {
                self.ids.insert(numbered.clone(), 1);
                return numbered;
            }
        }
    }
}

impl<'a> Writer<'a> {
    pub(super) fn start_heading(&mut self, tag: StartTag<'a>) {
        let end_tag = format!("</{}>", tag.name);
        let end = self.rest.find(&end_tag).unwrap_or(self.rest.len());
        let inner = &self.rest[..end];
        let text = pieces::text_of(inner);
        if text.is_empty() && !inner.contains("<img") {
            // An empty heading has no use, and readers would stumble over it.
            self.rest = self.rest[end..].strip_prefix(&end_tag).unwrap_or_default();
            return;
        }
        let written = tag.name[1..].parse().unwrap_or(LOWEST);
        let level = self.headings.level(written);
        self.out.push_str(&format!("<h{level}"));
        if self.decoration.has_anchors {
            let id = self.headings.id(&text);
            self.out
                .push_str(&format!(" id=\"{id}\"{}", tag.after_name()));
            // A link can't contain a link.
            if inner.contains("<a ") {
                self.headings.end = format!("</h{level}>");
            } else {
                self.out
                    .push_str(&format!("<a class=\"anchor\" href=\"#{id}\">"));
                self.headings.end = format!("</a></h{level}>");
            }
        } else {
            self.out.push_str(tag.after_name());
            self.headings.end = format!("</h{level}>");
        }
    }

    pub(super) fn end_heading(&mut self) {
        let end = std::mem::take(&mut self.headings.end);
        self.out.push_str(&end);
    }
}
