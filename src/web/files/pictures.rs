//! Serves copies of pictures from other servers.
//!
//! Their addresses name rows of the database, so that nobody can make this node fetch other addresses, and erased pictures
//! are not served any more. Each request looks the row up: a picture that readers do not see, or whose actor or host is
//! blocked by now, is not served, even if there is a copy.

use crate::{
    content::{Extras, extras::Emoji},
    media::copies::{self, Size},
    node::urls::host_of,
    store::{Conn, PictureOwner, Severity, StoreError},
    web::{app::App, media_proxy::Failure, response::WebError},
};
use axum::{
    extract::{Path, State},
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use url::Url;

/// `GET /pictures/avatars/{actor}`.
pub(crate) async fn avatars(
    State(app): State<App>,
    Path(actor): Path<i64>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let actor = conn
        .visible_actor_pictures(actor)
        .await?
        .ok_or(WebError::NotFound)?;
    serve(&app, conn, &actor.owner, actor.icon_url, Size::Avatar).await
}

/// `GET /pictures/names/{actor}/{number}`: an emoji in an actor's name.
pub(crate) async fn names(
    State(app): State<App>,
    Path((actor, number)): Path<(i64, usize)>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let actor = conn
        .visible_actor_pictures(actor)
        .await?
        .ok_or(WebError::NotFound)?;
    let emoji = actor
        .emoji
        .and_then(|json| serde_json::from_str(&json).ok());
    let url = emoji_in(emoji.unwrap_or_default(), number);
    serve(&app, conn, &actor.owner, url, Size::Emoji).await
}

/// `GET /pictures/comments/{comment}/{number}`: a picture attached to a comment.
pub(crate) async fn attachments(
    State(app): State<App>,
    Path((comment, number)): Path<(i64, usize)>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let (owner, extras) = extras_of(&mut conn, comment).await?;
    let picture = extras.pictures.into_iter().nth(number);
    let url = picture.filter(|it| it.is_picture).map(|it| it.url);
    serve(&app, conn, &owner, url, Size::Column).await
}

/// `GET /pictures/emoji/{comment}/{number}`: an emoji in a comment.
pub(crate) async fn emojis(
    State(app): State<App>,
    Path((comment, number)): Path<(i64, usize)>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let (owner, extras) = extras_of(&mut conn, comment).await?;
    let url = emoji_in(extras.emoji, number);
    serve(&app, conn, &owner, url, Size::Emoji).await
}

/// `GET /pictures/reactions/{reaction}`: the custom emoji of a reaction.
pub(crate) async fn reactions(
    State(app): State<App>,
    Path(reaction): Path<i64>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let reaction = conn.visible_reaction_picture(reaction).await?;
    let reaction = reaction.ok_or(WebError::NotFound)?;
    let url = Some(reaction.emoji_url);
    serve(&app, conn, &reaction.owner, url, Size::Emoji).await
}

fn emoji_in(emoji: Vec<Emoji>, number: usize) -> Option<String> {
    emoji.into_iter().nth(number).map(|emoji| emoji.url)
}

async fn extras_of(conn: &mut Conn, comment: i64) -> Result<(PictureOwner, Extras), WebError> {
    let found = conn.visible_comment_pictures(comment).await?;
    let comment = found.ok_or(WebError::NotFound)?;
    Ok((comment.owner, Extras::from_json(Some(&comment.extras))))
}

async fn serve(
    app: &App,
    mut conn: Conn,
    owner: &PictureOwner,
    url: Option<String>,
    size: Size,
) -> Result<Response, WebError> {
    let url = url.ok_or(WebError::NotFound)?;
    if !is_allowed(app, &mut conn, owner, &url).await? {
        return Err(WebError::NotFound);
    }
    // Release the connection while the picture is fetched.
    drop(conn);
    let copy = app.media_proxy.copy(&url, size).await;
    let copy = copy.map_err(|failure| match failure {
        Failure::Permanent => WebError::NotFound,
        Failure::Temporary(pause) => WebError::Later(pause),
    })?;
    let headers = [
        (CONTENT_TYPE, copies::media_type(&copy)),
        (CACHE_CONTROL, "public, max-age=604800, immutable"),
    ];
    Ok((headers, copy).into_response())
}

/// Returns whether no block applies to the pictures of this actor or to the host that serves the picture.
async fn is_allowed(
    app: &App,
    conn: &mut Conn,
    owner: &PictureOwner,
    url: &str,
) -> Result<bool, StoreError> {
    let host = Url::parse(url).ok().and_then(|url| host_of(&url));
    let host = host.unwrap_or_default();
    for (name, host) in [(owner.uri.as_str(), owner.host.as_str()), (url, &host)] {
        let rules = conn.rules_for(name, host).await?;
        if rules.severity == Severity::Block || rules.no_media || !app.node.allows(host) {
            return Ok(false);
        }
    }
    Ok(true)
}
