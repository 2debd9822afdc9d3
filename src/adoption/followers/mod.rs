//! Takes over followers. They are stored as the export knows them, and fetched by the node when it needs more.

mod list;

pub(super) use list::{adopt_listed, look_up};

use super::{
    Step,
    actors::{Adopted, AdoptedActors},
    error::AdoptionError,
    export::{Export, ExportedFollower},
    report::Adoption,
};
use crate::{
    base::time,
    content::{Handle, Host, clean_line},
    federation::remote::actors,
    node::{Node, urls::host_of},
    store::{self, NewRemoteActor, RemoteActorRow, Tx},
};
use std::collections::BTreeSet;
use url::Url;

/// The number of followers between two steps of the progress bar.
const STEP: u64 = 200;
/// The maximum length of names, in characters.
const MAX_NAME: usize = 200;
/// The age of what is stored of an actor that was never fetched: it is older than anything that was.
const NEVER_FETCHED: i64 = 1;

/// The followers that an earlier run of an export could not store, each with the key of the actor that it follows.
type Skipped = BTreeSet<(String, String)>;

/// Stores the followers of an export. If an earlier run did so, only those that it could not store are tried again: the
/// others may have left since.
pub(super) async fn adopt(
    node: &Node,
    tx: &mut Tx,
    export: &Export,
    adopted: &AdoptedActors,
    adoption: &mut Adoption,
    progress: &(dyn Fn(Step) + Sync),
) -> Result<(), AdoptionError> {
    let setting = format!("adopted followers {}", export.hash);
    let before = tx.setting(&setting).await?;
    let before: Option<Skipped> =
        before.map(|text| serde_json::from_str(&text).unwrap_or_default());
    let mut skipped = Skipped::new();
    let mut done = 0;
    for follower in export.followers()? {
        let follower = follower?;
        done += 1;
        if done % STEP == 0 {
            progress(Step::Followers(done));
        }
        let Some(actor) = adopted.get(&follower.actor) else {
            adoption.skip(
                "followers of an actor that is not in the export",
                &follower.id,
            );
            continue;
        };
        let pair = (follower.actor.clone(), follower.id.clone());
        if before
            .as_ref()
            .is_some_and(|before| !before.contains(&pair))
        {
            adoption.known_followers += 1;
            continue;
        }
        match store_follower(node, tx, actor, &follower).await? {
            Ok(true) => adoption.followers += 1,
            Ok(false) => adoption.known_followers += 1,
            Err(reason) => {
                adoption.skip(&reason, &follower.id);
                skipped.insert(pair);
            }
        }
    }
    let skipped = serde_json::to_string(&skipped).unwrap_or_default();
    tx.set_setting(&setting, &skipped).await?;
    Ok(())
}

/// Stores a follower. Returns whether it is new, or the reason why it can't be stored.
async fn store_follower(
    node: &Node,
    tx: &mut Tx,
    adopted: &Adopted,
    follower: &ExportedFollower,
) -> Result<Result<bool, String>, AdoptionError> {
    let row = match tx.remote_actor(&follower.id).await? {
        Some(row) => row,
        None => match new_actor(node, follower) {
            Ok(actor) => match add_actor(tx, &actor).await? {
                Some(row) => row,
                None => return Ok(Err("followers whose ids can't be stored".to_owned())),
            },
            Err(reason) => return Ok(Err(reason.to_owned())),
        },
    };
    let since = follower.since.as_deref().and_then(time::parse_rfc3339);
    let since = since.map_or_else(store::now, |since| since.timestamp_millis());
    add_follower(node, tx, adopted, &row, since).await
}

/// Stores that an actor follows, unless it is stored.
async fn add_follower(
    node: &Node,
    tx: &mut Tx,
    adopted: &Adopted,
    row: &RemoteActorRow,
    since: i64,
) -> Result<Result<bool, String>, AdoptionError> {
    if tx.is_blocked(&row.uri, &row.host).await? {
        return Ok(Err("followers that are blocked here".to_owned()));
    }
    let Ok(destination) = actors::destination_of(row, node, tx).await else {
        return Ok(Err(
            "followers with an inbox that this node never connects to".to_owned(),
        ));
    };
    // The id of its Follow is unknown. An Undo names the follow itself, or its object.
    let follow = format!("{}#follow-of-{}", row.uri, adopted.local_id);
    let is_new = tx
        .add_adopted_follower(adopted.local_id, row.id, destination, &follow, since)
        .await?;
    Ok(Ok(is_new))
}

async fn add_actor(
    tx: &mut Tx,
    actor: &NewRemoteActor,
) -> Result<Option<RemoteActorRow>, AdoptionError> {
    let id = store::new_row_id();
    Ok(tx
        .add_remote_actor(id, NEVER_FETCHED, actor)
        .await?
        .then(|| actor.to_row(id, NEVER_FETCHED)))
}

/// Makes an actor of what the export knows.
fn new_actor(node: &Node, follower: &ExportedFollower) -> Result<NewRemoteActor, &'static str> {
    let id = Url::parse(&follower.id).map_err(|_| "followers whose ids are no addresses")?;
    let is_web = id.scheme() == "https" || (id.scheme() == "http" && node.config.development);
    let host = host_of(&id).filter(|_| is_web);
    let host = host.ok_or("followers whose ids are no addresses")?;
    if node.urls().is_ours(&follower.id) {
        return Err("followers on this site itself");
    }
    let inbox = follower.inbox.clone().or(follower.shared_inbox.clone());
    let inbox = inbox.ok_or("followers without an inbox")?;
    let same_host = |address: &String| {
        Url::parse(address).is_ok_and(|url| host_of(&url).is_some_and(|other| other == host))
    };
    let shared_inbox = follower.shared_inbox.clone().filter(same_host);
    Ok(NewRemoteActor {
        uri: follower.id.clone(),
        host: host.clone(),
        kind: "Person".to_owned(),
        username: username_of(follower, &id),
        handle_host: host,
        name: clean_line(follower.name.as_deref().unwrap_or_default(), MAX_NAME),
        url: follower
            .url
            .clone()
            .filter(|url| url.starts_with("https://")),
        icon_url: None,
        inbox,
        shared_inbox,
        followers: None,
        aliases: "[]".to_owned(),
        moved_to: None,
        emoji: None,
        hidden_before: None,
        hidden_after: None,
        keys: Vec::new(),
    })
}

/// Returns the user part of a follower's handle: as the export has it, or as most ids end.
fn username_of(follower: &ExportedFollower, id: &Url) -> String {
    let last = id.path().trim_end_matches('/').rsplit('/').next();
    let last = last.unwrap_or_default().trim_start_matches('@');
    let fits =
        |name: &&str| Host::parse("example.org").is_ok_and(|host| Handle::new(name, host).is_ok());
    let known = follower.username.as_deref().filter(fits);
    known
        .or(Some(last).filter(fits))
        .unwrap_or("unknown")
        .to_owned()
}
