//! Activities of local actors.

use serde::Serialize;
use serde_json::{Map, Value};

/// An activity of a local actor.
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
    /// Properties of its type, such as the `target` of an `Add` or the `content` of a `Flag`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}
