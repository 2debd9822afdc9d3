//! What belongs to a comment beside its text, kept as JSON.

use serde::{Deserialize, Serialize};

/// Pictures of one comment that are kept.
pub const MAX_PICTURES: usize = 8;
/// Custom emoji of one comment that are kept.
pub const MAX_EMOJI: usize = 32;
/// Options of a poll that are kept.
pub const MAX_OPTIONS: usize = 20;

/// What belongs to a comment beside its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Extras {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<AttachedFile>,
    /// Pictures that stand in the text or name for `:shortcode:`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emoji: Vec<Emoji>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// The address of the post that it quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Pictures are to be hidden until the reader asks for them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// A picture, or a recording that is only linked to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedFile {
    /// Where its own server has it.
    pub url: String,
    /// What it shows, for those who don't see it.
    #[serde(default)]
    pub alt: String,
    /// False for what is no picture.
    pub is_picture: bool,
}

/// A custom emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emoji {
    /// Without the colons.
    pub name: String,
    /// Where its own server has the picture.
    pub url: String,
}

/// A poll, which readers here can only read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    pub options: Vec<PollOption>,
    /// Whether one may choose several.
    #[serde(default)]
    pub multiple: bool,
    /// When it ends or ended, in milliseconds since 1970.
    #[serde(default)]
    pub ends: Option<i64>,
}

/// A choice, and how many made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollOption {
    pub text: String,
    pub votes: u64,
}

impl Extras {
    /// As it is stored; `None` if there is nothing.
    pub fn to_json(&self) -> Option<String> {
        match self == &Extras::default() {
            true => None,
            // Texts, numbers and lists of them always have a JSON form.
            false => serde_json::to_string(self).ok(),
        }
    }

    /// From what was stored.
    pub fn from_json(json: Option<&str>) -> Extras {
        json.and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    }
}
