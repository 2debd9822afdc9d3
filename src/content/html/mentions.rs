//! Leading mentions: the names of those who are answered, which most servers put before the text of a reply.

use super::{
    Html,
    emoji::length_of_tag,
    tokens::{self, Token},
};
use crate::content::text;

/// The maximum number of mentions that are left out.
const MAX_MENTIONS: usize = 50;
/// The maximum length of the text of a mention with its markup, in bytes.
const MAX_TEXT: usize = 500;
/// Words after which a mention is the subject of a sentence, in lower case. A text that is kept too often only repeats a
/// name, so the list is short.
const AFTER_A_SUBJECT: [&str; 18] = [
    "is", "isn't", "was", "wasn't", "has", "hasn't", "says", "and", "or", "ist", "war", "hat",
    "und", "oder", "est", "et", "ou", "está",
];

/// A mention in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// The address that it links to, if it is a link.
    pub url: Option<String>,
    /// The text, such as `@user` or `@user@example.org`.
    pub text: String,
}

impl Html {
    /// Leaves out the leading mentions of those who are answered, because the page tells that by the position of the
    /// reply. A mention stays if no text follows, or if it is part of a sentence: a comma, or a word like "is" or "and",
    /// follows it.
    pub(crate) fn without_leading_mentions(self, is_answered: impl Fn(&Mention) -> bool) -> Html {
        match after_mentions(&self.0, is_answered) {
            Some(rest) => Html(rest),
            None => self,
        }
    }
}

/// Returns the text after its leading mentions, if it has some that can be left out.
fn after_mentions(html: &str, is_answered: impl Fn(&Mention) -> bool) -> Option<String> {
    let mut reader = Reader { rest: html };
    // The paragraph that is open at the place of the reader, and the text after the last mention.
    let (mut paragraph, mut kept) = (None, None);
    for _ in 0..MAX_MENTIONS {
        reader.skip_blanks();
        if paragraph.is_none() {
            paragraph = reader.take_tag("p");
            reader.skip_blanks();
        }
        if reader.mention().filter(&is_answered).is_none() {
            break;
        }
        let has_blanks = reader.skip_blanks();
        if paragraph.is_some() && reader.take("</p>") {
            paragraph = None;
        } else if !has_blanks {
            break;
        }
        kept = Some((paragraph, reader.rest));
    }
    let (paragraph, rest) = kept?;
    continues_without_mentions(rest).then(|| paragraph.unwrap_or_default().to_owned() + rest)
}

/// Returns whether a text makes sense without the mentions before it.
fn continues_without_mentions(rest: &str) -> bool {
    let word = first_word(rest);
    let is_bound = word.starts_with([',', ';', '\'', '’', '،', '、']);
    !text::is_blank(&word) && !is_bound && !AFTER_A_SUBJECT.contains(&word.as_str())
}

/// Returns the first word of the visible text, or an empty text.
fn first_word(html: &str) -> String {
    let mut reader = Reader { rest: html };
    let mut word = String::new();
    while let Some(first) = reader.rest.chars().next() {
        if first == '<' {
            reader.skip(length_of_tag(reader.rest));
        } else if reader.skip_blanks() {
            if !text::is_blank(&word) {
                break;
            }
        } else {
            word.push(first);
            reader.skip(first.len_utf8());
            if word.len() > MAX_TEXT {
                break;
            }
        }
    }
    word
}

