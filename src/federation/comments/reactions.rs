//! Decides about a reaction, whichever activity brings it, by blocks and the article's comment policy, as for comments,
//! and how many the actor may have.
//!
//! An emoji says something, so that it is taken where comments are. A plain like or boost is only counted: an article
//! that is closed for comments takes those all the same.

use crate::{
    content::CommentPolicy,
    moderation,
    node::{
        Node, drop_reason::DropReason, error::InboxError, remote_actor::RemoteActor, target::Target,
    },
    quota::Limit,
    store::{ReactionAdmission, ReactionKind, Severity, Tx},
};
use std::time::Duration;

/// What a reaction takes beside its texts, in bytes: its row with the indexes.
const ROW: usize = 256;

/// A reaction to be stored.
#[derive(Debug)]
pub struct NewReaction<'a> {
    pub kind: ReactionKind,
    pub emoji: &'a str,
    /// The address of a custom emoji's picture.
    pub picture: Option<&'a str>,
    /// The id of the activity.
    pub uri: &'a str,
}

/// Stores a reaction to something that readers see. Where comments of this actor wait for the admin, it waits as well.
///
/// # Errors
/// [`InboxError::Dropped`] if it is not taken; [`InboxError::Later`] if its actor has stored enough for now.
pub async fn store(
    tx: &mut Tx,
    actor: &RemoteActor,
    target: &Target,
    reaction: NewReaction<'_>,
    node: &Node,
) -> Result<(), InboxError> {
    let (article, comment) = (&target.article, target.comment_id());
    let row = &actor.row;
    let who = (row.id, row.uri.as_str(), row.host.as_str());
    let gate = tx.reaction_admission(who, article.id, comment).await?;
    let mut waits = is_held(&gate)?;
    if reaction.kind == ReactionKind::Emoji {
        let policy = moderation::policy::check_reaction_policy(tx, node, article, row.id).await?;
        waits |= is_moderated(policy, &gate);
        check_number(&gate, &row.uri, node)?;
    }
    let bytes =
        ROW + reaction.emoji.len() + reaction.uri.len() + reaction.picture.map_or(0, str::len);
    let sender = node.quota.sender(&row.uri, &row.host, &node.store).await?;
    node.quota.charge_stored(&sender, bytes)?;
    let picture = reaction.picture.filter(|_| !gate.no_media);
    let id = tx
        .add_reaction(
            row.id,
            article.id,
            comment,
            reaction.kind,
            reaction.emoji,
            picture,
            reaction.uri,
        )
        .await?;
    settle(tx, id, waits, &gate).await
}

/// Has a new reaction wait, or forgets an earlier one that waited.
pub async fn settle(
    tx: &mut Tx,
    id: Option<i64>,
    waits: bool,
    gate: &ReactionAdmission,
) -> Result<(), InboxError> {
    match id {
        Some(id) if waits => tx.withhold_reaction(id).await?,
        Some(id) if gate.withheld > 0 => tx.delete_withheld_duplicate(id).await?,
        _ => {}
    }
    Ok(())
}

/// Returns whether a reaction waits for the admin because of a rule about its actor or host.
///
/// # Errors
/// [`InboxError::Dropped`] if they are blocked.
pub fn is_held(gate: &ReactionAdmission) -> Result<bool, InboxError> {
    match gate.severity {
        Severity::Block => Err(InboxError::Dropped(DropReason::ReactionActorBlocked)),
        Severity::Hold => Ok(!gate.allows_actor),
        Severity::None => Ok(false),
    }
}

/// Returns whether a reaction waits for the admin because all comments on the article do.
pub fn is_moderated(policy: CommentPolicy, gate: &ReactionAdmission) -> bool {
    policy == CommentPolicy::Moderated && !gate.allows_actor && !gate.allows_host
}

/// Checks that an actor has not too many reactions to one thing. Plain likes, dislikes and boosts need no check: there is
/// one of each.
///
/// # Errors
/// [`InboxError::Dropped`] if it has.
pub fn check_number(gate: &ReactionAdmission, actor: &str, node: &Node) -> Result<(), InboxError> {
    let number = (gate.shown + gate.withheld).unsigned_abs();
    if number < node.quota.value(Limit::ReactionsOfActor) {
        return Ok(());
    }
    let limit = Limit::ReactionsOfActor;
    node.quota.exceeded(limit, actor, Duration::ZERO);
    Err(InboxError::Dropped(DropReason::TooManyReactions))
}
