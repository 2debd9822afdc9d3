//! Carries out a batch in one transaction, in which each statement is about all of its activities.
//!
//! The steps: refuse blocked senders; find what the activities are about; store their receipts, which shows those that
//! were received before; store replies and reactions; take back the receipts of what was refused; commit.

use super::item::{Action, Item};
use crate::{
    federation::{
        comments::{
            admission::admit_all,
            forward::forward,
            new_comment::{Draft, PreparedText, Stored, store_comments},
            reactions,
        },
        inbox::activities::{boost_of, reaction_of},
        objects::approvals,
    },
    node::{
        Context,
        drop_reason::DropReason,
        error::InboxError,
        target::{self, Target},
        urls::host_of,
    },
    store::{CommentState, StoreError, Tx},
};
use std::collections::{HashMap, HashSet};

/// What became of an activity of a batch.
#[derive(Debug)]
pub(super) enum Outcome {
    Settled(Result<(), InboxError>),
    /// It is unusual, and nothing was done.
    Alone,
}

/// Carries out a batch. Returns the outcome of each activity, in their order. When this returns, the changes are committed.
///
/// # Errors
/// If anything failed but the activities themselves. Then nothing was changed.
pub(super) async fn carry_out(
    items: &mut [Item],
    ctx: &Context,
) -> Result<Vec<Outcome>, InboxError> {
    let texts = items
        .iter_mut()
        .map(|item| item.action.take_text())
        .collect();
    let items = &*items;
    let mut tx = ctx.store.begin().await?;
    let mut batch = Batch {
        items,
        outcomes: items.iter().map(|_| None).collect(),
        ctx,
    };
    batch.refuse_blocked(&mut tx).await?;
    let targets = batch.find_targets(&mut tx).await?;
    batch.store_receipts(&mut tx).await?;
    let received = batch.open().collect();
    batch.store_replies(&mut tx, &targets, texts).await?;
    batch.store_reactions(&mut tx, &targets).await?;
    batch.finish(&mut tx, received).await?;
    tx.commit().await?;
    let outcomes = batch.outcomes.into_iter();
    Ok(outcomes.map(|it| it.unwrap_or(Outcome::Alone)).collect())
}

struct Batch<'a> {
    items: &'a [Item],
    /// `None` until it is decided.
    outcomes: Vec<Option<Outcome>>,
    ctx: &'a Context,
}

