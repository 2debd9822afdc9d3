//! The terminal: its width, the width of texts in it, and the few colours of the output.

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::io::IsTerminal;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The fewest columns that a program can expect.
const NARROWEST: usize = 40;

/// Bold, for headings of tables and lists.
pub(crate) const HEADING: Style = Style::new().bold();
/// For warnings.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// For errors and failures.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Returns a text for stdout in a style, or plain if stdout is no terminal or shows no colours (`NO_COLOR`, `CLICOLOR`).
pub(crate) fn paint(text: &str, style: Style) -> String {
    styled(text, style, AutoStream::choice(&std::io::stdout()))
}

/// Returns a text for stderr in a style.
pub(crate) fn paint_error(text: &str, style: Style) -> String {
    styled(text, style, AutoStream::choice(&std::io::stderr()))
}

fn styled(text: &str, style: Style, choice: ColorChoice) -> String {
    if choice == ColorChoice::Never {
        return text.to_owned();
    }
    format!("{style}{text}{style:#}")
}

/// Returns the number of columns of the terminal that stdout is; `None` if it is none.
pub(crate) fn width() -> Option<usize> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let size = rustix::termios::tcgetwinsize(&stdout).ok()?;
    let columns = usize::from(size.ws_col);
    (columns > 0).then_some(columns.max(NARROWEST))
}

/// Returns the number of columns that a text takes: Chinese characters and emoji take two.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// Returns a text that takes at most `most` columns, with an ellipsis if it was longer.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= most {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// Returns a text with spaces up to a number of columns.
pub(crate) fn pad(text: &str, to: usize) -> String {
    let missing = to.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(columns("日本"), 4);
        assert_eq!(columns("naïve"), 5);
        assert_eq!(columns("👩‍💻"), 2);
        assert_eq!(pad("日本", 6), "日本  ");
        assert_eq!(pad("longer", 3), "longer");
    }

    #[test]
    fn a_cut_text_fits_and_says_that_it_is_cut() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("a longer one", 3), "a…");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
        for most in 1..8 {
            assert!(columns(&cut("日本語 text", most)) <= most);
        }
    }
}
