//! The three forms of an article as Mastodon shows them: by its rules for HTML, cards, attachments and length, which
//! FEDERATION.md describes.

use super::card::Card;
use crate::{
    content::{FederatedForm, Html, html::escape},
    federation::objects::{
        articles::{self, Writer},
        documents,
        mentions::References,
        replies,
    },
    store::{Article, Conn},
    web::{app::App, response::WebError},
};
use serde::Serialize;
use serde_json::Value;

/// The number of attachments that Mastodon shows.
const SHOWN_PICTURES: usize = 4;
/// The number of lines after which Mastodon folds a post in a timeline behind "Read more".
const LINES: usize = 32;
/// The number of characters in a line of Mastodon's timelines, roughly.
const LINE: usize = 70;

/// A post, as a follower on Mastodon sees it.
#[derive(Debug, Serialize)]
pub(super) struct Post {
    /// The choice of `federate:` in the front matter.
    pub form: String,
    /// Whether the article is sent in this form.
    pub is_chosen: bool,
    /// The content warning that folds the text.
    pub warning: Option<String>,
    pub content: Html,
    pub pictures: Vec<Picture>,
    /// The card of the first link, if it is that of the article.
    pub card: Option<Card>,
    /// The size of the document in kilobytes, rounded up.
    pub kilobytes: usize,
    /// Sentences for the author.
    pub advice: Vec<String>,
}

/// An attached picture.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    pub url: String,
    pub alt: String,
}

/// Returns the article's three forms. `card` is that of its page.
pub(super) async fn posts(
    app: &App,
    conn: &mut Conn,
    article: &Article,
    card: &Card,
) -> Result<Vec<Post>, WebError> {
    let node = &app.node;
    let site = node.site().await?;
    let author = match &article.author_username {
        Some(username) => node.local_actors.by_name(&node.store, username).await?,
        None => None,
    };
    let writer = Writer {
        config: &node.config,
        urls: node.urls(),
        author: author.as_ref().unwrap_or(&site),
        site: &site,
    };
    let linked = References::of_article(node, conn, article).await?;
    let publication = conn.publication(&article.uid).await?;
    let chosen = articles::form_to_send(article, publication.as_ref(), &node.config);
    let url = node.urls().permalink(article);
    let mut posts = Vec::new();
    for form in [
        FederatedForm::Article,
        FederatedForm::Note,
        FederatedForm::Teaser,
    ] {
        let replies = replies::of_article(conn, node.urls(), &article.uid, article.id).await?;
        let document = serde_json::to_value(writer.post(article, form, &linked, replies))?;
        let mut post = post_of(&document, form, &url, card);
        post.is_chosen = form == chosen;
        posts.push(post);
    }
    Ok(posts)
}

/// Returns the post that Mastodon makes of a document.
fn post_of(document: &Value, form: FederatedForm, url: &str, card: &Card) -> Post {
    let text = |name: &str| document[name].as_str().unwrap_or_default();
    let is_article = form == FederatedForm::Article;
    let html = if is_article {
        converted(text("name"), text("summary"), url)
    } else {
        text("content").to_owned()
    };
    let content = Html::from_remote(&html);
    let pictures = pictures(&document["attachment"]);
    let first_link = content
        .links()
        .into_iter()
        .find(|link| !link.is_mention_or_hashtag());
    let leads_here = first_link.as_ref().is_some_and(|link| link.url == url);
    let warns = document["sensitive"] == Value::Bool(true) && !text("summary").is_empty();
    let bytes = document.to_string().len();
    let mut advice = Vec::new();
    if bytes > documents::OBJECT_LIMIT {
        advice.push("It is over 1 MB: other servers drop it.".to_owned());
    }
    if let Some(link) = first_link.filter(|_| !leads_here) {
        advice.push(format!(
            "The first link takes the card: it shows {} instead of the article.",
            link.url
        ));
    }
    if is_article && warns {
        advice.push(
            "The warning does not fold an Article there: it stands above the link as a text."
                .to_owned(),
        );
    }
    if is_article && text("summary").is_empty() {
        advice.push(
            "There is no summary: followers see only the title and the link, and the card."
                .to_owned(),
        );
    }
    if pictures.iter().any(|picture| picture.alt.is_empty()) {
        advice.push(
            "A picture has no alt text: people who can't see it learn nothing of it.".to_owned(),
        );
    }
    if !pictures.is_empty() {
        advice.push("Pictures are attached: therefore there is no card.".to_owned());
    }
    if pictures.len() > SHOWN_PICTURES {
        advice.push(format!(
            "Only the first {SHOWN_PICTURES} of {} pictures are shown.",
            pictures.len()
        ));
    }
    if lines(&content) > LINES {
        advice.push("It is long: timelines fold it behind “Read more”.".to_owned());
    }
    Post {
        form: form.to_string(),
        is_chosen: false,
        warning: (warns && !is_article).then(|| text("summary").to_owned()),
        card: (leads_here && pictures.is_empty()).then(|| card.clone()),
        content,
        kilobytes: bytes.div_ceil(1024),
        pictures,
        advice,
    }
}

