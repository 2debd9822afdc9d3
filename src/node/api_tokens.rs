//! Tokens of the API: secrets by which a program may do what their scopes name.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// The beginning of every secret, by which scanners for secrets recognize it.
pub(crate) const PREFIX: &str = "pamphlet_";
/// The random part, in bytes.
const RANDOM: usize = 32;
/// The length of the random part as text.
const RANDOM_TEXT: usize = 52;
/// The length of the checksum as text.
const CHECKSUM: usize = 7;

/// The secret of a token: the prefix, 256 random bits, and a checksum, by which a scanner can tell it from similar texts
/// and the node can refuse most inventions without asking the database. It matches `pamphlet_[a-z2-7]{59}`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Makes a new secret.
    pub(crate) fn generate() -> Secret {
        let mut bytes = [0; RANDOM];
        rand::fill(&mut bytes).expect("the system's random generator works");
        let text = BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        let checksum = checksum(&text);
        Secret(format!("{PREFIX}{text}{checksum}"))
    }

    /// Reads a secret; `None` if the text is none.
    pub(crate) fn parse(text: &str) -> Option<Secret> {
        let rest = text.strip_prefix(PREFIX)?;
        let is_possible = rest.len() == RANDOM_TEXT + CHECKSUM
            && rest
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'));
        let (random, mark) = rest.split_at_checked(RANDOM_TEXT).filter(|_| is_possible)?;
        (checksum(random) == mark).then(|| Secret(text.to_owned()))
    }

    /// Returns the text, to show it once or to send it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the SHA-256 hash in hexadecimal digits. The secret is random, so that it needs no slower hash.
    pub(crate) fn hash(&self) -> String {
        HEXLOWER.encode(digest(&SHA256, self.0.as_bytes()).as_ref())
    }
}

/// Secrets stay out of logs.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(...)")
    }
}

fn checksum(random: &str) -> String {
    let hash = digest(&SHA256, format!("{PREFIX}{random}").as_bytes());
    BASE32_NOPAD
        .encode(&hash.as_ref()[..4])
        .to_ascii_lowercase()
}

macro_rules! scopes {
    ($($(#[$attribute:meta])* $name:ident = $text:literal),* $(,)?) => {
        /// Something that a token permits.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Scope {
            $($(#[$attribute])* $name,)*
        }

        impl Scope {
            /// All scopes.
            pub(crate) const ALL: &[Scope] = &[$(Scope::$name,)*];

            /// Returns the name.
            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Scope::$name => $text,)*
                }
            }
        }
    };
}

scopes! {
    /// Articles and pages, with drafts and the bin.
    ArticlesRead = "articles:read",
    ArticlesWrite = "articles:write",
    NotesRead = "notes:read",
    NotesWrite = "notes:write",
    CommentsRead = "comments:read",
    /// Decisions about comments, and replies to them.
    CommentsWrite = "comments:write",
    MediaRead = "media:read",
    MediaWrite = "media:write",
    /// Blocks, filters, notices and the log.
    ModerationRead = "moderation:read",
    ModerationWrite = "moderation:write",
    // The scopes of Micropub.
    Create = "create",
    /// Posts that are created stay drafts.
    Draft = "draft",
    Update = "update",
    Delete = "delete",
    Undelete = "undelete",
    Media = "media",
}

impl Scope {
    /// Returns the scope that includes this one: who writes may read.
    fn included_in(self) -> Option<Scope> {
        match self {
            Scope::ArticlesRead => Some(Scope::ArticlesWrite),
            Scope::NotesRead => Some(Scope::NotesWrite),
            Scope::CommentsRead => Some(Scope::CommentsWrite),
            Scope::MediaRead => Some(Scope::MediaWrite),
            Scope::ModerationRead => Some(Scope::ModerationWrite),
            _ => None,
        }
    }

    /// Returns whether it is one of Micropub's, which permit nothing else.
    fn is_of_micropub(self) -> bool {
        !self.as_str().contains(':')
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The scopes of a token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Returns whether a scope is among them or included in one of them.
    pub(crate) fn allow(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
            || scope
                .included_in()
                .is_some_and(|wider| self.0.contains(&wider))
    }

    /// Reads stored scopes. Unknown ones, of a newer version, permit nothing.
    pub(crate) fn from_stored(text: &str) -> Scopes {
        let known = |word: &str| {
            Scope::ALL
                .iter()
                .copied()
                .find(|scope| scope.as_str() == word)
        };
        Scopes(text.split_whitespace().filter_map(known).collect())
    }
}

/// The error for a text that names no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no scope: name some of {names}, or all", names = names())]
pub(crate) struct UnknownScope(String);

fn names() -> String {
    let names: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    names.join(", ")
}

/// Reads a list with commas or blanks between the names. `all` stands for everything that the API can do.
impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Scopes, UnknownScope> {
        let mut scopes = BTreeSet::new();
        let words = text.split([',', ' ']).map(str::trim);
        for word in words.filter(|word| !word.is_empty()) {
            match Scope::ALL.iter().find(|scope| scope.as_str() == word) {
                Some(scope) => drop(scopes.insert(*scope)),
                None if word == "all" => {
                    let all = Scope::ALL.iter().filter(|scope| !scope.is_of_micropub());
                    scopes.extend(all);
                }
                None => return Err(UnknownScope(word.to_owned())),
            }
        }
        if scopes.is_empty() {
            return Err(UnknownScope(text.to_owned()));
        }
        Ok(Scopes(scopes))
    }
}

/// Writes the names with blanks between them, as they are stored.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|scope| scope.as_str()).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_secret_is_read() {
        let secret = Secret::generate();
        let text = secret.reveal();
        assert_eq!(text.len(), 68);
        assert_eq!(Secret::parse(text), Some(secret.clone()));
        assert_eq!(secret.hash().len(), 64);
        assert_eq!(format!("{secret:?}"), "Secret(...)");
        let mut other = text.to_owned();
        let last = if other.ends_with('a') { "b" } else { "a" };
        other.replace_range(67.., last);
        for bad in [
            "",
            "pamphlet_",
            &other,
            &text[1..],
            &text[..67],
            &text.to_uppercase(),
            &format!("{text}a"),
            &format!(" {text}"),
            &format!("pamphlet_{}", "é".repeat(30)),
        ] {
            assert_eq!(Secret::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn writing_includes_reading_and_nothing_else() {
        let scopes: Scopes = "articles:write, media:read create".parse().unwrap();
        let allowed = Scope::ALL.iter().filter(|scope| scopes.allow(**scope));
        let allowed: Vec<&str> = allowed.map(|scope| scope.as_str()).collect();
        assert_eq!(
            allowed,
            ["articles:read", "articles:write", "media:read", "create"]
        );
        assert_eq!(Scopes::from_stored(&scopes.to_string()), scopes);
        assert_eq!(Scopes::from_stored("articles:rule"), Scopes::default());
        let all: Scopes = "all".parse().unwrap();
        assert!(all.allow(Scope::ModerationWrite) && !all.allow(Scope::Create));
        for bad in ["", " , ", "articles", "everything"] {
            assert!(bad.parse::<Scopes>().is_err(), "{bad}");
        }
    }
}
