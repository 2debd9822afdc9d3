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
    store::{
        NewReaction, ReactionAdmission, ReactionKind, ReactionToAdmit, Severity, StoreError, Tx,
    },
};
use std::{collections::HashMap, time::Duration};

/// The storage charged for a reaction besides its texts, in bytes: the row and its indexes.
const ROW: usize = 256;

/// A reaction to a visible article or comment.
#[derive(Debug)]
pub struct Reaction<'a> {
    pub actor: &'a RemoteActor,
    pub target: &'a Target,
    pub kind: ReactionKind,
    /// Empty for a plain like or boost.
    pub emoji: String,
    /// The address of a custom emoji's picture.
    pub picture: Option<String>,
    /// The id of the activity.
    pub uri: &'a str,
}

impl Reaction<'_> {
    /// Returns who reacted to what.
    fn subject(&self) -> (i64, i64, Option<i64>) {
        let article = self.target.article.id;
        (self.actor.row.id, article, self.target.comment_id())
    }
}

/// Stores a reaction: see [`store_all`].
///
/// # Errors
/// [`InboxError::Dropped`] if it is not accepted; [`InboxError::Later`] if the actor's storage budget is spent for now.
pub async fn store(tx: &mut Tx, reaction: Reaction<'_>, node: &Node) -> Result<(), InboxError> {
    let mut stored = store_all(tx, vec![reaction], node).await?;
    stored.pop().unwrap_or(Ok(()))
}

/// Stores reactions that arrived together, in their order. One is withheld for the admin if the actor is held by a rule,
/// or if it is an emoji where the actor's comments are moderated. Returns for each why it is not accepted.
///
/// # Errors
/// If a statement fails. Then the transaction must not be committed.
pub async fn store_all(
    tx: &mut Tx,
    reactions: Vec<Reaction<'_>>,
    node: &Node,
) -> Result<Vec<Result<(), InboxError>>, StoreError> {
    let asked: Vec<_> = reactions.iter().map(to_admit).collect();
    let admissions = tx.reaction_admissions(&asked).await?;
    // The emoji of this call, by actor and object: the database did not have these yet.
    let mut emoji: HashMap<(i64, i64, Option<i64>), i64> = HashMap::new();
    let (mut outcomes, mut plain) = (Vec::new(), Vec::new());
    for (reaction, mut admission) in reactions.into_iter().zip(admissions) {
        let earlier = emoji.entry(reaction.subject()).or_default();
        admission.shown += *earlier;
        let outcome = admit(tx, &reaction, &admission, node).await;
        let is_withheld = match outcome {
            Ok(is_withheld) => is_withheld,
            Err(InboxError::Store(error)) => return Err(error),
            Err(refusal) => {
                outcomes.push(Err(refusal));
                continue;
            }
        };
        *earlier += i64::from(reaction.kind == ReactionKind::Emoji);
        let row = to_row(reaction, &admission);
        if is_withheld || admission.withheld > 0 {
            let id = tx.add_reaction(&row).await?;
            settle(tx, id, is_withheld, &admission).await?;
        } else {
            plain.push(row);
        }
        outcomes.push(Ok(()));
    }
    tx.add_reactions(&plain).await?;
    Ok(outcomes)
}

fn to_admit<'a>(reaction: &Reaction<'a>) -> ReactionToAdmit<'a> {
    let actor = &reaction.actor.row;
    ReactionToAdmit {
        actor_id: actor.id,
        actor_uri: &actor.uri,
        host: &actor.host,
        article_id: reaction.target.article.id,
        comment_id: reaction.target.comment_id(),
    }
}

/// Decides about a reaction, and charges its actor. Returns whether it waits for the admin.
async fn admit(
    tx: &mut Tx,
    reaction: &Reaction<'_>,
    admission: &ReactionAdmission,
    node: &Node,
) -> Result<bool, InboxError> {
    let (row, article) = (&reaction.actor.row, &reaction.target.article);
    let mut is_withheld = is_held(admission)?;
    if reaction.kind == ReactionKind::Emoji {
        let policy = moderation::policy::check_reaction_policy(tx, node, article, row.id).await?;
        is_withheld |= is_moderated(policy, admission);
        check_number(admission, &row.uri, node)?;
    }
    let picture = reaction.picture.as_ref().map_or(0, String::len);
    let bytes = ROW + reaction.emoji.len() + reaction.uri.len() + picture;
    let sender = node.quota.sender(&row.uri, &row.host, &node.store).await?;
    node.quota.charge_stored(&sender, bytes)?;
    Ok(is_withheld)
}

fn to_row(reaction: Reaction<'_>, admission: &ReactionAdmission) -> NewReaction {
    NewReaction {
        actor_id: reaction.actor.row.id,
        article_id: reaction.target.article.id,
        comment_id: reaction.target.comment_id(),
        kind: reaction.kind,
        emoji: reaction.emoji,
        picture: reaction.picture.filter(|_| !admission.no_media),
        uri: reaction.uri.to_owned(),
    }
}

/// Withholds a new reaction for the admin, or deletes the withheld one that it repeats.
pub async fn settle(
    tx: &mut Tx,
    id: Option<i64>,
    is_withheld: bool,
    admission: &ReactionAdmission,
) -> Result<(), StoreError> {
    match id {
        Some(id) if is_withheld => tx.withhold_reaction(id).await,
        Some(id) if admission.withheld > 0 => tx.delete_withheld_duplicate(id).await,
        _ => Ok(()),
    }
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
