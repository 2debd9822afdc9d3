//! Notes, articles and other posts of other servers.

use super::{Activity, tag::Tag};
use crate::protocol::{
    is_public,
    lenient::{self, LocalizedText},
    links,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

/// A note, an article or another post.
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
    /// The collection of its replies.
    #[serde(default, deserialize_with = "lenient::id")]
    pub replies: Option<String>,
    // `read` appends the texts of each language map.
    #[serde(rename = "name", default, deserialize_with = "lenient::texts")]
    pub(super) names: Vec<LocalizedText>,
    #[serde(default, deserialize_with = "lenient::text_map")]
    name_map: Vec<LocalizedText>,
    #[serde(rename = "summary", default, deserialize_with = "lenient::texts")]
    pub(super) summaries: Vec<LocalizedText>,
    #[serde(default, deserialize_with = "lenient::text_map")]
    summary_map: Vec<LocalizedText>,
    #[serde(default, deserialize_with = "lenient::texts")]
    pub(super) content: Vec<LocalizedText>,
    #[serde(default, deserialize_with = "lenient::text_map")]
    pub(super) content_map: Vec<LocalizedText>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) media_type: Option<String>,
    #[serde(default, deserialize_with = "links::page_url")]
    pub url: Option<String>,
    #[serde(default, deserialize_with = "lenient::date_time")]
    pub published: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::date_time")]
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
    // The options of a poll.
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) one_of: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::list")]
    pub(super) any_of: Vec<Value>,
    #[serde(default, deserialize_with = "lenient::date_time")]
    pub(super) end_time: Option<DateTime<Utc>>,
    /// The time at which a poll ended, as Misskey sends it.
    #[serde(default, deserialize_with = "lenient::date_time")]
    pub(super) closed: Option<DateTime<Utc>>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub sensitive: bool,
    // The quoted post, in the properties of FEP-044f, Misskey, Fedibird and Pleroma.
    #[serde(default, deserialize_with = "lenient::id")]
    quote: Option<String>,
    #[serde(rename = "_misskey_quote", default, deserialize_with = "lenient::id")]
    misskey_quote: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    quote_uri: Option<String>,
    #[serde(default, deserialize_with = "lenient::id")]
    quote_url: Option<String>,
    /// Whether its author hides it from readers who are not logged in.
    #[serde(
        rename = "_misskey_requireSigninToViewContents",
        default,
        deserialize_with = "lenient::flag"
    )]
    pub requires_signin: bool,
    /// The authorization of an entry in a collection (FEP-7aa9).
    #[serde(default, deserialize_with = "lenient::id")]
    pub feature_authorization: Option<String>,
}

impl Object {
    /// Reads an object. Returns `None` if the value is not a JSON object.
    pub fn read(value: Value) -> Option<Object> {
        let mut object: Object = serde_json::from_value(value).ok()?;
        object.names.append(&mut object.name_map);
        object.summaries.append(&mut object.summary_map);
        Some(object)
    }

    /// Returns the type, or an empty text.
    pub fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or("")
    }

    /// Returns the id or URL of the quoted post.
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

    /// Inherits the addressees and the time of publication from its activity, if they are missing.
    pub fn inherit_from(&mut self, activity: &Activity) {
        // An activity does not make an object more public that has addressees in one of the two.
        if self.to.is_none() && self.cc.is_none() {
            self.to = Some(activity.to.clone());
            self.cc = Some(activity.cc.clone());
        }
        self.audience
            .get_or_insert_with(|| activity.audience.clone());
        self.published = self.published.or(self.updated).or(activity.published);
    }

    /// Returns whether it is addressed to everyone.
    pub fn is_public(&self) -> bool {
        self.recipients().any(is_public)
    }

    /// Returns whether `to` or `cc` have addressees, but not everyone. An object without addressees does not say who may
    /// read it.
    pub fn is_restricted(&self) -> bool {
        let mut lists = [&self.to, &self.cc].into_iter().flatten();
        lists.any(|list| !list.is_empty()) && !self.is_public()
    }

    /// Returns whether an actor is addressed or mentioned.
    pub fn addresses_or_mentions(&self, actor: &str) -> bool {
        self.recipients().any(|entry| entry == actor)
            || self.tags().any(|tag| tag.href.as_deref() == Some(actor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn links_to_quoted_posts_are_recognized() {
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
