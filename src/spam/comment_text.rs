//! The text, words and links of a comment, truncated so that filters run quickly.

use super::Author;
use crate::content::{Html, words};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use std::collections::BTreeSet;
use url::Url;

/// The maximum length of the text, in bytes.
pub(super) const MAX_TEXT: usize = 8 * 1024;
/// HTML below this length, in bytes, is parsed on the calling thread.
const SHORT_HTML: usize = 8 * 1024;
/// The maximum length of the HTML that is converted to text, in bytes.
const MAX_HTML: usize = 4 * MAX_TEXT;
/// A text with fewer words or characters has no hash: unrelated people write the same short texts.
const LEAST_WORDS: usize = 5;
const LEAST_LETTERS: usize = 25;
/// The maximum number of words among a comment's tokens, and the lengths of these words in characters.
const MAX_TOKENS: usize = 200;
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 3..=30;
/// The maximum number of links whose hosts are tokens.
const MAX_HOSTS: usize = 10;

/// A comment as the filters and the Bayes classifier see it.
#[derive(Debug, Clone, Default)]
pub struct CommentText {
    /// The author's name, the text and the link targets, each on lines of its own. Patterns are matched against it.
    pub subject: String,
    /// The words of the subject. Word filters are matched against them.
    pub words: Vec<String>,
    /// The words of the text without mentions.
    own_words: Vec<String>,
    /// The targets of links other than mentions and hashtags.
    pub links: Vec<String>,
    /// The number of linked mentions and hashtags.
    pub names: usize,
    pub text_hash: Option<String>,
}

impl CommentText {
    /// Parses a comment in sanitized HTML. A long one is parsed on a blocking thread.
    pub async fn of(author: &Author<'_>, content: &str) -> Self {
        let name = match author {
            Author::Remote(row) => format!("{} {}", row.name, row.username),
            Author::Guest { name, site, .. } => format!("{name} {}", site.unwrap_or_default()),
        };
        if content.len() < SHORT_HTML {
            return CommentText::of_html(&name, content);
        }
        let content = content.to_owned();
        let comment_text =
            tokio::task::spawn_blocking(move || CommentText::of_html(&name, &content));
        // Only a panic ends the task early. The comment is then scored without its text.
        comment_text.await.unwrap_or_default()
    }

    /// Parses sanitized HTML.
    pub fn of_html(name: &str, html: &str) -> Self {
        let (names, links): (Vec<_>, Vec<_>) = Html::unverified(html.to_owned())
            .links()
            .into_iter()
            .partition(|link| link.is_mention_or_hashtag());
        let links = links.into_iter().map(|link| link.url).collect();
        let start = &html[..html.floor_char_boundary(MAX_HTML)];
        let text = Html::unverified(start.to_owned()).to_text();
        CommentText::new(name, &text, links, names.len())
    }

    /// Parses plain text.
    pub fn of_text(name: &str, text: &str) -> Self {
        CommentText::new(name, text, Vec::new(), 0)
    }

    fn new(name: &str, text: &str, links: Vec<String>, names: usize) -> Self {
        let text = cut(text);
        let parts = text.split_whitespace();
        let own: Vec<&str> = parts.filter(|part| !part.starts_with('@')).collect();
        let own_words = words(&own.join(" "));
        let subject = format!("{name}\n{text}\n{}", cut(&links.join("\n")));
        CommentText {
            words: words(&subject),
            text_hash: hash(&own_words),
            subject,
            own_words,
            links,
            names,
        }
    }

    /// Returns the tokens that are learned or classified: words, the hosts of links (prefixed with `://`), and the host
    /// that the comment came from (prefixed with `@`). They are sorted and unique.
    pub fn tokens(&self, host: &str) -> Vec<String> {
        let fits =
            |word: &&String| TOKEN_LENGTHS.contains(&word.chars().count()) || !word.is_ascii();
        let mut tokens: BTreeSet<String> = BTreeSet::new();
        for word in self.own_words.iter().filter(fits) {
            if tokens.len() == MAX_TOKENS {
                break;
            }
            tokens.insert(word.chars().take(*TOKEN_LENGTHS.end()).collect());
        }
        let hosts = self.links.iter().filter_map(|link| Url::parse(link).ok());
        let hosts = hosts.filter_map(|url| Some(format!("://{}", url.host_str()?)));
        tokens.extend(hosts.take(MAX_HOSTS));
        tokens.extend((!host.is_empty()).then(|| format!("@{host}")));
        tokens.into_iter().collect()
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT)]
}

/// Returns the hash of a text's words, which does not depend on case, spaces and punctuation. `None` for a short text.
fn hash(words: &[String]) -> Option<String> {
    let text = words.join(" ");
    let is_long = words.len() >= LEAST_WORDS && text.chars().count() >= LEAST_LETTERS;
    is_long.then(|| HEXLOWER.encode(&digest(&SHA256, text.as_bytes()).as_ref()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_known_however_it_is_addressed_and_written() {
        let hash = |html: &str| CommentText::of_html("Ann", html).text_hash;
        let one = hash("<p>Buy our cheap pills at once, my friends!</p>");
        assert!(one.is_some());
        assert_eq!(
            one,
            hash("<p>@blog buy our CHEAP pills<br>at once my friends</p>")
        );
        assert_ne!(one, hash("<p>Buy our cheap books at once, my friends!</p>"));
        assert_eq!(hash("<p>Thank you very much!</p>"), None);
        assert_eq!(hash(""), None);
    }

    #[test]
    fn a_long_text_is_cut_and_its_links_are_not() {
        let html = format!(
            "<p>{}</p><a href=\"https://spam.example/\">x</a>",
            "long é ".repeat(12_000)
        );
        let comment_text = CommentText::of_html("Ann", &html);
        assert_eq!(comment_text.links, ["https://spam.example/"]);
        assert!(comment_text.subject.len() < 3 * MAX_TEXT);
        assert!(comment_text.subject.ends_with("https://spam.example/"));
    }

    #[test]
    fn lessons_are_few_and_each_stands_once() {
        let text: String = (0..5000).map(|n| format!("word{n} again ")).collect();
        let html = format!("<p>It is {text}</p><a href=\"https://spam.example/x\">x</a>");
        let tokens = CommentText::of_html("Ann", &html).tokens("a.example:8080");
        assert_eq!(tokens.len(), MAX_TOKENS + 2);
        let once: BTreeSet<&String> = tokens.iter().collect();
        assert_eq!(once.len(), tokens.len());
        for known in ["again", "word0", "://spam.example", "@a.example:8080"] {
            assert!(once.contains(&known.to_owned()), "{known}");
        }
        assert!(!once.contains(&"is".to_owned()));
    }
}
