//! An article as the fediverse gets it: `Article`, or `Note` with the whole text or as a teaser.

use super::{
    locals::Local,
    mentions::{Linked, hashtag},
    urls::Urls,
};
use crate::{
    config::Config,
    content::{self, CommentPolicy, Federate, Quotes},
    protocol::{self, Hashtag, Image, PUBLIC, Post, Replies, Source},
    store::{self, Article},
};
use chrono::SecondsFormat;
use serde_json::{Value, json};
use std::str::FromStr;

/// The form that an article takes: its own choice, or else the site's.
pub fn form_of(article: &Article, config: &Config) -> Federate {
    article
        .federate
        .as_deref()
        .and_then(|form| Federate::from_str(form).ok())
        .unwrap_or(config.site.federate)
}

/// Who may quote an article: its own choice, or else the site's.
pub fn quotes_of(choice: Option<&str>, config: &Config) -> Quotes {
    choice
        .and_then(|quotes| Quotes::from_str(quotes).ok())
        .unwrap_or(config.site.quotes)
}

/// The ActivityStreams type of a form.
pub fn type_of(form: Federate) -> &'static str {
    match form {
        Federate::Article => "Article",
        Federate::Note | Federate::Teaser | Federate::No => "Note",
    }
}

/// What a post is made of.
pub struct Writer<'a> {
    pub config: &'a Config,
    pub urls: &'a Urls,
    /// Whom it is attributed to.
    pub author: &'a Local,
    /// The site, whose followers get it too.
    pub site: &'a Local,
}

