//! Divides sanitized HTML into blocks.

use super::chunk::{Chunk, FLOW, RAW, TRANSPARENT};
use crate::content::html::tokens::{self, Tag, Token};
use std::collections::HashSet;

/// Divides sanitized HTML into blocks.
pub(super) fn of(html: &str) -> Vec<Chunk> {
    let mut reader = Reader {
        chunks: Vec::new(),
        current: None,
        anchors: anchors_in(html),
    };
    tokens::read_own(html, |token| reader.token(token));
    reader.flush();
    reader.chunks
}

/// Returns the names to which links inside of the text lead.
fn anchors_in(html: &str) -> HashSet<String> {
    let links = html.split("href=\"#").skip(1);
    links
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

struct Reader {
    chunks: Vec<Chunk>,
    current: Option<Chunk>,
    anchors: HashSet<String>,
}

impl Reader {
    fn token(&mut self, token: Token) {
        match token {
            Token::Start(tag) => self.start(&tag),
            Token::End(name) => self.end(&name),
            Token::Text(text) => {
                if self.current.is_none() && text.trim().is_empty() {
                    return;
                }
                self.current.get_or_insert_default().push_text(&text);
            }
        }
    }

    fn start(&mut self, tag: &Tag) {
        let name = tag.name.as_str();
        let is_inside = self
            .current
            .as_ref()
            .is_some_and(|chunk| !chunk.open.is_empty());
        if !is_inside {
            if TRANSPARENT.contains(&name) {
                return self.flush();
            }
            if FLOW.contains(&name) || RAW.contains(&name) {
                self.flush();
                self.current = Some(Chunk::of(name));
            }
        }
        let is_anchor = tag.get("id").is_some_and(|id| self.anchors.contains(id));
        let chunk = self.current.get_or_insert_default();
        chunk.push_start(tag);
        chunk.is_raw |= is_anchor;
        if name == "hr" && !is_inside {
            self.flush();
        }
    }

    fn end(&mut self, name: &str) {
        let Some(chunk) = self.current.as_mut().filter(|chunk| !chunk.open.is_empty()) else {
            return self.flush();
        };
        chunk.push_end(name);
        if chunk.open.is_empty() && !chunk.name.is_empty() {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let Some(mut chunk) = self.current.take() else {
            return;
        };
        chunk.link_address();
        let nested = chunk.html.matches("<figure").count() > 1;
        if chunk.name == "figure" && (nested || !chunk.has_caption) {
            let inner = chunk.html.split_once('>').map_or("", |(_, inner)| inner);
            let inner = inner.strip_suffix("</figure>").unwrap_or(inner);
            self.chunks.extend(of(inner));
        } else {
            self.chunks.push(chunk);
        }
    }
}
