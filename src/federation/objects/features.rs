//! Remote collections that feature local actors (FEP-7aa9, "starter packs"): the policy and the authorizations. Also
//! the articles at the top of local profiles (Mastodon's `featured`).

use crate::{
    config::{CanFeature, FeaturedArticles},
    node::{Node, local_actors::LocalActor},
    protocol::{self, PUBLIC},
    store::{ActorKind, Conn, Feature, StoreError},
};
use serde_json::{Value, json};
use std::collections::HashMap;

/// The number of articles on a profile without pins.
const MAX_NEWEST: i64 = 3;

/// Returns who may add a local actor to a collection.
///
/// Guests were not asked, and a moved actor is recommended under its new address.
pub fn allowed(node: &Node, local: &LocalActor) -> CanFeature {
    match local.row.kind {
        ActorKind::Site | ActorKind::Author if local.row.moved_to.is_none() => {
            node.config.site.can_feature
        }
        _ => CanFeature::Nobody,
    }
}

/// Returns the policy for the actor's document; `None` for the node's own actor, which nobody follows or recommends.
pub fn policy(node: &Node, local: &LocalActor) -> Option<Value> {
    if local.row.kind == ActorKind::Instance {
        return None;
    }
    Some(match allowed(node, local) {
        CanFeature::Everyone => protocol::feature_policy(PUBLIC),
        CanFeature::Followers => protocol::feature_policy(&local.followers()),
        CanFeature::Nobody => protocol::feature_policy(&local.uri),
    })
}

/// Returns the document that proves that a local actor may be in a collection.
pub fn authorization(node: &Node, feature: &Feature, local: &LocalActor) -> Value {
    json!({
        "id": node.urls().feature(&feature.uid),
        "type": "FeatureAuthorization",
        "attributedTo": local.uri,
        "interactingObject": feature.collection_uri,
        "interactionTarget": local.uri,
    })
}

/// Returns the ids of the articles at the top of an actor's profile: see [`featured_articles`].
pub async fn featured_ids(
    node: &Node,
    conn: &mut Conn,
    local: &LocalActor,
) -> Result<Vec<String>, StoreError> {
    let uids = featured_articles(node, conn, local).await?;
    let named: Vec<&str> = uids.iter().map(String::as_str).collect();
    let adopted: HashMap<String, String> = conn.object_uris(&named).await?.into_iter().collect();
    let id = |uid: &&str| {
        let adopted = adopted.get(*uid).map(String::as_str);
        node.urls().article_id(uid, adopted)
    };
    Ok(named.iter().map(id).collect())
}

/// Returns the uids of the articles at the top of an actor's profile (Mastodon's `featured`): the publication's
/// pinned articles, else the actor's newest. The publication's newest exclude its authors' articles, since other
/// servers accept only the actor's own posts in this list.
pub async fn featured_articles(
    node: &Node,
    conn: &mut Conn,
    local: &LocalActor,
) -> Result<Vec<String>, StoreError> {
    let is_site = local.row.kind == ActorKind::Site;
    let pinned = if is_site {
        conn.pinned_articles().await?
    } else {
        Vec::new()
    };
    let has_newest = is_site || local.row.kind == ActorKind::Author;
    match node.config.site.featured {
        FeaturedArticles::Newest if pinned.is_empty() && has_newest => {
            conn.newest_articles_of(local.row.id, MAX_NEWEST).await
        }
        _ => Ok(pinned),
    }
}

/// Returns whether the publication's profile shows its newest articles because none is pinned.
pub async fn shows_newest(node: &Node, conn: &mut Conn) -> Result<bool, StoreError> {
    Ok(node.config.site.featured == FeaturedArticles::Newest
        && conn.pinned_articles().await?.is_empty())
}
