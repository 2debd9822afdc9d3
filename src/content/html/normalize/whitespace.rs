//! Writes text, and normalizes the white space around blocks and lines.

use super::Writer;
use crate::content::html::{
    escape::push_text,
    normalize::{MAX_DEPTH, Open, Vocabulary},
};

impl Writer<'_> {
    pub(super) fn text(&mut self, text: &str) {
        let is_blank = text.chars().all(char::is_whitespace);
        if is_blank && (self.paragraph_due || self.between_cells) {
            return;
        }
        self.start_due_paragraph();
        if self.normalizer.is_remote {
            let text = self.filter.clean(text);
            self.verbatim_text(&text);
        } else if self.joins_lines() {
            self.write_joined_lines(text);
        } else {
            self.verbatim_text(text);
        }
    }

    /// Writes a text, without newlines at the beginning of a `pre`: each parser would drop one of them (HTML Standard,
    /// 13.2.6.4.7), so that the text would depend on how often it was parsed.
    fn verbatim_text(&mut self, text: &str) {
        let text = if self.start_of_pre == Some(self.out.len()) {
            text.trim_start_matches('\n')
        } else {
            text
        };
        push_text(&mut self.out, text);
    }

    /// Returns whether newlines are blanks here, and are dropped around blocks. Browsers do that; some servers (Misskey)
    /// show each newline as a line break.
    fn joins_lines(&self) -> bool {
        let is_federated =
            self.normalizer.vocabulary == Vocabulary::Fediverse && !self.normalizer.is_remote;
        is_federated && self.open.iter().all(|open| open.name != "pre")
    }

    fn write_joined_lines(&mut self, text: &str) {
        let mut lines = text.split('\n');
        let first = lines.next().unwrap_or_default();
        self.write_collapsed(first);
        for line in lines {
            let end = self.out.trim_end_matches([' ', '\t', '\r']).len();
            self.out.truncate(end);
            if !self.at_start {
                self.out.push(' ');
            }
            self.write_collapsed(line.trim_start_matches([' ', '\t', '\r']));
        }
    }

    fn write_collapsed(&mut self, text: &str) {
        let text = if self.at_start || self.out.ends_with(' ') {
            text.trim_start_matches([' ', '\t', '\r'])
        } else {
            text
        };
        self.at_start &= text.is_empty();
        push_text(&mut self.out, text);
    }

    /// Marks the start or end of a block or line, and drops a blank before it.
    pub(super) fn end_block(&mut self) {
        if self.joins_lines() {
            self.out.truncate(self.out.trim_end_matches(' ').len());
            self.at_start = true;
        }
    }

    pub(super) fn start_due_paragraph(&mut self) {
        if std::mem::take(&mut self.paragraph_due) && self.open.len() < MAX_DEPTH {
            self.out.push_str("<p>");
            self.open.push(Open {
                name: "p".into(),
                written: Some("p"),
            });
        }
    }
}