impl Writer<'_> {
    /// The document of an article in a form; `linked` says what the names in its text lead to.
    pub fn post(&self, article: &Article, form: Federate, linked: &Linked) -> Post {
        let id = self.urls.article(&article.uid);
        let url = self.urls.permalink(article);
        let base = url::Url::parse(&url).unwrap_or_else(|_| self.urls.base().clone());
        let rendered = content::markdown::render_linked(&article.markdown, &base, &linked.links);
        let language = article
            .language
            .clone()
            .unwrap_or_else(|| self.config.site.language.clone());
        let in_language = |text: &str| json!({language.as_str(): text});
        let abstract_ = article
            .summary
            .clone()
            .unwrap_or_else(|| rendered.excerpt.clone());
        let is_article = form == Federate::Article;
        let policy = article.comment_policy(self.config.comments.terms());
        let content = match form {
            Federate::Article => rendered.federated.as_str().to_owned(),
            Federate::Note => format!(
                "<p><strong>{}</strong></p>{}<p>{}</p>",
                escape(&article.title),
                rendered.federated.as_str(),
                link(&url)
            ),
            Federate::Teaser | Federate::No => self.teaser(article, &abstract_, &url),
        };
        // A note's summary is its content warning; an article's is read by itself.
        let summary = match &article.content_warning {
            Some(warning) => Some(warning.clone()),
            None => is_article.then(|| abstract_.clone()),
        };
        let image = self.image(article, &base).or_else(|| {
            let (url, alt) = rendered.first_image.clone()?;
            Some(image(url.as_str(), Some(alt)))
        });
        let mut tag = self.hashtags(article, linked);
        let mut cc = self.audience();
        // A teaser does not have the text that mentions them.
        if form != Federate::Teaser {
            tag.extend(linked.mentions.iter().cloned());
            cc.extend(linked.audience());
        }
        Post {
            kind: type_of(form),
            attributed_to: self.author.uri.clone(),
            name: is_article.then(|| article.title.clone()),
            name_map: is_article.then(|| in_language(&article.title)),
            summary_map: summary.as_deref().map(in_language),
            summary,
            content_map: in_language(&content),
            content,
            media_type: "text/html",
            source: (form != Federate::Teaser).then(|| Source {
                content: article.markdown.clone(),
                media_type: "text/markdown",
            }),
            published: timestamp(article.published_at),
            updated: article.updated_at.map(timestamp),
            to: vec![PUBLIC.to_owned()],
            cc,
            attachment: image.clone().into_iter().collect(),
            image: image.filter(|_| is_article),
            preview: is_article.then(|| self.preview(article, &abstract_, &url)),
            context: format!("{id}/context"),
            replies: format!("{id}/replies"),
            likes: format!("{id}/likes"),
            shares: format!("{id}/shares"),
            interaction_policy: protocol::interaction_policy(
                &self.author.uri,
                self.may_reply(policy, &self.author.followers()),
                &self.may_quote(article),
            ),
            sensitive: article.sensitive || article.content_warning.is_some(),
            comments_enabled: policy != CommentPolicy::Closed,
            tag,
            url,
            id,
        }
    }

    fn may_reply<'a>(&'a self, policy: CommentPolicy, followers: &'a str) -> Replies<'a> {
        match policy {
            CommentPolicy::Open => Replies::Everyone,
            CommentPolicy::Moderated => Replies::Reviewed,
            CommentPolicy::Followers => Replies::Only(followers),
            CommentPolicy::Closed => Replies::Only(&self.author.uri),
        }
    }

    /// Whose quotes are approved. Those who follow the site alone are not named: readers know only the
    /// collections of the author.
    fn may_quote(&self, article: &Article) -> String {
        match quotes_of(article.quotes.as_deref(), self.config) {
            Quotes::Everyone => PUBLIC.to_owned(),
            Quotes::Followers => self.author.followers(),
            Quotes::Nobody => self.author.uri.clone(),
        }
    }

    /// Everyone who follows the author or the site.
    pub fn audience(&self) -> Vec<String> {
        let mut cc = vec![self.author.followers()];
        if self.site.row.id != self.author.row.id {
            cc.push(self.site.followers());
        }
        cc
    }

    fn teaser(&self, article: &Article, abstract_: &str, url: &str) -> String {
        format!(
            "<p><strong>{}</strong></p><p>{}</p><p>{}</p>",
            escape(&article.title),
            escape(abstract_),
            link(url)
        )
    }

    /// A short form for servers that show no articles (FEP-b2b8).
    fn preview(&self, article: &Article, abstract_: &str, url: &str) -> Value {
        json!({
            "type": "Note",
            "attributedTo": self.author.uri,
            "content": self.teaser(article, abstract_, url),
            "url": url,
            "published": timestamp(article.published_at),
        })
    }

    fn image(&self, article: &Article, base: &url::Url) -> Option<Image> {
        let url = base.join(article.image_url.as_deref()?).ok()?;
        Some(image(url.as_str(), article.image_alt.clone()))
    }

    /// The article's tags and those in its text, each once.
    fn hashtags(&self, article: &Article, linked: &Linked) -> Vec<Hashtag> {
        let own = article
            .tags
            .iter()
            .map(|tag| hashtag(tag, self.urls.tag(tag)));
        let mut tags: Vec<Hashtag> = Vec::new();
        for tag in own.chain(linked.hashtags.iter().cloned()) {
            let name = tag.name.to_lowercase();
            if name.len() > 1 && tags.iter().all(|known| known.name.to_lowercase() != name) {
                tags.push(tag);
            }
        }
        tags
    }
}

/// A picture with its media type, as far as its name says it.
pub fn image(url: &str, alt: Option<String>) -> Image {
    Image {
        kind: "Image",
        media_type: mime_guess::from_path(
            url::Url::parse(url).map_or(String::new(), |u| u.path().to_owned()),
        )
        .first_raw()
        .map(str::to_owned),
        url: url.to_owned(),
        name: alt.filter(|alt| !alt.is_empty()),
    }
}

fn link(url: &str) -> String {
    format!("<a href=\"{0}\">{0}</a>", escape(url))
}

/// Text for the inside of HTML.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// A stored time as documents write it: RFC 3339 in UTC, in seconds.
pub fn timestamp(milliseconds: i64) -> String {
    store::moment(milliseconds).to_rfc3339_opts(SecondsFormat::Secs, true)
}
