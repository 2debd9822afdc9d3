//! Carries out a batch in one transaction, in which each statement is about all of its activities.
//!
//! The steps: refuse blocked senders; find what the activities are about; store their receipts, which shows those that
//! were received before; store the actors that have no row yet, then replies, reactions and follows; take back the
//! receipts of what was refused; commit.

use super::{
    follows,
    item::{Action, Item},
};
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
    store::{ActorToStore, CommentState, StoreError, Tx},
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// The outcome of an activity of a batch.
#[derive(Debug)]
pub(super) enum Outcome {
    Settled(Result<(), InboxError>),
    /// It is unusual, and nothing was done.
    Alone,
}

/// Carries out a batch, and commits. Returns the outcome of each activity, in their order. When this returns, the changes are committed.
///
/// # Errors
/// If anything failed but the activities themselves. Then nothing was changed.
pub(super) async fn carry_out(
    items: &mut [Item],
    mut tx: Tx,
    ctx: &Context,
) -> Result<Vec<Outcome>, InboxError> {
    let texts = items
        .iter_mut()
        .map(|item| item.action.take_text())
        .collect();
    let items = &*items;
    let mut batch = Batch {
        items,
        outcomes: items.iter().map(|_| None).collect(),
        ctx,
    };
    batch.refuse_blocked(&mut tx).await?;
    let targets = batch.find_targets(&mut tx).await?;
    batch.store_receipts(&mut tx).await?;
    let received = batch.open().collect();
    let new_actors = batch.store_strangers(&mut tx).await?;
    batch.store_replies(&mut tx, &targets, texts).await?;
    batch.store_reactions(&mut tx, &targets).await?;
    let followers = follows::store(&mut batch, &mut tx).await?;
    batch.finish(&mut tx, received, &new_actors).await?;
    tx.commit().await?;
    follows::settle(items, &followers, ctx);
    let outcomes = batch.outcomes.into_iter();
    Ok(outcomes.map(|it| it.unwrap_or(Outcome::Alone)).collect())
}

pub(super) struct Batch<'a> {
    pub(super) items: &'a [Item],
    /// `None` until it is decided.
    pub(super) outcomes: Vec<Option<Outcome>>,
    pub(super) ctx: &'a Context,
}

impl<'a> Batch<'a> {
    /// Returns the places of the activities that are not decided yet.
    pub(super) fn open(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.items.len()).filter(|&place| self.outcomes[place].is_none())
    }

    pub(super) fn settle(&mut self, place: usize, outcome: Result<(), InboxError>) {
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
        let items = self.items;
        let uris: HashSet<&str> = self
            .open()
            .filter_map(|place| items[place].action.target())
            .collect();
        let uris: Vec<&str> = uris.into_iter().collect();
        let targets = target::find_all(tx, self.ctx.urls(), &uris).await?;
        for place in self.open().collect::<Vec<_>>() {
            let uri = items[place].action.target();
            if uri.is_some_and(|uri| !targets.contains_key(uri)) {
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

    /// Stores the actors that have no row yet, so that other rows can refer to them. Returns those that had none.
    async fn store_strangers(&mut self, tx: &mut Tx) -> Result<HashSet<i64>, StoreError> {
        let items = self.items;
        let places: Vec<usize> = self
            .open()
            .filter(|&place| items[place].activity.actor.stranger().is_some())
            .collect();
        let strangers: BTreeMap<i64, ActorToStore<'_>> = places
            .iter()
            .filter_map(|&place| items[place].activity.actor.stranger())
            .map(|stranger| {
                let new = ActorToStore {
                    id: stranger.id,
                    fetched_at: stranger.fetched_at,
                    actor: &stranger.actor,
                };
                (stranger.id, new)
            })
            .collect();
        if strangers.is_empty() {
            return Ok(HashSet::new());
        }
        let strangers: Vec<_> = strangers.into_values().collect();
        let stored = tx.add_remote_actors(&strangers).await?;
        for place in places {
            let id = items[place].activity.actor.row.id;
            // Another process stored it under another id: its handler says so.
            if !stored.new.contains(&id) && !stored.known.contains(&id) {
                self.outcomes[place] = Some(Outcome::Alone);
            }
        }
        Ok(stored.new)
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
                Action::Reply { .. } | Action::Follow { .. } => continue,
            };
            let target = action.target().and_then(|uri| targets.get(uri));
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

    /// Takes back the receipts and the new actors of what was refused, and revives the hosts of the rest.
    async fn finish(
        &mut self,
        tx: &mut Tx,
        received: Vec<usize>,
        new_actors: &HashSet<i64>,
    ) -> Result<(), StoreError> {
        let items = self.items;
        let (accepted, refused): (Vec<usize>, Vec<usize>) = received
            .into_iter()
            .partition(|&place| matches!(self.outcomes[place], Some(Outcome::Settled(Ok(())))));
        let receipts: Vec<&str> = refused
            .iter()
            .map(|&place| items[place].activity.receipt.as_str())
            .collect();
        tx.take_back_receipts(&receipts).await?;
        let actor_of = |place: &usize| items[*place].activity.actor.row.id;
        let needed: HashSet<i64> = accepted.iter().map(actor_of).collect();
        let unneeded: Vec<i64> = new_actors.difference(&needed).copied().collect();
        tx.take_back_actors(&unneeded).await?;
        let hosts: BTreeSet<&str> = accepted
            .iter()
            .map(|&place| items[place].activity.sender_host.as_str())
            .collect();
        let hosts: Vec<&str> = hosts.into_iter().collect();
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
