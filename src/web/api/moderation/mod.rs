//! Moderation: blocks and filters.

pub(super) mod reports;

use super::{
    answer::{ApiResult, json, nothing},
    body::{Json, Parameters},
    caller::Caller,
    problem::{ApiError, Code, ProblemDetails, timestamp},
};
use crate::{
    content::clean_line,
    moderation::targets::{self, TargetError},
    spam::filters::{self, MAX_PATTERNS, MAX_WORDS},
    store::{
        Block as BlockRow, BlockRules, Decision, Filter as FilterRow, FilterAction, FilterKind,
        NewBlock, Severity, Tx,
    },
    web::app::App,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The longest reason, in characters.
const MAX_REASON: usize = 1000;

impl From<TargetError> for ApiError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Store(error) => error.into(),
            other => ApiError::field("target", other.to_string()),
        }
    }
}

/// Records a decision in the log, in the transaction that carries it out.
async fn record(
    tx: &mut Tx,
    caller: &Caller,
    action: &str,
    about: &str,
    why: Option<&str>,
) -> Result<(), ApiError> {
    let decision = Decision {
        who: &caller.log_name(),
        action,
        about,
        why,
        ..Decision::default()
    };
    Ok(tx.log(&decision).await?)
}

/// The effect of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Effect {
    /// Nothing of theirs is received or shown, and nothing is delivered to them.
    Block,
    /// Their comments wait for approval.
    Hold,
    /// Only their pictures are hidden.
    None,
}

/// A block.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Block {
    /// `host` or `actor`.
    kind: &'static str,
    /// The host, or the id of the actor.
    value: String,
    /// `block`, `hold` or `none`.
    severity: &'static str,
    no_media: bool,
    reason: Option<String>,
    #[schema(format = DateTime)]
    since: String,
}

impl Block {
    fn of(row: &BlockRow) -> Block {
        Block {
            kind: row.kind.as_str(),
            value: row.value.clone(),
            severity: row.rules.severity.as_str(),
            no_media: row.rules.no_media,
            reason: row.reason.clone(),
            since: timestamp(row.created_at),
        }
    }
}

/// Lists blocks
#[utoipa::path(get, path = "/api/v1/blocks", tag = "moderation", operation_id = "listBlocks",
    responses((status = 200, description = "All blocks", body = Vec<Block>)),
    security(("token" = ["moderation:read"])))]
pub(super) async fn blocks(State(app): State<App>) -> ApiResult {
    let rows = app.node.store.read().await?.blocks().await?;
    json(
        StatusCode::OK,
        &rows.iter().map(Block::of).collect::<Vec<_>>(),
    )
}

/// A block to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockInput {
    /// A host, a handle, or the address of an actor.
    target: String,
    /// The effect; `block` by default.
    severity: Option<Effect>,
    /// Whether their pictures are hidden.
    no_media: Option<bool>,
    /// The reason, for your own records.
    reason: Option<String>,
}

/// Blocks a host or an actor
///
/// In place of an earlier block of it.
#[utoipa::path(put, path = "/api/v1/blocks", tag = "moderation", operation_id = "setBlock",
    request_body = BlockInput,
    responses((status = 200, description = "The block", body = Block),
        (status = 422, description = "The target is unknown, or this node", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["moderation:write"])))]
pub(super) async fn set_block(
    State(app): State<App>,
    caller: Caller,
    body: Json<BlockInput>,
) -> ApiResult {
    let input = body.value;
    if targets::is_this_node(&app.node, &input.target) {
        return Err(ApiError::field(
            "target",
            "this is the node itself or a parent domain: it would block the publication",
        ));
    }
    let reason = input.reason.map(|text| clean_line(&text, MAX_REASON));
    let mut tx = app.node.store.begin().await?;
    let (kind, value) = targets::resolve(&mut tx, &input.target).await?;
    let rules = BlockRules {
        severity: match input.severity.unwrap_or(Effect::Block) {
            Effect::Block => Severity::Block,
            Effect::Hold => Severity::Hold,
            Effect::None => Severity::None,
        },
        no_media: input.no_media.unwrap_or_default(),
        ..BlockRules::NONE
    };
    let block = NewBlock {
        kind,
        value: value.clone(),
        reason: reason.clone(),
        rules,
    };
    tx.set_blocks(&[block]).await?;
    let action = match rules.severity {
        Severity::Block => "block",
        _ => "limit",
    };
    record(&mut tx, &caller, action, &value, reason.as_deref()).await?;
    let known = tx.blocks().await?;
    tx.commit().await?;
    let row = known
        .iter()
        .find(|row| row.kind == kind && row.value == value);
    let row = row.ok_or_else(|| ApiError::not_found("block"))?;
    json(StatusCode::OK, &Block::of(row))
}

/// What a block names.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct BlockTarget {
    /// A host, a handle, or the address of an actor.
    target: String,
}

/// Removes a block
#[utoipa::path(delete, path = "/api/v1/blocks", tag = "moderation", operation_id = "removeBlock",
    params(BlockTarget),
    responses((status = 204, description = "It is removed"),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["moderation:write"])))]
