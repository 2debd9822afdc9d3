//! Attachments, emoji, poll and quote of a comment, which are stored as JSON.

use serde::{Deserialize, Serialize};

/// The maximum number of stored pictures of a comment.
pub(crate) const MAX_PICTURES: usize = 8;
/// The maximum number of stored custom emoji of a comment.
pub(crate) const MAX_EMOJI: usize = 32;
/// The maximum number of stored options of a poll.
pub(crate) const MAX_OPTIONS: usize = 20;

/// The parts of a comment besides its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Extras {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<AttachedFile>,
    /// The custom emoji in the text and in the author's name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emoji: Vec<Emoji>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// The address of the quoted post.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Whether the pictures are hidden until the reader asks for them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// A picture, or another file that is only linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttachedFile {
    /// The address on the author's server.
    pub url: String,
    /// The alternative text.
    #[serde(default)]
    pub alt: String,
    /// Whether it is a picture.
    pub is_picture: bool,
}

/// A custom emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// The name without colons.
    pub name: String,
    /// The address of the picture on the author's server.
    pub url: String,
}

/// A poll. Readers of our pages can't vote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Poll {
    pub options: Vec<PollOption>,
    /// Whether several options may be chosen.
    #[serde(default)]
    pub multiple: bool,
    /// The time of its end, in milliseconds since 1970.
    #[serde(default)]
    pub ends: Option<i64>,
}

/// An option with the number of its votes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PollOption {
    pub text: String,
    pub votes: u64,
}

impl Extras {
    /// Returns the JSON for storage, or `None` if there is nothing to store.
    pub(crate) fn to_json(&self) -> Option<String> {
        if *self == Extras::default() {
            return None;
        }
        // Texts, numbers and lists can always be written as JSON.
        serde_json::to_string(self).ok()
    }

    /// Parses stored JSON. Missing or invalid JSON yields the default.
    pub(crate) fn from_json(json: Option<&str>) -> Extras {
        json.and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    }
}
