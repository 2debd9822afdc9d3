//! Remote replies, likes and boosts whose servers ask for approval (GoToSocial's interaction requests), with the
//! decisions.

use crate::store::database::{Conn, Result, new_uid, now, on};
use sqlx::FromRow;

/// The kind of interaction that asks for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalKind {
    Reply,
    Like,
    Announce,
}

impl ApprovalKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ApprovalKind::Reply => "reply",
            ApprovalKind::Like => "like",
            ApprovalKind::Announce => "announce",
        }
    }
}

impl TryFrom<String> for ApprovalKind {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.as_str() {
            "reply" => Ok(ApprovalKind::Reply),
            "like" => Ok(ApprovalKind::Like),
            "announce" => Ok(ApprovalKind::Announce),
            _ => Err(format!("unknown kind of approval: {text}")),
        }
    }
}

/// A row of `approvals`.
#[derive(Debug, Clone, FromRow)]
pub struct Approval {
    pub id: i64,
    /// The uid of its authorization.
    pub uid: String,
    #[sqlx(try_from = "String")]
    pub kind: ApprovalKind,
    /// The local actor that decides.
    pub local_actor_id: i64,
    /// The remote actor that asks.
    pub actor_id: i64,
    /// `None` if only the reply itself arrived.
    pub request_uri: Option<String>,
    /// The local post.
    pub target_uri: String,
    /// The reply, like or boost.
    pub object_uri: String,
    /// `waiting`, `accepted` or `rejected`.
    pub state: String,
}

/// An interaction that asks for approval.
#[derive(Debug, Clone)]
pub struct NewApproval<'a> {
    pub kind: ApprovalKind,
    pub local_actor_id: i64,
    pub actor_id: i64,
    pub request_uri: Option<&'a str>,
    pub target_uri: &'a str,
    pub object_uri: &'a str,
}

impl Conn {
    /// Stores an interaction that asks for approval, or adds the request's id to the stored one. Returns its row.
    pub async fn save_approval(&mut self, approval: &NewApproval<'_>) -> Result<Approval> {
        Ok(on!(self, |c| {
            sqlx::query_as(
                "INSERT INTO approvals (uid, kind, local_actor_id, actor_id, request_uri, target_uri, object_uri,
                    created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (object_uri) DO UPDATE
                    SET request_uri = COALESCE(excluded.request_uri, approvals.request_uri)
                 RETURNING *",
            )
            .bind(new_uid())
            .bind(approval.kind.as_str())
            .bind(approval.local_actor_id)
            .bind(approval.actor_id)
            .bind(approval.request_uri)
            .bind(approval.target_uri)
            .bind(approval.object_uri)
            .bind(now())
            .fetch_one(c)
            .await
        })?)
    }

    /// Returns the approval of a reply, like or boost.
    pub async fn approval_of(&mut self, object_uri: &str) -> Result<Option<Approval>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM approvals WHERE object_uri = $1"
        )
        .bind(object_uri)
        .fetch_optional(c)
        .await)?)
    }

    pub async fn approval_by_uid(&mut self, uid: &str) -> Result<Option<Approval>> {
        Ok(on!(self, |c| sqlx::query_as(
            "SELECT * FROM approvals WHERE uid = $1"
        )
        .bind(uid)
        .fetch_optional(c)
        .await)?)
    }

    /// Sets the state: `waiting`, `accepted` or `rejected`.
    pub async fn set_approval_state(&mut self, id: i64, state: &str) -> Result<()> {
        on!(self, |c| sqlx::query(
            "UPDATE approvals SET state = $2 WHERE id = $1"
        )
        .bind(id)
        .bind(state)
        .execute(c)
        .await
        .map(drop))?;
        Ok(())
    }
}
