//! Documents of other servers, as far as we read them.

use super::{CustomEmoji, lenient};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// An activity's `object` (or `target`): an id, or the thing itself.
#[derive(Debug, Clone, Default)]
pub enum Reference {
    #[default]
    Nothing,
    Id(String),
    Embedded(Box<Value>),
}

impl Reference {
    fn read(value: Value) -> Self {
        match value {
            Value::String(_) => lenient::id_of(&value).map_or(Reference::Nothing, Reference::Id),
            Value::Object(_) => Reference::Embedded(Box::new(value)),
            Value::Array(list) => list
                .into_iter()
                .next()
                .map_or(Reference::Nothing, Reference::read),
            _ => Reference::Nothing,
        }
    }

    /// The id, wherever it stands.
    pub fn id(&self) -> Option<String> {
        match self {
            Reference::Nothing => None,
            Reference::Id(id) => Some(id.clone()),
            Reference::Embedded(value) => lenient::id_of(value),
        }
    }

    /// The embedded thing read as an activity.
    pub fn as_activity(&self) -> Option<Activity> {
        match self {
            Reference::Embedded(value) => Activity::read((**value).clone()),
            _ => None,
        }
    }

    /// The embedded thing read as an object.
    pub fn as_object(&self) -> Option<Object> {
        match self {
            Reference::Embedded(value) => Object::read((**value).clone()),
            _ => None,
        }
    }
}

fn reference<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Reference, D::Error> {
    Ok(Reference::read(Value::deserialize(deserializer)?))
}

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
    /// The text of a `Flag`, the emoji of a `Like` on some servers.
    #[serde(default, deserialize_with = "lenient::text")]
    pub content: Option<String>,
    /// The whole document, as it came.
    #[serde(skip)]
    pub raw: Value,
}

impl Activity {
    /// Reads an activity; `None` if the value is not an object.
    pub fn read(value: Value) -> Option<Activity> {
        let mut activity: Activity = serde_json::from_value(value.clone()).ok()?;
        activity.raw = value;
        Some(activity)
    }

    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("")
    }

    /// Whether it is addressed to everyone.
    pub fn is_public(&self) -> bool {
        self.to
            .iter()
            .chain(&self.cc)
            .any(|entry| super::is_public(entry))
    }
}

/// A mention, hashtag or emoji.
#[derive(Debug, Clone, Deserialize)]
pub struct Tag {
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub href: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::ids")]
    rel: Vec<String>,
}

/// The relation of a link to what a post quotes (FEP-e232).
const QUOTE_RELATION: &str = "https://misskey-hub.net/ns#_misskey_quote";

/// A note, article, or whatever else someone wrote.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub attributed_to: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub in_reply_to: Option<String>,
    /// The collection of the answers to it.
    #[serde(default, deserialize_with = "lenient::id")]
    pub replies: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub summary: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    content: Option<String>,
    #[serde(default, deserialize_with = "lenient::first_of_map")]
    content_map: Option<(String, String)>,
    #[serde(default, deserialize_with = "lenient::link")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "lenient::moment")]
    pub published: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    pub updated: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::ids")]
    pub to: Vec<String>,
    #[serde(default, deserialize_with = "lenient::ids")]
    pub cc: Vec<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) tag: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) attachment: Vec<Value>,
    // The choices of a poll.
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) one_of: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) any_of: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::moment")]
    pub(super) end_time: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub sensitive: bool,
    // What it quotes, in the spellings of FEP-044f, Misskey, Fedibird and Pleroma.
    #[serde(default, deserialize_with = "lenient::id")]
    quote: Option<String>,
    #[serde(rename = "_misskey_quote", default, deserialize_with = "lenient::id")]
    misskey_quote: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    quote_uri: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    quote_url: Option<String>,
}

