//! What is read of a comment: its text, words and links, cut to a size that takes no time.

use super::{Author, Candidate};
use crate::content::{Html, words};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use std::collections::BTreeSet;
use url::Url;

/// The most of a text that is read, in bytes.
pub const MAX_TEXT: usize = 8 * 1024;
/// HTML below this length, in bytes, is read at once.
const SHORT_HTML: usize = 8 * 1024;
/// The most of the HTML of a text, in bytes.
const MAX_HTML: usize = 4 * MAX_TEXT;
/// Texts with fewer words, or fewer letters, are the same by chance.
const LEAST_WORDS: usize = 5;
const LEAST_LETTERS: usize = 25;
/// Words of one comment that are learned or compared with what was learned; and their lengths, in characters.
const MAX_TOKENS: usize = 200;
const TOKEN_LENGTHS: std::ops::RangeInclusive<usize> = 3..=30;
/// Links whose hosts count as words.
const MAX_HOSTS: usize = 10;

/// A comment as filters and statistics see it.
#[derive(Debug, Clone, Default)]
pub struct CommentText {
    /// The author's name, the text, and where links lead, in lines: what patterns are tried on.
    pub subject: String,
    /// The words of all that: what word filters are tried on.
    pub words: Vec<String>,
    /// The words of the text, without the names of those whom it is addressed to.
    own_words: Vec<String>,
    /// Where links lead, but for names and topics.
    pub links: Vec<String>,
    /// Names and topics that are linked.
    pub names: usize,
    pub text_hash: Option<String>,
}

impl CommentText {
    /// Reads a comment; a long one not on the threads that serve everyone.
    pub async fn of(candidate: &Candidate<'_>) -> Self {
        let name = match candidate.author {
            Author::Remote(row) => format!("{} {}", row.name, row.username),
            Author::Guest { name, site, .. } => format!("{name} {}", site.unwrap_or_default()),
        };
        if candidate.content.len() < SHORT_HTML {
            return CommentText::of_html(&name, candidate.content);
        }
        let content = candidate.content.to_owned();
        let comment_text =
            tokio::task::spawn_blocking(move || CommentText::of_html(&name, &content));
        // Only a panic ends it early, and then nothing is known.
        comment_text.await.unwrap_or_default()
    }

    /// Reads sanitized HTML.
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

    /// Reads plain text.
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

    /// What is learned of it, or compared with what was learned: words, the hosts of its links (with `://`
    /// before them), and the host that it came from (with `@`). Each once, in order.
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

/// The hash of a text of some length, by its words alone: blanks, case and punctuation don't make another.
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
