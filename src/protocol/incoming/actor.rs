//! Actors of other servers.

use super::attachments::{CustomEmoji, custom_emoji};
use crate::protocol::{
    lenient::{self, LocalizedText},
    links::{self, Resource},
    same_id,
};
use serde::Deserialize;
use serde_json::Value;

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
    name: Vec<LocalizedText>,
    #[serde(default, deserialize_with = "lenient::text_map")]
    name_map: Vec<LocalizedText>,
    #[serde(default, deserialize_with = "links::page")]
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
    pub is_assertion_method: bool,
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
        custom_emoji(&self.tag)
    }

    /// The keys that the actor names as its own.
    pub fn keys(&self) -> Vec<ActorKey> {
        let owner = self.id.as_deref();
        let read = |key: &Value, owner_name: &str, key_name: &str, is_assertion_method: bool| {
            let named = key.get(owner_name).and_then(lenient::id_of);
            let is_own = named.is_none()
                || named
                    .as_deref()
                    .zip(owner)
                    .is_some_and(|(a, b)| same_id(a, b));
            let text = lenient::text_of(key.get(key_name)?)?;
            let id = lenient::id_of(key).filter(|_| is_own)?;
            Some(ActorKey { id, text, is_assertion_method })
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
