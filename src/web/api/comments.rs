//! Comments: lists, decisions and replies.

use super::{
    answer::{ApiResult, Paging, json, list, nothing, tagged},
    body::{Json, Named, Parameters},
    caller::Caller,
    notes::respond_created,
    once::once,
    problem::{ApiError, Code, ProblemDetails, timestamp},
};
use crate::{
    content::{Handle, Host, Html},
    federation::{comments::text::most_characters, objects::notes},
    moderation::{By, Verdict, bulk},
    node::{Node, urls::permalink_path},
    protocol::is_http_url,
    store::{CommentFilter, CommentState, Commenter, Conn, ListedComment},
    web::app::App,
};
use axum::{
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Comment {
    id: i64,
    /// The slug of the article.
    article: String,
    /// The number below the article.
    number: i64,
    /// The number of the comment that it replies to.
    in_reply_to: Option<i64>,
    /// Its address on the article's page.
    page: String,
    /// Its ActivityPub id.
    uri: String,
    url: Option<String>,
    author: String,
    handle: String,
    /// The id of its author's actor; null for a guest.
    actor: Option<String>,
    guest: bool,
    /// `visible`, `held`, `unconfirmed`, `hidden`, `spam` or `deleted`.
    state: &'static str,
    reason: Option<String>,
    /// The spam score in points.
    score: Option<i64>,
    /// The admins' private note.
    note: Option<String>,
    content_warning: Option<String>,
    language: Option<String>,
    /// The text, as far as pages show it.
    text: String,
    /// Sanitized HTML.
    html: String,
    #[schema(format = DateTime)]
    published: String,
    #[schema(format = DateTime)]
    received: String,
    #[schema(format = DateTime)]
    edited: Option<String>,
}

impl Comment {
    fn of(node: &Node, row: ListedComment) -> Comment {
        let path = permalink_path(row.article_published_at, &row.article_slug);
        let comment = row.comment;
        let html = Html::from_stored(comment.content.clone());
        let text = match html.truncated(most_characters(node)) {
            Some(shortened) => shortened.to_text(),
            None => html.to_text(),
        };
        Comment {
            id: comment.id,
            article: row.article_slug,
            number: comment.number,
            in_reply_to: row.parent_number,
            page: format!("{}#comment-{}", node.urls().at(&path), comment.number),
            uri: comment.uri,
            url: comment.url,
            author: comment.author_name,
            handle: comment.author_handle,
            actor: row.actor_uri,
            guest: comment.guest_id.is_some(),
            state: comment.state.as_str(),
            reason: comment.reason,
            score: comment.score,
            note: comment.admin_note,
            content_warning: comment.content_warning,
            language: comment.language,
            text,
            html: comment.content,
            published: timestamp(comment.published_at),
            received: timestamp(comment.received_at),
            edited: comment.edited_at.map(timestamp),
        }
    }
}

async fn find(conn: &mut Conn, id: i64) -> Result<ListedComment, ApiError> {
    let found = conn.listed_comment(id).await?;
    found.ok_or_else(|| ApiError::not_found("comment"))
}

/// The comments that a list includes. All conditions must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only comments on the article with this slug.
    article: Option<String>,
    /// Only comments by this author: a handle, or the address of an actor.
    actor: Option<String>,
    /// Only comments from this host and its subdomains.
    host: Option<String>,
    /// Only comments by guests without an account.
    #[serde(default)]
    guest: bool,
    /// Only comments in this state: `visible`, `held`, `unconfirmed`, `hidden`, `spam` or `deleted`.
    state: Option<String>,
    /// Only comments with these words in the text, the author's name or handle.
    q: Option<String>,
}

impl Query {
    async fn filter(&self, conn: &mut Conn) -> Result<CommentFilter, ApiError> {
        let article_id = match &self.article {
            None => None,
            Some(slug) => match conn.article_header_by_slug(slug).await? {
                Some(article) => Some(article.id),
                None => return Err(ApiError::field("article", "no article has this slug")),
            },
        };
        let author = match self.actor.as_deref().map(str::trim) {
            None => None,
            Some(text) => {
                let found = if is_http_url(text) {
                    conn.actor_at(text).await?
                } else {
                    let handle: Handle = text
                        .parse()
                        .map_err(|_| ApiError::field("actor", "write a handle or an address"))?;
                    let host = handle.host().to_string();
                    conn.remote_actor_by_handle(handle.user(), &host).await?
                };
                let actor = found
                    .ok_or_else(|| ApiError::field("actor", "the actor is unknown to this node"))?;
                Some(Commenter::Actor(actor.id))
            }
        };
        let hosts = match &self.host {
            None => None,
            Some(text) => {
                let host = Host::parse(text)
                    .map_err(|error| ApiError::field("host", error.to_string()))?;
                Some(conn.hosts_below(&host.to_string()).await?)
            }
        };
        let state = match &self.state {
            None => None,
            Some(text) => Some(
                CommentState::try_from(text.clone())
                    .map_err(|_| ApiError::field("state", "there is no such state"))?,
            ),
        };
        let words = self.q.as_deref().unwrap_or_default().to_lowercase();
        Ok(CommentFilter {
            article_id,
            author,
            hosts,
            by_guests: self.guest,
            state,
            words: words
                .split_whitespace()
                .take(20)
                .map(str::to_owned)
                .collect(),
        })
    }
}

