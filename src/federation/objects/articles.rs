//! The federated form of an article: an `Article`, or a `Note` with the whole text or a teaser.

use super::{
    mentions::{References, hashtag},
    pictures::{self, ArticlePicture},
};
use crate::{
    base::time::rfc3339,
    config::Config,
    content::{
        CommentPolicy, FederatedForm, PicturePlacement, QuotePolicy, Rendered, SummaryPolicy,
        clean_line,
        html::{escape, neutralize_markup},
        markdown, truncate_at_word,
    },
    node::{local_actors::LocalActor, urls::Urls},
    protocol::{self, ArticleObject, Collection, Image, OutgoingTag, PUBLIC, ReplyPolicy, Source},
    store::{Article, Publication},
};
use serde_json::{Value, json};
use std::{collections::HashSet, str::FromStr};

/// The maximum length of a name that every server can store (Misskey: 256), in characters.
pub const MAX_NAME: usize = 250;
/// The maximum length of a summary or content warning (Misskey: 512).
pub const MAX_SUMMARY: usize = 500;

/// Returns the configured form of an article: its own choice, or else the site's. An article with a content warning
/// is sent as a note, which servers fold behind the warning, unless the article itself chooses `Article`.
pub fn form_of(article: &Article, config: &Config) -> FederatedForm {
    let own = article.federate.as_deref();
    let own = own.and_then(|form| FederatedForm::from_str(form).ok());
    match own.unwrap_or(config.site.federate) {
        FederatedForm::Article if own.is_none() && article.warning().is_some() => {
            FederatedForm::Note
        }
        form => form,
    }
}

/// Returns the form in which an article is sent. An id keeps the type that it was first sent as, because other
/// servers do not change it.
pub fn form_to_send(
    article: &Article,
    publication: Option<&Publication>,
    config: &Config,
) -> FederatedForm {
    let chosen = form_of(article, config);
    let first = publication
        .filter(|publication| publication.is_live())
        .map(|publication| publication.form.as_str())
        .or(article.object_form.as_deref());
    match (first, chosen) {
        (Some("article"), FederatedForm::Note | FederatedForm::Teaser) => FederatedForm::Article,
        (Some("note" | "teaser"), FederatedForm::Article) => FederatedForm::Note,
        _ => chosen,
    }
}

/// Returns an article's kind of summary: its own choice, or else the site's.
pub fn summaries_of(article: &Article, config: &Config) -> SummaryPolicy {
    let own = article.federate_summary.as_deref();
    own.and_then(|choice| SummaryPolicy::from_str(choice).ok())
        .unwrap_or(config.federation.summary)
}

/// Returns the place of its pictures, if the article or the site chooses one.
pub fn pictures_of(article: &Article, config: &Config) -> Option<PicturePlacement> {
    let own = article.pictures.as_deref();
    own.and_then(|choice| PicturePlacement::from_str(choice).ok())
        .or(config.federation.pictures)
}

/// Returns whether the pictures of an article are attached. By default those of a note are; an article and a teaser
/// have a link card instead, which servers show only for a post without attachments.
fn attaches(article: &Article, form: FederatedForm, config: &Config) -> bool {
    match pictures_of(article, config) {
        Some(choice) => choice == PicturePlacement::Attached,
        None => form == FederatedForm::Note,
    }
}

/// Returns who may quote an article: its own choice, or else the site's.
pub fn quotes_of(choice: Option<&str>, config: &Config) -> QuotePolicy {
    choice
        .and_then(|quotes| QuotePolicy::from_str(quotes).ok())
        .unwrap_or(config.site.quotes)
}

/// Returns the ActivityStreams type of a form.
pub fn type_of(form: FederatedForm) -> &'static str {
    match form {
        FederatedForm::Article => "Article",
        FederatedForm::Note | FederatedForm::Teaser | FederatedForm::No => "Note",
    }
}

/// The context in which posts are written.
pub struct Writer<'a> {
    pub config: &'a Config,
    pub urls: &'a Urls,
    /// The actor that posts are attributed to.
    pub author: &'a LocalActor,
    /// The publication, whose followers also receive posts.
    pub site: &'a LocalActor,
}

