//! The JSON-LD documents of local actors and activities, as they are sent and served.

use super::{articles, features};
use crate::{
    base::time::rfc3339,
    config::{Picture, ProfileField},
    content::{self, html::escape},
    crypto::{integrity_proofs, keys::PrivateKey, ld_signatures},
    node::{Node, local_actors::LocalActor},
    protocol::{
        self, Actor, Endpoints, Image, Multikey, OutgoingActivity, PropertyValue, PublicKey,
        is_http_url,
    },
    store::{ActorKind, ProfileLink},
};
use activitypub_federation::protocol::context::WithContext;
use chrono::Utc;
use serde::Serialize;
use serde_json::Value;

/// Serializes an object or activity with its `@context`.
fn in_context<T: Serialize>(inner: T, context: Value) -> String {
    // These types contain nothing that JSON can't represent.
    serde_json::to_string(&WithContext::new(inner, context)).unwrap_or_default()
}

/// The maximum size of a local activity in bytes, where leaving something out can achieve it: a Misskey inbox accepts
/// 64 KiB.
const ACTIVITY_LIMIT: usize = 60 * 1024;
/// The maximum size of an object in bytes: other servers (Mastodon, and this node) read no more when they fetch it.
pub const OBJECT_LIMIT: usize = 1_000_000;

/// Serializes an activity with its actor's integrity proof (FEP-8b32), so that receivers can verify it when it is
/// forwarded.
///
/// The text of an object appears only once, if possible: `source` is for servers that fetch the object, and so is
/// `contentMap` if the activity would be too large. Only `contentMap` has the language of a `Note`.
pub fn activity(activity: &OutgoingActivity, actor: &LocalActor) -> String {
    let is_text = matches!(activity.kind, "Create" | "Update");
    let context = if is_text {
        protocol::post_context()
    } else {
        protocol::context()
    };
    let contexts = ld_signatures::contexts(context, activity.kind, &activity.object);
    // The activity is cleaned before it is signed; `web::printable` cleans served documents.
    let clean = content::text::json_without_controls(&in_context(activity, contexts)).into_owned();
    let mut document: Value = serde_json::from_str(&clean).unwrap_or_default();
    let object = document.get_mut("object").and_then(Value::as_object_mut);
    let Some(object) = object.filter(|_| is_text) else {
        return with_proof(document, actor);
    };
    object.shift_remove("source");
    let body = with_proof(document.clone(), actor);
    if body.len() <= ACTIVITY_LIMIT {
        return body;
    }
    let object = document.get_mut("object").and_then(Value::as_object_mut);
    match object.and_then(|object| object.shift_remove("contentMap")) {
        Some(_) => with_proof(document, actor),
        None => body,
    }
}

/// Returns an activity for servers that accept no large ones: they fetch its object. `None` if it has no object.
pub fn with_object_id(body: &[u8], actor: &LocalActor) -> Option<String> {
    let mut document: Value = serde_json::from_slice(body).ok()?;
    let id = document.get("object")?.get("id")?.clone();
    let properties = document.as_object_mut()?;
    for name in ["proof", "signature"] {
        properties.shift_remove(name);
    }
    properties.insert("object".into(), id);
    Some(with_proof(document, actor))
}

/// Adds the actor's proof to a document.
fn with_proof(mut document: Value, actor: &LocalActor) -> String {
    let key_id = actor.ed25519_key_id();
    if let Err(error) = integrity_proofs::add(&mut document, &actor.ed25519, &key_id, Utc::now()) {
        // The activity is sent nevertheless: its deliveries are signed too.
        tracing::error!(%error, activity = %document["id"], "an activity is sent without an integrity proof");
    }
    document.to_string()
}

/// Returns a foreign activity to embed in a local one, without its contexts and proofs: JSON-LD forbids that one context
/// redefines the protected terms of another.
pub fn embedded(activity: &Value) -> Value {
    let mut bare = activity.clone();
    if let Some(properties) = bare.as_object_mut() {
        for name in ["@context", "proof", "signature"] {
            properties.shift_remove(name);
        }
    }
    bare
}

/// Serializes a post, given as plain JSON, with its `@context`.
pub fn post_in_context(post: &Value) -> String {
    fitting(post).0
}

/// Returns a post that other servers can fetch, and the properties that had to be left out: `source`, then
/// `contentMap`.
pub fn fitting(post: &Value) -> (String, Vec<&'static str>) {
    let mut text = in_context(post, protocol::post_context());
    let mut left_out = Vec::new();
    if text.len() <= OBJECT_LIMIT {
        return (text, left_out);
    }
    let mut shorter = post.clone();
    for name in ["source", "contentMap"] {
        let removed = shorter
            .as_object_mut()
            .and_then(|properties| properties.shift_remove(name));
        if text.len() > OBJECT_LIMIT && removed.is_some() {
            left_out.push(name);
            text = in_context(&shorter, protocol::post_context());
        }
    }
    (text, left_out)
}

/// Serializes a document about quotes with its `@context`.
pub fn about_quotes(document: &Value) -> String {
    in_context(document, protocol::quote_context())
}

/// Serializes an authorization to feature a local actor with its `@context`.
pub fn about_features(document: &Value) -> String {
    in_context(document, protocol::feature_context())
}

/// Serializes a document about an interaction that asks for approval with its `@context`.
pub fn about_approvals(document: &Value) -> String {
    in_context(document, protocol::approval_context())
}

/// Serializes a collection, tombstone or other plain document with its `@context`.
pub fn plain<T: Serialize>(document: &T) -> String {
    in_context(
        document,
        Value::String("https://www.w3.org/ns/activitystreams".into()),
    )
}

/// Serializes a local actor.
pub fn actor(node: &Node, local: &LocalActor) -> String {
    in_context(actor_parts(node, local), protocol::actor_context())
}

