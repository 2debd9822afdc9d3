//! The feed of the comments on an article.

use super::{
    ENTRIES, FeedQuery,
    articles::frame,
    entry::warning_of,
    format::Format,
    model::{Author, Entry, Feed},
    texts,
};
use crate::{
    store::{Article, PageComment},
    web::{
        app::App,
        comments::{ParentAuthor, address_of, comment_text, path_of},
        pages::permalink::{self, Permalink},
        response::{WebError, moved_permanently, with_query},
        views::Link,
    },
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, Uri},
    response::Response,
};

/// `GET /{year}/{month}/{slug}/comments.{format}`: the newest comments that everybody may read.
pub(crate) async fn of_article(
    State(app): State<App>,
    Path((year, month, slug)): Path<(String, String, String)>,
    Query(query): Query<FeedQuery>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let format = Format::of(&uri)?;
    let path = format!("/{year}/{month}/{slug}");
    let mut conn = app.node.store.read().await?;
    let article = match permalink::find(&mut conn, &slug, &path).await? {
        Permalink::Article(article) => article,
        Permalink::Moved(current) => {
            let target = format!("{current}/comments.{}", format.ending());
            let target = with_query(&target, uri.query());
            return Ok(moved_permanently(app.node.urls(), &target));
        }
        Permalink::Absent(Some(_)) => return Err(WebError::Gone),
        Permalink::Absent(None) => return Err(WebError::NotFound),
    };
    let before = match &query.before {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| WebError::NotFound)?,
    };
    let rows = conn.newest_comments(article.id, before, ENTRIES).await?;
    let next = rows.last().filter(|_| rows.len() as i64 == ENTRIES);
    let next = next.map(|last| last.comment.number.to_string());
    let language = article.language.as_ref().unwrap_or(&app.site.language);
    let title = texts::title_of_comments(language, &article.title);
    let feed = Feed {
        description: String::new(),
        language: language.clone(),
        entries: rows.iter().map(|row| entry(&app, &article, row)).collect(),
        next,
        labels: texts::labels(language),
        ..frame(&app, title, &path, &format!("{path}/comments"), query)
    };
    Ok(format.respond(&headers, &feed))
}

fn entry(app: &App, article: &Article, row: &PageComment) -> Entry {
    let urls = app.node.urls();
    let comment = &row.comment;
    let own = urls.article(&article.uid);
    let parent = urls.article_id(&article.uid, article.object_uri.as_deref());
    let id = |number: i64| format!("{own}#comment-{number}");
    let page = |number: i64| urls.at(&address_of(article, number));
    let site_language = article.language.as_ref().unwrap_or(&app.site.language);
    let language = comment.language.as_ref().unwrap_or(site_language);
    let (html, _) = comment_text(app, &comment.content, ParentAuthor::of_row(row));
    let warning = comment.content_warning.as_deref();
    let warning = warning.filter(|text| !text.trim().is_empty());
    let author = &comment.author_name;
    Entry {
        id: id(comment.number),
        url: page(comment.number),
        title: texts::title_of_comment(site_language, comment.number, author),
        is_title_made: false,
        published: comment.published_at,
        updated: comment
            .edited_at
            .unwrap_or_default()
            .max(comment.published_at),
        author: Author {
            name: author.clone(),
            url: comment
                .author_url
                .as_deref()
                .and_then(Link::parse)
                .map(|link| link.to_string()),
        },
        language: comment.language.clone(),
        tags: Vec::new(),
        summary: warning.map_or_else(|| html.excerpt(EXCERPT), str::to_owned),
        html: warning_of(warning, language) + html.to_absolute(urls.base()).as_str(),
        picture: None,
        comments: None,
        reply_to: Some(match row.parent_number {
            Some(number) => (id(number), page(number)),
            None => (parent.clone(), urls.at(&path_of(article))),
        }),
        line: texts::line(app, site_language, comment.published_at, author),
    }
}

/// The maximum length of the beginning of a comment, in characters.
const EXCERPT: usize = 300;
