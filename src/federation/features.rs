//! Collections of others that our actors stand in (FEP-7aa9, "starter packs"): who may ask for that, and the
//! authorizations that are given; and the articles that our own profiles show first.

use super::{Node, locals::Local};
use crate::{
    config::{CanFeature, Featured},
    protocol::{self, PUBLIC},
    store::{ActorKind, Conn, Feature, StoreError},
};
use serde_json::{Value, json};

/// Articles that a profile without pins shows.
const NEWEST: i64 = 3;

/// Who may put one of our actors into a collection.
///
/// Guests were not asked, and an actor that moved is recommended under its new address.
pub fn allowed(node: &Node, local: &Local) -> CanFeature {
    match local.row.kind {
        ActorKind::Site | ActorKind::Author if local.row.moved_to.is_none() => {
            node.config.site.can_feature
        }
        _ => CanFeature::Nobody,
    }
}

/// The same for the actor's document; `None` for the node's own, which nobody follows or recommends.
pub fn policy(node: &Node, local: &Local) -> Option<Value> {
    if local.row.kind == ActorKind::Instance {
        return None;
    }
    Some(match allowed(node, local) {
        CanFeature::Everyone => protocol::feature_policy(PUBLIC),
        CanFeature::Followers => protocol::feature_policy(&local.followers()),
        CanFeature::Nobody => protocol::feature_policy(&local.uri),
    })
}

/// The document by which other servers know that an actor of ours may stand in a collection.
pub fn authorization(node: &Node, feature: &Feature, local: &Local) -> Value {
    json!({
        "id": node.urls().feature(&feature.uid),
        "type": "FeatureAuthorization",
        "attributedTo": local.uri,
        "interactingObject": feature.collection_uri,
        "interactionTarget": local.uri,
    })
}

/// The uids of the articles that an actor's profile shows first (Mastodon's `featured`): the publication's pinned
/// ones, else the actor's newest. Of the publication's newest, those of its authors are left out, since other
/// servers take from this list only what is the actor's own.
pub async fn shown_first(
    node: &Node,
    conn: &mut Conn,
    local: &Local,
) -> Result<Vec<String>, StoreError> {
    let is_site = local.row.kind == ActorKind::Site;
    let pinned = match is_site {
        true => conn.pinned().await?,
        false => Vec::new(),
    };
    let has_newest = is_site || local.row.kind == ActorKind::Author;
    match node.config.site.featured {
        Featured::Newest if pinned.is_empty() && has_newest => {
            conn.newest_of(local.row.id, NEWEST).await
        }
        _ => Ok(pinned),
    }
}

/// Whether the publication's profile shows its newest articles, because none is pinned.
pub async fn shows_newest(node: &Node, conn: &mut Conn) -> Result<bool, StoreError> {
    Ok(node.config.site.featured == Featured::Newest && conn.pinned().await?.is_empty())
}
