//! Articles.

use super::{Collection, Image, OutgoingTag, Source};
use serde::Serialize;
use serde_json::Value;

/// An article in its federated form: an `Article` or a `Note`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArticleObject {
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
    pub tag: Vec<OutgoingTag>,
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
