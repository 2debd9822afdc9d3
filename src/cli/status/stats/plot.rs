//! Small plots of block characters.

use std::io::IsTerminal;

/// The eight heights of a character, lowest first.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The height of a plot in lines.
const HEIGHT: usize = 6;
/// The width of the labels on the left.
const LABELS: usize = 8;

/// Returns the width of the terminal; `None` if stdout is none, where no plots are drawn.
pub(super) fn width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col).clamp(40, 200))
}

/// Returns a line of numbers as a row of blocks, at most `width` characters wide.
pub(super) fn sparkline(values: &[i64], width: usize) -> String {
    let values = resampled(values, width);
    let most = values.iter().copied().fold(0.0, f64::max);
    let block = |value: &f64| {
        if most <= 0.0 || *value <= 0.0 {
            return ' ';
        }
        let height = (value / most * 7.0).round() as usize;
        BLOCKS[height.min(7)]
    };
    values.iter().map(block).collect()
}

/// Draws a plot of numbers over time, with its lowest and highest number on the left, and a text below each end.
pub(super) fn area(values: &[i64], width: usize, first: &str, last: &str) -> Vec<String> {
    let columns = resampled(values, width.saturating_sub(LABELS + 1).max(1));
    let most = columns.iter().copied().fold(f64::MIN, f64::max);
    let least = columns.iter().copied().fold(f64::MAX, f64::min);
    // A plot of large numbers that hardly differ begins near them; all others begin at 0.
    let base = if most > 0.0 && (most - least) < most / 4.0 {
        (least - (most - least)).max(0.0)
    } else {
        0.0
    };
    let eighths = |value: f64| {
        if most <= base {
            return 0;
        }
        ((value - base) / (most - base) * (HEIGHT * 8) as f64).round() as usize
    };
    let mut lines = Vec::new();
    for row in (0..HEIGHT).rev() {
        let label = match row {
            _ if row == HEIGHT - 1 => format!("{most:.0}"),
            0 => format!("{base:.0}"),
            _ => String::new(),
        };
        let drawn: String = columns
            .iter()
            .map(|value| match eighths(*value).saturating_sub(row * 8) {
                0 => ' ',
                filled => BLOCKS[filled.min(8) - 1],
            })
            .collect();
        lines.push(format!("{label:>LABELS$} {drawn}").trim_end().to_owned());
    }
    let gap = columns
        .len()
        .saturating_sub(first.len() + last.len())
        .max(1);
    lines.push(format!("{:LABELS$} {first}{:gap$}{last}", "", ""));
    lines
}

/// Returns a bar in proportion to the largest number.
pub(super) fn bar(value: i64, most: i64, width: usize) -> String {
    if most <= 0 || value <= 0 {
        return String::new();
    }
    let eighths = (value as f64 / most as f64 * (width * 8) as f64)
        .round()
        .max(1.0) as usize;
    let full = "█".repeat(eighths / 8);
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    format!("{full}{}", PARTS[eighths % 8])
}

/// Returns at most `width` numbers: means of the values that fall into each column.
fn resampled(values: &[i64], width: usize) -> Vec<f64> {
    if values.len() <= width {
        return values.iter().map(|value| *value as f64).collect();
    }
    let column = |index: usize| {
        let from = index * values.len() / width;
        let to = ((index + 1) * values.len() / width).max(from + 1);
        let part = &values[from..to];
        part.iter().sum::<i64>() as f64 / part.len() as f64
    };
    (0..width).map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_shows_the_shape() {
        assert_eq!(sparkline(&[0, 1, 4, 8], 10), " ▂▅█");
        assert_eq!(sparkline(&[0, 0], 10), "  ");
        assert_eq!(sparkline(&vec![5; 1000], 20).chars().count(), 20);
        assert_eq!(sparkline(&[], 20), "");
    }

    #[test]
    fn a_plot_has_the_width_of_the_terminal() {
        let lines = area(
            &(0..500).collect::<Vec<_>>(),
            60,
            "2026-01-01",
            "2026-06-01",
        );
        assert_eq!(lines.len(), HEIGHT + 1);
        assert!(
            lines.iter().all(|line| line.chars().count() <= 60),
            "{lines:#?}"
        );
        assert!(lines[HEIGHT].ends_with("2026-06-01"));
        assert_eq!(area(&[0], 60, "a", "b").len(), HEIGHT + 1);
    }

    #[test]
    fn bars_are_in_proportion() {
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(1, 1000, 4), "▏");
        assert_eq!(bar(0, 10, 4), "");
    }
}
