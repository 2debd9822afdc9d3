//! Followers synchronization (FEP-8fcf): digests of the followers on one server, and the repair when the digest of a
//! remote actor differs from the follows stored here.

use super::{
    outbox,
    remote::{fetch, requests},
};
use crate::{
    crypto::signatures::sign::COLLECTION_SYNCHRONIZATION,
    federation::remote::requests::permits,
    node::{Context, Node, error::InboxError, remote_actor::RemoteActor, urls::same_origin_text},
    protocol::same_id,
    store::{ActorKind, InteractionState},
};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use http::HeaderMap;
use serde_json::Value;
use std::collections::HashSet;

/// The maximum number of ids that are read from a followers list.
const MAX_LISTED: usize = 1000;
/// The digest of followers on one server: the SHA-256 of each id, XORed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FollowersDigest([u8; 32]);

impl FollowersDigest {
    /// Adds a follower.
    pub fn add(&mut self, uri: &str) {
        let hash = digest(&SHA256, uri.as_bytes());
        for (byte, other) in self.0.iter_mut().zip(hash.as_ref()) {
            *byte ^= other;
        }
    }

    /// Returns the digest in hexadecimal digits, as in the header.
    pub fn to_hex(self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

/// The parameters of `Collection-Synchronization`.
struct SyncHeader {
    collection: String,
    url: String,
    digest: String,
}

fn read(headers: &HeaderMap) -> Option<SyncHeader> {
    let text = std::str::from_utf8(headers.get(COLLECTION_SYNCHRONIZATION)?.as_bytes()).ok()?;
    let parameter = |name: &str| {
        text.split(',').find_map(|part| {
            let (known, value) = part.trim().split_once('=')?;
            (known.eq_ignore_ascii_case(name)).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    Some(SyncHeader {
        collection: parameter("collectionId")?,
        url: parameter("url")?,
        digest: parameter("digest")?,
    })
}

/// Compares the digest in a verified sender's request with the follows stored here. A difference is repaired in the
/// background, so that the activity does not wait.
pub fn compare_digest(headers: &HeaderMap, sender: &RemoteActor, ctx: &Context) {
    let Some(header) = read(headers) else { return };
    let followers = sender.row.followers.as_deref();
    let is_theirs = followers.is_some_and(|id| same_id(id, &header.collection))
        && same_origin_text(&header.url, &sender.row.uri);
    if !is_theirs {
        return;
    }
    let (ctx, sender) = (ctx.reset_request_count(), sender.clone());
    // It takes a permit as if the sender waited for it, so that floods do not pile up.
    let network = permits::network();
    tokio::spawn(requests::inherit(async move {
        let reconciled = reconcile(&header, &sender, &ctx);
        if let Err(error) = permits::responding(network, reconciled).await {
            tracing::info!(actor = sender.row.uri, %error, "follows could not be synchronized");
        }
    }));
}

/// Fetches the sender's list, and ends or undoes the follows that differ.
async fn reconcile(
    header: &SyncHeader,
    sender: &RemoteActor,
    ctx: &Context,
) -> Result<(), InboxError> {
    let followed = ctx.store.read().await?.follows_of(sender.row.id).await?;
    let mut ours = FollowersDigest::default();
    for (_, username, adopted) in &followed {
        let computed = || ctx.urls().actor(ActorKind::Site, username);
        ours.add(&adopted.clone().unwrap_or_else(computed));
    }
    if ours.to_hex().eq_ignore_ascii_case(&header.digest)
        || !ctx.recently_synchronized.may_ask(sender.row.id)
    {
        return Ok(());
    }
    let list = fetch::document(&header.url, ctx)
        .await
        .map_err(|error| InboxError::Later(error.to_string()))?;
    let Some(listed) = followers_in(&list, ctx).await? else {
        return Ok(());
    };
    let mut tx = ctx.store.begin().await?;
    for (interaction, username, _) in &followed {
        if !listed.contains(username) {
            tx.set_interaction_state(*interaction, InteractionState::Rejected)
                .await?;
        }
    }
    let known: HashSet<&str> = followed.iter().map(|(_, name, _)| name.as_str()).collect();
    let node: &Node = ctx;
    for username in listed.iter().filter(|name| !known.contains(name.as_str())) {
        let local = node.local_actors.find_by_name(&mut tx, username).await;
        if let Some(local) = local.map_err(InboxError::internal)? {
            outbox::undo_unknown_follow(node, &mut tx, &local, &sender.row)
                .await
                .map_err(InboxError::internal)?;
        }
    }
    tx.commit().await?;
    ctx.store.wake();
    Ok(())
}

/// Returns the usernames of the local actors in a list, or `None` if the list is incomplete.
async fn followers_in(list: &Value, ctx: &Context) -> Result<Option<HashSet<String>>, InboxError> {
    let Some(ids) = ids_in(list) else {
        return Ok(None);
    };
    let mut usernames = HashSet::new();
    for id in ids.into_iter().take(MAX_LISTED) {
        usernames.extend(ctx.actor_at(id).await?);
    }
    Ok(Some(usernames))
}

/// Returns the ids of a collection's items, which may be embedded (as by Fedify), or `None` if there are further pages. An
/// empty collection may lack `items`.
fn ids_in(list: &Value) -> Option<Vec<&str>> {
    let first = list.get("first");
    let page = first.filter(|first| first.is_object()).unwrap_or(list);
    let items = page.get("orderedItems").or_else(|| page.get("items"));
    let is_elsewhere = items.is_none() && first.is_some_and(Value::is_string);
    if is_elsewhere || page.get("next").is_some_and(|next| !next.is_null()) {
        return None;
    }
    let items = match items {
        Some(Value::Array(items)) => items.as_slice(),
        Some(item) => std::slice::from_ref(item),
        None => &[],
    };
    let ids = items
        .iter()
        .filter_map(|item| item.as_str().or_else(|| item.get("id")?.as_str()));
    Some(ids.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The example of FEP-8fcf.
    #[test]
    fn digests_are_those_of_the_proposal() {
        let mut digest = FollowersDigest::default();
        digest.add("https://testing.example.org/users/1");
        digest.add("https://testing.example.org/users/2");
        assert_eq!(
            digest.to_hex(),
            "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
        );
    }

    #[test]
    fn the_header_is_read_in_any_order() {
        let mut headers = HeaderMap::new();
        let text = "digest=\"ab\" , url=\"https://a.example/sync\",collectionId=\"https://a.example/followers\"";
        headers.insert(COLLECTION_SYNCHRONIZATION, text.parse().unwrap());
        let header = read(&headers).unwrap();
        assert_eq!(header.digest, "ab");
        assert_eq!(header.url, "https://a.example/sync");
        assert_eq!(header.collection, "https://a.example/followers");
    }

    #[test]
    fn a_list_names_its_followers_by_id_or_embedded_and_only_a_whole_one_counts() {
        let (a, b) = ("https://a.example/1", "https://a.example/2");
        for (list, ids) in [
            (
                json!({"orderedItems": [a, {"id": b, "type": "Person"}]}),
                Some(vec![a, b]),
            ),
            (json!({"items": {"id": a}}), Some(vec![a])),
            (json!({"first": {"items": [a]}}), Some(vec![a])),
            (json!({"totalItems": 0}), Some(vec![])),
            (json!({"first": "https://a.example/list?page=1"}), None),
            (
                json!({"first": {"items": [a], "next": "https://a.example/list?page=2"}}),
                None,
            ),
        ] {
            assert_eq!(ids_in(&list), ids, "{list}");
        }
    }
}