pub(super) async fn remove_block(
    State(app): State<App>,
    caller: Caller,
    Parameters(named): Parameters<BlockTarget>,
) -> ApiResult {
    let mut tx = app.node.store.begin().await?;
    let (kind, value) = targets::resolve(&mut tx, &named.target).await?;
    if !tx.remove_block(kind, &value).await? {
        return Err(ApiError::not_found("block"));
    }
    record(&mut tx, &caller, "unblock", &value, None).await?;
    tx.commit().await?;
    Ok(nothing())
}

/// The kind of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// Whole words, ignoring case.
    Word,
    /// A regular expression.
    Pattern,
}

impl From<Kind> for FilterKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Word => FilterKind::Word,
            Kind::Pattern => FilterKind::Pattern,
        }
    }
}

/// A filter.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Filter {
    /// `word` or `pattern`.
    kind: &'static str,
    text: String,
    /// What happens to comments that match: `hold` or `spam`.
    action: &'static str,
    #[schema(format = DateTime)]
    since: String,
}

impl Filter {
    fn of(row: &FilterRow) -> Filter {
        Filter {
            kind: row.kind.as_str(),
            text: row.value.clone(),
            action: row.action.as_str(),
            since: timestamp(row.created_at),
        }
    }
}

/// Lists filters
#[utoipa::path(get, path = "/api/v1/filters", tag = "moderation", operation_id = "listFilters",
    responses((status = 200, description = "All filters", body = Vec<Filter>)),
    security(("token" = ["moderation:read"])))]
pub(super) async fn filters(State(app): State<App>) -> ApiResult {
    let rows = app.node.store.read().await?.filters().await?;
    json(
        StatusCode::OK,
        &rows.iter().map(Filter::of).collect::<Vec<_>>(),
    )
}

/// A filter to set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FilterInput {
    kind: Kind,
    text: String,
    /// Marks matching comments as spam instead of holding them.
    spam: Option<bool>,
}

/// Sets a filter
///
/// In place of an earlier one with the same text.
#[utoipa::path(put, path = "/api/v1/filters", tag = "moderation", operation_id = "setFilter",
    request_body = FilterInput,
    responses((status = 200, description = "The filter", body = Filter),
        (status = 409, description = "There are too many", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 422, description = "The text is invalid", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["moderation:write"])))]
pub(super) async fn set_filter(
    State(app): State<App>,
    caller: Caller,
    body: Json<FilterInput>,
) -> ApiResult {
    let kind: FilterKind = body.value.kind.into();
    let value = filters::check(kind, &body.value.text)
        .map_err(|error| ApiError::field("text", error.to_string()))?;
    let action = match body.value.spam {
        Some(true) => FilterAction::Spam,
        _ => FilterAction::Hold,
    };
    let mut tx = app.node.store.begin().await?;
    let known = tx.filters().await?;
    let most = match kind {
        FilterKind::Word => MAX_WORDS,
        FilterKind::Pattern => MAX_PATTERNS,
    };
    let others = known
        .iter()
        .filter(|row| row.kind == kind && row.value != value);
    if others.count() >= most {
        return Err(ApiError::new(
            Code::Conflict,
            format!("the limit of {most} filters of this kind is reached: remove some"),
        ));
    }
    tx.add_filter(kind, &value, action).await?;
    let about = format!("{} {value}", kind.as_str());
    record(
        &mut tx,
        &caller,
        "add filter",
        &about,
        Some(action.as_str()),
    )
    .await?;
    let known = tx.filters().await?;
    tx.commit().await?;
    let row = known
        .iter()
        .find(|row| row.kind == kind && row.value == value);
    let row = row.ok_or_else(|| ApiError::not_found("filter"))?;
    json(StatusCode::OK, &Filter::of(row))
}

/// What a filter matches.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FilterTarget {
    #[param(inline)]
    kind: Kind,
    text: String,
}

/// Removes a filter
#[utoipa::path(delete, path = "/api/v1/filters", tag = "moderation", operation_id = "removeFilter",
    params(FilterTarget),
    responses((status = 204, description = "It is removed"),
        (status = 404, description = "There is none", body = ProblemDetails, content_type = "application/problem+json")),
    security(("token" = ["moderation:write"])))]
pub(super) async fn remove_filter(
    State(app): State<App>,
    caller: Caller,
    Parameters(named): Parameters<FilterTarget>,
) -> ApiResult {
    let kind: FilterKind = named.kind.into();
    // A pattern that no longer compiles is looked up as it is.
    let value = filters::check(kind, &named.text).unwrap_or(named.text);
    let mut tx = app.node.store.begin().await?;
    if !tx.remove_filter(kind, &value).await? {
        return Err(ApiError::not_found("filter"));
    }
    let about = format!("{} {value}", kind.as_str());
    record(&mut tx, &caller, "remove filter", &about, None).await?;
    tx.commit().await?;
    Ok(nothing())
}