/// Lists comments
///
/// Newest first, in all states.
#[utoipa::path(get, path = "/api/v1/comments", tag = "comments", operation_id = "listComments",
    params(Query, Paging),
    responses((status = 200, description = "A page of comments", body = super::answer::Page<Comment>)),
    security(("token" = ["comments:read"])))]
pub(super) async fn index(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Parameters(query): Parameters<Query>,
    Parameters(paging): Parameters<Paging>,
) -> ApiResult {
    let (limit, before) = (paging.limit()?, paging.before_id()?);
    let mut conn = app.node.store.read().await?;
    let filter = query.filter(&mut conn).await?;
    let rows = bulk::find(&mut conn, &filter, before, limit).await?;
    let last = rows.last().filter(|_| rows.len() as i64 == limit);
    let last = last.map(|last| last.comment.id);
    let items = rows
        .into_iter()
        .map(|row| Comment::of(&app.node, row))
        .collect();
    list(&app, &uri, items, last)
}

/// Shows a comment
#[utoipa::path(get, path = "/api/v1/comments/{id}", tag = "comments", operation_id = "getComment",
    params(("id" = i64, Path, description = "The id")),
    responses((status = 200, description = "The comment", body = Comment),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["comments:read"])))]
pub(super) async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Named(id): Named<i64>,
) -> ApiResult {
    let row = find(&mut app.node.store.read().await?, id).await?;
    tagged(&headers, &Comment::of(&app.node, row))
}

/// A decision about a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    /// Shows it.
    Approve,
    /// Lets it wait.
    Hold,
    /// Hides it.
    Hide,
    /// Hides it, and teaches the spam filter.
    Spam,
}

/// The decision, with the reason for the log.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    action: Action,
    why: Option<String>,
}

async fn decide(
    app: &App,
    caller: &Caller,
    id: i64,
    verdict: Verdict,
    why: Option<&str>,
) -> Result<ListedComment, ApiError> {
    let mut conn = app.node.store.read().await?;
    if find(&mut conn, id).await?.comment.state == CommentState::Deleted {
        return Err(ApiError::new(Code::Conflict, "the comment is deleted"));
    }
    drop(conn);
    let by = By {
        who: &caller.log_name(),
        why: why.filter(|why| !why.trim().is_empty()),
    };
    bulk::decide_on(&app.node, &[id], verdict, by).await?;
    app.node.store.wake();
    find(&mut app.node.store.read().await?, id).await
}

/// Decides about a comment
///
/// Approves, holds or hides it, or marks it as spam, as `pamphlet comments` does.
#[utoipa::path(post, path = "/api/v1/comments/{id}/decision", tag = "comments", operation_id = "decideComment",
    params(("id" = i64, Path, description = "The id")),
    request_body = Decision,
    responses((status = 200, description = "The comment after the decision", body = Comment),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "It is deleted", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["comments:write"])))]
pub(super) async fn decision(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
    body: Json<Decision>,
) -> ApiResult {
    let verdict = match body.value.action {
        Action::Approve => Verdict::Approve,
        Action::Hold => Verdict::Hold,
        Action::Hide => Verdict::Hide,
        Action::Spam => Verdict::Spam,
    };
    let row = decide(&app, &caller, id, verdict, body.value.why.as_deref()).await?;
    json(StatusCode::OK, &Comment::of(&app.node, row))
}

/// Deletes a comment
///
/// Its place in the conversation stays.
#[utoipa::path(delete, path = "/api/v1/comments/{id}", tag = "comments", operation_id = "deleteComment",
    params(("id" = i64, Path, description = "The id")),
    responses((status = 204, description = "It is deleted"),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "It is deleted already", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["comments:write"])))]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Named(id): Named<i64>,
) -> ApiResult {
    decide(&app, &caller, id, Verdict::Delete, None).await?;
    Ok(nothing())
}

/// A reply to a comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    /// The text in Markdown.
    markdown: String,
}

/// Replies to a comment
///
/// As the publication, below the article and on the commenter's server.
#[utoipa::path(post, path = "/api/v1/comments/{id}/reply", tag = "comments", operation_id = "replyToComment",
    params(("id" = i64, Path, description = "The id"),
        ("Idempotency-Key" = Option<String>, Header, description = "A new random text for each reply")),
    request_body = Reply,
    responses((status = 201, description = "The reply, a note", body = super::notes::Note),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "It is not visible", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "The text is invalid", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["comments:write"])))]
pub(super) async fn reply(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Named(id): Named<i64>,
    body: Json<Reply>,
) -> ApiResult {
    let work = async {
        let row = find(&mut app.node.store.read().await?, id).await?;
        let note = notes::reply(&app.node, &row.comment, body.value.markdown).await?;
        respond_created(&app, &note)
    };
    once(&app, &caller, &headers, &body.fingerprint, work).await
}
