//! Notes: short posts of the publication, on their own or as replies.

use super::{
    answer::{ApiResult, Paging, created, list, nothing, tagged},
    body::{Json, Named, Parameters},
    caller::Caller,
    once::once,
    problem::{ApiError, Code, ProblemDetails, timestamp},
};
use crate::{
    content::{Language, markdown},
    federation::{
        objects::notes::{self, NoteError},
        remote::remote_posts,
    },
    node::{Node, target},
    store::{NewNote, Note as Row, NoteFilter, NoteState},
    web::app::App,
};
use axum::{
    extract::{OriginalUri, State},
    http::HeaderMap,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A note.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Note {
    id: i64,
    /// Its ActivityPub id, which is the address of its page.
    pub(crate) url: String,
    /// `waiting`, `live`, `withdrawn` or `gone`.
    state: &'static str,
    /// The text in Markdown.
    markdown: String,
    content_warning: Option<String>,
    language: String,
    /// The id of the post that it replies to.
    in_reply_to: Option<String>,
    image: Option<String>,
    image_alt: Option<String>,
    #[schema(format = DateTime)]
    published: String,
    /// The time of the last edit.
    #[schema(format = DateTime)]
    edited: Option<String>,
}

impl Note {
    pub(crate) fn of(node: &Node, note: &Row) -> Note {
        Note {
            id: note.id,
            url: node.urls().note(&note.uid),
            state: note.state.as_str(),
            markdown: note.markdown.clone(),
            content_warning: note.content_warning.clone(),
            language: note.language.clone(),
            in_reply_to: note.in_reply_to.clone(),
            image: note.image_url.clone(),
            image_alt: note.image_alt.clone(),
            published: timestamp(note.published_at),
            edited: note.edited_at.map(timestamp),
        }
    }
}

impl From<NoteError> for ApiError {
    fn from(error: NoteError) -> Self {
        match error {
            NoteError::Empty | NoteError::TooLong => ApiError::field("markdown", error.to_string()),
            NoteError::NotVisible(..) => ApiError::new(Code::Conflict, error.to_string()),
            NoteError::Node(error) => error.into(),
        }
    }
}

/// A note to publish.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteInput {
    /// The text in Markdown; `@user@example.org` and `#hashtag` become links.
    pub(crate) markdown: String,
    /// A warning, behind which the text is hidden.
    pub(crate) content_warning: Option<String>,
    /// The language, such as `en`; the publication's by default.
    pub(crate) language: Option<String>,
    /// The address of the post to reply to, on any server.
    pub(crate) in_reply_to: Option<String>,
    /// The address of an uploaded picture, such as `/media/NAME`.
    pub(crate) image: Option<String>,
    /// The description of the picture.
    pub(crate) image_alt: Option<String>,
}

/// Publishes a note. Returns its row.
///
/// # Errors
/// If the text can't be a note, or the parent is unknown or not public.
pub(crate) async fn publish(app: &App, input: NoteInput) -> Result<Row, ApiError> {
    let node = &app.node;
    notes::check_text(&input.markdown)?;
    let named = markdown::pictures(&input.markdown);
    if let Some(picture) = named.iter().find(|picture| picture.is_required) {
        return Err(ApiError::field(
            "markdown",
            format!(
                "the text of a note can't show {}: upload the picture, and name it in image",
                picture.name
            ),
        ));
    }
    let language = match &input.language {
        None => node.config.site.language.clone(),
        Some(text) => match text.parse::<Language>() {
            Ok(language) => language.to_string(),
            Err(error) => return Err(ApiError::field("language", error.to_string())),
        },
    };
    let image_url = check_image(node, input.image).await?;
    let parent = match &input.in_reply_to {
        Some(url) => Some(parent_at(app, url).await?),
        None => None,
    };
    let (in_reply_to, reply_actor_id) = parent.unzip();
    let note = NewNote {
        local_actor_id: node.site_id(),
        markdown: input.markdown,
        content_warning: input
            .content_warning
            .filter(|warning| !warning.trim().is_empty()),
        language,
        in_reply_to,
        reply_actor_id: reply_actor_id.flatten(),
        image_alt: image_url.as_ref().and(input.image_alt),
        image_url,
    };
    Ok(notes::publish(node, &note).await?)
}

/// Checks that a picture is here.
async fn check_image(node: &Node, image: Option<String>) -> Result<Option<String>, ApiError> {
    let Some(image) = image.filter(|image| !image.is_empty()) else {
        return Ok(None);
    };
    let own = node.urls().at("/media/");
    let name = image
        .strip_prefix("/media/")
        .or(image.strip_prefix(own.as_str()));
    let known = match name {
        Some(name) => node.media.row(name).await?,
        None => None,
    };
    let Some(row) = known else {
        return Err(ApiError::field(
            "image",
            "the picture is none of this site: upload it first",
        ));
    };
    Ok(Some(row.address()))
}

