//! Writes text, with the white space that belongs between blocks and lines.

use super::Shaper;
use crate::content::html::{
    escape::push_text,
    shape::{MAX_DEPTH, Open, Vocabulary},
};

impl Shaper<'_> {
    pub(super) fn text(&mut self, text: &str) {
        let is_blank = text.chars().all(char::is_whitespace);
        if is_blank && (self.paragraph_due || self.between_cells) {
            return;
        }
        self.begin_due_paragraph();
        if self.shape.is_remote {
            let text = self.filter.clean(text);
            self.text_as_it_is(&text);
        } else if self.joins_lines() {
            self.joined_lines(text);
        } else {
            self.text_as_it_is(text);
        }
    }

    /// Drops newlines at the beginning of a `pre`: each parser would drop one (HTML Standard, 13.2.6.4.7), so that the
    /// text would depend on how often it was parsed.
    fn text_as_it_is(&mut self, text: &str) {
        let text = match self.begin_of_pre == Some(self.out.len()) {
            true => text.trim_start_matches('\n'),
            false => text,
        };
        push_text(&mut self.out, text);
    }

    /// Returns whether newlines are blanks here, and are dropped around blocks. Browsers show them so; some servers
    /// (Misskey) show each as a line break.
    fn joins_lines(&self) -> bool {
        let is_federated = self.shape.vocabulary == Vocabulary::Fediverse && !self.shape.is_remote;
        is_federated && self.open.iter().all(|open| open.name != "pre")
    }

    fn joined_lines(&mut self, text: &str) {
        let mut lines = text.split('\n');
        let first = lines.next().unwrap_or_default();
        self.begin_text(first);
        for line in lines {
            let end = self.out.trim_end_matches([' ', '\t', '\r']).len();
            self.out.truncate(end);
            if !self.at_begin {
                self.out.push(' ');
            }
            self.begin_text(line.trim_start_matches([' ', '\t', '\r']));
        }
    }

    fn begin_text(&mut self, text: &str) {
        let text = match self.at_begin || self.out.ends_with(' ') {
            true => text.trim_start_matches([' ', '\t', '\r']),
            false => text,
        };
        self.at_begin &= text.is_empty();
        push_text(&mut self.out, text);
    }

    /// Ends or begins a block or line: a blank before it is dropped.
    pub(super) fn end_block(&mut self) {
        if self.joins_lines() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.at_begin = true;
        }
    }

    pub(super) fn begin_due_paragraph(&mut self) {
        if std::mem::take(&mut self.paragraph_due) && self.open.len() < MAX_DEPTH {
            self.out.push_str("<p>");
            self.open.push(Open {
                name: "p".into(),
                written: Some("p"),
            });
        }
    }
}
