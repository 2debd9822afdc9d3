//! Micropub (W3C Recommendation, <https://www.w3.org/TR/micropub/>): other people's clients write articles and notes here, by
//! the same tokens as the API. docs/micropub.md explains it.

mod access;
mod posts;
mod properties;
mod query;
mod receive;
mod undelete;

use super::{
    api::{self, once::once, problem::ApiError},
    app::App,
    request::Peer,
};
use crate::publishing::bin;
use access::{Right, check, error_response, only_drafts};
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use posts::Post;
use properties::{Action, Deletion, Properties, invalid};
use receive::Received;

/// The path of the endpoint.
pub(super) const PATH: &str = "/micropub";
/// The path of the media endpoint.
const MEDIA_PATH: &str = "/micropub/media";

/// Returns the routes of Micropub.
pub(super) fn routes() -> Router<App> {
    api::open_to_programs(
        Router::new()
            .route(PATH, get(query::answer).post(receive_post))
            .route(MEDIA_PATH, post(receive_media)),
    )
}

/// `POST /micropub`: creates, changes, deletes or restores a post. It is finished even if the client has gone.
async fn receive_post(State(app): State<App>, peer: Peer, request: Request) -> Response {
    let work = tokio::spawn(async move {
        let headers = request.headers().clone();
        let received = receive::read(&app, peer, request).await?;
        act(&app, &headers, received).await
    });
    respond(work.await)
}

/// `POST /micropub/media`: stores a file.
async fn receive_media(State(app): State<App>, peer: Peer, request: Request) -> Response {
    let work = tokio::spawn(async move {
        let url = receive::read_media(&app, peer, request).await?;
        Ok(at(StatusCode::CREATED, &url))
    });
    respond(work.await)
}

fn respond(done: Result<Result<Response, ApiError>, tokio::task::JoinError>) -> Response {
    let done = done.unwrap_or_else(|error| Err(ApiError::internal(&error.into())));
    done.unwrap_or_else(|error| error_response(&error))
}

/// Returns a response that names the address of a post or file.
fn at(status: StatusCode, url: &str) -> Response {
    let mut response = status.into_response();
    if let Ok(url) = HeaderValue::from_str(url) {
        response.headers_mut().insert(LOCATION, url);
    }
    response
}

async fn act(app: &App, headers: &HeaderMap, received: Received) -> Result<Response, ApiError> {
    let caller = &received.caller;
    match received.action {
        Action::Create(post) => {
            let is_draft = match post.text("post-status") {
                None | Some("published") => only_drafts(caller),
                Some("draft") => true,
                Some(other) => return Err(invalid(format!("there is no post-status {other:?}"))),
            };
            check_post(&post)?;
            let is_article = posts::is_article(app, &post, is_draft);
            check(
                caller,
                match is_article {
                    true => Right::CreateArticle,
                    false => Right::CreateNote,
                },
            )?;
            let work = async {
                let url = match is_article {
                    true => posts::create_article(app, &post, is_draft).await?,
                    false => posts::create_note(app, &post).await?,
                };
                Ok(at(StatusCode::CREATED, &url))
            };
            once(app, caller, headers, &received.fingerprint, work).await
        }
        Action::Update {
            url,
            replace,
            add,
            delete,
        } => match posts::find(app, &url).await? {
            Post::Article(article) => {
                check(caller, Right::UpdateArticle)?;
                if only_drafts(caller) && article.is_visible() {
                    check(caller, Right::CreateArticle)?;
                }
                let changes = (replace, add, delete);
                let now = posts::update_article(app, &article, changes).await?;
                Ok(match now == url {
                    true => StatusCode::NO_CONTENT.into_response(),
                    false => at(StatusCode::CREATED, &now),
                })
            }
            Post::Note(note) => {
                check(caller, Right::UpdateNote)?;
                update_note(app, &note, replace, add, &delete).await
            }
        },
        Action::Delete(url) => {
            match posts::find(app, &url).await? {
                Post::Article(article) => {
                    check(caller, Right::DeleteArticle)?;
                    bin::delete_article(&app.node, &article.slug).await?;
                }
                Post::Note(note) => {
                    check(caller, Right::DeleteNote)?;
                    api::notes::withdraw(app, &note).await?;
                }
            }
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        Action::Undelete(url) => {
            check(caller, Right::Undelete)?;
            let url = undelete::restore(app, &url).await?;
            Ok(at(StatusCode::CREATED, &url))
        }
    }
}

/// Checks that a post says something that this site can show.
fn check_post(post: &Properties) -> Result<(), ApiError> {
    for (name, what) in [
        ("like-of", "likes"),
        ("repost-of", "boosts"),
        ("rsvp", "answers to invitations"),
        ("checkin", "check-ins"),
    ] {
        if post.0.contains_key(name) {
            return Err(invalid(format!("this site has no posts that are {what}")));
        }
    }
    match post.text("visibility") {
        None | Some("public") => {}
        Some(other) => {
            return Err(invalid(format!(
                "everything here is public: the visibility {other:?} is none that this site has"
            )));
        }
    }
    let says = post.content().is_some_and(|text| !text.trim().is_empty());
    let shows = ["photo", "audio", "video", "featured"]
        .iter()
        .any(|name| !post.shown(name).is_empty());
    if !says && !shows && post.text("name").is_none() {
        return Err(invalid(
            "the post is empty: it needs content, a name or a photo",
        ));
    }
    Ok(())
}

async fn update_note(
    app: &App,
    note: &crate::store::Note,
    replace: Properties,
    add: Properties,
    delete: &Deletion,
) -> Result<Response, ApiError> {
    let _ = (app, note, replace, add, delete);
    Err(invalid(
        "a note can't be changed: delete it, and write another one",
    ))
}
