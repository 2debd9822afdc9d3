//! Writes values into HTML.

use minijinja::{Error, Output, State, Value, escape_formatter, value::ValueKind};
use std::fmt::Write;

/// Writes a value into HTML. Everything is escaped for elements and for attributes in any quotes, except safe strings.
/// An absent value is written as nothing.
pub(super) fn write_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match (value.kind(), value.as_str()) {
        (ValueKind::None, _) => Ok(()),
        (_, Some(text)) if value.is_safe() => Ok(out.write_str(text)?),
        (_, Some(text)) => Ok(write_escaped(out, text)?),
        _ => escape_formatter(out, state, value),
    }
}

/// Escapes a text for HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    // A string takes everything.
    let _ = write_escaped(&mut out, text);
    out
}

fn write_escaped(out: &mut impl Write, text: &str) -> std::fmt::Result {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.write_str(&rest[..at])?;
        out.write_str(match rest.as_bytes()[at] {
            b'&' => "&#38;",
            b'<' => "&#60;",
            b'>' => "&#62;",
            b'"' => "&#34;",
            _ => "&#39;",
        })?;
        rest = &rest[at + 1..];
    }
    out.write_str(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped_and_all_else_stays() {
        for (text, escaped) in [
            ("", ""),
            ("https://example.org/a?b=c", "https://example.org/a?b=c"),
            (
                "<b a=\"1\" c='2'>&é🌵",
                "&#60;b a=&#34;1&#34; c=&#39;2&#39;&#62;&#38;é🌵",
            ),
        ] {
            let mut out = String::new();
            write_escaped(&mut out, text).unwrap();
            assert_eq!(out, escaped);
        }
    }
}
