//! Highlights code on the server. Colours are in the style sheet; the HTML has a few classes.

mod classes;
mod languages;

use super::{
    ESCAPED, Writer,
    pieces::{self, StartTag},
};
use crate::content::html::escape::push_content;
use aws_lc_rs::digest::{SHA256, digest};
use classes::Classes;
use moka::sync::Cache;
use std::{
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};
use syntect::{
    parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet},
    util::LinesWithEndings,
};

/// The maximum size of a block that is highlighted, in bytes.
const MAX_CODE: usize = 32 * 1024;
/// The maximum length of a line in such a block, in bytes: expressions of a grammar may take quadratic time.
const MAX_LINE: usize = 500;
/// The maximum time for a block. A longer one is not highlighted. Without optimizations, expressions are slow to compile.
const MAX_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 10_000 } else { 500 });
/// The maximum size of cached blocks, in bytes. Pages are rendered often, and highlighting is slow.
const MAX_CACHED: u64 = 8 * 1024 * 1024;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);
static CLASSES: LazyLock<Classes> = LazyLock::new(Classes::new);

type Key = [u8; 32];
/// The highlighted blocks, `None` for those that can't be highlighted.
static DONE: LazyLock<Cache<Key, Option<Arc<str>>>> = LazyLock::new(|| {
    Cache::builder()
        .max_capacity(MAX_CACHED)
        .weigher(|_, html: &Option<Arc<str>>| {
            let size = html.as_ref().map_or(0, |html| html.len());
            u32::try_from(size + 64).unwrap_or(u32::MAX)
        })
        .build()
});

impl<'a> Writer<'a> {
    /// Writes a `pre`, which readers can scroll with the keyboard, and the code in it.
    pub(super) fn start_code(&mut self, tag: StartTag<'a>) {
        self.out.push_str("<pre tabindex=\"0\"");
        self.out.push_str(tag.after_name());
        let mut rest = self.rest;
        let Some(code) = pieces::next_start(&mut rest, "code") else {
            return;
        };
        let language = code.get("class");
        let language = language
            .as_deref()
            .and_then(|class| class.strip_prefix("language-"));
        let end = rest.find('<').unwrap_or(rest.len());
        if let Some(language) = language
            && rest[end..].starts_with("</code>")
            && let Some(html) = highlighted(&pieces::unescape(&rest[..end]), language)
        {
            self.out.push_str(code.raw);
            self.out.push_str(&html);
            // The end tags follow as usual.
            self.rest = &rest[end..];
            self.verbatim += 1;
        }
    }
}

/// Returns the HTML of highlighted code, or `None` if its language is unknown or it takes too long.
fn highlighted(code: &str, language: &str) -> Option<Arc<str>> {
    let language = languages::name_of(language);
    if code.len() > MAX_CODE
        || code.contains(ESCAPED)
        || code.lines().any(|line| line.len() > MAX_LINE)
    {
        return None;
    }
    let text = format!("{language}\n{code}");
    let key = Key::try_from(digest(&SHA256, text.as_bytes()).as_ref()).ok()?;
    DONE.get_with(key, || {
        let syntax = SYNTAXES.find_syntax_by_token(&language)?;
        highlight(code, syntax, MAX_TIME).map(Arc::from)
    })
}

/// Returns the HTML of highlighted code, or `None` if it takes longer than `time`, which is checked after each line.
fn highlight(code: &str, syntax: &SyntaxReference, time: Duration) -> Option<String> {
    let started = Instant::now();
    let mut state = ParseState::new(syntax);
    let mut line_html = Spans::default();
    let mut stack = ScopeStack::new();
    for line in LinesWithEndings::from(code) {
        let operations = state.parse_line(line, &SYNTAXES).ok()?;
        if started.elapsed() > time {
            return None;
        }
        let mut at = 0;
        for (position, operation) in operations {
            line_html.push(CLASSES.of(stack.as_slice()), line.get(at..position)?);
            at = position;
            stack.apply(&operation).ok()?;
        }
        line_html.push(CLASSES.of(stack.as_slice()), line.get(at..)?);
    }
    Some(line_html.finish())
}

