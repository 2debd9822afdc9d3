//! Tags of an object: mentions, hashtags and links.

use crate::protocol::lenient;
use serde::Deserialize;

/// A mention, hashtag, emoji or link.
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

/// The link relations of a quote (FEP-e232).
const QUOTE_RELATIONS: [&str; 5] = [
    "https://misskey-hub.net/ns#_misskey_quote",
    "https://w3id.org/fep/044f#quote",
    "http://fedibird.com/ns#quoteUri",
    "https://www.w3.org/ns/activitystreams#quoteUrl",
    "as:quoteUrl",
];

impl Tag {
    /// Returns whether it is a link to the quoted post, by its relation or by the name that FEP-e232 prescribes.
    pub(super) fn is_quote(&self) -> bool {
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
