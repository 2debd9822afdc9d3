//! Options of an article that have one word for each value, in front matter, the configuration and the database.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The error for a word that is not among the choices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", .choices.join(", "))]
pub struct UnknownChoice {
    choices: &'static [&'static str],
}

/// Defines an enum with a word for each variant.
macro_rules! choice {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $word:literal),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)*
        }

        impl $name {
            /// Returns the word for the choice.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl FromStr for $name {
            type Err = UnknownChoice;

            fn from_str(word: &str) -> Result<Self, UnknownChoice> {
                match word {
                    $($word => Ok(Self::$variant),)*
                    _ => Err(UnknownChoice { choices: &[$($word),*] }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

choice! {
    /// The form in which an article is federated (FEDERATION.md, "Objects").
    #[derive(Default)]
    pub enum FederatedForm {
        /// An `Article` with the full text.
        #[default]
        Article = "article",
        /// A `Note` with the full text.
        Note = "note",
        /// A `Note` with title, excerpt and link.
        Teaser = "teaser",
        /// The article is not federated.
        No = "no",
    }
}

choice! {
    /// Whether an article accepts pings (webmentions).
    pub enum PingPolicy {
        Open = "open",
        Closed = "closed",
    }
}

choice! {
    /// The policy for comments: permission to comment, and approval.
    #[derive(Default)]
    pub enum CommentPolicy {
        /// Comments are shown at once.
        #[default]
        Open = "open",
        /// Comments wait for the admin's approval.
        #[serde(alias = "held")]
        Moderated = "moderated",
        /// Only followers of the author or of the site may comment.
        Followers = "followers",
        Closed = "closed",
    }
}

choice! {
    /// The policy for quotes of an article (FEP-044f).
    #[derive(Default)]
    pub enum QuotePolicy {
        #[default]
        Everyone = "everyone",
        /// Followers of the author or of the site.
        Followers = "followers",
        Nobody = "nobody",
    }
}

choice! {
    /// The source of an `Article`'s `summary`. Some servers treat a summary as a content warning and fold the text
    /// behind it.
    #[derive(Default)]
    pub enum SummaryPolicy {
        /// The author's summary, if there is one.
        #[default]
        Author = "author",
        /// The author's summary, or else the beginning of the text.
        Excerpt = "excerpt",
        Never = "never",
    }
}

choice! {
    /// Where a federated article has its pictures. Mastodon shows no link card for a post with attachments.
    pub enum PicturePlacement {
        /// In the text, and as the `image` of an `Article`.
        Inline = "inline",
        /// Also in `attachment`.
        Attached = "attached",
    }
}

choice! {
    /// The menu that links to a static page.
    pub enum Menu {
        Header = "header",
        Footer = "footer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::DeserializeOwned;

    fn assert_words<T>(words: &[&str])
    where
        T: FromStr<Err = UnknownChoice> + fmt::Display + Serialize + DeserializeOwned,
    {
        for word in words {
            let choice: T = word.parse().unwrap();
            assert_eq!(choice.to_string(), *word);
            let json = serde_json::to_string(&choice).unwrap();
            assert_eq!(json, format!("\"{word}\""));
            let read: T = serde_json::from_str(&json).unwrap();
            assert_eq!(read.to_string(), *word);
        }
    }

    #[test]
    fn each_choice_has_one_word() {
        assert_words::<FederatedForm>(&["article", "note", "teaser", "no"]);
        assert_words::<PingPolicy>(&["open", "closed"]);
        assert_words::<CommentPolicy>(&["open", "moderated", "followers", "closed"]);
        assert_words::<QuotePolicy>(&["everyone", "followers", "nobody"]);
        assert_words::<SummaryPolicy>(&["author", "excerpt", "never"]);
        assert_words::<PicturePlacement>(&["inline", "attached"]);
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_choices() {
        for word in ["Open", ""] {
            let error = word.parse::<PingPolicy>().unwrap_err();
            assert_eq!(error.to_string(), "must be one of open, closed", "{word:?}");
        }
    }
}
