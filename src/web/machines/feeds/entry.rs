//! Entries of articles and notes.

use super::{
    model::{Author, Comments, Entry, Picture},
    pictures, texts,
};
use crate::{
    content::{
        hashtag,
        html::{MediaFiles, escape, smart_text},
        markdown,
    },
    federation::objects::pictures::MediaRows,
    store::{Article, Conn, Note, StoreError},
    web::{
        app::App,
        response::WebError,
        texts::{TextPlace, decorated, files_of, locale_of},
        views::title_of,
    },
};
use std::collections::HashSet;

/// Returns entries of articles, in their order.
pub(super) async fn of_articles(
    app: &App,
    conn: &mut Conn,
    articles: &[Article],
) -> Result<Vec<Entry>, WebError> {
    let ids: Vec<i64> = articles.iter().map(|article| article.id).collect();
    let counts = conn.comment_counts(&ids).await?;
    let pictures = pictures::of_articles(app, conn, articles).await?;
    let media = MediaRows::of_articles(conn, articles).await?;
    let files = files_of(&media, app.node.urls());
    let numbered = articles.iter().zip(pictures);
    Ok(numbered
        .map(|(article, picture)| {
            let count = counts.get(&article.id).copied().unwrap_or_default();
            of_article(app, article, &files, picture, count.unsigned_abs())
        })
        .collect())
}

fn of_article(
    app: &App,
    article: &Article,
    files: &MediaFiles,
    picture: Option<Picture>,
    comments: u64,
) -> Entry {
    let urls = app.node.urls();
    let url = urls.permalink(article);
    let base = url::Url::parse(&url).unwrap_or_else(|_| urls.base().clone());
    let rendered = markdown::render(&article.markdown, &base);
    let language = article.language.as_ref().unwrap_or(&app.site.language);
    let name = article.byline().unwrap_or(&app.site.name).to_owned();
    let username = article.author_username.as_deref();
    let mut html = warning_of(article.warning(), language);
    html.push_str(&picture.as_ref().map(figure_of).unwrap_or_default());
    let text = decorated(
        &rendered,
        files,
        TextPlace::in_feed(language, locale_of(app, language)),
    );
    html.push_str(text.with_absolute_addresses(&base).as_str());
    // The warning alone describes an article behind it.
    let summary = match (article.warning(), article.summary()) {
        (Some(warning), _) => warning.to_owned(),
        (None, Some(summary)) => summary.to_owned(),
        (None, None) => smart_text(&rendered.excerpt, language),
    };
    Entry {
        id: urls.article_id(&article.uid, article.object_uri.as_deref()),
        title: article.title.clone(),
        is_title_made: false,
        published: article.published_at,
        updated: article
            .updated_at
            .unwrap_or_default()
            .max(article.published_at),
        line: texts::line(app, language, article.published_at, &name),
        author: Author {
            name,
            url: username.map(|username| urls.at(&format!("/authors/{username}"))),
        },
        language: Some(language.clone()),
        tags: tags_of(article),
        summary,
        html,
        picture: picture.filter(|_| article.warning().is_none()),
        comments: Some(Comments {
            page: format!("{url}#comments"),
            feed: format!("{url}/comments"),
            count: comments,
        }),
        reply_to: None,
        url,
    }
}

/// Returns entries of notes, in their order.
pub(super) async fn of_notes(
    app: &App,
    conn: &mut Conn,
    notes: &[Note],
) -> Result<Vec<Entry>, StoreError> {
    let markdown: Vec<_> = notes
        .iter()
        .map(|note| Some(note.markdown.as_str()))
        .collect();
    let media = MediaRows::of(conn, &markdown).await?;
    let files = files_of(&media, app.node.urls());
    Ok(notes
        .iter()
        .map(|note| of_note(app, note, &files))
        .collect())
}

fn of_note(app: &App, note: &Note, files: &MediaFiles) -> Entry {
    let urls = app.node.urls();
    let url = urls.note(&note.uid);
    let rendered = markdown::render(&note.markdown, urls.base());
    let warning = note.content_warning.as_deref();
    let place = TextPlace::in_feed(&note.language, locale_of(app, &note.language));
    let text = decorated(&rendered, files, place);
    let html = text.with_absolute_addresses(urls.base());
    Entry {
        id: url.clone(),
        title: title_of(&rendered.page, warning, app.site.locale_for(&note.language)),
        is_title_made: true,
        published: note.published_at,
        updated: note.edited_at.unwrap_or(note.published_at),
        author: Author {
            name: app.site.name.clone(),
            url: Some(urls.home()),
        },
        language: Some(note.language.clone()),
        tags: Vec::new(),
        summary: warning.map_or(rendered.excerpt, str::to_owned),
        html: warning_of(warning, &note.language) + html.as_str(),
        picture: None,
        comments: None,
        reply_to: note
            .in_reply_to
            .as_ref()
            .map(|parent| (parent.clone(), parent.clone())),
        line: texts::line(app, &note.language, note.published_at, &app.site.name),
        url,
    }
}

/// Returns the tags, each once.
fn tags_of(article: &Article) -> Vec<String> {
    let mut known = HashSet::new();
    let once = article
        .tags
        .iter()
        .filter(|tag| known.insert(hashtag::key(tag)));
    once.cloned().collect()
}

/// Returns the content warning that precedes a text. Empty without one.
pub(super) fn warning_of(warning: Option<&str>, language: &str) -> String {
    let text = warning.map(|warning| texts::warning(language, warning));
    text.map(|text| format!("<p><strong>{}</strong></p>\n", escape(&text)))
        .unwrap_or_default()
}

/// Returns the lead picture as the page shows it above the text.
fn figure_of(picture: &Picture) -> String {
    let size = picture.size.map_or_else(String::new, |(width, height)| {
        format!(" width=\"{width}\" height=\"{height}\"")
    });
    format!(
        "<figure><img src=\"{}\" alt=\"{}\"{size}></figure>\n",
        escape(&picture.url),
        escape(&picture.alt)
    )
}
