//! The page of the form, and the messages after its submission.

use super::{
    comment_target::CommentTarget,
    cookie,
    messages::{Message, Refusal},
    own,
};
use crate::web::{
    app::App,
    comments,
    pages::permalink::{self, Permalink},
    response::{WebError, moved_permanently, personal_page, see_other},
    views::{MessagePage, OwnCommentsPage, WritePage},
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;

/// Finds the article at a path, and the comment with a number. `below` is the path of the page below that of the article.
/// An article that moved is a redirect.
pub(super) async fn locate(
    app: &App,
    (year, month, slug): (&str, &str, &str),
    number: i64,
    below: &str,
) -> Result<Result<CommentTarget, Response>, WebError> {
    let path = format!("/{year}/{month}/{slug}");
    let mut conn = app.node.store.read().await?;
    let article = match permalink::find(&mut conn, slug, &path).await? {
        Permalink::Article(article) => Some(*article),
        Permalink::Moved(current) => {
            let address = format!("{current}/{below}");
            return Ok(Err(moved_permanently(app.node.urls(), &address)));
        }
        Permalink::Absent(_) => None,
    };
    CommentTarget::find(&mut conn, article, number)
        .await
        .map(Ok)
}

/// `GET /{year}/{month}/{slug}/reply/{number}`: all ways to reply to a comment, or to the article if the number is 0. The
/// cookie of a returning guest fills in their name.
pub(crate) async fn show_form(
    State(app): State<App>,
    Path((year, month, slug, number)): Path<(String, String, String, i64)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let below = format!("reply/{number}");
    let target = match locate(&app, (&year, &month, &slug), number, &below).await? {
        Ok(target) => target,
        Err(redirect) => return Ok(redirect),
    };
    let form = if comments::is_open_to_guests(&app, &target.article) {
        let mut conn = app.node.store.read().await?;
        let guest = cookie::guest(&app, &mut conn, &headers).await?;
        Some(target.form(&app, guest.as_ref()))
    } else {
        None
    };
    let ways = target.ways(&app);
    if form.is_none() && ways.is_none() {
        return Refusal::CLOSED.page_in(&app, target.locale(&app), &target.page());
    }
    let (title, page) = (target.article.title.clone(), target.page());
    let page = WritePage::new(
        &app.site,
        target.locale(&app),
        title,
        page,
        target.quoted(&app),
        None,
        form,
    );
    personal_page(StatusCode::OK, app.render(&page.with_ways(ways)))
}

/// `GET /articles/{uid}/comments`: for a reader who reloads the response to a form.
pub(crate) async fn redirect_to_form(
    State(app): State<App>,
    Path(uid): Path<String>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = conn.article_by_uid(&uid).await?;
    let target = CommentTarget::find(&mut conn, article, 0).await?;
    Ok(see_other(&format!("{}#write", target.page())))
}

/// `?article=`: the uid of the article.
#[derive(Debug, Deserialize)]
pub(crate) struct ArticleQuery {
    #[serde(default)]
    article: String,
}

/// `GET /comments/waiting`: also shows the comments of the browser's guest that wait under the article.
pub(crate) async fn show_waiting(
    State(app): State<App>,
    Query(query): Query<ArticleQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    show_message(&app, Message::Waiting, &query.article, &headers).await
}

/// `GET /comments/mailed`.
pub(crate) async fn show_mailed(
    State(app): State<App>,
    Query(query): Query<ArticleQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    show_message(&app, Message::Mailed, &query.article, &headers).await
}

/// `GET /comments/reported`.
pub(crate) async fn show_reported(
    State(app): State<App>,
    Query(query): Query<ArticleQuery>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = conn.article_by_uid(&query.article).await?;
    let article = Some(article.ok_or(WebError::NotFound)?);
    let target = CommentTarget::find(&mut conn, article, 0).await?;
    let page = MessagePage::new(
        &app.site,
        app.site.locale,
        "reported-title",
        "reported-text",
        target.page(),
        "back-to-the-article",
    );
    personal_page(StatusCode::OK, app.render(&page))
}

async fn show_message(
    app: &App,
    message: Message,
    uid: &str,
    headers: &HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = conn.article_by_uid(uid).await?;
    let article = Some(article.ok_or(WebError::NotFound)?);
    let Ok(target) = CommentTarget::find(&mut conn, article, 0).await else {
        return message.page(app, app.site.locale, app.site.home.clone(), "link-home");
    };
    let comments = own::waiting(app, &mut conn, headers, &target.article).await?;
    let (heading, text) = message.texts();
    let page = OwnCommentsPage::new(
        &app.site,
        &app.site.locale.text(heading),
        app.site.locale.text(text).into_owned(),
        comments,
        target.page(),
    );
    personal_page(StatusCode::OK, app.render(&page.after_sending()))
}