impl<'a> Batch<'a> {
    /// Returns the places of the activities that are not decided yet.
    fn open(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.items.len()).filter(|&place| self.outcomes[place].is_none())
    }

    fn settle(&mut self, place: usize, outcome: Result<(), InboxError>) {
        self.outcomes[place] = Some(Outcome::Settled(outcome));
    }

    fn drop(&mut self, place: usize, reason: DropReason) {
        self.settle(place, Err(InboxError::Dropped(reason)));
    }

    async fn refuse_blocked(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let items = self.items;
        let hosts: Vec<String> = items
            .iter()
            .map(|item| host_of(&item.activity.actor_url).unwrap_or_default())
            .collect();
        let senders = items.iter().zip(&hosts);
        let senders: Vec<_> = senders
            .map(|(item, host)| (item.activity.actor_url.as_str(), host.as_str()))
            .collect();
        let blocked = tx.are_blocked(&senders).await?;
        for (place, is_blocked) in blocked.into_iter().enumerate() {
            if is_blocked || !self.ctx.allows(&hosts[place]) {
                self.settle(place, Err(InboxError::forbidden("this sender is blocked")));
            }
        }
        Ok(())
    }

    /// Finds the articles and comments that the activities are about. One about anything else is unusual.
    async fn find_targets(&mut self, tx: &mut Tx) -> Result<HashMap<String, Target>, StoreError> {
        let uris: HashSet<&str> = self
            .open()
            .map(|place| self.items[place].action.target())
            .collect();
        let uris: Vec<&str> = uris.into_iter().collect();
        let targets = target::find_all(tx, self.ctx.urls(), &uris).await?;
        for place in self.open().collect::<Vec<_>>() {
            if !targets.contains_key(self.items[place].action.target()) {
                self.outcomes[place] = Some(Outcome::Alone);
            }
        }
        Ok(targets)
    }

    async fn store_receipts(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let items = self.items;
        let places: Vec<usize> = self.open().collect();
        let receipts: Vec<&str> = places
            .iter()
            .map(|&place| items[place].activity.receipt.as_str())
            .collect();
        // The second of two with the same receipt is a repetition too.
        let mut new = tx.add_receipts(&receipts).await?;
        for place in places {
            if !new.remove(&items[place].activity.receipt) {
                self.drop(place, DropReason::Duplicate);
            }
        }
        Ok(())
    }

    async fn store_replies(
        &mut self,
        tx: &mut Tx,
        targets: &HashMap<String, Target>,
        mut texts: Vec<PreparedText>,
    ) -> Result<(), InboxError> {
        let items = self.items;
        let replies: Vec<_> = self
            .open()
            .filter_map(|place| match &items[place].action {
                Action::Reply { to, object, .. } => Some((place, targets.get(to)?, object)),
                _ => None,
            })
            .collect();
        if replies.is_empty() {
            return Ok(());
        }
        let posts = replies
            .iter()
            .map(|(place, _, object)| (&***object, &items[*place].activity.actor));
        let admissions = admit_all(tx, &posts.collect::<Vec<_>>(), self.ctx).await?;
        let (mut places, mut drafts) = (Vec::new(), Vec::new());
        for ((place, target, object), admission) in replies.into_iter().zip(admissions) {
            match admission {
                Ok(admission) => {
                    places.push((place, target));
                    drafts.push(Draft {
                        object,
                        text: std::mem::take(&mut texts[place]),
                        author: &items[place].activity.actor,
                        target,
                        admission,
                        cause: items[place].cause.clone(),
                    });
                }
                Err(refusal) => self.settle(place, Err(refusal)),
            }
        }
        let stored = store_comments(tx, drafts, self.ctx).await?;
        for ((place, target), stored) in places.into_iter().zip(stored) {
            let outcome = follow_up(tx, &items[place], target, stored, self.ctx).await?;
            self.settle(place, outcome);
        }
        Ok(())
    }

    async fn store_reactions(
        &mut self,
        tx: &mut Tx,
        targets: &HashMap<String, Target>,
    ) -> Result<(), StoreError> {
        let items = self.items;
        let (mut places, mut reactions) = (Vec::new(), Vec::new());
        for place in self.open().collect::<Vec<_>>() {
            let (activity, action) = (&items[place].activity, &items[place].action);
            let (unknown, is_boost) = match action {
                Action::Like { .. } => (DropReason::ReactionToUnknownObject, false),
                Action::Boost { .. } => (DropReason::BoostOfUnknownObject, true),
                Action::Reply { .. } => continue,
            };
            let target = targets.get(action.target());
            let Some(target) = target.filter(|target| target.is_visible()) else {
                self.drop(place, unknown);
                continue;
            };
            let reaction = if is_boost {
                Ok(boost_of(activity, target))
            } else {
                reaction_of(activity, target)
            };
            match reaction {
                Ok(reaction) => {
                    places.push(place);
                    reactions.push(reaction);
                }
                Err(refusal) => self.settle(place, Err(refusal)),
            }
        }
        if places.is_empty() {
            return Ok(());
        }
        let stored = reactions::store_all(tx, reactions, self.ctx).await?;
        for (place, outcome) in places.into_iter().zip(stored) {
            self.settle(place, outcome);
        }
        Ok(())
    }

    /// Takes back the receipts of what was refused, so that it may be sent again, and revives the hosts of the rest.
    async fn finish(&mut self, tx: &mut Tx, received: Vec<usize>) -> Result<(), StoreError> {
        let items = self.items;
        let (accepted, refused): (Vec<usize>, Vec<usize>) = received
            .into_iter()
            .partition(|&place| matches!(self.outcomes[place], Some(Outcome::Settled(Ok(())))));
        let receipts: Vec<&str> = refused
            .iter()
            .map(|&place| items[place].activity.receipt.as_str())
            .collect();
        tx.take_back_receipts(&receipts).await?;
        let hosts: HashSet<&str> = accepted
            .iter()
            .map(|&place| items[place].activity.sender_host.as_str())
            .collect();
        let mut hosts: Vec<&str> = hosts.into_iter().collect();
        // Two nodes that revive the same hosts wait for each other in the same order.
        hosts.sort_unstable();
        if hosts.is_empty() {
            return Ok(());
        }
        tx.revive_hosts(&hosts).await
    }
}

/// Does the rest for a stored reply: records that it asks for approval, and forwards it to our followers.
///
/// # Errors
/// If it fails: the comment is written already, and must not stay without it.
async fn follow_up(
    tx: &mut Tx,
    item: &Item,
    target: &Target,
    stored: Stored,
    ctx: &Context,
) -> Result<Result<(), InboxError>, InboxError> {
    let state = match stored {
        Ok(Some(state)) => state,
        Ok(None) => return Ok(Err(InboxError::Dropped(DropReason::CommentAlreadyStored))),
        Err(refusal) => return Ok(Err(refusal)),
    };
    let activity = &item.activity;
    let id = activity.payload.object.id().unwrap_or_default();
    let reply = (id.as_str(), activity.actor.row.id);
    approvals::record_reply(ctx, tx, target, reply, None, state)
        .await
        .map_err(InboxError::internal)?;
    if state == CommentState::Visible {
        forward(tx, activity, &target.article, &id, ctx).await?;
    }
    Ok(Ok(()))
}
