//! Documents that we send and serve.

use super::PUBLIC;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The `@context` of our objects and activities.
pub fn context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/data-integrity/v1",
        {
            "toot": "http://joinmastodon.org/ns#",
            "gts": "https://gotosocial.org/ns#",
            "sensitive": "as:sensitive",
            "Hashtag": "as:Hashtag",
            "commentsEnabled": "http://joinpeertube.org/ns#commentsEnabled",
            "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
            "canReply": {"@id": "gts:canReply", "@type": "@id"},
            "canLike": {"@id": "gts:canLike", "@type": "@id"},
            "canAnnounce": {"@id": "gts:canAnnounce", "@type": "@id"},
            "canQuote": {"@id": "gts:canQuote", "@type": "@id"},
            "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
            "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"}
        }
    ])
}

/// The `@context` of our actors.
pub fn actor_context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        "https://w3id.org/security/v1",
        "https://w3id.org/security/data-integrity/v1",
        {
            "toot": "http://joinmastodon.org/ns#",
            "schema": "http://schema.org#",
            "PropertyValue": "schema:PropertyValue",
            "value": "schema:value",
            "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
            "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
            "movedTo": {"@id": "as:movedTo", "@type": "@id"},
            "featured": {"@id": "toot:featured", "@type": "@id"},
            "featuredTags": {"@id": "toot:featuredTags", "@type": "@id"},
            "gts": "https://gotosocial.org/ns#",
            "interactionPolicy": {"@id": "gts:interactionPolicy", "@type": "@id"},
            "canFeature": {"@id": "https://w3id.org/fep/7aa9#canFeature", "@type": "@id"},
            "automaticApproval": {"@id": "gts:automaticApproval", "@type": "@id"},
            "manualApproval": {"@id": "gts:manualApproval", "@type": "@id"},
            "discoverable": "toot:discoverable",
            "indexable": "toot:indexable",
            "attributionDomains": {"@id": "toot:attributionDomains", "@type": "@id"},
            "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
            "Multikey": "https://w3id.org/security#Multikey",
            "controller": {"@id": "https://w3id.org/security#controller", "@type": "@id"},
            "assertionMethod": {"@id": "https://w3id.org/security#assertionMethod", "@type": "@id", "@container": "@set"},
            "publicKeyMultibase": "https://w3id.org/security#publicKeyMultibase"
        }
    ])
}

/// An actor (ActivityPub 4.1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub preferred_username: String,
    pub webfinger: String,
    pub name: String,
    pub summary: String,
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    pub inbox: String,
    pub outbox: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub followers: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub following: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub featured: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub featured_tags: Option<String>,
    pub endpoints: Endpoints,
    pub public_key: PublicKey,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assertion_method: Vec<Multikey>,
    pub attachment: Vec<PropertyValue>,
    pub attribution_domains: Vec<String>,
    pub also_known_as: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_policy: Option<Value>,
    pub manually_approves_followers: bool,
    pub discoverable: bool,
    pub indexable: bool,
    pub published: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoints {
    pub shared_inbox: String,
}

/// A key as HTTP Signatures name it (Security Vocabulary v1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicKey {
    pub id: String,
    pub owner: String,
    pub public_key_pem: String,
}

/// A key as Data Integrity names it (FEP-521a).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Multikey {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub controller: String,
    pub public_key_multibase: String,
}

/// A row of the profile's table.
#[derive(Debug, Clone, Serialize)]
pub struct PropertyValue {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub name: String,
    pub value: String,
}

/// An article, in one of its forms: `Article` or `Note`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Post {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub attributed_to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_map: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary_map: Option<Value>,
    pub content: String,
    pub content_map: Value,
    pub media_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    pub url: String,
    pub published: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub tag: Vec<Hashtag>,
    pub attachment: Vec<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<Value>,
    pub context: String,
    pub replies: Collection,
    pub likes: String,
    pub shares: String,
    pub interaction_policy: Value,
    pub sensitive: bool,
    pub comments_enabled: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    pub content: String,
    pub media_type: &'static str,
}

impl Source {
    pub fn markdown(content: String) -> Self {
        Source {
            content,
            media_type: "text/markdown",
        }
    }
}

