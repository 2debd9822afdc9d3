//! The page of the form, and the messages after its submission.

use super::{
    comment_target::CommentTarget,
    cookie,
    messages::{Message, Refusal},
};
use crate::web::{
    app::App,
    comments,
    pages::permalink::{self, Permalink},
    response::{WebError, moved_permanently, personal_page, see_other},
    views::WritePage,
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;

/// `GET /{year}/{month}/{slug}/reply/{number}`: the form for a reply to a comment, or to the article if the
/// number is 0. The cookie of a returning guest fills in their name.
pub(crate) async fn show_form(
    State(app): State<App>,
    Path((year, month, slug, number)): Path<(String, String, String, i64)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let path = format!("/{year}/{month}/{slug}");
    let mut conn = app.node.store.read().await?;
    let article = match permalink::find(&mut conn, &slug, &path).await? {
        Permalink::Article(article) => Some(*article),
        Permalink::Moved(current) => {
            return Ok(moved_permanently(
                app.node.urls(),
                &format!("{current}/reply/{number}"),
            ));
        }
        Permalink::Absent(_) => None,
    };
    let target = CommentTarget::find(&mut conn, article, number).await?;
    if !comments::is_open_to_guests(&app, &target.article) {
        return Refusal::CLOSED.page(&app, &target.page());
    }
    let guest = cookie::guest(&app, &mut conn, &headers).await?;
    let form = target.form(&app, guest.as_ref());
    let (title, page) = (target.article.title.clone(), target.page());
    let page = WritePage::new(&app.site, title, page, target.quoted(&app), None, form);
    personal_page(StatusCode::OK, app.render(&page))
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

/// `GET /comments/waiting`.
pub(crate) async fn show_waiting(
    State(app): State<App>,
    Query(query): Query<ArticleQuery>,
) -> Result<Response, WebError> {
    show_message(&app, Message::Waiting, &query.article).await
}

/// `GET /comments/mailed`.
pub(crate) async fn show_mailed(
    State(app): State<App>,
    Query(query): Query<ArticleQuery>,
) -> Result<Response, WebError> {
    show_message(&app, Message::Mailed, &query.article).await
}

async fn show_message(app: &App, message: Message, uid: &str) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = conn.article_by_uid(uid).await?;
    let article = Some(article.ok_or(WebError::NotFound)?);
    match CommentTarget::find(&mut conn, article, 0).await {
        Ok(target) => message.page(app, target.page(), "Back to the article"),
        Err(_) => message.page(app, app.site.home.clone(), "Go to the home page"),
    }
}
