//! Shortcodes of Hugo and Zola and tags of Jekyll (Liquid) in a text. The common ones become Markdown; any other stays as
//! it is, and is named to the author.

mod arguments;
mod code;
#[cfg(test)]
mod tests;

use arguments::Arguments;
use code::CodeRanges;
use std::collections::BTreeMap;

/// The maximum length of a shortcode, in bytes.
const MAX_BYTES: usize = 4096;
/// The maximum number of names in warnings.
const MAX_WARNINGS: usize = 20;
/// The maximum number of lines to name for one shortcode.
const MAX_LINES: usize = 5;

/// A text without the shortcodes that have a form in Markdown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turned {
    pub(super) markdown: String,
    /// Shortcodes that stay, with their lines in the text, from 1.
    pub(super) left: Vec<(Vec<usize>, String)>,
}

/// The outcome for one shortcode.
enum Outcome {
    /// It becomes this text.
    Text(String),
    /// It stays, and is named to the author.
    Left(String),
    /// It is nothing that another program would have replaced.
    Plain,
    /// All until this end stays as it is, without the marks around it.
    Verbatim(&'static str),
    /// All until this end is left out.
    Dropped(&'static str),
}

/// Turns shortcodes into Markdown. Each line of the text stays on its line.
pub(super) fn turn(markdown: &str) -> Turned {
    if !markdown.contains("{{") && !markdown.contains("{%") {
        return Turned {
            markdown: markdown.to_owned(),
            left: Vec::new(),
        };
    }
    let mut turner = Turner {
        text: markdown,
        code: CodeRanges::of(markdown),
        at: 0,
        out: String::with_capacity(markdown.len()),
        left: BTreeMap::new(),
        counted: (0, 1),
        without_end: Vec::new(),
    };
    turner.run();
    let mut left: Vec<(Vec<usize>, String)> = turner
        .left
        .into_iter()
        .map(|(name, lines)| (lines, name))
        .collect();
    left.sort();
    left.truncate(MAX_WARNINGS);
    Turned {
        markdown: turner.out,
        left,
    }
}

/// Describes a shortcode that stays.
pub(super) fn described(name: &str, lines: &[usize]) -> String {
    let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
    let place = match numbers.as_slice() {
        [one] => format!("line {one}"),
        many if many.len() <= MAX_LINES => format!("lines {}", many.join(", ")),
        many => format!("lines {} and more", many[..MAX_LINES].join(", ")),
    };
    format!(
        "{place}: {name} is an instruction to another program, and readers see it as it is: replace it by its text"
    )
}

struct Turner<'a> {
    text: &'a str,
    code: CodeRanges,
    at: usize,
    out: String,
    /// The lines of each shortcode that stays.
    left: BTreeMap<String, Vec<usize>>,
    /// A position, and its line.
    counted: (usize, usize),
    /// Tags after whose last beginning no end was found.
    without_end: Vec<&'static str>,
}

impl Turner<'_> {
    fn run(&mut self) {
        while let Some(start) = self.next_start() {
            self.out.push_str(&self.text[self.at..start]);
            self.at = start;
            let (opening, closing) = marks(&self.text[start..]);
            let inner_start = start + opening.len();
            let window = floor(self.text, inner_start + MAX_BYTES);
            let end = self.text[inner_start..window].find(closing);
            let Some(end) = end.map(|end| inner_start + end) else {
                self.copy_to(inner_start);
                continue;
            };
            let inner = &self.text[inner_start..end];
            let after = end + closing.len();
            match outcome(opening, inner) {
                Outcome::Text(text) => self.replace_to(after, &text),
                Outcome::Left(name) => {
                    let line = self.line_at(start);
                    let lines = self.left.entry(name).or_default();
                    if lines.last() != Some(&line) {
                        lines.push(line);
                    }
                    self.copy_to(after);
                }
                Outcome::Plain => self.copy_to(after),
                Outcome::Verbatim(tag) => self.verbatim(after, tag),
                Outcome::Dropped(tag) => match self.end_tag(after, tag) {
                    Some((_, end)) => self.replace_to(end, ""),
                    None => self.copy_to(after),
                },
            }
        }
        self.out.push_str(&self.text[self.at..]);
    }