/// Reads sanitized HTML from its beginning.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length..];
    }

    /// Skips `text`, if it is next.
    fn take(&mut self, text: &str) -> bool {
        let after = self.rest.strip_prefix(text);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Skips white space and line breaks. Returns whether there were any.
    fn skip_blanks(&mut self) -> bool {
        let before = self.rest.len();
        loop {
            self.rest = self.rest.trim_start();
            if !["&nbsp;", "<br>", "\u{200b}"]
                .iter()
                .any(|blank| self.take(blank))
            {
                return self.rest.len() < before;
            }
        }
    }

    /// Skips the start tag of an element called `name`, if it is next, and returns it.
    fn take_tag(&mut self, name: &str) -> Option<&'a str> {
        let after = self.rest.strip_prefix('<')?.strip_prefix(name)?;
        if !after.starts_with(['>', ' ']) {
            return None;
        }
        let tag = &self.rest[..length_of_tag(self.rest)];
        self.skip(tag.len());
        Some(tag)
    }

    /// Skips a mention, if one is next: a link with its spans, as in `<span class="h-card"><a>@<span>user</span></a></span>`
    /// or `@<span><a>user</a></span>`, or a plain handle.
    fn mention(&mut self) -> Option<Mention> {
        let before = self.rest;
        let is_marked_outside = self.take("@");
        let spans = (0..3)
            .take_while(|_| self.take_tag("span").is_some())
            .count();
        let Some(tag) = self.take_tag("a") else {
            self.rest = before;
            return self.plain_mention();
        };
        let text = text_of(self.rest.get(..self.rest.find("</a>")?)?)?;
        self.skip(self.rest.find("</a>")? + "</a>".len());
        if !(0..spans).all(|_| self.take("</span>")) {
            return None;
        }
        let mark = if is_marked_outside { "@" } else { "" };
        let text = format!("{mark}{}", text.trim());
        is_name(&text).then(|| Mention {
            url: address_of(tag),
            text,
        })
    }

    fn plain_mention(&mut self) -> Option<Mention> {
        let is_end = |c: char| c.is_whitespace() || matches!(c, '<' | '&');
        let text = &self.rest[..self.rest.find(is_end).unwrap_or(self.rest.len())];
        if text.len() > MAX_TEXT || !is_name(text) {
            return None;
        }
        self.skip(text.len());
        Some(Mention {
            url: None,
            text: text.to_owned(),
        })
    }
}

fn is_name(text: &str) -> bool {
    text.len() > 1 && text.starts_with('@') && !text.contains(char::is_whitespace)
}

/// Returns the text of a short piece of HTML.
fn text_of(html: &str) -> Option<String> {
    let mut all = String::new();
    if html.len() > MAX_TEXT {
        return None;
    }
    tokens::read(html, |token| {
        if let Token::Text(text) = token {
            all.push_str(&text);
        }
    });
    Some(all)
}

