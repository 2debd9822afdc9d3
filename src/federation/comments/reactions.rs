//! Decides about a reaction, from any activity type. Blocks apply as for comments, and an actor may have a limited
//! number of reactions to one object.
//!
//! An emoji can carry a message, so an article accepts it only where it accepts comments. A plain like or boost is only
//! counted, so an article that is closed for comments accepts it.

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

/// The storage charged for a reaction besides its texts, in bytes: the row and its indexes.
const ROW: usize = 256;

/// A reaction to store.
#[derive(Debug)]
pub struct NewReaction<'a> {
    pub kind: ReactionKind,
    pub emoji: &'a str,
    /// The address of a custom emoji's picture.
    pub picture: Option<&'a str>,
    /// The id of the activity.
    pub uri: &'a str,
}

/// Stores a reaction to a visible article or comment. It is withheld for the admin if the actor is held by a rule, or
/// if it is an emoji where the actor's comments are moderated.
///
/// # Errors
/// [`InboxError::Dropped`] if it is not accepted; [`InboxError::Later`] if the actor's storage budget is spent for now.
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
    let admission = tx.reaction_admission(who, article.id, comment).await?;
    let mut is_withheld = is_held(&admission)?;
    if reaction.kind == ReactionKind::Emoji {
        let policy = moderation::policy::check_reaction_policy(tx, node, article, row.id).await?;
        is_withheld |= is_moderated(policy, &admission);
        check_number(&admission, &row.uri, node)?;
    }
    let bytes =
        ROW + reaction.emoji.len() + reaction.uri.len() + reaction.picture.map_or(0, str::len);
    let sender = node.quota.sender(&row.uri, &row.host, &node.store).await?;
    node.quota.charge_stored(&sender, bytes)?;
    let picture = reaction.picture.filter(|_| !admission.no_media);
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
    settle(tx, id, is_withheld, &admission).await
}

/// Withholds a new reaction for the admin, or deletes the withheld one that it repeats.
pub async fn settle(
    tx: &mut Tx,
    id: Option<i64>,
    is_withheld: bool,
    admission: &ReactionAdmission,
) -> Result<(), InboxError> {
    match id {
        Some(id) if is_withheld => tx.withhold_reaction(id).await?,
        Some(id) if admission.withheld > 0 => tx.delete_withheld_duplicate(id).await?,
        _ => {}
    }
    Ok(())
}

/// Returns whether a reaction waits for the admin because of a rule about its actor or host.
///
/// # Errors
/// [`InboxError::Dropped`] if they are blocked.
pub fn is_held(admission: &ReactionAdmission) -> Result<bool, InboxError> {
    match admission.severity {
        Severity::Block => Err(InboxError::Dropped(DropReason::ReactionActorBlocked)),
        Severity::Hold => Ok(!admission.allows_actor),
        Severity::None => Ok(false),
    }
}

/// Returns whether a reaction waits for the admin because the article's comments are moderated, and neither the actor
/// nor its host is allowed.
pub fn is_moderated(policy: CommentPolicy, admission: &ReactionAdmission) -> bool {
    policy == CommentPolicy::Moderated && !admission.allows_actor && !admission.allows_host
}

/// Checks that an actor does not have too many reactions to one object. Plain likes, dislikes and boosts need no check,
/// since an actor has at most one of each.
///
/// # Errors
/// [`InboxError::Dropped`] if it has too many.
pub fn check_number(
    admission: &ReactionAdmission,
    actor: &str,
    node: &Node,
) -> Result<(), InboxError> {
    let number = (admission.shown + admission.withheld).unsigned_abs();
    if number < node.quota.value(Limit::ReactionsOfActor) {
        return Ok(());
    }
    let limit = Limit::ReactionsOfActor;
    node.quota.exceeded(limit, actor, Duration::ZERO);
    Err(InboxError::Dropped(DropReason::TooManyReactions))
}
