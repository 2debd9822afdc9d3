//! Notices to the admin, and the log of decisions.

use crate::{
    store::{LogEntry as LogRow, Notice as NoticeRow},
    web::{
        api::{
            answer::{ApiResult, Page, Paging, list},
            body::Parameters,
            problem::timestamp,
        },
        app::App,
    },
};
use axum::extract::{OriginalUri, State};
use serde::Serialize;
use utoipa::ToSchema;

/// An event that no page shows: a report, a mention or a private message.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct Notice {
    id: i64,
    kind: String,
    /// The actor that caused it.
    actor: String,
    object: Option<String>,
    text: String,
    /// How often it occurred.
    times: i64,
    #[schema(format = DateTime)]
    received: String,
}

impl Notice {
    fn of(row: &NoticeRow) -> Notice {
        Notice {
            id: row.id,
            kind: row.kind.to_string(),
            actor: row.actor_uri.clone(),
            object: row.object_uri.clone(),
            text: row.text.clone(),
            times: row.times,
            received: timestamp(row.created_at),
        }
    }
}

/// Lists notices
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/notices", tag = "moderation", operation_id = "listNotices",
    params(Paging),
    responses((status = 200, description = "A page of notices", body = Page<Notice>)),
    security(("token" = ["moderation:read"])))]
pub(in crate::web::api) async fn notices(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Parameters(paging): Parameters<Paging>,
) -> ApiResult {
    let limit = paging.limit()?;
    let mut conn = app.node.store.read().await?;
    let rows = conn.notices(paging.before_id()?, limit).await?;
    let last = rows.last().filter(|_| rows.len() as i64 == limit);
    let last = last.map(|last| last.id);
    list(&app, &uri, rows.iter().map(Notice::of).collect(), last)
}

/// A decision in the log.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web::api) struct LogEntry {
    id: i64,
    #[schema(format = DateTime)]
    at: String,
    who: String,
    action: String,
    about: String,
    why: Option<String>,
    /// The state of a comment before.
    before: Option<String>,
}

impl LogEntry {
    fn of(row: &LogRow) -> LogEntry {
        LogEntry {
            id: row.id,
            at: timestamp(row.at),
            who: row.who.clone(),
            action: row.action.clone(),
            about: row.about.clone(),
            why: row.why.clone(),
            before: row.before.clone(),
        }
    }
}

/// Lists decisions
///
/// The log of moderation, newest first.
#[utoipa::path(get, path = "/api/v1/log", tag = "moderation", operation_id = "listLog",
    params(Paging),
    responses((status = 200, description = "A page of the log", body = Page<LogEntry>)),
    security(("token" = ["moderation:read"])))]
pub(in crate::web::api) async fn log(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Parameters(paging): Parameters<Paging>,
) -> ApiResult {
    let limit = paging.limit()?;
    let mut conn = app.node.store.read().await?;
    let rows = conn.log_entries(None, paging.before_id()?, limit).await?;
    let last = rows.last().filter(|_| rows.len() as i64 == limit);
    let last = last.map(|last| last.id);
    list(&app, &uri, rows.iter().map(LogEntry::of).collect(), last)
}
