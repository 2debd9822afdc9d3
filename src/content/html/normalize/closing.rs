//! Closes open elements.

use super::{Open, Writer};
use crate::content::html::elements::{BLOCKS, CELLS};

impl Writer<'_> {
    /// Closes the elements that the start of an element called `name` closes without an end tag.
    pub(super) fn close_implied(&mut self, name: &str) {
        match name {
            "li" => self.close_nearest(&["li"], &["ul", "ol"]),
            "dt" | "dd" => self.close_nearest(&["dt", "dd"], &["dl"]),
            "td" | "th" => self.close_nearest(CELLS, &["tr", "table"]),
            "tr" => {
                self.close_nearest(CELLS, &["table"]);
                self.close_nearest(&["tr"], &["table"]);
            }
            _ => {}
        }
        if BLOCKS.contains(&name) {
            self.close_paragraph();
        }
    }

    /// Closes an open paragraph, if no other block is open inside it.
    pub(super) fn close_paragraph(&mut self) {
        let innermost = self.open.iter().rposition(|open| is_container(&open.name));
        if let Some(position) = innermost
            && self.open[position].name == "p"
        {
            self.close_down_to(position);
        }
    }

    /// Closes the innermost open element of `names`, unless one of `boundaries` is open inside it.
    pub(super) fn close_nearest(&mut self, names: &[&str], boundaries: &[&str]) {
        let is_either =
            |open: &Open| names.contains(&&*open.name) || boundaries.contains(&&*open.name);
        if let Some(position) = self.open.iter().rposition(is_either)
            && names.contains(&&*self.open[position].name)
        {
            self.close_down_to(position);
        }
    }

    /// Closes elements until `length` are open.
    pub(super) fn close_down_to(&mut self, length: usize) {
        while self.open.len() > length {
            if self
                .open
                .last()
                .is_some_and(|open| BLOCKS.contains(&open.name.as_str()))
            {
                self.end_block();
            }
            if let Some(Open {
                written: Some(name),
                ..
            }) = self.open.pop()
            {
                self.out.push_str("</");
                self.out.push_str(name);
                self.out.push('>');
            }
        }
    }
}

fn is_container(name: &str) -> bool {
    BLOCKS.contains(&name) || CELLS.contains(&name)
}