    /// Returns the next place outside of code at which a shortcode may begin.
    fn next_start(&self) -> Option<usize> {
        let mut from = self.at;
        loop {
            let start = from + self.text[from..].find('{')?;
            let follows = self.text.as_bytes().get(start + 1);
            if !follows.is_some_and(|byte| matches!(byte, b'{' | b'%')) {
                from = start + 1;
                continue;
            }
            match self.code.end_at(start) {
                Some(end) => from = end,
                None => return Some(start),
            }
        }
    }

    /// Returns the line of a position. Positions only grow.
    fn line_at(&mut self, position: usize) -> usize {
        let (from, line) = self.counted;
        let line = line + self.text[from..position].matches('\n').count();
        self.counted = (position, line);
        line
    }

    fn copy_to(&mut self, end: usize) {
        self.out.push_str(&self.text[self.at..end]);
        self.at = end;
    }

    /// Writes another text for all until `end`, with as many line ends.
    fn replace_to(&mut self, end: usize, text: &str) {
        let missing = self.text[self.at..end].matches('\n').count();
        self.out.push_str(text);
        let written = text.matches('\n').count();
        self.out
            .push_str(&"\n".repeat(missing.saturating_sub(written)));
        self.at = end;
    }

    /// Finds `{% tag %}` from a position. Returns where it begins and ends.
    fn end_tag(&mut self, from: usize, tag: &'static str) -> Option<(usize, usize)> {
        if self.without_end.contains(&tag) {
            return None;
        }
        let mut at = from;
        while let Some(start) = self.text[at..].find("{%") {
            let start = at + start;
            let Some(length) = self.text[start..].find("%}") else {
                break;
            };
            let end = start + length + 2;
            let inner = self.text[start + 2..end - 2].trim_matches(['-', ' ', '\t', '\n']);
            if inner == tag {
                return Some((start, end));
            }
            at = end;
        }
        self.without_end.push(tag);
        None
    }

    /// Keeps what stands between `{% raw %}` and `{% endraw %}`.
    fn verbatim(&mut self, after: usize, tag: &'static str) {
        let Some((start, end)) = self.end_tag(after, tag) else {
            return self.copy_to(after);
        };
        self.replace_to(after, "");
        self.copy_to(start);
        self.replace_to(end, "");
    }
}

/// Returns the marks around a shortcode.
fn marks(text: &str) -> (&'static str, &'static str) {
    match text.get(..3) {
        Some("{{<") => ("{{<", ">}}"),
        Some("{{%") => ("{{%", "%}}"),
        _ if text.starts_with("{%") => ("{%", "%}"),
        _ => ("{{", "}}"),
    }
}

