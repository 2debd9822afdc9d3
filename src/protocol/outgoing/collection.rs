//! Collections.

use serde::Serialize;
use serde_json::Value;

/// An ordered collection.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributed_to: Option<String>,
    pub total_items: i64,
    /// The first page. Absent if only the number of items is public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<FirstPage>,
}

/// The first page of a collection, by its id or embedded.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum FirstPage {
    Id(String),
    Embedded(CollectionPage),
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