impl Writer<'_> {
    /// Returns the document of an article. `linked` has the mentions and hashtags in its text.
    pub fn post(
        &self,
        article: &Article,
        form: FederatedForm,
        linked: &References,
        replies: Collection,
    ) -> ArticleObject {
        let own = self.urls.article(&article.uid);
        let id = self
            .urls
            .article_id(&article.uid, article.object_uri.as_deref());
        let text = Text::of(self, article, linked);
        let language = article.language.as_deref();
        let language = language.unwrap_or(&self.config.site.language);
        let in_language = |text: &str| json!({language: text});
        let is_article = form == FederatedForm::Article;
        let content = text.content(form);
        let name = is_article.then(|| clip(&neutralize_markup(&text.title), MAX_NAME));
        let summary = self.summary(&text, form);
        let policy = article.comment_policy(self.config.comments.terms());
        let base = &text.base;
        let data = &self.config.data;
        let pictures = pictures::of_article(
            article,
            &text.rendered,
            &linked.media,
            self.urls,
            base,
            data,
        );
        let mut tag = self.hashtags(article, linked);
        let mut cc = self.audience();
        // A teaser does not contain the text with the mentions.
        if form != FederatedForm::Teaser {
            tag.extend(linked.mentions.iter().cloned());
            cc.extend(linked.audience());
        }
        ArticleObject {
            kind: type_of(form),
            attributed_to: self.author.uri.clone(),
            name_map: name.as_deref().map(in_language),
            name,
            summary_map: summary.as_deref().map(in_language),
            summary,
            content_map: in_language(&content),
            content,
            media_type: "text/html",
            source: text.source(form, linked).map(Source::markdown),
            published: rfc3339(article.published_at),
            updated: article.updated_at.map(rfc3339),
            to: vec![PUBLIC.to_owned()],
            cc,
            attachment: if attaches(article, form, self.config) {
                pictures::attached(&pictures)
            } else {
                Vec::new()
            },
            image: pictures
                .into_iter()
                .find(ArticlePicture::is_picture)
                .filter(|_| is_article)
                .map(|picture| picture.image),
            preview: is_article.then(|| self.preview(&text)),
            context: format!("{own}/context"),
            replies,
            likes: format!("{own}/likes"),
            shares: format!("{own}/shares"),
            interaction_policy: protocol::interaction_policy(
                &self.author.uri,
                may_reply(policy, &self.author.uri, &self.author.followers()),
                &self.may_quote(article),
            ),
            sensitive: article.sensitive || article.warning().is_some(),
            comments_enabled: policy != CommentPolicy::Closed,
            tag,
            url: text.url,
            id,
        }
    }

    /// Returns the `summary`. That of a note is its content warning. Some servers read an article's as HTML, others as text,
    /// so it is guarded against both.
    fn summary(&self, text: &Text, form: FederatedForm) -> Option<String> {
        let article = text.article;
        let plain = match (article.warning(), form) {
            (Some(warning), _) => Some(warning),
            (None, FederatedForm::Article) => match summaries_of(article, self.config) {
                SummaryPolicy::Author => article.summary(),
                SummaryPolicy::Excerpt => {
                    Some(text.summary_or_excerpt()).filter(|text| !text.is_empty())
                }
                SummaryPolicy::Never => None,
            },
            (None, _) => None,
        };
        let plain = plain?.trim();
        Some(match form {
            FederatedForm::Article => clip(&neutralize_markup(plain), MAX_SUMMARY),
            _ => clip(plain, MAX_SUMMARY),
        })
    }

    /// Returns the collection of actors whose quotes are approved. The site's followers are left out, because readers only
    /// know the collections of the author.
    fn may_quote(&self, article: &Article) -> String {
        match quotes_of(article.quotes.as_deref(), self.config) {
            QuotePolicy::Everyone => PUBLIC.to_owned(),
            QuotePolicy::Followers => self.author.followers(),
            QuotePolicy::Nobody => self.author.uri.clone(),
        }
    }

    /// Returns the followers collections of the author and the site.
    pub fn audience(&self) -> Vec<String> {
        let mut cc = vec![self.author.followers()];
        if self.site.row.id != self.author.row.id {
            cc.push(self.site.followers());
        }
        cc
    }

    /// Returns a short form for servers that show no articles (FEP-b2b8), without the text behind a content warning.
    fn preview(&self, text: &Text) -> Value {
        let mut preview = json!({
            "type": "Note",
            "attributedTo": self.author.uri,
            "content": text.teaser(),
            "url": text.url,
            "published": rfc3339(text.article.published_at),
        });
        if let Some(warning) = text.article.warning() {
            preview["content"] = json!(text.heading());
            preview["summary"] = json!(clip(warning, MAX_SUMMARY));
            preview["sensitive"] = json!(true);
        }
        preview
    }

    /// Returns the article's tags and the hashtags in its text, each once.
    fn hashtags(&self, article: &Article, linked: &References) -> Vec<OutgoingTag> {
        let own = article
            .tags
            .iter()
            .filter_map(|tag| hashtag(tag, self.urls.tag(tag)));
        let mut known = HashSet::new();
        own.chain(linked.hashtags.iter().cloned())
            .filter(|tag| known.insert(crate::content::hashtag::key(&tag.name)))
            .collect()
    }
}