/// A tag: a `Hashtag`, or a `Mention`, whose `href` is the actor's id.
#[derive(Debug, Clone, Serialize)]
pub struct Hashtag {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub href: String,
    pub name: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An activity of ours, around an object or an id.
#[derive(Debug, Clone, Serialize)]
pub struct ActivityOut {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    pub object: Value,
    /// What only its type has: the `target` of an `Add`, the `content` of a `Flag`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// What remains of something deleted (ActivityStreams vocabulary, `Tombstone`).
pub fn tombstone(id: &str, former_type: &str, deleted: &str) -> Value {
    json!({"id": id, "type": "Tombstone", "formerType": former_type, "deleted": deleted})
}

/// Who may answer a post of ours.
#[derive(Debug, Clone, Copy)]
pub enum Replies<'a> {
    Everyone,
    /// Everyone, and the admin looks at each answer first.
    Reviewed,
    /// One actor, or a collection of them.
    Only(&'a str),
}

/// Who may do what with a post of ours: GoToSocial's `interactionPolicy`, with FEP-044f's `canQuote`.
///
/// Nobody is written as the `author` alone: an empty list is the same as none, which leaves the answer to
/// the reader.
pub fn interaction_policy(author: &str, may_reply: Replies, may_quote: &str) -> Value {
    let only = |whom: &str| json!({"automaticApproval": [whom], "manualApproval": []});
    let answers = match may_reply {
        Replies::Everyone => only(PUBLIC),
        Replies::Reviewed => json!({"automaticApproval": [author], "manualApproval": [PUBLIC]}),
        Replies::Only(whom) => only(whom),
    };
    json!({
        "canLike": only(PUBLIC),
        "canAnnounce": only(PUBLIC),
        "canReply": answers,
        "canQuote": only(may_quote),
    })
}

/// The actors who may add a local actor to a collection: everyone, a collection of actors, or only the actor itself,
/// which means nobody (FEP-7aa9).
pub fn feature_policy(whom: &str) -> Value {
    json!({"canFeature": {"automaticApproval": [whom]}})
}

/// Returns the `@context` of an authorization to feature an actor (FEP-7aa9).
pub fn feature_context() -> Value {
    authorization_context(json!({
        "FeatureAuthorization": "https://w3id.org/fep/7aa9#FeatureAuthorization",
    }))
}

/// Returns the `@context` of documents about replies, likes and boosts that ask for approval.
pub fn approval_context() -> Value {
    authorization_context(json!({
        "ReplyRequest": "gts:ReplyRequest",
        "LikeRequest": "gts:LikeRequest",
        "AnnounceRequest": "gts:AnnounceRequest",
        "ReplyAuthorization": "gts:ReplyAuthorization",
        "LikeAuthorization": "gts:LikeAuthorization",
        "AnnounceAuthorization": "gts:AnnounceAuthorization",
    }))
}

/// Returns the definitions of these types and of the properties common to all authorizations.
fn authorization_context(types: Value) -> Value {
    let mut terms = json!({
        "gts": "https://gotosocial.org/ns#",
        "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
        "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"},
    });
    if let (Some(terms), Value::Object(types)) = (terms.as_object_mut(), types) {
        terms.extend(types);
    }
    json!(["https://www.w3.org/ns/activitystreams", terms])
}

/// The `@context` of what is said about quotes (FEP-044f).
pub fn quote_context() -> Value {
    json!([
        "https://www.w3.org/ns/activitystreams",
        {
            "gts": "https://gotosocial.org/ns#",
            "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
            "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
            "interactingObject": {"@id": "gts:interactingObject", "@type": "@id"},
            "interactionTarget": {"@id": "gts:interactionTarget", "@type": "@id"}
        }
    ])
}

/// The start of an ordered collection.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whose it is, where that is not plain from its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributed_to: Option<String>,
    pub total_items: i64,
    /// Absent where only the number is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<First>,
}

/// The first page of a collection.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum First {
    At(String),
    Page(CollectionPage),
}

/// One page of an ordered collection.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CollectionPage {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub part_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    pub ordered_items: Vec<Value>,
}
