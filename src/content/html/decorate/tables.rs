//! Tables: each is in a region that scrolls, and aligns its cells by classes.

use super::{
    Writer,
    pieces::{self, StartTag},
    push_attribute,
};

/// The tables of a text so far.
#[derive(Default)]
pub(super) struct Tables {
    /// The number of tables.
    count: usize,
    /// The number of open tables.
    open: usize,
    is_in_head: bool,
    /// Whether the open header cell is empty, and written as a data cell.
    is_empty_header: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn start_table_part(&mut self, tag: StartTag<'a>) {
        match tag.name {
            "table" => self.start_table(tag),
            "thead" => {
                self.tables.is_in_head = true;
                self.out.push_str(tag.raw);
            }
            _ => self.start_cell(tag),
        }
    }

    pub(super) fn end_table_part(&mut self, name: &str) {
        match name {
            "th" if std::mem::take(&mut self.tables.is_empty_header) => self.end_tag("td"),
            "table" => {
                self.end_tag("table");
                self.tables.open = self.tables.open.saturating_sub(1);
                if self.tables.open == 0 {
                    self.out.push_str("</div>");
                }
            }
            name => {
                self.tables.is_in_head &= name != "thead";
                self.end_tag(name);
            }
        }
    }

    fn start_table(&mut self, tag: StartTag<'a>) {
        self.tables.open += 1;
        if self.tables.open == 1 {
            self.tables.count += 1;
            let name = self.caption().unwrap_or_else(|| {
                format!("{} {}", self.decoration.labels.table, self.tables.count)
            });
            self.out
                .push_str("<div class=\"table\" role=\"region\" tabindex=\"0\"");
            push_attribute(&mut self.out, "aria-label", name.trim());
            self.out.push('>');
        }
        self.out.push_str(tag.raw);
    }

    /// Returns the caption of the table that begins here.
    fn caption(&self) -> Option<String> {
        let mut rest = self.rest.trim_start();
        pieces::next_start(&mut rest, "caption")?;
        let caption = pieces::text_of(&rest[..rest.find("</caption>")?]);
        (!caption.is_empty()).then_some(caption)
    }

    fn start_cell(&mut self, tag: StartTag<'a>) {
        let is_header = tag.name == "th";
        // Readers would hear an empty header with each cell.
        self.tables.is_empty_header = is_header && self.rest.starts_with("</th>");
        let is_header = is_header && !self.tables.is_empty_header;
        self.out.push_str(if is_header { "<th" } else { "<td" });
        if is_header && self.tables.is_in_head && tag.get("scope").is_none() {
            self.out.push_str(" scope=\"col\"");
        }
        let side = tag.get("align").filter(|side| {
            ["left", "right", "center"]
                .iter()
                .any(|known| side == known)
        });
        if let Some(side) = side {
            self.out.push_str(&format!(" class=\"align-{side}\""));
        }
        let bare = tag.without("align");
        self.out.push_str(&bare[1 + tag.name.len()..]);
    }
}