fn actor_parts(node: &Node, local: &LocalActor) -> Actor {
    let (config, urls) = (&node.config, node.urls());
    let id = local.uri.clone();
    let is_instance = local.row.kind == ActorKind::Instance;
    // Guests were not asked whether their comments may be listed.
    let is_listed = matches!(local.row.kind, ActorKind::Site | ActorKind::Author);
    let (kind, name, summary) = describe(node, local);
    let url = urls.profile(local.row.kind, &local.row.username);
    Actor {
        kind,
        preferred_username: node.handle_name(&local.row).to_owned(),
        webfinger: node.handle(&local.row).trim_start_matches('@').to_owned(),
        name,
        summary,
        inbox: local.inbox(),
        outbox: local.outbox(),
        followers: (!is_instance).then(|| local.followers()),
        following: (!is_instance).then(|| local.following()),
        featured: (!is_instance).then(|| local.featured()),
        featured_tags: (!is_instance).then(|| local.featured_tags()),
        endpoints: Endpoints {
            shared_inbox: local
                .row
                .addresses
                .shared_inbox
                .clone()
                .unwrap_or_else(|| urls.shared_inbox()),
        },
        public_key: PublicKey {
            id: local.key_id(),
            owner: id.clone(),
            public_key_pem: local.rsa.public_key_pem(),
        },
        assertion_method: multikeys(local),
        icon: icon(node, local),
        image: picture(&config.site.image).filter(|_| local.row.kind == ActorKind::Site),
        attachment: match local.row.kind {
            ActorKind::Instance => Vec::new(),
            ActorKind::Site if !config.site.fields.is_empty() => {
                config.site.fields.iter().map(row).collect()
            }
            ActorKind::Author => author_fields(local, &url),
            _ => vec![property("Website", &link_to_me(&url))],
        },
        attribution_domains: vec![config.authority()],
        also_known_as: local.aliases(),
        moved_to: local.row.moved_to.clone(),
        interaction_policy: features::policy(node, local),
        manually_approves_followers: is_instance || config.followers.approve,
        discoverable: is_listed && config.site.discoverable,
        indexable: is_listed && config.site.indexable,
        published: rfc3339(local.row.created_at),
        url,
        id,
    }
}

/// Returns the keys that may sign besides `publicKey`. Most servers read only one `publicKey`, so a recently
/// replaced RSA key is listed here, beside the Ed25519 keys. The id of a replaced key refers to a part of this
/// document, which describes the key in both vocabularies.
fn multikeys(local: &LocalActor) -> Vec<Multikey> {
    // A Multikey must not have other properties: bovine refuses such actors.
    let multikey = |id: String, key: &PrivateKey| Multikey {
        id,
        kind: "Multikey",
        controller: local.uri.clone(),
        public_key_multibase: key.public_multibase(),
    };
    let replaced = local.replaced.iter();
    let replaced = replaced.map(|replaced| multikey(replaced.id.clone(), &replaced.key));
    [multikey(local.ed25519_key_id(), &local.ed25519)]
        .into_iter()
        .chain(replaced)
        .collect()
}

/// Returns the avatar: the author's own picture, or that of the publication.
pub(crate) fn icon(node: &Node, local: &LocalActor) -> Option<Image> {
    if local.row.kind != ActorKind::Author {
        return picture(&node.config.site.icon);
    }
    let url = node
        .urls()
        .base()
        .join(local.row.picture_url.as_deref()?)
        .ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    is_web.then(|| articles::image(url.as_str(), local.row.picture_alt.clone()))
}

/// Returns the fields of an author's profile: their page, then their own links.
fn author_fields(local: &LocalActor, page: &str) -> Vec<PropertyValue> {
    let links = ProfileLink::list(local.row.links.as_deref().unwrap_or_default());
    let links = links.iter().filter(|link| is_http_url(&link.url));
    let links = links.map(|link| property(&link.label, &link_to_me(&link.url)));
    [property("Website", &link_to_me(page))]
        .into_iter()
        .chain(links)
        .collect()
}

fn picture(setting: &Option<Picture>) -> Option<Image> {
    match setting {
        Some(Picture::Url(url)) => Some(articles::image(url.as_str(), None)),
        // The node imports the file when it starts, and then has its address.
        Some(Picture::File(_)) | None => None,
    }
}

fn row(field: &ProfileField) -> PropertyValue {
    match field.link() {
        Some(url) => property(&field.name, &link_to_me(url.as_str())),
        None => property(&field.name, &escape(&field.value)),
    }
}

/// Returns a link that other servers verify by the `rel="me"` link back from its page.
fn link_to_me(url: &str) -> String {
    format!("<a href=\"{0}\" rel=\"me\">{0}</a>", escape(url))
}

fn property(name: &str, value: &str) -> PropertyValue {
    PropertyValue {
        kind: "PropertyValue",
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

/// Returns the type, name and summary of an actor.
fn describe(node: &Node, local: &LocalActor) -> (&'static str, String, String) {
    let site = &node.config.site;
    let html = |markdown: &str| {
        content::markdown::render(markdown, node.urls().base())
            .federated
            .into_string()
    };
    match local.row.kind {
        ActorKind::Site => (
            site.actor_type.as_str(),
            site.name.clone(),
            html(&site.summary),
        ),
        ActorKind::Author => (
            "Person",
            local
                .row
                .name
                .clone()
                .unwrap_or_else(|| local.row.username.clone()),
            html(local.row.bio.as_deref().unwrap_or("")),
        ),
        ActorKind::Instance => ("Application", site.name.clone(), String::new()),
        ActorKind::Comments => (
            "Service",
            format!("Comments on {}", site.name),
            html("What readers without an account write below the articles."),
        ),
    }
}
