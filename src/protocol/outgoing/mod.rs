//! Documents that this node sends and serves.

mod activity;
mod actor;
mod article;
mod collection;
mod contexts;
mod note;
mod policy;

pub(crate) use activity::OutgoingActivity;
pub(crate) use actor::{Actor, Endpoints, Multikey, PropertyValue, PublicKey};
pub(crate) use article::ArticleObject;
pub(crate) use collection::{Collection, CollectionPage, FirstPage};
pub(crate) use contexts::{
    actor_context, approval_context, context, feature_context, post_context, quote_context,
};
pub(crate) use note::Note;
pub(crate) use policy::{ReplyPolicy, feature_policy, interaction_policy};

use serde::Serialize;
use serde_json::{Value, json};

/// The source text of an object (ActivityPub 3.3).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    pub content: String,
    pub media_type: &'static str,
}

impl Source {
    /// Creates a source in Markdown.
    pub fn markdown(content: String) -> Self {
        Source {
            content,
            media_type: "text/markdown",
        }
    }
}

/// A tag: a `OutgoingTag`, or a `Mention` with the actor's id as `href`.
#[derive(Debug, Clone, Serialize)]
pub struct OutgoingTag {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub href: String,
    pub name: String,
}

/// A picture, or another media file.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Width and height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blurhash: Option<String>,
    /// The point that stays visible when the picture is cropped, from -1 (left, bottom) to 1 (right, top).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focal_point: Option<[f64; 2]>,
}

/// Returns the tombstone of a deleted object (ActivityStreams vocabulary, `Tombstone`).
pub(crate) fn tombstone(id: &str, former_type: &str, deleted: &str) -> Value {
    json!({"id": id, "type": "Tombstone", "formerType": former_type, "deleted": deleted})
}
