//! Activities of other servers.

use super::{
    Reference,
    attachments::{CustomEmoji, custom_emoji},
    reference::reference,
};
use crate::protocol::{is_public, lenient};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// An activity (ActivityStreams 2.0 vocabulary 2.1).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Activity {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub actor: Option<String>,
    #[serde(default, deserialize_with = "reference")]
    pub object: Reference,
    #[serde(default, deserialize_with = "lenient::id")]
    pub target: Option<String>,
    /// The quoting post of a `QuoteRequest` (FEP-044f).
    #[serde(default, deserialize_with = "reference")]
    pub instrument: Reference,
    #[serde(default, deserialize_with = "lenient::ids")]
    pub to: Vec<String>,
    #[serde(default, deserialize_with = "lenient::ids")]
    pub cc: Vec<String>,
    #[serde(default, deserialize_with = "lenient::ids")]
    pub audience: Vec<String>,
    #[serde(default, deserialize_with = "lenient::date_time")]
    pub published: Option<DateTime<Utc>>,
    /// The text of a `Flag`, the emoji of a `Like` on some servers.
    #[serde(default, deserialize_with = "lenient::text")]
    pub content: Option<String>,
    /// The whole document.
    #[serde(skip)]
    pub raw: Value,
}

impl Activity {
    /// Reads an activity. Returns `None` if the value is not a JSON object.
    pub fn read(value: Value) -> Option<Activity> {
        let mut activity: Activity = serde_json::from_value(value.clone()).ok()?;
        activity.raw = value;
        Some(activity)
    }

    /// Returns the type, or an empty text.
    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("")
    }

    /// Returns whether it is addressed to everyone.
    pub fn is_public(&self) -> bool {
        let everywhere = [&self.to, &self.cc, &self.audience];
        let mut entries = everywhere.into_iter().flatten();
        entries.any(|entry| is_public(entry))
    }

    /// Returns whether it has no actor.
    pub fn is_unattributed(&self) -> bool {
        self.raw.get("actor").is_none_or(Value::is_null)
    }

    /// Sets the actor of an activity without one.
    pub fn attribute_to(&mut self, actor: &str) {
        self.actor = Some(actor.to_owned());
        if let Value::Object(document) = &mut self.raw {
            document.insert("actor".to_owned(), actor.into());
        }
    }

    /// Returns the emoji of a reaction: the `content`, or Misskey's own property if that is blank.
    pub fn reaction(&self) -> Option<String> {
        let content = self.content.clone();
        let misskey_reaction = || self.raw.get("_misskey_reaction").and_then(lenient::text_of);
        content
            .filter(|text| !text.trim().is_empty())
            .or_else(misskey_reaction)
    }

    /// Returns the custom emoji among the activity's own tags.
    pub fn custom_emoji(&self) -> impl Iterator<Item = CustomEmoji> {
        let tags = match self.raw.get("tag") {
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        custom_emoji(&tags[..tags.len().min(lenient::MAX_ENTRIES)])
    }
}