/// Code in spans, each as long as possible, without white space around it.
#[derive(Default)]
struct Spans {
    out: String,
    open: Option<&'static str>,
    /// The white space since the last other text.
    blanks: String,
}

impl Spans {
    fn push(&mut self, class: Option<&'static str>, text: &str) {
        if text.trim().is_empty() {
            self.blanks.push_str(text);
            return;
        }
        if class != self.open {
            self.close();
        }
        self.out.push_str(&self.blanks);
        self.blanks.clear();
        if let (Some(class), None) = (class, self.open) {
            self.out.push_str("<span class=\"hl-");
            self.out.push_str(class);
            self.out.push_str("\">");
            self.open = Some(class);
        }
        push_content(&mut self.out, text);
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.out.push_str("</span>");
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.out + &self.blanks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_highlighted_by_language() {
        for (language, code, shown) in [
            (
                "rust",
                "fn f() -> u8 { 1 } // <x>\n",
                "<span class=\"hl-k\">fn</span> <span class=\"hl-f\">f</span>() -&gt; <span class=\"hl-k\">u8</span> { \
                 <span class=\"hl-n\">1</span> } <span class=\"hl-c\">// &lt;x&gt;\n</span>",
            ),
            ("py", "x = \"a\"", "x = <span class=\"hl-s\">\"a\"</span>"),
            (
                "json",
                "{\"a\": null}",
                "{<span class=\"hl-s\">\"a\"</span>: <span class=\"hl-n\">null</span>}",
            ),
        ] {
            let html = highlighted(code, language).unwrap();
            assert_eq!(&*html, shown, "{language}");
        }
        for language in [
            "js",
            "ts",
            "sh",
            "bash",
            "console",
            "c++",
            "cs",
            "html",
            "css",
            "yml",
            "toml",
            "go",
            "rb",
            "sql",
            "diff",
            "Rust",
            "dockerfile,ignored",
        ] {
            let known = highlighted("x = 1\n", language).is_some();
            assert_eq!(known, !language.starts_with("docker"), "{language}");
        }
        assert_eq!(highlighted("x", "nothing"), None);
    }

    /// Returns the contrast of two colours, as in `#8f2513` (WCAG 2.2, "contrast ratio").
    fn contrast(one: &str, other: &str) -> f64 {
        let luminance = |colour: &str| -> f64 {
            let channel = |at: usize| {
                let value = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 {
                    value / 12.92
                } else {
                    ((value + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        (one / other).max(other / one)
    }

    #[test]
    fn colours_of_code_are_readable_in_light_and_dark() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/static/pamphlet.css");
        let style = std::fs::read_to_string(path).unwrap();
        let values = |name: &str| -> Vec<&str> {
            let pattern = format!("{name}: #");
            let found = style.match_indices(&pattern);
            found
                .map(|(at, _)| &style[at + pattern.len()..at + pattern.len() + 6])
                .collect()
        };
        let sheets = values("--sheet");
        for name in ["--hl-k", "--hl-s", "--hl-n", "--hl-f", "--hl-t", "--soft"] {
            for (index, scheme) in ["light", "dark"].iter().enumerate() {
                let colour = format!("#{}", values(name)[index]);
                let ratio = contrast(&colour, &format!("#{}", sheets[index]));
                assert!(ratio >= 4.5, "{name} in {scheme}: {ratio}");
            }
        }
    }

    #[test]
    fn long_and_hostile_code_is_not_highlighted() {
        assert_eq!(highlighted(&"let x = 1;\n".repeat(4000), "rust"), None);
        assert_eq!(highlighted(&"(".repeat(2000), "rust"), None);
        for (language, unit) in [
            ("js", "a=>("),
            ("cpp", "template<"),
            ("md", "[![ "),
            ("html", "<a b="),
            ("php", "<?php $a{"),
            ("sh", "$((`"),
        ] {
            let line = format!("{}\n", unit.repeat(MAX_LINE / unit.len()));
            let code = line.repeat(MAX_CODE / line.len());
            let syntax = SYNTAXES.find_syntax_by_token(language).unwrap();
            let begun = Instant::now();
            highlight(&code, syntax, Duration::from_millis(50));
            assert!(begun.elapsed() < Duration::from_secs(20), "{language}");
        }
    }
}
