//! The publication changes its own domain.
//!
//! An actor's id contains its host, so no actor can move. Those on the former domain stay, with their ids, keys, inboxes and
//! articles, and the node goes on to serve them there. Each gets a successor on the new domain, which names it as its alias.
//! A `Move` then asks the followers' servers to follow the successor.

use super::migration;
use crate::{
    config::Config,
    federation::outbox::{Audience, publish_actor},
    node::{
        Node, NodeError,
        local_actors::{KeyPair, LocalActor},
    },
    store::{self, ActorAddresses, ActorKind, DomainMove, LocalActorRow, StoreError, Tx},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The reason why the domain can't be changed.
#[derive(Debug, thiserror::Error)]
pub enum DomainMoveError {
    #[error("the publication is at {0} already")]
    Same(String),
    #[error(
        "the publication was at {0} before, and its actors there have successors: choose another address"
    )]
    Former(String),
    #[error(
        "`pamphlet serve` is running: stop it, change the domain, and start it with the new address"
    )]
    Running,
    #[error(
        "the publication has not changed its domain: run `pamphlet publication move --to URL` first"
    )]
    NotMoved,
    #[error(
        "{url} does not serve {what} to strangers ({reason}): let both names lead to the running node, then try again"
    )]
    OutOfReach {
        url: String,
        what: &'static str,
        reason: String,
    },
    #[error(transparent)]
    Node(#[from] NodeError),
}

impl From<StoreError> for DomainMoveError {
    fn from(error: StoreError) -> Self {
        DomainMoveError::Node(error.into())
    }
}

/// An actor on a former domain with its successor.
pub struct Succession {
    pub former: Arc<LocalActor>,
    pub successor: Arc<LocalActor>,
    pub followers: i64,
}

/// Returns the actors that have a successor after a change of the domain.
///
/// # Errors
/// If the domain can't be changed to that of `to`, or the database fails.
pub async fn plan(node: &Node, to: &Config) -> Result<Vec<LocalActorRow>, DomainMoveError> {
    node.refuse_if_closed()?;
    let (from, to) = (&node.config.public_url, &to.public_url);
    if from == to {
        return Err(DomainMoveError::Same(to.to_string()));
    }
    let host = crate::protocol::address_host(to).unwrap_or_default();
    if node.urls().former_hosts().contains(&host) {
        return Err(DomainMoveError::Former(to.to_string()));
    }
    let mut conn = node.store.read().await?;
    if !conn.running_workers(&node.store).await?.is_empty() {
        return Err(DomainMoveError::Running);
    }
    let mut actors = conn.local_actors().await?;
    actors.retain(|actor| actor.kind != ActorKind::Instance && actor.former_handle.is_none());
    Ok(actors)
}

/// Gives all actors successors at the address of the configuration `to`. The node must be opened anew with it.
///
/// # Errors
/// See [`plan`]. Nothing has changed then.
pub async fn prepare(node: &Node, to: &Config) -> Result<Vec<LocalActorRow>, DomainMoveError> {
    let actors = plan(node, to).await?;
    let mut pairs = Vec::new();
    for _ in &actors {
        pairs.push(KeyPair::generate().await?);
    }
    let urls = node.urls();
    let origin = urls.home().trim_end_matches('/').to_owned();
    let mut tx = node.store.begin().await?;
    for (row, pair) in actors.iter().zip(&pairs) {
        leave_behind(node, &mut tx, row).await?;
        succeed(node, &mut tx, row, pair).await?;
    }
    tx.keep_object_ids(&origin).await?;
    tx.add_former_host(urls.host()).await?;
    tx.set_setting("identity", &to.identity()).await?;
    tx.set_domain_move(&DomainMove {
        from: origin,
        to: to.public_url.as_str().trim_end_matches('/').to_owned(),
        at: store::now(),
        sent_at: None,
    })
    .await?;
    tx.commit().await?;
    Ok(actors)
}

/// Keeps an actor on the former domain, under a username that no one else can have here: those of authors have no dots.
async fn leave_behind(node: &Node, tx: &mut Tx, row: &LocalActorRow) -> Result<(), NodeError> {
    let local = node.local_actors.in_transaction(tx, row.id).await?;
    let urls = node.urls();
    let addresses = ActorAddresses {
        uri: Some(local.uri.clone()),
        handle: row.addresses.handle.clone(),
        inbox: Some(local.inbox()),
        outbox: Some(local.outbox()),
        followers: Some(local.followers()),
        following: Some(local.following()),
        featured: Some(local.featured()),
        shared_inbox: Some(
            row.addresses
                .shared_inbox
                .clone()
                .unwrap_or_else(|| urls.shared_inbox()),
        ),
    };
    let number = urls.former_hosts().len() + 1;
    let username = format!("{}.{number}", row.username);
    let handle = node.handle(row);
    tx.leave_actor_behind(row, &username, handle.trim_start_matches('@'))
        .await?;
    tx.adopt_actor_addresses(row.id, &addresses).await?;
    Ok(())
}