impl Object {
    /// Reads an object; `None` if the value is not one.
    pub fn read(value: Value) -> Option<Object> {
        serde_json::from_value(value).ok()
    }

    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("")
    }

    /// The HTML text; a title alone where there is no text.
    pub fn content(&self) -> Option<&str> {
        self.content
            .as_deref()
            .or(self.content_map.as_ref().map(|(_, text)| text.as_str()))
            .or(self.name.as_deref())
    }

    /// The language, where the text says it.
    pub fn language(&self) -> Option<&str> {
        self.content_map
            .as_ref()
            .map(|(language, _)| language.as_str())
    }

    /// The id or address of the post that it quotes.
    pub fn quoted(&self) -> Option<String> {
        let quotes = |tag: &Tag| tag.rel.iter().any(|relation| relation == QUOTE_RELATION);
        [
            &self.quote,
            &self.misskey_quote,
            &self.quote_uri,
            &self.quote_url,
        ]
        .into_iter()
        .find_map(Clone::clone)
        .or_else(|| self.tags().find(quotes)?.href)
    }

    pub fn tags(&self) -> impl Iterator<Item = Tag> {
        self.tag
            .iter()
            .filter_map(|tag| serde_json::from_value(tag.clone()).ok())
    }

    /// Whether it is addressed to everyone.
    pub fn is_public(&self) -> bool {
        self.to
            .iter()
            .chain(&self.cc)
            .any(|entry| super::is_public(entry))
    }

    /// Whether this actor is addressed or mentioned.
    pub fn concerns(&self, actor: &str) -> bool {
        self.to.iter().chain(&self.cc).any(|entry| entry == actor)
            || self.tags().any(|tag| tag.href.as_deref() == Some(actor))
    }
}

/// An actor's document.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActorDocument {
    #[serde(default, deserialize_with = "lenient::id")]
    pub id: Option<String>,
    #[serde(rename = "type", default, deserialize_with = "lenient::text")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub preferred_username: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub webfinger: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "lenient::link")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub inbox: Option<String>,
    #[serde(default)]
    endpoints: Value,
    #[serde(default, deserialize_with = "lenient::id")]
    pub followers: Option<String>,
    #[serde(default)]
    icon: Value,
    #[serde(default, deserialize_with = "lenient::list")]
    tag: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::ids")]
    pub also_known_as: Vec<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    pub moved_to: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    public_key: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::list")]
    assertion_method: Vec<Value>,
}

/// Keys of one actor that are read.
const MAX_KEYS: usize = 8;

impl ActorDocument {
    pub fn shared_inbox(&self) -> Option<String> {
        lenient::id_of(self.endpoints.get("sharedInbox")?)
    }

    /// The address of the picture.
    pub fn icon_url(&self) -> Option<String> {
        let icon = match &self.icon {
            Value::Array(list) => list.first()?,
            one => one,
        };
        match icon {
            Value::Object(image) => lenient::id_of(image.get("url")?),
            other => lenient::text_of(other),
        }
    }

    /// The custom emoji in the name.
    pub fn custom_emoji(&self) -> impl Iterator<Item = CustomEmoji> {
        super::custom_emoji(&self.tag)
    }

    /// Key ids with the keys (PEM or multibase) that the actor names as its own.
    pub fn keys(&self) -> Vec<(String, String)> {
        let owner = self.id.as_deref();
        let read = |key: &Value, owner_name: &str, key_name: &str| {
            let named = key.get(owner_name).and_then(lenient::id_of);
            (named.is_none() || named.as_deref() == owner)
                .then(|| Some((lenient::id_of(key)?, lenient::text_of(key.get(key_name)?)?)))
                .flatten()
        };
        let keys = self
            .public_key
            .iter()
            .filter_map(|key| read(key, "owner", "publicKeyPem"));
        let methods = self
            .assertion_method
            .iter()
            .filter_map(|key| read(key, "controller", "publicKeyMultibase"));
        keys.chain(methods).take(MAX_KEYS).collect()
    }
}