/// Finds the post to reply to: its id, and the row of its author unless the post is local.
async fn parent_at(app: &App, url: &str) -> Result<(String, Option<i64>), ApiError> {
    let unfit = |reason: &str| ApiError::field("in_reply_to", format!("{url} {reason}"));
    let urls = app.node.urls();
    let mut conn = app.node.store.read().await?;
    if let Some(found) = target::find(&mut conn, urls, url).await? {
        if !found.is_visible() {
            return Err(unfit("is not public: only visible posts can be replied to"));
        }
        return Ok(match found.comment {
            Some(comment) => (comment.uri, comment.actor_id),
            None => {
                let adopted = found.article.object_uri.as_deref();
                (urls.article_id(&found.article.uid, adopted), None)
            }
        });
    }
    if let Some(uid) = urls.note_uid(url)
        && let Some(note) = conn.note_by_uid(&uid).await?
        && note.is_visible()
    {
        return Ok((urls.note(&uid), None));
    }
    drop(conn);
    if urls.is_ours(url) || url::Url::parse(url).is_err() {
        return Err(unfit("is no post that can be replied to"));
    }
    let post = remote_posts::post(url, &app.context()).await;
    let post = post.map_err(|error| ApiError::field("in_reply_to", error.to_string()))?;
    if !post.is_public {
        return Err(unfit("is not public: a public reply would reveal it"));
    }
    Ok((post.uri, Some(post.author.id)))
}

/// Finds a note of the publication by its number or by the last part of its id.
///
/// # Errors
/// If there is none.
pub(crate) async fn find(app: &App, name: &str) -> Result<Row, ApiError> {
    let mut conn = app.node.store.read().await?;
    let found = match name.parse::<i64>() {
        Ok(id) => conn.note_by_id(id).await?,
        Err(_) => conn.note_by_uid(name).await?,
    };
    let found = found.filter(|note| !note.by_guest && note.state != NoteState::Gone);
    found.ok_or_else(|| ApiError::not_found("note"))
}

/// Withdraws a note: deletes it here and on other servers.
///
/// # Errors
/// If the database fails.
pub(crate) async fn withdraw(app: &App, note: &Row) -> Result<(), ApiError> {
    let mut tx = app.node.store.begin().await?;
    tx.withdraw_note(&note.uid).await?;
    tx.commit().await?;
    app.node.store.wake();
    let picture = note.image_url.as_deref().unwrap_or_default();
    Ok(app
        .node
        .media
        .remove_unused_of(&[picture, &note.markdown])
        .await?)
}

/// Lists notes
///
/// Newest first, with replies.
#[utoipa::path(get, path = "/api/v1/notes", tag = "notes", operation_id = "listNotes",
    params(Paging),
    responses((status = 200, description = "A page of notes", body = super::answer::Page<Note>)),
    security(("token" = ["notes:read"])))]
pub(super) async fn index(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Parameters(paging): Parameters<Paging>,
) -> ApiResult {
    let limit = paging.limit()?;
    let mut conn = app.node.store.read().await?;
    let rows = conn
        .own_notes(&NoteFilter::default(), paging.before_id()?, limit)
        .await?;
    let last = rows.last().filter(|_| rows.len() as i64 == limit);
    let last = last.map(|last| last.id);
    let items = rows.iter().map(|note| Note::of(&app.node, note)).collect();
    list(&app, &uri, items, last)
}

/// Shows a note
#[utoipa::path(get, path = "/api/v1/notes/{note}", tag = "notes", operation_id = "getNote",
    params(("note" = String, Path, description = "The number, or the last part of the id")),
    responses((status = 200, description = "The note", body = Note),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["notes:read"])))]
pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Named(name): Named<String>,
) -> ApiResult {
    tagged(&headers, &Note::of(&app.node, &find(&app, &name).await?))
}

/// Publishes a note
///
/// On its own or as a reply. With an `Idempotency-Key`, a repeated request publishes nothing more.
#[utoipa::path(post, path = "/api/v1/notes", tag = "notes", operation_id = "createNote",
    params(("Idempotency-Key" = Option<String>, Header, description = "A new random text for each note")),
    request_body = NoteInput,
    responses((status = 201, description = "The new note", body = Note),
        (status = 422, description = "A property is invalid", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["notes:write"])))]
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    body: Json<NoteInput>,
) -> ApiResult {
    let work = async {
        let input = body.value;
        let has_alt = input
            .image_alt
            .as_ref()
            .is_some_and(|alt| !alt.trim().is_empty());
        if input.image.is_some() && !has_alt {
            return Err(ApiError::field(
                "image_alt",
                "describe the picture for people who can't see it",
            ));
        }
        let note = publish(&app, input).await?;
        respond_created(&app, &note)
    };
    once(&app, &caller, &headers, &body.fingerprint, work).await
}

/// Returns 201 with a note.
pub(super) fn respond_created(app: &App, note: &Row) -> ApiResult {
    let location = app.node.urls().at(&format!("/api/v1/notes/{}", note.id));
    let note = Note::of(&app.node, note);
    created(&location, &note, &note)
}

/// Deletes a note
///
/// Here and on other servers.
#[utoipa::path(delete, path = "/api/v1/notes/{note}", tag = "notes", operation_id = "deleteNote",
    params(("note" = String, Path, description = "The number, or the last part of the id")),
    responses((status = 204, description = "It is deleted"),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["notes:write"])))]
pub(super) async fn delete(State(app): State<App>, Named(name): Named<String>) -> ApiResult {
    let note = find(&app, &name).await?;
    withdraw(&app, &note).await?;
    Ok(nothing())
}
