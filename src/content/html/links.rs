//! The links of sanitized HTML.

use super::tokens::{self, Token};

/// The most links of one text that are read.
const MAX_LINKS: usize = 1000;

/// A link: where it leads, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    pub url: String,
    pub text: String,
}

impl Link {
    /// Whether it names somebody or a topic, as in `@user` or `#tag`, and leads nowhere else. Its class is no
    /// proof: whoever wrote the text chose it.
    pub fn is_mention_or_hashtag(&self) -> bool {
        let mut characters = self.text.trim_start().chars();
        matches!(characters.next(), Some('@' | '#')) && !self.text.trim().contains(' ')
    }
}

/// The links in order.
pub(super) fn links(html: &str) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let mut is_within = false;
    tokens::read(html, |token| match token {
        Token::Start(tag) if tag.name == "a" => {
            let url = tag.get("href").filter(|_| links.len() < MAX_LINKS);
            is_within = url.is_some();
            links.extend(url.map(|url| Link {
                url: url.to_owned(),
                text: String::new(),
            }));
        }
        Token::End(name) if name == "a" => is_within = false,
        Token::Text(text) if is_within => {
            if let Some(link) = links.last_mut() {
                link.text.push_str(&text);
            }
        }
        _ => {}
    });
    links
}

#[cfg(test)]
mod tests {
    use super::super::Html;

    #[test]
    fn links_are_told_from_mentions_by_what_they_say() {
        let html = Html::from_remote(
            "<p><span class=\"h-card\"><a href=\"https://a.example/@ann\" class=\"u-url mention\">@<span>ann</span></a></span>
             <a href=\"https://a.example/tags/x\" class=\"mention hashtag\">#<span>x</span></a>
             <a href=\"https://spam.example/\" class=\"mention\"><b>cheap</b> pills</a> <a>nowhere</a></p>",
        );
        let links = html.links();
        assert_eq!(links.len(), 3, "{links:?}");
        assert_eq!(links[0].text, "@ann");
        let others: Vec<&str> = links
            .iter()
            .filter(|link| !link.is_mention_or_hashtag())
            .map(|link| link.url.as_str())
            .collect();
        assert_eq!(others, ["https://spam.example/"]);
    }

    #[test]
    fn no_more_links_are_read_than_anyone_needs() {
        let html = Html::unverified("<a href=\"https://a.example/\">x</a>".repeat(2000));
        assert_eq!(html.links().len(), super::MAX_LINKS);
    }
}
