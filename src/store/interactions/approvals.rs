//! Remote replies, likes and boosts whose servers ask for approval (GoToSocial's interaction requests), with the
//! decisions.

use crate::store::database::{
    Conn, Result, Tx, execute, fetch_one, fetch_optional, new_uid, now, text_enum,
};
use sqlx::FromRow;

text_enum! {
    /// The kind of interaction that asks for approval.
    pub enum ApprovalKind ("kind of approval") {
        Reply = "reply",
        Like = "like",
        Announce = "announce",
    }
}

text_enum! {
    /// The decision about an interaction.
    pub enum ApprovalState ("state of an approval") {
        Waiting = "waiting",
        Accepted = "accepted",
        Rejected = "rejected",
    }
}

/// A row of `approvals`.
#[derive(Debug, Clone, FromRow)]
pub struct Approval {
    pub id: i64,
    /// The uid of its authorization.
    pub uid: String,
    pub kind: ApprovalKind,
    /// The local actor whose approval is requested.
    pub local_actor_id: i64,
    /// The remote actor that requests it.
    pub actor_id: i64,
    /// The id of the request; `None` if only the reply itself arrived.
    pub request_uri: Option<String>,
    /// The local post.
    pub target_uri: String,
    /// The reply, like or boost.
    pub object_uri: String,
    /// The decision.
    pub state: ApprovalState,
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
    /// Returns the approval of a reply, like or boost.
    pub async fn approval_of(&mut self, object_uri: &str) -> Result<Option<Approval>> {
        fetch_optional!(
            self,
            "SELECT * FROM approvals WHERE object_uri = $1",
            object_uri
        )
    }

    pub async fn approval_by_uid(&mut self, uid: &str) -> Result<Option<Approval>> {
        fetch_optional!(self, "SELECT * FROM approvals WHERE uid = $1", uid)
    }
}

impl Tx {
    /// Stores an interaction that asks for approval, or adds the request's id to the stored one. Returns its row.
    pub async fn save_approval(&mut self, approval: &NewApproval<'_>) -> Result<Approval> {
        fetch_one!(
            self,
            "INSERT INTO approvals (uid, kind, local_actor_id, actor_id, request_uri, target_uri, object_uri,
                created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (object_uri) DO UPDATE
                SET request_uri = COALESCE(excluded.request_uri, approvals.request_uri)
             RETURNING *",
            new_uid(),
            approval.kind.as_str(),
            approval.local_actor_id,
            approval.actor_id,
            approval.request_uri,
            approval.target_uri,
            approval.object_uri,
            now()
        )
    }

    /// Stores the decision.
    pub async fn set_approval_state(&mut self, id: i64, state: ApprovalState) -> Result<()> {
        execute!(
            self,
            "UPDATE approvals SET state = $2 WHERE id = $1",
            id,
            state.as_str()
        )?;
        Ok(())
    }
}
