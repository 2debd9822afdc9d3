//! Carries out verified replies, likes, boosts and follows that arrive at the same time together: one statement of each kind and
//! one commit for all of them, and then a response for each.
//!
//! This is for what is usual. Anything else is carried out alone, by the handlers in `activities/`: a post that answers
//! nothing here, a follow that waits for the admin. So is each activity of a batch in which a statement failed. One activity
//! therefore never changes what becomes of another.

mod batch;
mod follows;
mod item;

use super::{activities, sender};
use crate::{
    base::{batches::Batches, heap::on_heap},
    federation::{remote::strangers, verified_activity::VerifiedActivity},
    node::{Context, error::InboxError},
    store::{StoreError, Tx},
};
use batch::Outcome;
pub(super) use item::takes;
use item::{Item, prepare};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The maximum number of activities in a batch. It bounds how long the first of them waits.
const LIMIT: usize = 256;

/// The verified activities that wait to be carried out together.
#[derive(Debug, Clone, Default)]
pub struct Ingest {
    waiting: Arc<Batches<Waiting>>,
}

/// An activity whose request waits for its outcome.
#[derive(Debug)]
struct Waiting {
    item: Item,
    answer: oneshot::Sender<Answer>,
}

/// Whether the sender was found not to be blocked, or that is still open: a batch checks all of its senders at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SenderCheck {
    Passed,
    Open,
}

/// The end of an activity.
#[derive(Debug)]
enum Answer {
    /// It was carried out, or refused, and the changes are committed.
    Settled(Result<(), InboxError>),
    /// Nothing was done: it must be carried out alone.
    Alone(Box<VerifiedActivity>),
}

impl Ingest {
    /// Carries out an activity: with others if it is usual, or else alone. A sender that is not stored yet is stored in the
    /// same transaction as the changes, and charged for it.
    ///
    /// # Errors
    /// Those of its handler.
    pub(super) async fn carry_out(
        &self,
        activity: VerifiedActivity,
        check: SenderCheck,
        ctx: &Context,
    ) -> Result<(), InboxError> {
        let actor = activity.actor.clone();
        let charged = on_heap(|| self.carry_out_charged(activity, check, ctx));
        on_heap(|| strangers::charged(&actor, ctx, charged)).await
    }

    async fn carry_out_charged(
        &self,
        activity: VerifiedActivity,
        check: SenderCheck,
        ctx: &Context,
    ) -> Result<(), InboxError> {
        let alone = match on_heap(|| prepare(activity, ctx)).await? {
            Ok(item) => match on_heap(|| self.submit(item, ctx)).await? {
                Answer::Settled(outcome) => return outcome,
                Answer::Alone(activity) => activity,
            },
            Err(unusual) => unusual,
        };
        if check == SenderCheck::Open {
            let actor = &alone.actor_url;
            on_heap(|| sender::refuse_blocked(actor.as_str(), actor, ctx)).await?;
        }
        on_heap(|| activities::dispatch_by_type(*alone, ctx)).await
    }

    async fn submit(&self, item: Item, ctx: &Context) -> Result<Answer, InboxError> {
        let (answer, answered) = oneshot::channel();
        if self.waiting.add(Waiting { item, answer }) {
            // The worker goes on if this request is given up.
            tokio::spawn(work(self.waiting.clone(), ctx.reset_request_count()));
        }
        // It is not answered only if the batch panicked.
        let lost = |_| InboxError::Later("the activity could not be carried out".into());
        answered.await.map_err(lost)
    }
}

async fn work(waiting: Arc<Batches<Waiting>>, ctx: Context) {
    while waiting.has_work() {
        // A task of its own, so that a panic does not end the worker.
        let carried_out = tokio::spawn(carry_out_next(waiting.clone(), ctx.reset_request_count()));
        if let Err(error) = carried_out.await {
            tracing::error!(%error, "a batch of activities panicked");
        }
    }
}

/// Carries out the next batch. What arrives until its transaction has begun joins it.
async fn carry_out_next(waiting: Arc<Batches<Waiting>>, ctx: Context) {
    // Requests that are being verified now join the batch.
    tokio::task::yield_now().await;
    match ctx.store.begin_batch().await {
        Ok(tx) => settle(waiting.take(LIMIT), tx, &ctx).await,
        Err(error) => refuse_all(waiting.take(usize::MAX), &error),
    }
}

/// Refuses all that waits, since no transaction could begin. Trying again for each would make their senders wait longer.
fn refuse_all(batch: Vec<Waiting>, error: &StoreError) {
    tracing::error!(%error, activities = batch.len(), "activities could not be stored");
    for Waiting { answer, .. } in batch {
        let refusal = InboxError::Later(error.to_string());
        // A request that was given up needs no answer.
        let _ = answer.send(Answer::Settled(Err(refusal)));
    }
}

/// Carries out a batch, and answers each of its requests.
async fn settle(batch: Vec<Waiting>, tx: Tx, ctx: &Context) {
    let (mut items, answers): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|it| (it.item, it.answer)).unzip();
    let outcomes = match batch::carry_out(&mut items, tx, ctx).await {
        Ok(outcomes) => outcomes,
        Err(error) => {
            tracing::debug!(%error, activities = items.len(), "a batch failed: each is carried out alone");
            items.iter().map(|_| Outcome::Alone).collect()
        }
    };
    for ((item, answer), outcome) in items.into_iter().zip(answers).zip(outcomes) {
        // A request that was given up needs no answer.
        let _ = answer.send(match outcome {
            Outcome::Settled(outcome) => Answer::Settled(outcome),
            Outcome::Alone => Answer::Alone(Box::new(item.activity)),
        });
    }
}