/// Returns the last boundary of a character that is not after an index.
fn floor(text: &str, mut index: usize) -> usize {
    index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

fn outcome(opening: &str, inner: &str) -> Outcome {
    let trimmed = inner.trim().trim_matches('-').trim();
    match opening {
        "{{<" | "{{%" => of_hugo(opening, trimmed),
        "{%" => of_liquid(trimmed),
        _ => of_braces(trimmed),
    }
}

/// A shortcode of Hugo: `{{< youtube w7Ft2ymGmfc >}}`.
fn of_hugo(opening: &str, inner: &str) -> Outcome {
    let closing = if opening == "{{<" { ">}}" } else { "%}}" };
    // An escaped shortcode is shown.
    if let Some(shown) = inner
        .strip_prefix("/*")
        .and_then(|inner| inner.strip_suffix("*/"))
    {
        return Outcome::Text(format!("{opening}{shown}{closing}"));
    }
    let (name, rest) = name_of(inner);
    match name {
        "highlight" => fence(rest),
        "/highlight" => Outcome::Text("```".to_owned()),
        _ => match media(name, &Arguments::of(rest)) {
            Some(text) => Outcome::Text(text),
            None => Outcome::Left(format!("{opening} {name} {closing}")),
        },
    }
}

/// A tag of Liquid, or a shortcode of Zola with a body: `{% highlight ruby %}`.
fn of_liquid(inner: &str) -> Outcome {
    let (name, rest) = name_of(inner);
    match name {
        "highlight" => fence(rest),
        "endhighlight" => Outcome::Text("```".to_owned()),
        "raw" => Outcome::Verbatim("endraw"),
        "comment" => Outcome::Dropped("endcomment"),
        _ => match media(name, &Arguments::of(rest)) {
            Some(text) => Outcome::Text(text),
            None if name.is_empty() => Outcome::Plain,
            None => Outcome::Left(format!("{{% {name} %}}")),
        },
    }
}

/// A value of Liquid, or a shortcode of Zola: `{{ youtube(id="w7Ft2ymGmfc") }}`.
fn of_braces(inner: &str) -> Outcome {
    if matches!(inner, "site.url" | "site.baseurl") {
        return Outcome::Text(String::new());
    }
    let (name, rest) = name_of(inner);
    if rest.trim_start().starts_with('(') {
        let inside = rest.trim().trim_start_matches('(').trim_end_matches(')');
        return match media(name, &Arguments::of(inside)) {
            Some(text) => Outcome::Text(text),
            None => Outcome::Left(format!("{{{{ {name}() }}}}")),
        };
    }
    if let Some((value, filter)) = inner.split_once('|') {
        let value = value.trim();
        let quoted = ['"', '\'']
            .iter()
            .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        let filter = filter.trim();
        let is_address = ["relative_url", "absolute_url", "prepend"]
            .iter()
            .any(|known| filter.starts_with(known));
        if let Some(address) = quoted.filter(|_| is_address) {
            return Outcome::Text(address.to_owned());
        }
    }
    let is_of_liquid = ["site.", "page.", "include.", "post."]
        .iter()
        .any(|start| inner.starts_with(start));
    if is_of_liquid {
        let name = inner.split(['|', ' ']).next().unwrap_or(inner);
        return Outcome::Left(format!("{{{{ {name} }}}}"));
    }
    Outcome::Plain
}

/// Divides a shortcode into its name and its arguments.
fn name_of(inner: &str) -> (&str, &str) {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let end = inner.find(|c| !is_name(c)).unwrap_or(inner.len());
    inner.split_at(end)
}

/// Begins a block of code in the language of the first argument.
fn fence(arguments: &str) -> Outcome {
    let language = Arguments::of(arguments).first().unwrap_or_default();
    let is_word = language
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '+' | '-' | '#' | '_'));
    Outcome::Text(format!("```{}", if is_word { &language } else { "" }))
}

/// Returns the Markdown of a video or a figure.
fn media(name: &str, arguments: &Arguments) -> Option<String> {
    match name {
        "youtube" | "vimeo" => {
            let id = arguments.get(&["id", "v"]).or_else(|| arguments.first())?;
            video(name, &id)
        }
        "figure" | "image" | "img" => figure(arguments),
        _ => None,
    }
}

/// Returns the address of a video on a line of its own, which becomes a player.
fn video(site: &str, id: &str) -> Option<String> {
    if id.starts_with("https://") && !id.contains(char::is_whitespace) {
        return Some(id.to_owned());
    }
    let is_id = |max: usize| {
        (1..=max).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
    };
    match site {
        "youtube" if is_id(11) => Some(format!("https://www.youtube.com/watch?v={id}")),
        "vimeo" if is_id(12) => Some(format!("https://vimeo.com/{id}")),
        _ => None,
    }
}

fn figure(arguments: &Arguments) -> Option<String> {
    let source = arguments
        .get(&["src", "path", "url"])
        .or_else(|| arguments.first())?;
    let caption = arguments.get(&["caption", "title"]);
    let alt = arguments
        .get(&["alt"])
        .or_else(|| caption.clone())
        .unwrap_or_default();
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let alt = plain(&alt).replace(['[', ']'], "");
    let source = if source.contains([' ', '(', ')']) {
        format!("<{source}>")
    } else {
        source
    };
    let title = match caption {
        Some(caption) => format!(" \"{}\"", plain(&caption).replace('"', "\u{201d}")),
        None => String::new(),
    };
    let picture = format!("![{alt}]({source}{title})");
    Some(match arguments.get(&["link", "href"]) {
        Some(link) if !link.contains([' ', '(', ')']) => format!("[{picture}]({link})"),
        _ => picture,
    })
}
