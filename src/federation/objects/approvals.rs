//! Replies whose servers ask for approval (GoToSocial's `canReply` with `manualApproval`): finds the local post that
//! they reply to, and records the decision.

use super::approval_responses::respond_to_request;
use crate::{
    content::CommentPolicy,
    node::{
        Node, NodeError,
        target::{self, Target},
    },
    store::{Approval, ApprovalKind, ApprovalState, Comment, CommentState, Conn, NewApproval, Tx},
};
use serde_json::{Value, json};

/// A local post that others can interact with: its id and the local actor that it is attributed to.
#[derive(Debug, Clone)]
pub struct LocalPost {
    pub id: String,
    pub local_actor_id: i64,
}

/// Returns the local post of a target. Returns `None` for a remote comment, whose own server approves its replies, and for
/// a post that was not federated.
pub async fn local_post(
    node: &Node,
    conn: &mut Conn,
    target: &Target,
) -> Result<Option<LocalPost>, NodeError> {
    if let Some(comment) = &target.comment {
        let Some(uid) = node.urls().note_uid(&comment.uri) else {
            return Ok(None);
        };
        let note = conn.note_by_uid(&uid).await?;
        return Ok(note.filter(|note| note.is_visible()).map(|note| LocalPost {
            id: comment.uri.clone(),
            local_actor_id: note.local_actor_id,
        }));
    }
    let publication = conn.publication(&target.article.uid).await?;
    let publication =
        publication.filter(|publication| publication.is_live() && publication.form != "no");
    Ok(publication.map(|publication| LocalPost {
        id: node
            .urls()
            .article_id(&target.article.uid, publication.object_uri.as_deref()),
        local_actor_id: publication.local_actor_id,
    }))
}

/// Records that a newly stored comment asks for approval, by a request or under an article's policy. If the comment
/// is visible, it is approved at once; otherwise the response waits for the admin's decision.
pub async fn record_reply(
    node: &Node,
    tx: &mut Tx,
    target: &Target,
    reply: (&str, i64),
    request_uri: Option<&str>,
    state: CommentState,
) -> Result<(), NodeError> {
    if request_uri.is_none() && !is_reviewed(node, target) {
        return Ok(());
    }
    let Some(post) = local_post(node, tx, target).await? else {
        return Ok(());
    };
    let approval = store_reply(tx, &post, reply, request_uri).await?;
    match state {
        CommentState::Visible => respond_to_request(node, tx, &approval, true).await,
        _ => Ok(()),
    }
}

/// Stores that a reply asks for approval; the tuple has the reply's id and its actor's row.
pub async fn store_reply(
    tx: &mut Tx,
    post: &LocalPost,
    (uri, actor_id): (&str, i64),
    request_uri: Option<&str>,
) -> Result<Approval, NodeError> {
    Ok(tx
        .save_approval(&NewApproval {
            kind: ApprovalKind::Reply,
            local_actor_id: post.local_actor_id,
            actor_id,
            request_uri,
            target_uri: &post.id,
            object_uri: uri,
        })
        .await?)
}

/// Returns whether other servers know that the admin reviews each reply first.
fn is_reviewed(node: &Node, target: &Target) -> bool {
    let policy = target.article.comment_policy(node.config.comments.terms());
    policy == CommentPolicy::Moderated
}

/// Sends the decision about a comment, if its server asked for approval. `comment` is the row before the decision.
pub async fn send_decision(
    node: &Node,
    tx: &mut Tx,
    comment: &Comment,
    is_approved: bool,
) -> Result<(), NodeError> {
    let Some(approval) = approval_of(node, tx, comment).await? else {
        return Ok(());
    };
    let state = if is_approved {
        ApprovalState::Accepted
    } else {
        ApprovalState::Rejected
    };
    if approval.state == state {
        return Ok(());
    }
    respond_to_request(node, tx, &approval, is_approved).await
}

/// Returns the approval that a comment's server asked for. For a comment held since before approvals were stored, the
/// article's policy decides whether the server asked.
async fn approval_of(
    node: &Node,
    tx: &mut Tx,
    comment: &Comment,
) -> Result<Option<Approval>, NodeError> {
    let known = tx.approval_of(&comment.uri).await?;
    let waits = comment.state == CommentState::Held;
    let Some(actor_id) = comment.actor_id.filter(|_| known.is_none() && waits) else {
        return Ok(known);
    };
    let parent = match comment.parent_id {
        Some(id) => tx.comment(id).await?,
        None => None,
    };
    let Some(article) = tx.article_header_by_id(comment.article_id).await? else {
        return Ok(None);
    };
    let target = Target {
        article,
        comment: parent,
    };
    match local_post(node, tx, &target).await? {
        Some(post) if is_reviewed(node, &target) => {
            let reply = (comment.uri.as_str(), actor_id);
            Ok(Some(store_reply(tx, &post, reply, None).await?))
        }
        _ => Ok(None),
    }
}

/// Returns whether an authorization is valid: it was given, and readers can still see its object and its target.
pub async fn is_valid(
    node: &Node,
    conn: &mut Conn,
    approval: &Approval,
) -> Result<bool, NodeError> {
    let target = target::find(conn, node.urls(), &approval.target_uri).await?;
    if approval.state != ApprovalState::Accepted
        || !target.is_some_and(|target| target.is_visible())
    {
        return Ok(false);
    }
    Ok(match approval.kind {
        ApprovalKind::Reply => conn
            .comment_by_uri(&approval.object_uri)
            .await?
            .is_some_and(|comment| comment.state == CommentState::Visible),
        ApprovalKind::Like | ApprovalKind::Announce => {
            let owner = conn.actor_of_reaction(&approval.object_uri).await?;
            owner == Some(approval.actor_id)
        }
    })
}

/// Returns the document that proves to other servers that an interaction was approved.
pub fn authorization(node: &Node, approval: &Approval, attributed_to: &str) -> Value {
    json!({
        "id": node.urls().authorization(&approval.uid),
        "type": match approval.kind {
            ApprovalKind::Reply => "ReplyAuthorization",
            ApprovalKind::Like => "LikeAuthorization",
            ApprovalKind::Announce => "AnnounceAuthorization",
        },
        "attributedTo": attributed_to,
        "interactingObject": approval.object_uri,
        "interactionTarget": approval.target_uri,
    })
}
