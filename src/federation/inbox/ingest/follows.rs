//! The follows of a batch that are accepted at once: stored, and each answered with an `Accept`.

use super::{
    batch::{Batch, Outcome},
    item::{Action, Item},
};
use crate::{
    federation::{inbox::activities::charged_accept, remote::actors::inbox_of},
    node::{Context, error::InboxError, local_actors::LocalActor, urls::host_of},
    store::{ActorKind, FollowerState, NewActivity, NewDelivery, NewFollow, Tx},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// A follow that is accepted.
struct Accepted {
    place: usize,
    local: Arc<LocalActor>,
    inbox: String,
    accept: NewActivity,
}

/// Stores the follows of a batch and enqueues their `Accept`s. Returns the places of the new followers.
///
/// # Errors
/// If something fails but the follows themselves. Then the transaction must not be committed.
pub(super) async fn store(batch: &mut Batch<'_>, tx: &mut Tx) -> Result<Vec<usize>, InboxError> {
    let accepted = accept_all(batch, tx).await?;
    if accepted.is_empty() {
        return Ok(Vec::new());
    }
    let destinations = destinations_of(&accepted, tx).await?;
    let items = batch.items;
    let follows: Vec<_> = accepted
        .iter()
        .zip(&destinations)
        .map(|(it, &destination_id)| NewFollow {
            local_actor_id: it.local.row.id,
            actor_id: items[it.place].activity.actor.row.id,
            destination_id,
            follow_uri: items[it.place].activity.id.as_str(),
        })
        .collect();
    tx.save_followers(&follows, FollowerState::Accepted).await?;
    let mut accepts = Vec::with_capacity(accepted.len());
    let mut places = Vec::with_capacity(accepted.len());
    for it in accepted {
        accepts.push(it.accept);
        places.push(it.place);
        batch.settle(it.place, Ok(()));
    }
    let rows = tx.add_private_activities(&accepts).await?;
    let deliveries: Vec<_> = accepts
        .iter()
        .zip(destinations)
        .filter_map(|(accept, destination_id)| {
            Some(NewDelivery {
                activity_id: *rows.get(&accept.uid)?,
                destination_id,
            })
        })
        .collect();
    tx.enqueue_each(&deliveries).await?;
    Ok(places)
}

/// Decides about the follows. One of an actor that accepts none, and the second of an actor in a batch, are unusual.
async fn accept_all(batch: &mut Batch<'_>, tx: &mut Tx) -> Result<Vec<Accepted>, InboxError> {
    let (items, ctx) = (batch.items, batch.ctx);
    let mut locals: HashMap<&str, Option<Arc<LocalActor>>> = HashMap::new();
    let (mut accepted, mut pairs) = (Vec::new(), HashSet::new());
    for place in batch.open().collect::<Vec<_>>() {
        let Action::Follow { username } = &items[place].action else {
            continue;
        };
        if !locals.contains_key(username.as_str()) {
            locals.insert(username, followable(username, tx, ctx).await?);
        }
        let activity = &items[place].activity;
        let local = locals.get(username.as_str()).cloned().flatten();
        let local = local.filter(|local| pairs.insert((local.row.id, activity.actor.row.id)));
        let Some(local) = local else {
            batch.outcomes[place] = Some(Outcome::Alone);
            continue;
        };
        let inbox = inbox_of(&activity.actor.row, ctx);
        let accept = match inbox {
            Ok(inbox) => charged_accept(activity, &local, ctx)
                .await
                .map(|it| (inbox, it)),
            Err(refusal) => Err(refusal),
        };
        match accept {
            Ok((inbox, accept)) => accepted.push(Accepted {
                place,
                local,
                inbox: inbox.into(),
                accept,
            }),
            Err(InboxError::Store(error)) => return Err(error.into()),
            Err(refusal) => batch.settle(place, Err(refusal)),
        }
    }
    Ok(accepted)
}

/// Returns the local actor with a username, if it accepts followers.
async fn followable(
    username: &str,
    tx: &mut Tx,
    ctx: &Context,
) -> Result<Option<Arc<LocalActor>>, InboxError> {
    let Some(row) = tx.local_actor(username).await? else {
        return Ok(None);
    };
    if row.kind == ActorKind::Instance || row.moved_to.is_some() {
        return Ok(None);
    }
    let local = ctx.local_actors.in_transaction(tx, row.id).await;
    local.map(Some).map_err(InboxError::internal)
}

/// Returns the destination of each follower.
async fn destinations_of(accepted: &[Accepted], tx: &mut Tx) -> Result<Vec<i64>, InboxError> {
    let inboxes: HashSet<&str> = accepted.iter().map(|it| it.inbox.as_str()).collect();
    let inboxes: Vec<&str> = inboxes.into_iter().collect();
    let mut known = tx.destinations_at(&inboxes).await?;
    let mut destinations = Vec::with_capacity(accepted.len());
    for it in accepted {
        let id = match known.get(&it.inbox) {
            Some(id) => *id,
            None => {
                let url = url::Url::parse(&it.inbox).ok();
                let host = url.and_then(|url| host_of(&url)).unwrap_or_default();
                let id = tx.destination_for(&it.inbox, &host).await?;
                known.insert(it.inbox.clone(), id);
                id
            }
        };
        destinations.push(id);
    }
    Ok(destinations)
}

/// Does what follows once new followers are committed: their domains are known, and their `Accept`s can be sent.
pub(super) fn settle(items: &[Item], followers: &[usize], ctx: &Context) {
    for &place in followers {
        ctx.quota.mark_known(&items[place].activity.actor.row.host);
    }
    if !followers.is_empty() {
        ctx.store.wake();
    }
}
