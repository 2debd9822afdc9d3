//! Attributes of other software's HTML that are longer than the tokenizer reads, such as files that are written into
//! addresses. They would end the text.

/// The maximum length of an attribute's value, in bytes.
const MAX_VALUE: usize = 8 * 1024;
/// The maximum length of a tag, in bytes. The tokenizer reads some more.
const MAX_TAG: usize = 28 * 1024;
/// The maximum length of a name in a tag that is too long, in bytes.
const MAX_NAME: usize = 100;

/// Empties the values of attributes that exceed 8 KiB or are a file (`data:`), and removes comments. Returns whether a
/// part is missing then: a long value, or the text after a tag or comment without an end.
pub(crate) fn without_long_values(html: &str) -> (String, bool) {
    shortened(html, 0)
}

/// Shortens such values so far that the tokenizer reads them, and [`without_long_values`] still finds them.
pub(crate) fn with_shorter_values(html: &str) -> String {
    shortened(html, MAX_VALUE + 1).0
}

/// Leaves `left` bytes of each long value.
fn shortened(html: &str, left: usize) -> (String, bool) {
    let mut scan = Scan {
        rest: html,
        out: String::with_capacity(html.len()),
        left,
        lacks_part: false,
    };
    while let Some(at) = scan.rest.find('<') {
        scan.copy(at);
        scan.pass_markup();
    }
    scan.out.push_str(scan.rest);
    (scan.out, scan.lacks_part)
}

/// A text that is read from its beginning.
struct Scan<'a> {
    rest: &'a str,
    out: String,
    left: usize,
    lacks_part: bool,
}

impl Scan<'_> {
    fn copy(&mut self, length: usize) {
        let (copied, rest) = self.rest.split_at(length);
        self.out.push_str(copied);
        self.rest = rest;
    }

    /// Leaves out the rest, as a browser does after a tag without an end.
    fn give_up(&mut self) {
        self.rest = "";
        self.lacks_part = true;
    }

    /// Passes a tag, a comment, or a `<` that is text.
    fn pass_markup(&mut self) {
        let mut after = self.rest.bytes().skip(1);
        match (after.next(), after.next()) {
            (Some(b'!'), _) if self.rest.starts_with("<!--") => self.pass_comment(),
            (Some(b'!' | b'?'), _) => self.pass_declaration(),
            (Some(b'/'), Some(first)) if !first.is_ascii_alphabetic() => self.pass_declaration(),
            (Some(b'/'), Some(_)) => self.pass_tag(),
            (Some(first), _) if first.is_ascii_alphabetic() => self.pass_tag(),
            _ => self.copy(1),
        }
    }

    fn pass_comment(&mut self) {
        // `<!-->` is a whole comment.
        const START: usize = "<!".len();
        const END: &str = "-->";
        match self.rest[START..].find(END) {
            Some(end) => self.rest = &self.rest[START + end + END.len()..],
            None => self.give_up(),
        }
    }

    fn pass_declaration(&mut self) {
        match self.rest.find('>') {
            Some(end) if end < MAX_TAG => self.copy(end + 1),
            Some(end) => self.rest = &self.rest[end + 1..],
            None => self.give_up(),
        }
    }

    fn pass_tag(&mut self) {
        let Some(tag) = Tag::read(self.rest, self.left) else {
            return self.give_up();
        };
        self.out.push_str(&tag.text);
        self.lacks_part |= tag.lacks_part;
        let name = &self.rest[1..tag.name_end];
        self.rest = &self.rest[tag.length..];
        if ["script", "style"]
            .iter()
            .any(|raw| name.eq_ignore_ascii_case(raw))
        {
            match end_of_raw(self.rest, name) {
                Some(end) => self.copy(end),
                None => self.give_up(),
            }
        }
    }
}

/// A tag at the beginning of a text.
struct Tag {
    length: usize,
    name_end: usize,
    /// The tag with shorter values.
    text: String,
    lacks_part: bool,
}

impl Tag {
    /// Reads a tag. Returns `None` for one without an end.
    fn read(html: &str, left: usize) -> Option<Tag> {
        let bytes = html.as_bytes();
        let mut at = until(bytes, 1, |byte| is_blank(byte) || byte == b'>');
        let name_end = match html[2..at].find('/') {
            Some(slash) => slash + 2,
            None => at,
        };
        at = name_end;
        let mut text = html[..name_end].to_owned();
        let mut lacks_part = false;
        loop {
            let start = at;
            at = until(bytes, at, |byte| !is_blank(byte) && byte != b'/');
            if *bytes.get(at)? == b'>' {
                text.push_str(&html[start..=at]);
                break;
            }
            at = until(bytes, at + 1, |byte| {
                is_blank(byte) || matches!(byte, b'=' | b'/' | b'>')
            });
            let equals = until(bytes, at, |byte| !is_blank(byte));
            text.push_str(&html[start..at]);
            if bytes.get(equals) != Some(&b'=') {
                continue;
            }
            let value = Value::read(html, equals + 1)?;
            lacks_part |= value.text.len() > MAX_VALUE;
            text.push_str(&value.written(left));
            at = value.end;
        }
        if text.len() > MAX_TAG {
            lacks_part = true;
            text = match name_end <= MAX_NAME {
                true => format!("{}>", &html[..name_end]),
                false => String::new(),
            };
        }
        Some(Tag {
            length: at + 1,
            name_end,
            text,
            lacks_part,
        })
    }
}

