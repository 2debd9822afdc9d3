//! The pages that list the reactions to an article or comment.

use super::permalink::{self, Permalink};
use crate::{
    base::time,
    content::Html,
    i18n::Locale,
    node::Inner,
    quota::Limit,
    store::{CommentState, Reaction, ReactionKind},
    web::{
        app::{App, own_link},
        comments::{is_displayable, name_with_emoji},
        media_proxy::urls,
        response::{self, WebError, moved_permanently},
        views::{self, Author, Avatar, Link, Paging, ReactionsPage, Timestamp},
    },
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use std::collections::HashSet;

/// The maximum number of reactions on a page.
const PAGE: i64 = 100;

/// `?before=`: the id of the last reaction on the previous page.
#[derive(Debug, Deserialize)]
pub(crate) struct ReactionQuery {
    before: Option<i64>,
}

/// `GET /{year}/{month}/{slug}/reactions`.
pub(crate) async fn of_article(
    State(app): State<App>,
    Path((year, month, slug)): Path<(String, String, String)>,
    Query(query): Query<ReactionQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let path = format!("/{year}/{month}/{slug}");
    page(&app, &headers, &path, &slug, None, &query).await
}

/// `GET /{year}/{month}/{slug}/comments/{number}/reactions`.
pub(crate) async fn of_comment(
    State(app): State<App>,
    Path((year, month, slug, number)): Path<(String, String, String, i64)>,
    Query(query): Query<ReactionQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let path = format!("/{year}/{month}/{slug}");
    page(&app, &headers, &path, &slug, Some(number), &query).await
}

async fn page(
    app: &App,
    headers: &HeaderMap,
    path: &str,
    slug: &str,
    number: Option<i64>,
    query: &ReactionQuery,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let (here, back) = match number {
        None => (format!("{path}/reactions"), path.to_owned()),
        Some(number) => (
            format!("{path}/comments/{number}/reactions"),
            format!("{path}?after={}#comment-{number}", number.saturating_sub(1)),
        ),
    };
    let article = match permalink::find(&mut conn, slug, path).await? {
        Permalink::Article(article) => article,
        Permalink::Moved(now) => {
            return Ok(moved_permanently(
                app.node.urls(),
                &here.replacen(path, &now, 1),
            ));
        }
        Permalink::Absent(_) => return Err(WebError::NotFound),
    };
    let comment_id = match number {
        None => 0,
        Some(number) => {
            let comment = conn.comment_by_number(article.id, number).await?;
            let comment = comment.filter(|comment| comment.state == CommentState::Visible);
            comment.ok_or(WebError::NotFound)?.id
        }
    };
    let before = query.before.unwrap_or(i64::MAX);
    let mut rows = conn
        .reactions(article.id, comment_id, before, PAGE + 1)
        .await?;
    let has_more = rows.len() as i64 > PAGE;
    rows.truncate(PAGE as usize);
    let paging = Paging {
        newer: query.before.and_then(|_| Link::parse(&here)),
        older: rows
            .last()
            .filter(|_| has_more)
            .and_then(|last| Link::parse(&format!("{here}?before={}", last.id))),
    };
    let most = usize::try_from(app.node.quota.value(Limit::ReactionKinds)).unwrap_or(usize::MAX);
    let locale = match &article.language {
        Some(language) => app.site.locale_for(language),
        None => app.site.locale,
    };
    let mut kinds = HashSet::new();
    let mut reactions = Vec::new();
    for row in &rows {
        // The number of different emoji is limited, as on the page of the article.
        let kind = (&row.emoji, &row.emoji_url);
        let is_shown = kinds.contains(&kind) || (kinds.len() < most && kinds.insert(kind));
        reactions.push(view_of(app, locale, row, is_shown));
    }
    let page = ReactionsPage::new(
        &app.site,
        locale,
        article.title,
        number,
        own_link(&back),
        reactions,
        paging,
    );
    response::page(headers, app.render(&page), None)
}

fn view_of(app: &App, locale: Locale, row: &Reaction, is_shown: bool) -> views::Reaction {
    let handle = Inner::remote_handle(&row.username, &row.handle_host);
    let picture = row
        .icon_url
        .as_deref()
        .and_then(|url| urls::avatar(&app.node.tokens, row.actor_id, url));
    let url = row.actor_url.as_deref().and_then(Link::parse);
    views::Reaction {
        name: name_with_emoji(app, &row.name, row.actor_id, row.name_emoji.as_deref()),
        author: Author {
            name: row.name.clone(),
            url: url.or_else(|| Link::parse(&row.actor_uri)),
            avatar: Avatar::initials(&row.name, &handle).with_picture(picture),
            handle: Some(handle),
        },
        text: match row.kind {
            ReactionKind::Like => Html::from_text(&locale.text("reaction-like")),
            ReactionKind::Boost => Html::from_text(&locale.text("reaction-boost")),
            ReactionKind::Quote => Html::from_text(&locale.text("reaction-quote")),
            _ if !is_displayable(&row.emoji) => Html::from_text(&locale.text("reaction-like")),
            _ if !is_shown => Html::from_text(&locale.text("reaction-any")),
            _ => urls::reaction(
                &app.node.tokens,
                row.id,
                row.emoji_url.as_deref(),
                &locale.text_with("reaction-emoji", &[("emoji", row.emoji.as_str().into())]),
            ),
        },
        url: row.url.as_deref().and_then(Link::parse),
        at: Timestamp::from(time::from_millis(row.created_at)),
    }
}
