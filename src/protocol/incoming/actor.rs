//! Actors of other servers.

use super::attachments::{CustomEmoji, custom_emoji};
use crate::protocol::{
    lenient::{self, LocalizedText},
    links::{self, Resource},
    same_id,
};
use serde::Deserialize;
use serde_json::Value;

/// The document of an actor.
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
    #[serde(default, deserialize_with = "links::page_url")]
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
    // Posts that are hidden from readers who are not logged in: all (Misskey and GoToSocial), or those before a time
    // (Misskey: seconds since 1970, or a negative number for an age).
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

/// The maximum number of keys that are read of one actor.
const MAX_KEYS: usize = 8;

/// A key in an actor's document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorKey {
    pub id: String,
    /// The key in PEM or multibase.
    pub text: String,
    /// Whether it comes from `assertionMethod`, not from `publicKey`.
    pub is_assertion_method: bool,
}

impl ActorDocument {
    /// Returns the shared inbox, if the actor has one.
    pub fn shared_inbox(&self) -> Option<String> {
        lenient::id_of(self.endpoints.get("sharedInbox")?)
    }

    /// Returns the display name, which may be empty.
    pub fn name(&self) -> &str {
        let names = [&self.name, &self.name_map];
        names
            .into_iter()
            .find_map(|names| lenient::first_non_blank(names))
            .unwrap_or("")
    }

    /// Returns the URL of the avatar.
    pub fn icon_url(&self) -> Option<String> {
        Resource::first(&self.icon).map(|icon| icon.url)
    }

    /// Returns the custom emoji in the name.
    pub fn custom_emoji(&self) -> impl Iterator<Item = CustomEmoji> {
        custom_emoji(&self.tag)
    }

    /// Returns the keys that belong to the actor.
    pub fn keys(&self) -> Vec<ActorKey> {
        let owner = self.id.as_deref();
        let read = |key: &Value, owner_name: &str, key_name: &str, is_assertion_method: bool| {
            let key_owner = key.get(owner_name).and_then(lenient::id_of);
            let is_own = key_owner.is_none()
                || key_owner
                    .as_deref()
                    .zip(owner)
                    .is_some_and(|(a, b)| same_id(a, b));
            let text = lenient::text_of(key.get(key_name)?)?;
            let id = lenient::id_of(key).filter(|_| is_own)?;
            Some(ActorKey {
                id,
                text,
                is_assertion_method,
            })
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