/// The value of an attribute.
struct Value<'a> {
    text: &'a str,
    /// The quotes around it, if it has them.
    quote: &'a str,
    /// The position after it.
    end: usize,
}

impl<'a> Value<'a> {
    /// Reads the value after a `=`. Returns `None` for one without an end.
    fn read(html: &'a str, after: usize) -> Option<Value<'a>> {
        let bytes = html.as_bytes();
        let start = until(bytes, after, |byte| !is_blank(byte));
        if let b'"' | b'\'' = *bytes.get(start)? {
            let quote = &html[start..=start];
            let text = &html[start + 1..];
            let length = text.find(quote)?;
            return Some(Value {
                text: &text[..length],
                quote,
                end: start + 1 + length + 1,
            });
        }
        let end = until(bytes, start, |byte| is_blank(byte) || byte == b'>');
        Some(Value {
            text: &html[start..end],
            quote: "",
            end,
        })
    }

    /// Returns `=` and the value, of which `left` bytes stay if it is too long.
    fn written(&self, left: usize) -> String {
        let is_file = left == 0 && self.text.trim_start().starts_with("data:");
        if !is_file && self.text.len() <= MAX_VALUE {
            return format!("={0}{1}{0}", self.quote, self.text);
        }
        let quote = match self.quote {
            "" => "\"",
            quote => quote,
        };
        // An unquoted value may have quotes in it.
        let text = &self.text[..self.text.floor_char_boundary(left)];
        format!("={quote}{}{quote}", text.replace(quote, ""))
    }
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

/// Returns the position of the first byte from `from` for which `is_it` holds, or else the end.
fn until(bytes: &[u8], from: usize, is_it: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.iter().skip(from);
    let found = rest.copied().position(is_it);
    found.map_or(bytes.len(), |found| from + found)
}

/// Returns the position of the end tag of a script or style sheet.
fn end_of_raw(text: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text[from..].find("</") {
        let at = from + found;
        let after = text.as_bytes().get(at + 2..at + 2 + name.len());
        if after.is_some_and(|after| after.eq_ignore_ascii_case(name.as_bytes())) {
            return Some(at);
        }
        from = at + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_emptied_and_all_else_stays() {
        let long = "M".repeat(40_000);
        for (html, shortened, lacks_part) in [
            ("<p>a < b & c</p> <3", "<p>a < b & c</p> <3", false),
            ("<p>a<!-- > -->b<!-->c</p>", "<p>abc</p>", false),
            (
                "<img src='data:x,\"' alt = \"a > b\">é",
                "<img src='' alt=\"a > b\">é",
                false,
            ),
            (
                &format!("<svg><path d=\"{long}\"/></svg> after"),
                "<svg><path d=\"\"/></svg> after",
                true,
            ),
            (
                &format!("<img é=1 src=data:{long} alt=b>after"),
                "<img é=1 src=\"\" alt=b>after",
                true,
            ),
            (
                &format!("<a {}>b</a>", "x=1234 ".repeat(10_000)),
                "<a>b</a>",
                true,
            ),
            (
                "<script>if (a<b && c=\"</p>) {}</SCRIPT>d",
                "<script>if (a<b && c=\"</p>) {}</SCRIPT>d",
                false,
            ),
            (
                "<br/><!DOCTYPE html></ p>a",
                "<br/><!DOCTYPE html></ p>a",
                false,
            ),
            ("a<b c=\"d>e", "a", true),
            ("a<!-- b", "a", true),
            ("a<b", "a", true),
            ("<", "<", false),
        ] {
            let found = without_long_values(html);
            assert_eq!(found, (shortened.to_owned(), lacks_part), "{html:.80}");
        }
        let shorter = with_shorter_values(&format!("<img src=\"{long}\">"));
        assert!(shorter.len() < 9000);
        assert!(without_long_values(&shorter).1);
    }

    #[test]
    fn signs_that_begin_tags_take_no_long_time() {
        for part in ["<a ", "<", "<a b='", "<!-", "</", "<a b=\"'\" "] {
            without_long_values(&part.repeat(1 << 18));
        }
    }
}
