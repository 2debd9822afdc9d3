//! A guest's own comments: listed for the browser that sent them, or by the link in an email, also while they wait.

use super::cookie;
use crate::{
    guests::own,
    node::{tokens::Purpose, urls::permalink_path},
    store::{self, Article, CommentState, Conn, Guest, OwnGuestComment},
    web::{
        app::{App, own_link},
        comments,
        response::{WebError, private_page},
        views::{Link, OwnComment, OwnCommentsPage},
    },
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;

/// The maximum number of comments that the page lists.
const MAX_LISTED: i64 = 50;
/// The lifetime of the links on the page, in milliseconds.
const LINK_LIFETIME: i64 = 24 * 60 * 60 * 1000;

/// `?token=`: the token in the link of an email.
#[derive(Debug, Deserialize)]
pub(crate) struct ListQuery {
    token: Option<String>,
}

/// `GET /comments/mine`: the comments of the browser's guest, or of the guest that a token names.
pub(crate) async fn list(
    State(app): State<App>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let guest = match &query.token {
        Some(token) => guest_of_token(&app, &mut conn, token).await?,
        None => cookie::guest(&app, &mut conn, &headers).await?,
    };
    let comments = match &guest {
        Some(guest) => conn.comments_of_guest(guest.id, MAX_LISTED).await?,
        None => Vec::new(),
    };
    let locale = app.site.locale;
    let page = OwnCommentsPage::new(
        &app.site,
        &locale.text("own-comments-title"),
        locale.text("own-comments-intro").into_owned(),
        comments.iter().map(|row| view(&app, row)).collect(),
        app.site.home.clone(),
    );
    private_page(StatusCode::OK, app.render(&page))
}

/// Returns the comments of the browser's guest that wait under an article.
pub(super) async fn waiting(
    app: &App,
    conn: &mut Conn,
    headers: &HeaderMap,
    article: &Article,
) -> Result<Vec<OwnComment>, WebError> {
    let Some(guest) = cookie::guest(app, conn, headers).await? else {
        return Ok(Vec::new());
    };
    let rows = conn.comments_of_guest(guest.id, MAX_LISTED).await?;
    let waits = |row: &&OwnGuestComment| {
        row.comment.article_id == article.id && row.comment.state != CommentState::Visible
    };
    Ok(rows
        .iter()
        .filter(waits)
        .map(|row| view(app, row))
        .collect())
}

/// Returns the guest whom the link in an email names. The link works only for the confirmed address of the guest.
async fn guest_of_token(
    app: &App,
    conn: &mut Conn,
    token: &str,
) -> Result<Option<Guest>, WebError> {
    let (id, mail) = own::read_list_token(&app.node, token).ok_or(WebError::BadLink)?;
    let guest = conn.guest(id).await?;
    let is_theirs = |guest: &Guest| {
        guest.confirmed_at.is_some() && guest.mail.as_deref() == Some(mail.as_str())
    };
    Ok(guest.filter(is_theirs))
}

fn view(app: &App, row: &OwnGuestComment) -> OwnComment {
    let comment = &row.comment;
    let path = permalink_path(row.article_published_at, &row.article_slug);
    let state = own::state_for_author(comment.state);
    let is_visible = state == CommentState::Visible;
    OwnComment {
        article: row.article_title.clone(),
        page: own_link(&path),
        permalink: is_visible.then(|| own_link(&comments::address_at(&path, comment.number))),
        state: state.as_str(),
        written: store::moment(comment.published_at).into(),
        edited: comment.edited_at.map(|time| store::moment(time).into()),
        content: comments::shown_text(app, &comment.content).0,
        change: change_link(app, comment.id),
        is_editable: own::is_editable(&app.node, comment),
    }
}

/// Returns the page on which a guest edits or withdraws a comment. Its address is the permission.
fn change_link(app: &App, comment_id: i64) -> Link {
    let until = store::now() + LINK_LIFETIME;
    let token = app
        .node
        .tokens
        .sign(Purpose::OwnComment, &comment_id.to_string(), until);
    own_link(&format!("/comments/mine/{token}"))
}
