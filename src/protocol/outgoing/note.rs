//! Notes.

use super::{Collection, Image, OutgoingTag, Source};
use serde::Serialize;
use serde_json::Value;

/// A note of a local actor (ActivityStreams vocabulary, `Note`).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub attributed_to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<String>,
    /// The content warning.
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
    /// The time of the last edit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub tag: Vec<OutgoingTag>,
    pub attachment: Vec<Image>,
    /// The conversation, if it is about an article of this site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    pub replies: Collection,
    pub interaction_policy: Value,
    pub sensitive: bool,
}
