//! Documents of other servers, as far as we read them.

use super::{
    CustomEmoji,
    lenient::{self, Worded},
    links::Resource,
    same_id,
};
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
                .take(lenient::MAX_ENTRIES)
                .map(Reference::read)
                .find(|entry| !matches!(entry, Reference::Nothing))
                .unwrap_or_default(),
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
    #[serde(default, deserialize_with = "lenient::ids")]
    pub audience: Vec<String>,
    #[serde(default, deserialize_with = "lenient::moment")]
    pub published: Option<DateTime<Utc>>,
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
        let everywhere = [&self.to, &self.cc, &self.audience];
        let mut entries = everywhere.into_iter().flatten();
        entries.any(|entry| super::is_public(entry))
    }

    /// Returns whether it names no actor.
    pub fn is_unattributed(&self) -> bool {
        self.raw.get("actor").is_none_or(Value::is_null)
    }

    /// Sets the actor of an activity that names none.
    pub fn attribute_to(&mut self, actor: &str) {
        self.actor = Some(actor.to_owned());
        if let Value::Object(document) = &mut self.raw {
            document.insert("actor".to_owned(), actor.into());
        }
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

/// The link relations that mark a quote (FEP-e232).
const QUOTE_RELATIONS: [&str; 5] = [
    "https://misskey-hub.net/ns#_misskey_quote",
    "https://w3id.org/fep/044f#quote",
    "http://fedibird.com/ns#quoteUri",
    "https://www.w3.org/ns/activitystreams#quoteUrl",
    "as:quoteUrl",
];

impl Tag {
    /// Returns whether it is a link to the quoted post: by its relation, or by the name that FEP-e232 prescribes.
    fn is_quote(&self) -> bool {
        let has_relation = || {
            let mut relations = self.rel.iter();
            relations.any(|relation| QUOTE_RELATIONS.contains(&relation.as_str()))
        };
        let has_name = || {
            let name = self.name.as_deref().unwrap_or("");
            self.rel.is_empty() && name.starts_with("RE: ")
        };
        self.kind.as_deref() == Some("Link") && (has_relation() || has_name())
    }
}

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
    // The texts of each language map are appended: see `read`.
    #[serde(rename = "name", default, deserialize_with = "lenient::texts")]
    pub(super) names: Vec<Worded>,
    #[serde(default, deserialize_with = "lenient::text_map")]
    name_map: Vec<Worded>,
    #[serde(rename = "summary", default, deserialize_with = "lenient::texts")]
    pub(super) summaries: Vec<Worded>,
    #[serde(default, deserialize_with = "lenient::text_map")]
    summary_map: Vec<Worded>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub(super) content: Vec<Worded>,
    #[serde(default, deserialize_with = "lenient::text_map")]
    pub(super) content_map: Vec<Worded>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) media_type: Option<String>,
    #[serde(default, deserialize_with = "lenient::page")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "lenient::moment")]
    pub published: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::moment")]
    pub updated: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::audience")]
    to: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::audience")]
    cc: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::audience")]
    audience: Option<Vec<String>>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) tag: Vec<Value>,
    #[serde(default)]
    pub(super) attachment: Value,
    #[serde(default)]
    pub(super) image: Value,
    // The choices of a poll.
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) one_of: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) any_of: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::moment")]
    pub(super) end_time: Option<DateTime<Utc>>,
    /// The time at which a poll ended (Misskey sends it for a finished poll).
    #[serde(default, deserialize_with = "lenient::moment")]
    pub(super) closed: Option<DateTime<Utc>>,
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
    /// Whether its author restricts it to readers who are signed in.
    #[serde(
        rename = "_misskey_requireSigninToViewContents",
        default,
        deserialize_with = "lenient::flag"
    )]
    pub requires_signin: bool,
    /// In an entry of a collection: the authorization (FEP-7aa9).
    #[serde(default, deserialize_with = "lenient::id")]
    pub feature_authorization: Option<String>,
}

