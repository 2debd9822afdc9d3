//! Tables: each column as wide as necessary, and all of it as wide as the terminal at most.

use super::screen::{self, columns, cut, pad};

/// The columns between two cells.
const GAP: usize = 2;
/// A column that gives room to others keeps at least this much.
const NARROWEST: usize = 12;

/// Returns the lines of a table, with its headings first. Cells are cut if the table is wider than `most` columns.
pub(super) fn draw(headings: &[&str], rows: &[Vec<String>], most: Option<usize>) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| columns(cell)).max().unwrap_or(0);
        widest.max(columns(headings[column]))
    };
    let mut widths: Vec<usize> = (0..headings.len()).map(width).collect();
    if let Some(most) = most {
        shrink(&mut widths, most);
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells
            .zip(&widths)
            .map(|(cell, width)| pad(&cut(cell, *width), *width));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let head = line(&mut headings.iter().copied());
    let mut lines = vec![screen::paint(&head, screen::HEADING)];
    lines.extend(
        rows.iter()
            .map(|row| line(&mut row.iter().map(String::as_str))),
    );
    lines
}

/// Narrows columns until the table fits: the last one first, which has free text in most tables, then the widest.
fn shrink(widths: &mut [usize], most: usize) {
    let gaps = GAP * widths.len().saturating_sub(1);
    loop {
        let total = widths.iter().sum::<usize>() + gaps;
        let excess = total.saturating_sub(most);
        if excess == 0 {
            return;
        }
        let last = widths.len() - 1;
        let widest = (0..widths.len()).max_by_key(|column| widths[*column]);
        let column = match widest {
            _ if widths[last] > 2 * NARROWEST => last,
            Some(widest) if widths[widest] > NARROWEST => widest,
            _ => return,
        };
        let least = if column == last {
            2 * NARROWEST
        } else {
            NARROWEST
        };
        let least = least.min(widths[column] - 1);
        widths[column] = widths[column].saturating_sub(excess).max(least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [
            [
                "2026-11-26",
                "on-reading",
                "On reading slowly, and on long books",
            ],
            ["2026-11-27", "日本", "日本語の長い本についての短い文章です"],
        ]
        .map(|row| row.map(str::to_owned).to_vec())
        .to_vec()
    }

    #[test]
    fn columns_are_aligned_with_wide_characters() {
        let lines = draw(&["DATE", "SLUG", "TITLE"], &rows(), None);
        assert_eq!(
            lines,
            [
                "DATE        SLUG        TITLE",
                "2026-11-26  on-reading  On reading slowly, and on long books",
                "2026-11-27  日本        日本語の長い本についての短い文章です",
            ]
        );
    }

    #[test]
    fn a_table_fits_the_terminal() {
        for most in 46..70 {
            for line in draw(&["DATE", "SLUG", "TITLE"], &rows(), Some(most)) {
                assert!(columns(&line) <= most, "{most}: {line}");
            }
        }
        let lines = draw(&["DATE", "SLUG", "TITLE"], &rows(), Some(50));
        assert_eq!(
            lines[1],
            "2026-11-26  on-reading  On reading slowly, and on…"
        );
    }

    #[test]
    fn a_very_narrow_terminal_ends_the_cutting() {
        let wide = vec![vec!["x".repeat(200), "y".repeat(200), "z".repeat(200)]];
        let lines = draw(&["A", "B", "C"], &wide, Some(10));
        assert!(columns(&lines[1]) < 80);
    }
}