/// Returns the address in the start tag of a link.
fn address_of(tag: &str) -> Option<String> {
    let mut address = None;
    tokens::read(tag, |token| {
        if let Token::Start(tag) = token {
            address = tag.get("href").map(str::to_owned);
        }
    });
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASTODON: &str = "<span class=\"h-card\"><a href=\"https://blog.example/users/blog\" \
        class=\"u-url mention\" rel=\"nofollow ugc noopener\">@<span>blog</span></a></span>";
    const PARENT: &str = "<a href=\"https://b.example/@ann\" class=\"u-url mention\">@ann</a>";
    const STRANGER: &str = "<a href=\"https://c.example/@bob\" class=\"u-url mention\">@bob</a>";
    const MISSKEY: &str =
        "<a href=\"https://blog.example/\" class=\"u-url mention\">@blog@blog.example</a>";
    const GNU_SOCIAL: &str =
        "@<a href=\"https://blog.example/users/blog\" class=\"u-url mention\">blog</a>";
    const FRIENDICA: &str = "@<span><a href=\"https://blog.example/users/blog\" class=\"u-url\"><span>blog</span></a></span>";

    fn is_answered(mention: &Mention) -> bool {
        match &mention.url {
            Some(url) => url.contains("//blog.example/") || url == "https://b.example/@ann",
            None => matches!(mention.text.as_str(), "@blog@blog.example" | "@blog"),
        }
    }

    fn shown(html: &str) -> String {
        Html::unverified(html.to_owned())
            .without_leading_mentions(is_answered)
            .into_string()
    }

    #[test]
    fn leading_mentions_of_those_who_are_answered_are_left_out_in_the_markup_of_every_server() {
        for mention in [
            MASTODON,
            PARENT,
            MISSKEY,
            GNU_SOCIAL,
            FRIENDICA,
            "@blog@blog.example",
            "@blog",
        ] {
            for (before, after) in [
                (format!("<p>{mention} Hello</p>"), "<p>Hello</p>"),
                (
                    format!("<p lang=\"de\">{mention}&nbsp; Hello</p>"),
                    "<p lang=\"de\">Hello</p>",
                ),
                (format!("{mention} Hello"), "Hello"),
                (
                    format!("<p>{mention}<br>Hello<br>you</p>"),
                    "<p>Hello<br>you</p>",
                ),
                (format!("<p>{mention}</p><p>Hello</p>"), "<p>Hello</p>"),
                (
                    format!("<p>{mention} {PARENT} {MASTODON} Hello</p>"),
                    "<p>Hello</p>",
                ),
                (
                    format!("<p>{mention} </p>\n<p>{PARENT} <em>Hello</em></p>"),
                    "<p><em>Hello</em></p>",
                ),
                (
                    format!("<p>{mention} \u{200b}:blobcat:</p>"),
                    "<p>:blobcat:</p>",
                ),
            ] {
                assert_eq!(shown(&before), after, "{before}");
            }
        }
    }

    #[test]
    fn a_mention_of_somebody_else_stays() {
        for (before, after) in [
            (
                format!("<p>{STRANGER} Hello</p>"),
                format!("<p>{STRANGER} Hello</p>"),
            ),
            (
                format!("<p>{STRANGER} {MASTODON} Hello</p>"),
                format!("<p>{STRANGER} {MASTODON} Hello</p>"),
            ),
            (
                format!("<p>{MASTODON} {STRANGER} Hello</p>"),
                format!("<p>{STRANGER} Hello</p>"),
            ),
            (
                format!("<p>{MASTODON} {PARENT}, hello</p>"),
                format!("<p>{PARENT}, hello</p>"),
            ),
        ] {
            assert_eq!(shown(&before), after, "{before}");
        }
    }

    #[test]
    fn a_mention_that_the_text_needs_stays() {
        for text in [
            format!("<p>{MASTODON}</p>"),
            format!("<p>{MASTODON} {PARENT}</p>"),
            format!("<p>{MASTODON}</p><p> \u{2060}<br></p>"),
            format!("<p>{MASTODON}, you are right</p>"),
            format!("<p>{MASTODON} , you are right</p>"),
            format!("<p>{MASTODON}'s article</p>"),
            format!("<p>{MASTODON} 's article</p>"),
            format!("<p>{MASTODON}: yes</p>"),
            format!("<p>{MASTODON} is wrong</p>"),
            format!("<p>{MASTODON} and {STRANGER} are wrong</p>"),
            format!("<p>{MASTODON} <em>ist</em> gut</p>"),
            format!("<p>Hello {MASTODON} and all</p>"),
            format!("<blockquote><p>{MASTODON} Hello</p></blockquote>"),
            "<p>@blog@blog.example: yes</p>".to_owned(),
            "<p>@blog@blog.example</p>".to_owned(),
            "<p>@ Hello</p>".to_owned(),
            "<p>@".to_owned(),
            "<p><span>@".to_owned(),
            "<p><a href=\"https://blog.example/\">@blog".to_owned(),
            "<a".to_owned(),
            String::new(),
        ] {
            assert_eq!(shown(&text), text);
        }
    }

    #[test]
    fn the_rest_stays_balanced_and_the_work_bounded() {
        let html = format!(
            "<p>{}</p><p>Hello <b>you</b></p>",
            format!("{MASTODON} ").repeat(200)
        );
        let rest = shown(&html);
        assert_eq!(
            Html::from_remote(&rest).to_text(),
            Html::unverified(rest.clone()).to_text()
        );
        assert!(rest.starts_with("<p>") && rest.ends_with("<p>Hello <b>you</b></p>"));
    }
}