impl Object {
    /// Reads an object; `None` if the value is not one.
    pub fn read(value: Value) -> Option<Object> {
        let mut object: Object = serde_json::from_value(value).ok()?;
        object.names.append(&mut object.name_map);
        object.summaries.append(&mut object.summary_map);
        Some(object)
    }

    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("")
    }

    /// The id or address of the post that it quotes.
    pub fn quoted(&self) -> Option<String> {
        [
            &self.quote,
            &self.misskey_quote,
            &self.quote_uri,
            &self.quote_url,
        ]
        .into_iter()
        .flatten()
        .find(|quoted| !quoted.trim().is_empty())
        .cloned()
        .or_else(|| self.tags().find(Tag::is_quote)?.href)
    }

    pub fn tags(&self) -> impl Iterator<Item = Tag> {
        self.tag
            .iter()
            .filter_map(|tag| serde_json::from_value(tag.clone()).ok())
    }

    /// Returns all addressees.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        let properties = [&self.to, &self.cc, &self.audience];
        let lists = properties.into_iter().flatten();
        lists.flatten().map(String::as_str)
    }

    /// Inherits missing properties from its activity: the addressees and the publication time.
    pub fn inherit(&mut self, activity: &Activity) {
        // An object that names an audience in one of the two is not made more public by its activity.
        if self.to.is_none() && self.cc.is_none() {
            self.to = Some(activity.to.clone());
            self.cc = Some(activity.cc.clone());
        }
        self.audience
            .get_or_insert_with(|| activity.audience.clone());
        self.published = self.published.or(self.updated).or(activity.published);
    }

    /// Whether it is addressed to everyone.
    pub fn is_public(&self) -> bool {
        self.recipients().any(super::is_public)
    }

    /// Whether `to` or `cc` name somebody, but not everyone. An object that names nobody there says nothing of who may
    /// read it.
    pub fn is_withheld(&self) -> bool {
        let mut lists = [&self.to, &self.cc].into_iter().flatten();
        lists.any(|list| !list.is_empty()) && !self.is_public()
    }

    /// Whether this actor is addressed or mentioned.
    pub fn concerns(&self, actor: &str) -> bool {
        self.recipients().any(|entry| entry == actor)
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
    #[serde(default, deserialize_with = "lenient::texts")]
    name: Vec<Worded>,
    #[serde(default, deserialize_with = "lenient::text_map")]
    name_map: Vec<Worded>,
    #[serde(default, deserialize_with = "lenient::page")]
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
    // Restricts readers who are not signed in: all posts (Misskey and GoToSocial), or the posts before a time
    // (Misskey; seconds since 1970, or their age as a number below 0).
    #[serde(
        rename = "_misskey_requireSigninToViewContents",
        default,
        deserialize_with = "lenient::flag"
    )]
    pub(super) requires_signin: bool,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub(super) hides_to_public_from_unauthed_web: bool,
    #[serde(rename = "_misskey_makeNotesFollowersOnlyBefore", default)]
    pub(super) followers_only_before: Value,
    #[serde(rename = "_misskey_makeNotesHiddenBefore", default)]
    pub(super) notes_hidden_before: Value,
}

/// Keys of one actor that are read.
const MAX_KEYS: usize = 8;

/// A key in an actor's document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorKey {
    pub id: String,
    /// PEM or multibase.
    pub text: String,
    /// Whether it stands in `assertionMethod`, not in `publicKey`.
    pub asserts: bool,
}

impl ActorDocument {
    pub fn shared_inbox(&self) -> Option<String> {
        lenient::id_of(self.endpoints.get("sharedInbox")?)
    }

    /// Returns the display name; empty if there is none.
    pub fn name(&self) -> &str {
        let names = [&self.name, &self.name_map];
        names
            .into_iter()
            .find_map(|names| lenient::first_filled(names))
            .unwrap_or("")
    }

    /// The address of the picture.
    pub fn icon_url(&self) -> Option<String> {
        Resource::first(&self.icon).map(|icon| icon.url)
    }

    /// The custom emoji in the name.
    pub fn custom_emoji(&self) -> impl Iterator<Item = CustomEmoji> {
        super::custom_emoji(&self.tag)
    }

    /// The keys that the actor names as its own.
    pub fn keys(&self) -> Vec<ActorKey> {
        let owner = self.id.as_deref();
        let read = |key: &Value, owner_name: &str, key_name: &str, asserts: bool| {
            let named = key.get(owner_name).and_then(lenient::id_of);
            let is_own = named.is_none()
                || named
                    .as_deref()
                    .zip(owner)
                    .is_some_and(|(a, b)| same_id(a, b));
            let text = lenient::text_of(key.get(key_name)?)?;
            let id = lenient::id_of(key).filter(|_| is_own)?;
            Some(ActorKey { id, text, asserts })
        };
        let keys = self
            .public_key
            .iter()
            .filter_map(|key| read(key, "owner", "publicKeyPem", false));
        let methods = self
            .assertion_method
            .iter()
            .filter_map(|key| read(key, "controller", "publicKeyMultibase", true));
        keys.chain(methods).take(MAX_KEYS).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn links_to_quotes_are_told_from_others() {
        const QUOTED: &str = "https://a.example/1";
        let link = |fields: Value| {
            let mut tag = json!({"type": "Link", "href": QUOTED});
            tag.as_object_mut()
                .unwrap()
                .extend(fields.as_object().unwrap().clone());
            json!({"type": "Note", "tag": [{"type": "Mention", "href": "https://b.example/"}, tag]})
        };
        for (post, is_quote) in [
            (
                link(json!({"rel": "https://misskey-hub.net/ns#_misskey_quote"})),
                true,
            ),
            (
                link(json!({"rel": ["alternate", "https://w3id.org/fep/044f#quote"]})),
                true,
            ),
            (link(json!({"name": "RE: https://a.example/1"})), true),
            (link(json!({"name": "#1374"})), false),
            (link(json!({})), false),
            (link(json!({"rel": "alternate", "name": "RE: this"})), false),
            (json!({"type": "Note", "quoteUrl": QUOTED}), true),
            (json!({"type": "Note", "_misskey_quote": QUOTED}), true),
            (json!({"type": "Note", "quoteUri": QUOTED}), true),
            (
                json!({"type": "Note", "quote": {"id": QUOTED, "type": "Note"}}),
                true,
            ),
            (json!({"type": "Note", "quoteUrl": null}), false),
        ] {
            let quoted = Object::read(post.clone()).unwrap().quoted();
            assert_eq!(quoted.as_deref() == Some(QUOTED), is_quote, "{post}");
        }
    }
}
