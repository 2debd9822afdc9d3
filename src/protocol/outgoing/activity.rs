//! An activity of ours.

use serde::Serialize;
use serde_json::{Map, Value};

/// An activity of ours, around an object or an id.
#[derive(Debug, Clone, Serialize)]
pub struct OutgoingActivity {
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
