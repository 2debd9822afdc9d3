//! Pictures from other servers, by our own small copies of them: pages never load anything from there.
//!
//! Their addresses name rows of ours, so that nobody can make this node fetch something else, and what is
//! erased from the database is served no more. Each is looked up for each request: what readers do not see, or is
//! blocked by now, is not served, whether or not there is a copy.

use super::{
    app::App,
    pages::views::Link,
    picture_copies::{self, Failure},
    problem::WebError,
};
use crate::{
    content::{Extras, Html, extras::Emoji},
    media::copies::{self, Size},
    node::{tokens::Tokens, urls::host_of},
    store::{Conn, PictureOwner, Severity, StoreError},
};
use axum::{
    extract::{Path, State},
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use url::Url;

/// The address of our copy of an actor's picture, which is at `url`.
pub fn avatar(tokens: &Tokens, actor_id: i64, url: &str) -> Option<Link> {
    Link::parse(&format!(
        "/pictures/avatars/{actor_id}{}",
        version(tokens, url)
    ))
}

/// The address of our copy of a comment's picture.
pub fn attached(tokens: &Tokens, comment_id: i64, number: usize, url: &str) -> Option<Link> {
    Link::parse(&format!(
        "/pictures/comments/{comment_id}/{number}{}",
        version(tokens, url)
    ))
}

/// The address of our copy of an emoji in a comment.
pub fn emoji(tokens: &Tokens, comment_id: i64, known: &[Emoji], name: &str) -> Option<String> {
    emoji_at(tokens, "emoji", comment_id, known, name)
}

/// The address of our copy of an emoji in an actor's name.
pub fn name_emoji(tokens: &Tokens, actor_id: i64, known: &[Emoji], name: &str) -> Option<String> {
    emoji_at(tokens, "names", actor_id, known, name)
}

/// Renders a reaction's emoji, with our copy of its picture if `url` is known.
pub fn reaction(tokens: &Tokens, id: i64, url: Option<&str>, text: &str) -> Html {
    let address = |url: &str| format!("/pictures/reactions/{id}{}", version(tokens, url));
    Html::from_text(text).with_emoji(|_| url.map(address))
}

fn emoji_at(tokens: &Tokens, of: &str, id: i64, known: &[Emoji], name: &str) -> Option<String> {
    let number = known.iter().position(|emoji| emoji.name == name)?;
    let version = version(tokens, &known[number].url);
    Some(format!("/pictures/{of}/{id}/{number}{version}"))
}

/// Another one for another picture, so that browsers may keep each.
fn version(tokens: &Tokens, url: &str) -> String {
    format!("?v={}", &tokens.hash(url)[..8])
}

/// `GET /pictures/avatars/{actor}`.
pub async fn avatars(State(app): State<App>, Path(actor): Path<i64>) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let actor = conn.shown_actor(actor).await?.ok_or(WebError::NotFound)?;
    serve(&app, conn, &actor.owner, actor.icon_url, Size::Avatar).await
}

/// `GET /pictures/names/{actor}/{number}`: an emoji in an actor's name.
pub async fn names(
    State(app): State<App>,
    Path((actor, number)): Path<(i64, usize)>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let actor = conn.shown_actor(actor).await?.ok_or(WebError::NotFound)?;
    let emoji = actor
        .emoji
        .and_then(|json| serde_json::from_str(&json).ok());
    let url = emoji_in(emoji.unwrap_or_default(), number);
    serve(&app, conn, &actor.owner, url, Size::Emoji).await
}

/// `GET /pictures/comments/{comment}/{number}`: a picture that hangs on a comment.
pub async fn comments(
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
pub async fn emojis(
    State(app): State<App>,
    Path((comment, number)): Path<(i64, usize)>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let (owner, extras) = extras_of(&mut conn, comment).await?;
    let url = emoji_in(extras.emoji, number);
    serve(&app, conn, &owner, url, Size::Emoji).await
}

/// `GET /pictures/reactions/{reaction}`: the custom emoji of a reaction.
pub async fn reactions(
    State(app): State<App>,
    Path(reaction): Path<i64>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let reaction = conn.shown_reaction(reaction).await?;
    let reaction = reaction.ok_or(WebError::NotFound)?;
    let url = Some(reaction.emoji_url);
    serve(&app, conn, &reaction.owner, url, Size::Emoji).await
}

fn emoji_in(emoji: Vec<Emoji>, number: usize) -> Option<String> {
    emoji.into_iter().nth(number).map(|emoji| emoji.url)
}

async fn extras_of(conn: &mut Conn, comment: i64) -> Result<(PictureOwner, Extras), WebError> {
    let found = conn.shown_comment(comment).await?;
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
    if !is_wanted(app, &mut conn, owner, &url).await? {
        return Err(WebError::NotFound);
    }
    // The database is for others while the picture is fetched.
    drop(conn);
    let copy = picture_copies::copy(app, &url, size).await;
    let copy = copy.map_err(|failure| match failure {
        Failure::Useless => WebError::NotFound,
        Failure::Later(pause) => WebError::Later(pause),
    })?;
    let headers = [
        (CONTENT_TYPE, copies::kind_of(&copy)),
        (CACHE_CONTROL, "public, max-age=604800, immutable"),
    ];
    Ok((headers, copy).into_response())
}

/// Returns whether the admin lets pictures of this actor be shown, and pictures of the host that has them.
async fn is_wanted(
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
