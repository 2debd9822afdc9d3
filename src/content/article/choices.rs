//! Choices that an author makes by one word.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The form in which an article goes to the fediverse (federation.md, "What a follower sees").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FederatedForm {
    /// An `Article` with the full text.
    #[default]
    Article,
    /// The whole text as a `Note`.
    Note,
    /// A `Note` of title, excerpt and link.
    Teaser,
    /// Not at all.
    No,
}

/// Whether something is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PingPolicy {
    Open,
    Closed,
}

/// How comments are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommentPolicy {
    /// They are shown at once.
    #[default]
    Open,
    /// They wait for the admin.
    #[serde(alias = "held")]
    Moderated,
    /// Only those who follow the author or the site may write any.
    Followers,
    Closed,
}

/// Who may quote an article (FEP-044f).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuotePolicy {
    #[default]
    Everyone,
    /// Who follows the author or the site.
    Followers,
    Nobody,
}

/// The kind of summary of an `Article`. Some servers treat it as a content warning and fold the text behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SummaryPolicy {
    /// The author's summary, if any.
    #[default]
    Author,
    /// The author's summary, or else the beginning of the text.
    Excerpt,
    Never,
}

/// The place of an article's pictures. Mastodon shows no link card for a post with attached pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PicturePlacement {
    /// In the text, and as the `image` of an `Article`.
    Inline,
    /// Also in `attachment`.
    Attached,
}

/// The word is none of the choice's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {choices}")]
pub struct UnknownChoice {
    choices: &'static str,
}

impl FederatedForm {
    /// The word for it, as in front matter and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Note => "note",
            Self::Teaser => "teaser",
            Self::No => "no",
        }
    }
}

impl PingPolicy {
    /// The word for it, as in front matter and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl CommentPolicy {
    /// The word for it, as in front matter and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Moderated => "moderated",
            Self::Followers => "followers",
            Self::Closed => "closed",
        }
    }
}

impl QuotePolicy {
    /// The word for it, as in front matter and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Followers => "followers",
            Self::Nobody => "nobody",
        }
    }
}

impl SummaryPolicy {
    /// Returns the name used in front matter and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Excerpt => "excerpt",
            Self::Never => "never",
        }
    }
}

impl PicturePlacement {
    /// Returns the name used in front matter and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Attached => "attached",
        }
    }
}

impl FromStr for FederatedForm {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        [Self::Article, Self::Note, Self::Teaser, Self::No]
            .into_iter()
            .find(|choice| choice.as_str() == word)
            .ok_or(UnknownChoice {
                choices: "article, note, teaser, no",
            })
    }
}

impl FromStr for PingPolicy {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        [Self::Open, Self::Closed]
            .into_iter()
            .find(|choice| choice.as_str() == word)
            .ok_or(UnknownChoice {
                choices: "open, closed",
            })
    }
}

impl FromStr for CommentPolicy {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        [Self::Open, Self::Moderated, Self::Followers, Self::Closed]
            .into_iter()
            .find(|choice| choice.as_str() == word)
            .ok_or(UnknownChoice {
                choices: "open, moderated, followers, closed",
            })
    }
}

impl FromStr for QuotePolicy {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        [Self::Everyone, Self::Followers, Self::Nobody]
            .into_iter()
            .find(|choice| choice.as_str() == word)
            .ok_or(UnknownChoice {
                choices: "everyone, followers, nobody",
            })
    }
}

impl FromStr for SummaryPolicy {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        [Self::Author, Self::Excerpt, Self::Never]
            .into_iter()
            .find(|choice| choice.as_str() == word)
            .ok_or(UnknownChoice {
                choices: "author, excerpt, never",
            })
    }
}

impl FromStr for PicturePlacement {
    type Err = UnknownChoice;

    fn from_str(word: &str) -> Result<Self, UnknownChoice> {
        [Self::Inline, Self::Attached]
            .into_iter()
            .find(|choice| choice.as_str() == word)
            .ok_or(UnknownChoice {
                choices: "inline, attached",
            })
    }
}

impl fmt::Display for FederatedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for PingPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for CommentPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for QuotePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for SummaryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for PicturePlacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_choices_are_one_to_one() {
        for word in ["article", "note", "teaser", "no"] {
            let choice: FederatedForm = word.parse().unwrap();
            assert_eq!(choice.to_string(), word);
            assert_eq!(
                serde_json::to_string(&choice).unwrap(),
                format!("\"{word}\"")
            );
        }
        for word in ["open", "closed"] {
            let choice: PingPolicy = word.parse().unwrap();
            assert_eq!(choice.to_string(), word);
            assert_eq!(
                serde_json::to_string(&choice).unwrap(),
                format!("\"{word}\"")
            );
        }
        for word in ["everyone", "followers", "nobody"] {
            let choice: QuotePolicy = word.parse().unwrap();
            assert_eq!(choice.to_string(), word);
            assert_eq!(
                serde_json::to_string(&choice).unwrap(),
                format!("\"{word}\"")
            );
        }
        for word in ["author", "excerpt", "never"] {
            let choice: SummaryPolicy = word.parse().unwrap();
            assert_eq!(choice.to_string(), word);
        }
        for word in ["inline", "attached"] {
            let choice: PicturePlacement = word.parse().unwrap();
            assert_eq!(choice.to_string(), word);
        }
        assert_eq!(
            "Open".parse::<PingPolicy>().unwrap_err().to_string(),
            "must be one of open, closed"
        );
        assert!("".parse::<FederatedForm>().is_err());
    }
}