/// Returns the text of a "converted" object: title, summary and link. Mastodon does not show its content.
fn converted(name: &str, summary: &str, url: &str) -> String {
    let summary = match summary {
        "" => String::new(),
        summary => format!("<p>{summary}</p>"),
    };
    let (name, url) = (escape(name), escape(url));
    format!("<h2>{name}</h2>{summary}<p><a href=\"{url}\">{url}</a></p>")
}

fn pictures(attachments: &Value) -> Vec<Picture> {
    let all = attachments
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter()
        .map(|attachment| Picture {
            url: text(&attachment["url"]),
            alt: text(&attachment["name"]),
        })
        .collect()
}

fn lines(content: &Html) -> usize {
    let text = content.to_text();
    let of_line = |line: &str| 1 + line.chars().count() / LINE;
    text.lines().map(of_line).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const URL: &str = "https://example.org/2026/11/a";

    fn advice(form: FederatedForm, document: &Value) -> (Post, String) {
        let card = Card::of("", "example.org");
        let post = post_of(document, form, URL, &card);
        let advice = post.advice.join("\n");
        (post, advice)
    }

    #[test]
    fn an_article_is_title_summary_and_link() {
        let document = json!({"name": "A <b>", "summary": "Why", "content": "<p>Text</p>", "sensitive": false});
        let (post, advice) = advice(FederatedForm::Article, &document);
        assert!(!post.content.as_str().contains("Text"));
        assert!(post.content.to_text().starts_with("A <b>"));
        assert!(post.card.is_some() && post.warning.is_none());
        assert_eq!(advice, "");
    }

    #[test]
    fn each_trap_has_its_advice() {
        let heading = format!("<p><a href=\"{URL}\">A</a></p>");
        let picture = |alt: &str| json!({"type": "Image", "url": "/media/1", "name": alt});
        for (form, document, expected) in [
            (
                FederatedForm::Article,
                json!({"name": "A"}),
                "There is no summary",
            ),
            (
                FederatedForm::Article,
                json!({"name": "A", "summary": "Violence", "sensitive": true}),
                "does not fold an Article",
            ),
            (
                FederatedForm::Teaser,
                json!({"content": "<p><a href=\"https://b.example/\">b</a></p>"}),
                "it shows https://b.example/ instead",
            ),
            (
                FederatedForm::Note,
                json!({"content": heading, "attachment": [picture("")]}),
                "has no alt text",
            ),
            (
                FederatedForm::Note,
                json!({"content": heading, "attachment": vec![picture("x"); 5]}),
                "Only the first 4 of 5",
            ),
            (
                FederatedForm::Note,
                json!({"content": format!("{heading}<p>{}</p>", "word ".repeat(600))}),
                "Read more",
            ),
            (
                FederatedForm::Note,
                json!({"content": format!("{heading}<p>{}</p>", "x".repeat(1_100_000))}),
                "over 1 MB",
            ),
        ] {
            let (_, advice) = advice(form, &document);
            assert!(advice.contains(expected), "{expected}: {advice}");
        }
    }

    #[test]
    fn a_note_behind_a_warning_is_folded() {
        let document = json!({"summary": "Violence", "sensitive": true, "content": "<p>Text</p>"});
        let (post, _) = advice(FederatedForm::Note, &document);
        assert_eq!(post.warning.as_deref(), Some("Violence"));
    }
}
