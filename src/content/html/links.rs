//! The links of sanitized HTML.

use super::tokens::{self, Token};

/// The maximum number of links that are read of one text.
const MAX_LINKS: usize = 1000;

/// A link with its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Link {
    pub url: String,
    pub text: String,
}

impl Link {
    /// Returns whether it is a mention or a hashtag, as in `@user` or `#tag`. Its class says nothing, since the author of
    /// the text chose it.
    pub fn is_mention_or_hashtag(&self) -> bool {
        let mut characters = self.text.trim_start().chars();
        matches!(characters.next(), Some('@' | '#')) && !self.text.trim().contains(' ')
    }
}

/// Returns the links in their order.
pub(super) fn links(html: &str) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    // Most comments have none, and need not be parsed.
    if !html.contains("<a") && !html.contains("<A") {
        return links;
    }
    let mut is_in_link = false;
    tokens::read(html, |token| match token {
        Token::Start(tag) if tag.name == "a" => {
            let url = tag.get("href").filter(|_| links.len() < MAX_LINKS);
            is_in_link = url.is_some();
            links.extend(url.map(|url| Link {
                url: url.to_owned(),
                text: String::new(),
            }));
        }
        Token::End(name) if name == "a" => is_in_link = false,
        Token::Text(text) if is_in_link => {
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
    fn links_and_mentions_differ_by_their_text() {
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
    fn the_number_of_links_is_bounded() {
        let html = Html::unverified("<a href=\"https://a.example/\">x</a>".repeat(2000));
        assert_eq!(html.links().len(), super::MAX_LINKS);
    }
}
