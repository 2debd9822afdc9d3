//! Pictures from other servers, by our own small copies of them: pages never load anything from there.
//!
//! Their addresses name rows of ours, so that nobody can make this node fetch something else, and what is
//! erased from the database is served no more.

use super::{app::App, pages::views::Link, problem::WebError};
use crate::{
    content::{Extras, Html, extras::Emoji},
    federation::{plain, tokens::Tokens},
    media::copies::{self, Size},
};
use axum::{
    extract::{Path, State},
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use moka::future::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// Pictures that are fetched, and made small, at once.
const FETCHES: usize = 8;
const DECODERS: usize = 1;
/// How long a picture that can't be had is not asked for again.
const FAILED_FOR: Duration = Duration::from_secs(600);
const FAILURES: u64 = 10_000;
/// Bytes written between two looks at how full the folder is.
const TIDY_AFTER: u64 = 10 * 1024 * 1024;

/// What it takes to make copies.
pub struct Copies {
    fetches: Semaphore,
    decoders: Arc<Semaphore>,
    /// Addresses that failed lately; also what keeps two from making the same copy at once.
    failed: Cache<String, ()>,
    written: AtomicU64,
}

impl Default for Copies {
    fn default() -> Self {
        Copies {
            fetches: Semaphore::new(FETCHES),
            decoders: Arc::new(Semaphore::new(DECODERS)),
            failed: Cache::builder()
                .max_capacity(FAILURES)
                .time_to_live(FAILED_FOR)
                .build(),
            // The first copy of a process has the folder looked at.
            written: AtomicU64::new(TIDY_AFTER),
        }
    }
}

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
    let found = app.node.store.read().await?.actor_pictures(actor).await?;
    let url = found.and_then(|(icon, _)| icon).ok_or(WebError::NotFound)?;
    serve(&app, url, Size::Avatar).await
}

/// `GET /pictures/names/{actor}/{number}`: an emoji in an actor's name.
pub async fn names(
    State(app): State<App>,
    Path((actor, number)): Path<(i64, usize)>,
) -> Result<Response, WebError> {
    let found = app.node.store.read().await?.actor_pictures(actor).await?;
    let emoji = found.and_then(|(_, emoji)| serde_json::from_str(&emoji?).ok());
    let emoji: Vec<Emoji> = emoji.unwrap_or_default();
    let url = emoji.get(number).ok_or(WebError::NotFound)?.url.clone();
    serve(&app, url, Size::Emoji).await
}

/// `GET /pictures/comments/{comment}/{number}`: a picture that hangs on a comment.
pub async fn comments(
    State(app): State<App>,
    Path((comment, number)): Path<(i64, usize)>,
) -> Result<Response, WebError> {
    let extras = extras_of(&app, comment).await?;
    let picture = extras.pictures.get(number).filter(|it| it.is_picture);
    let url = picture.ok_or(WebError::NotFound)?.url.clone();
    serve(&app, url, Size::Column).await
}

/// `GET /pictures/emoji/{comment}/{number}`: an emoji in a comment.
pub async fn emojis(
    State(app): State<App>,
    Path((comment, number)): Path<(i64, usize)>,
) -> Result<Response, WebError> {
    let extras = extras_of(&app, comment).await?;
    let url = extras
        .emoji
        .get(number)
        .ok_or(WebError::NotFound)?
        .url
        .clone();
    serve(&app, url, Size::Emoji).await
}

/// `GET /pictures/reactions/{reaction}`: the custom emoji of a reaction.
pub async fn reactions(
    State(app): State<App>,
    Path(reaction): Path<i64>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let url = conn.reaction_picture(reaction).await?;
    drop(conn);
    serve(&app, url.ok_or(WebError::NotFound)?, Size::Emoji).await
}

/// What hangs on a comment that readers see.
async fn extras_of(app: &App, comment: i64) -> Result<Extras, WebError> {
    let found = app.node.store.read().await?.comment(comment).await?;
    let comment =
        found.filter(|comment| comment.state == "visible" && !comment.is_hidden_by_author());
    let comment = comment.ok_or(WebError::NotFound)?;
    Ok(Extras::from_json(comment.extras.as_deref()))
}

async fn serve(app: &App, url: String, size: Size) -> Result<Response, WebError> {
    let path = copies::path_of(&app.node.config.data, &url, size);
    let copy = match tokio::fs::read(&path).await {
        Ok(copy) => Bytes::from(copy),
        Err(_) => make(app, url, size).await?,
    };
    let headers = [
        (CONTENT_TYPE, copies::kind_of(&copy)),
        (CACHE_CONTROL, "public, max-age=604800, immutable"),
    ];
    Ok((headers, copy).into_response())
}

/// Fetches a picture and makes the copy.
async fn make(app: &App, url: String, size: Size) -> Result<Bytes, WebError> {
    let copies = &app.copies;
    if copies.failed.contains_key(&url) {
        return Err(WebError::NotFound);
    }
    let made = fetch_and_shrink(app, &url, size).await;
    if let Err(reason) = &made {
        tracing::debug!(url, reason, "a picture can't be copied");
        copies.failed.insert(url, ()).await;
    }
    made.map_err(|_| WebError::NotFound)
}

async fn fetch_and_shrink(app: &App, url: &str, size: Size) -> Result<Bytes, String> {
    let copies = &app.copies;
    let fetching = copies.fetches.acquire().await;
    let fetching = fetching.map_err(|error| error.to_string())?;
    let original = plain::picture(url, &app.node).await;
    let original = original.map_err(|error| error.to_string())?;
    drop(fetching);
    let decoding = copies.decoders.clone().acquire_owned().await;
    let decoding = decoding.map_err(|error| error.to_string())?;
    let config = &app.node.config;
    let path = copies::path_of(&config.data, url, size);
    let (data, limit) = (config.data.clone(), config.cache.pictures * 1024 * 1024);
    let is_time = copies.written.load(Ordering::Relaxed) >= TIDY_AFTER;
    let made = tokio::task::spawn_blocking(move || {
        let _decoding = decoding;
        let copy = copies::shrink(&original, size).map_err(|error| error.to_string())?;
        copies::keep(&path, &copy).map_err(|error| error.to_string())?;
        if is_time {
            copies::tidy(&data, limit).map_err(|error| error.to_string())?;
        }
        Ok::<_, String>(copy)
    });
    let copy = made.await.map_err(|error| error.to_string())??;
    match is_time {
        true => copies.written.store(0, Ordering::Relaxed),
        false => {
            _ = copies
                .written
                .fetch_add(copy.len() as u64, Ordering::Relaxed)
        }
    }
    Ok(copy.into())
}
