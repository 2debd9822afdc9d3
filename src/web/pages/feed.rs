//! The Atom feed (RFC 4287) of the newest articles, with their whole text.

use crate::{
    base::time,
    content::{Html, hashtag, markdown},
    store::{Article, ArticleFilter, Cursor, Listing},
    web::{
        app::App,
        response::{WebError, cached, shared},
    },
};
use atom_syndication::{Category, Content, Entry, Feed, Link, Person, Text};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use chrono::{DateTime, FixedOffset};
use std::collections::HashSet;

const ENTRIES: i64 = 20;

/// `GET /feed.atom`.
pub(crate) async fn atom(State(app): State<App>, headers: HeaderMap) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let articles = conn
        .articles(
            Listing::Visible,
            &ArticleFilter::default(),
            Cursor::START,
            ENTRIES,
        )
        .await?;
    let feed = feed_of(&app, &articles);
    Ok(shared(cached(
        &headers,
        StatusCode::OK,
        "application/atom+xml; charset=utf-8",
        "max-age=300",
        feed.to_string(),
    )))
}

fn feed_of(app: &App, articles: &[Article]) -> Feed {
    let newest = articles.iter().map(changed_at).max().unwrap_or_default();
    Feed {
        title: Text::plain(app.site.name.clone()),
        id: app.node.urls().home(),
        updated: date(newest),
        subtitle: Some(Text::plain(app.site.description.clone()))
            .filter(|text| !text.value.is_empty()),
        lang: Some(app.site.language.clone()),
        links: vec![
            link(
                "self",
                app.node.urls().at("/feed.atom"),
                "application/atom+xml",
            ),
            link("alternate", app.node.urls().home(), "text/html"),
        ],
        entries: articles.iter().map(|article| entry(app, article)).collect(),
        ..Feed::default()
    }
}

fn entry(app: &App, article: &Article) -> Entry {
    let permalink = app.node.urls().permalink(article);
    let base = url::Url::parse(&permalink).unwrap_or_else(|_| app.node.urls().base().clone());
    let rendered = markdown::render(&article.markdown, &base);
    Entry {
        title: Text::plain(article.title.clone()),
        id: app.node.urls().article(&article.uid),
        updated: date(changed_at(article)),
        published: Some(date(article.published_at)),
        authors: vec![Person {
            name: article.byline().unwrap_or(&app.site.name).to_owned(),
            ..Person::default()
        }],
        categories: categories(article),
        links: vec![link("alternate", permalink, "text/html")],
        // The warning alone describes an article behind it.
        summary: Some(Text::plain(match &article.content_warning {
            Some(warning) => warning.clone(),
            None => article.summary.clone().unwrap_or(rendered.excerpt),
        })),
        content: Some(Content {
            content_type: Some("html".into()),
            value: Some(warning_of(article) + rendered.federated.as_str()),
            lang: article.language.clone(),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// Returns the tags, each once.
fn categories(article: &Article) -> Vec<Category> {
    let mut known = HashSet::new();
    let once = article
        .tags
        .iter()
        .filter(|tag| known.insert(hashtag::key(tag)));
    once.map(|tag| Category {
        term: tag.clone(),
        ..Category::default()
    })
    .collect()
}

/// Returns the warning that precedes the text.
fn warning_of(article: &Article) -> String {
    article
        .content_warning
        .as_deref()
        .map(|warning| format!("<p>Content warning: {}</p>", Html::from_text(warning)))
        .unwrap_or_default()
}

fn changed_at(article: &Article) -> i64 {
    article
        .updated_at
        .unwrap_or(article.published_at)
        .max(article.published_at)
}

fn date(milliseconds: i64) -> DateTime<FixedOffset> {
    time::from_millis(milliseconds).fixed_offset()
}

fn link(rel: &str, href: String, kind: &str) -> Link {
    Link {
        rel: rel.into(),
        href,
        mime_type: Some(kind.into()),
        ..Link::default()
    }
}