async fn succeed(
    node: &Node,
    tx: &mut Tx,
    row: &LocalActorRow,
    pair: &KeyPair,
) -> Result<(), NodeError> {
    let id = tx
        .add_local_actor(&row.username, row.kind, row.author_id)
        .await?;
    pair.store(tx, id, "main-key", "ed25519-key").await?;
    let mut aliases: Vec<String> = serde_json::from_str(&row.aliases).unwrap_or_default();
    aliases.push(node.urls().actor_id(row));
    tx.set_aliases(id, &json!(aliases).to_string()).await?;
    tx.hand_over_waiting_notes(row.id, id).await?;
    Ok(())
}

/// Returns the actors on former domains with their successors.
///
/// # Errors
/// If the database fails.
pub async fn successions(node: &Node) -> Result<Vec<Succession>, NodeError> {
    let mut conn = node.store.read().await?;
    let mut found = Vec::new();
    for id in conn.former_actors().await? {
        let former = node.local_actors.find(&mut conn, id).await?;
        let name = former.row.username.rsplit_once('.');
        let Some((name, _)) = name else { continue };
        let Some(row) = conn.local_actor(name).await? else {
            continue;
        };
        let successor = node.local_actors.find(&mut conn, row.id).await?;
        found.push(Succession {
            followers: conn.count_followers(id).await?,
            former,
            successor,
        });
    }
    Ok(found)
}

/// Checks that both addresses of each actor are served to strangers, then sends a `Move` to the servers of those who still
/// follow a former actor. Returns these actors.
///
/// # Errors
/// See [`DomainMoveError`]. Nothing has changed then.
pub async fn send(node: &Node) -> Result<Vec<Succession>, DomainMoveError> {
    node.refuse_if_closed()?;
    let stored = node.store.read().await?.domain_move().await?;
    let Some(stored) = stored else {
        return Err(DomainMoveError::NotMoved);
    };
    let mut moving = successions(node).await?;
    moving.retain(|one| one.followers > 0 || one.former.row.moved_to.is_none());
    for one in &moving {
        check(node, &one.former.uri, None).await?;
        check(node, &one.successor.uri, Some(&one.former.uri)).await?;
    }
    let mut tx = node.store.begin().await?;
    for one in &moving {
        let id = one.former.row.id;
        tx.set_moved_to(id, Some(&one.successor.uri)).await?;
        // The `Update` goes before the `Move`, since some servers then read `movedTo` of the old account.
        publish_actor(node, &mut tx, id, Audience::Followers).await?;
        let activity = migration::move_of(node, &one.former, &one.successor.uri);
        let activity = tx.add_activity(&activity).await?;
        tx.enqueue_to_followers(activity, id).await?;
    }
    tx.set_domain_move(&DomainMove {
        sent_at: Some(store::now()),
        ..stored
    })
    .await?;
    tx.commit().await?;
    node.store.wake();
    Ok(moving)
}

/// Fetches an actor of ours as a stranger does. `alias` must be one of its aliases.
async fn check(node: &Node, uri: &str, alias: Option<&str>) -> Result<(), DomainMoveError> {
    let out_of_reach = |what, reason: String| DomainMoveError::OutOfReach {
        url: uri.to_owned(),
        what,
        reason,
    };
    let client = node.unsigned_client()?;
    let request = client
        .get(uri)
        .header(http::header::ACCEPT, crate::protocol::ACTIVITY_JSON);
    let response = request
        .send()
        .await
        .map_err(|error| out_of_reach("the actor", error.to_string()))?;
    if node.config.federation.authorized_fetch && response.status() == 401 {
        // It is the node that refuses strangers.
        return Ok(());
    }
    if !response.status().is_success() {
        return Err(out_of_reach("the actor", response.status().to_string()));
    }
    let text = response
        .text()
        .await
        .map_err(|error| out_of_reach("the actor", error.to_string()))?;
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    if document["id"] != uri {
        let id = document["id"].as_str().unwrap_or("no id").to_owned();
        return Err(out_of_reach("the actor of this id", id));
    }
    let aliases = document["alsoKnownAs"].as_array();
    let names = |alias: &str| aliases.is_some_and(|all| all.iter().any(|one| one == alias));
    match alias {
        Some(alias) if !names(alias) => Err(out_of_reach(
            "the alias",
            format!("{alias} is missing in alsoKnownAs"),
        )),
        _ => Ok(()),
    }
}
