//! Local actors.

use super::Image;
use serde::Serialize;
use serde_json::Value;

/// A local actor (ActivityPub 4.1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Actor {
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

/// The endpoints of an actor (ActivityPub 4.1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Endpoints {
    pub shared_inbox: String,
}

/// A key for HTTP Signatures (Security Vocabulary v1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicKey {
    pub id: String,
    pub owner: String,
    pub public_key_pem: String,
}

/// A key for Data Integrity proofs (FEP-521a).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Multikey {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub controller: String,
    pub public_key_multibase: String,
}

/// A field of the profile.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PropertyValue {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub name: String,
    pub value: String,
}
