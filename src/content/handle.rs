//! User names of local actors, and handles like `@user@example.org`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::host::{Host, HostError};

/// The maximum length of the user part of a remote handle, in characters.
const MAX_REMOTE_USER: usize = 128;

/// The user name of a local actor: 1 to 64 characters of `a-z`, `0-9` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// The handle of an actor. It is shown as `@user@host` with the host in Punycode, which reveals homographs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle {
    user: String,
    host: Host,
}

/// The error for a text that is not a user name or handle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    #[error("a user name has 1 to 64 characters of a-z, 0-9 and _")]
    Username,
    #[error(
        "the user part of a handle has 1 to {MAX_REMOTE_USER} letters, digits, '_', '.' or '-'"
    )]
    User,
    #[error(transparent)]
    Host(#[from] HostError),
    #[error("a handle is written @user@example.org")]
    Form,
}

impl Username {
    /// Returns the default name of the actor that sends guests' comments.
    pub fn default_for_guests() -> Self {
        Username("comments".to_owned())
    }

    /// Returns the name as in the actor's id and handle.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Username {
    /// Returns the default name of the publication.
    fn default() -> Self {
        Username("blog".to_owned())
    }
}

impl FromStr for Username {
    type Err = HandleError;

    fn from_str(text: &str) -> Result<Self, HandleError> {
        let fits = text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if fits && (1..=64).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(HandleError::Username)
        }
    }
}

impl Handle {
    /// Returns the handle of a local actor.
    pub fn local(user: &Username, host: Host) -> Self {
        Self {
            user: user.0.clone(),
            host,
        }
    }

    /// Creates a handle, for instance of an actor's `preferredUsername` and the host of its id.
    ///
    /// # Errors
    /// [`HandleError::User`], if the user part is not 1 to 128 ASCII letters, digits, `_`, `.`, `-`.
    pub fn new(user: &str, host: Host) -> Result<Self, HandleError> {
        let fits = user
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
        if fits && (1..=MAX_REMOTE_USER).contains(&user.len()) {
            Ok(Self {
                user: user.to_owned(),
                host,
            })
        } else {
            Err(HandleError::User)
        }
    }

    /// Returns the user part. Its case is preserved.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Returns the host part.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Returns the handle as a WebFinger resource, `acct:user@host` (RFC 7565).
    pub fn to_acct(&self) -> String {
        format!("acct:{}@{}", self.user, self.host)
    }
}

impl FromStr for Handle {
    type Err = HandleError;

    /// Parses `@user@host`, `user@host` or `acct:user@host`.
    fn from_str(text: &str) -> Result<Self, HandleError> {
        let text = text.strip_prefix("acct:").unwrap_or(text);
        let text = text.strip_prefix('@').unwrap_or(text);
        let (user, host) = text.split_once('@').ok_or(HandleError::Form)?;
        Self::new(user, Host::parse(host)?)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}@{}", self.user, self.host)
    }
}

serde_as_text!(Username, HandleError);
serde_as_text!(Handle, HandleError);

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        Host::parse(text).unwrap()
    }

    #[test]
    fn usernames_are_lower_case_words() {
        assert_eq!("blog_2".parse::<Username>().unwrap().as_str(), "blog_2");
        for text in ["", "Blog", "a.b", "a-b", "é", "a b", "a\n", &"a".repeat(65)] {
            assert_eq!(
                text.parse::<Username>(),
                Err(HandleError::Username),
                "{text:?}"
            );
        }
    }

    #[test]
    fn handles_have_three_spellings() {
        for text in [
            "@Ann.b-c_1@Example.org",
            "Ann.b-c_1@example.org.",
            "acct:Ann.b-c_1@EXAMPLE.ORG",
        ] {
            let handle: Handle = text.parse().unwrap();
            assert_eq!(handle.to_string(), "@Ann.b-c_1@example.org");
            assert_eq!(handle.to_acct(), "acct:Ann.b-c_1@example.org");
        }
        let local = Handle::local(&"blog".parse().unwrap(), host("example.org"));
        assert_eq!(local, "@blog@example.org".parse().unwrap());
    }

    #[test]
    fn a_homograph_handle_shows_its_punycode() {
        let handle: Handle = "@ann@exаmple.org".parse().unwrap();
        assert_eq!(handle.to_string(), "@ann@xn--exmple-4nf.org");
        assert_eq!("@аnn@example.org".parse::<Handle>(), Err(HandleError::User));
    }

    #[test]
    fn invalid_handles_are_refused() {
        assert_eq!("blog".parse::<Handle>(), Err(HandleError::Form));
        assert_eq!("@blog".parse::<Handle>(), Err(HandleError::Form));
        assert_eq!(
            "@a@b@c.org".parse::<Handle>(),
            Err(HandleError::Host(HostError::Name))
        );
        assert_eq!(
            "@a@".parse::<Handle>(),
            Err(HandleError::Host(HostError::Name))
        );
        for text in [
            "@@b.org",
            "a b@c.org",
            "a\r\nX: y@c.org",
            "a<b>@c.org",
            "\u{202E}a@c.org",
        ] {
            assert_eq!(text.parse::<Handle>(), Err(HandleError::User), "{text:?}");
        }
    }

    #[test]
    fn serde_keeps_the_rules() {
        let handle: Handle = serde_json::from_str("\"acct:a@B.org\"").unwrap();
        assert_eq!(serde_json::to_string(&handle).unwrap(), "\"@a@b.org\"");
        assert!(serde_json::from_str::<Handle>("\"a b\"").is_err());
    }
}