/// An article's text in its outgoing forms.
struct Text<'a> {
    article: &'a Article,
    rendered: Rendered,
    /// The title, in one line.
    title: String,
    /// The permalink, as text and as the base for relative addresses.
    url: String,
    base: url::Url,
}

impl<'a> Text<'a> {
    fn of(writer: &Writer, article: &'a Article, linked: &References) -> Self {
        let url = writer.urls.permalink(article);
        let base = url::Url::parse(&url).unwrap_or_else(|_| writer.urls.base().clone());
        Text {
            article,
            rendered: markdown::render_with_links(&article.markdown, &base, &linked.links),
            title: clean_line(&article.title, usize::MAX),
            url,
            base,
        }
    }

    /// Returns the author's summary, or else the beginning of the text.
    fn summary_or_excerpt(&self) -> &str {
        self.article.summary().unwrap_or(&self.rendered.excerpt)
    }

    fn content(&self, form: FederatedForm) -> String {
        match form {
            FederatedForm::Article => self.rendered.federated.as_str().to_owned(),
            FederatedForm::Note => {
                let first = self.first_paragraph().map(paragraph).unwrap_or_default();
                let (heading, text) = (self.heading(), self.rendered.federated.as_str());
                format!("{heading}{first}{text}<p>{}</p>", link(&self.url))
            }
            FederatedForm::Teaser | FederatedForm::No => self.teaser(),
        }
    }

    /// Returns the title. It is the first link of the text and leads to the article, so that other servers show a
    /// card for it.
    fn heading(&self) -> String {
        let (url, title) = (escape(&self.url), escape(&self.title));
        format!("<p><strong><a href=\"{url}\">{title}</a></strong></p>")
    }

    fn teaser(&self) -> String {
        let (heading, link) = (self.heading(), link(&self.url));
        format!(
            "{heading}{}<p>{link}</p>",
            paragraph(self.summary_or_excerpt())
        )
    }

    /// Returns the summary of an article with a content warning, which replaces the summary in its own property.
    fn first_paragraph(&self) -> Option<&str> {
        self.article.warning().and(self.article.summary())
    }

    /// Returns the Markdown source of a form's content (ActivityPub 3.3), for readers elsewhere.
    fn source(&self, form: FederatedForm, linked: &References) -> Option<String> {
        let links = &linked.links;
        let text = &self.article.markdown;
        let text = || markdown::portable_source(text, &self.base, links, &self.rendered);
        match form {
            FederatedForm::Article => text(),
            FederatedForm::Note => {
                let title = markdown::escape_text(&self.title);
                let first = self.first_paragraph();
                let first = first.map(|first| format!("{}\n\n", markdown::escape_text(first)));
                let (first, text, url) = (first.unwrap_or_default(), text()?, &self.url);
                let text = text.trim_end();
                Some(format!(
                    "**[{title}]({url})**\n\n{first}{text}\n\n<{url}>\n"
                ))
            }
            FederatedForm::Teaser | FederatedForm::No => None,
        }
    }
}

fn paragraph(text: &str) -> String {
    match text.trim() {
        "" => String::new(),
        text => format!("<p>{}</p>", escape(text)),
    }
}

/// Cuts a text between words to the length that other servers can store. Some drop longer texts entirely.
pub fn clip(text: &str, max: usize) -> String {
    truncate_at_word(&without_controls(text), max)
}

/// Removes control characters except line feeds.
fn without_controls(text: &str) -> String {
    let keeps = |c: &char| !c.is_control() || *c == '\n';
    text.chars().filter(keeps).collect()
}

/// Returns the actors who may reply to a post of `author`'s under a comment policy.
pub fn may_reply<'a>(
    policy: CommentPolicy,
    author: &'a str,
    followers: &'a str,
) -> ReplyPolicy<'a> {
    match policy {
        CommentPolicy::Open => ReplyPolicy::Everyone,
        CommentPolicy::Moderated => ReplyPolicy::Reviewed,
        CommentPolicy::Followers => ReplyPolicy::Only(followers),
        CommentPolicy::Closed => ReplyPolicy::Only(author),
    }
}

/// Returns a picture with the media type that its file name suggests.
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
        ..Image::default()
    }
}

fn link(url: &str) -> String {
    format!("<a href=\"{0}\">{0}</a>", escape(url))
}
