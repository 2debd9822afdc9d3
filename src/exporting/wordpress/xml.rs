//! Writes elements of WXR. Texts are CDATA, as WordPress writes them.

use crate::{base::time, exporting::NewFile};
use chrono_tz::Tz;
use std::{
    borrow::Cow,
    io::{self, Write},
};

/// A file of XML that is being written.
pub(super) struct Xml(pub(super) NewFile);

impl Xml {
    /// Writes markup as it is.
    pub(super) fn raw(&mut self, markup: &str) -> io::Result<()> {
        self.0.write_all(markup.as_bytes())
    }

    /// Writes an element with a text, which may have any characters.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.element(name, "", text)
    }

    /// Writes an element with attributes, which begin with a space.
    pub(super) fn element(&mut self, name: &str, attributes: &str, text: &str) -> io::Result<()> {
        let text = cdata(text);
        writeln!(self.0, "<{name}{attributes}><![CDATA[{text}]]></{name}>")
    }

    /// Writes an element with a number or a word.
    pub(super) fn plain(&mut self, name: &str, value: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self.0, "<{name}>{value}</{name}>")
    }

    /// Writes a time, in a time zone and in UTC.
    pub(super) fn times(&mut self, name: &str, milliseconds: i64, zone: Tz) -> io::Result<()> {
        let utc = time::from_millis(milliseconds);
        let local = utc.with_timezone(&zone).format(DATE);
        self.text(name, &local.to_string())?;
        self.text(&format!("{name}_gmt"), &utc.format(DATE).to_string())
    }

    /// Writes the time of a post that has none yet, as WordPress does.
    pub(super) fn no_times(&mut self, name: &str) -> io::Result<()> {
        self.text(name, NO_DATE)?;
        self.text(&format!("{name}_gmt"), NO_DATE)
    }

    /// Writes a property of a post or comment.
    pub(super) fn meta(&mut self, of: &str, key: &str, value: &str) -> io::Result<()> {
        self.raw(&format!("<wp:{of}>\n"))?;
        self.text("wp:meta_key", key)?;
        self.text("wp:meta_value", value)?;
        self.raw(&format!("</wp:{of}>\n"))
    }
}

const NO_DATE: &str = "0000-00-00 00:00:00";
const DATE: &str = "%Y-%m-%d %H:%M:%S";

/// Formats a time as feeds do (RFC 822 with four digits for the year).
pub(super) fn rfc822(milliseconds: i64) -> String {
    let time = time::from_millis(milliseconds);
    time.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// Returns the content of a CDATA section: without characters that XML forbids, and its end divided between two sections.
fn cdata(text: &str) -> Cow<'_, str> {
    let is_allowed =
        |c: char| matches!(c, '\t' | '\n') || c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}');
    let text = match text.chars().all(is_allowed) {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.chars().filter(|c| is_allowed(*c)).collect()),
    };
    match text.contains("]]>") {
        true => Cow::Owned(text.replace("]]>", "]]]]><![CDATA[>")),
        false => text,
    }
}

/// Escapes a text that WordPress keeps as HTML, such as a title or name.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}

/// Escapes a text for an attribute or plain element.
pub(super) fn attribute(text: &str) -> String {
    escaped(text).replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_any_characters_stays_in_its_element() {
        assert_eq!(cdata("a\0b\u{b}c\n"), "abc\n");
        assert_eq!(cdata("x ]]> y"), "x ]]]]><![CDATA[> y");
        assert_eq!(rfc822(1_282_381_200_000), "Sat, 21 Aug 2010 09:00:00 +0000");
    }
}
