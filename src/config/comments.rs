//! The tables `[comments]`, `[spam]`, `[mail]`, `[notices]` and `[cache]` of the configuration file.

use super::{ConfigError, HumanDuration};
use crate::content::{CommentPolicy, CommentTerms, Username};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use url::Url;

/// How comments are accepted.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Comments {
    pub moderation: CommentPolicy,
    /// The time after an article's date for which comments are open; for ever if absent.
    pub open_for: Option<HumanDuration>,
    pub guests: GuestPolicy,
    /// Whether guests' comments are federated, and which actor they are attributed to.
    pub federate_guests: FederateGuests,
    /// The user name of the actor that sends guests' comments.
    pub username: Username,
    /// The minimum time between loading the form and submitting it.
    pub least_time: HumanDuration,
    /// The maximum number of guests' comments from one address in an hour.
    pub per_address: i64,
    /// The maximum number of guests' comments under one article in an hour.
    pub per_article: i64,
    /// Guests' comments with more links than this are held.
    pub links: usize,
    /// The time for which guests can edit their comments.
    pub guest_edits: HumanDuration,
    /// The time for which the hashed address of a guest is kept.
    pub keep_addresses: HumanDuration,
    /// The proxies whose `X-Forwarded-For` is trusted.
    pub proxies: Vec<IpAddr>,
}

impl Comments {
    /// Returns the site's terms, which articles can override.
    pub fn terms(&self) -> CommentTerms {
        CommentTerms {
            policy: self.moderation,
            open_for: self.open_for.map(HumanDuration::milliseconds),
        }
    }
}

/// Permissions of readers without an account to comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuestPolicy {
    /// Anyone. Comments are shown at once.
    Open,
    /// Anyone. A guest's first comment is held.
    First,
    /// Anyone. All comments are held.
    Moderated,
    /// Nobody.
    Closed,
}

/// The local actor that sends guests' comments to the fediverse: `true`, `false` or `"by the publication"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FederateGuests {
    /// Comments stay on this node.
    No,
    /// An actor used only for guests.
    ByGuestsActor,
    /// The publication, whose followers' servers accept all its posts.
    ByPublication,
}

impl FederateGuests {
    /// Returns whether guests' comments are federated.
    pub fn is_on(self) -> bool {
        self != FederateGuests::No
    }
}

impl<'de> Deserialize<'de> for FederateGuests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Choice;

        impl Visitor<'_> for Choice {
            type Value = FederateGuests;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or \"by the publication\"")
            }

            fn visit_bool<E: de::Error>(self, is_on: bool) -> Result<Self::Value, E> {
                Ok(if is_on {
                    FederateGuests::ByGuestsActor
                } else {
                    FederateGuests::No
                })
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                match text {
                    "by the publication" => Ok(FederateGuests::ByPublication),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Choice)
    }
}

/// When a comment is held or counts as spam.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spam {
    /// The number of points from which a comment is held.
    pub hold: i64,
    /// The number of points from which a comment is spam.
    pub spam: i64,
    /// The key for a service with Akismet's API.
    pub akismet_key: Option<Secret>,
    /// The base URL of that service.
    pub akismet_url: Url,
}

impl Spam {
    /// Checks the values against each other.
    pub(super) fn check(&self, development: bool) -> Result<(), ConfigError> {
        let problem = |name, value: String, expected| {
            Err(ConfigError::Value {
                name,
                value,
                expected,
            })
        };
        let (hold, spam) = (self.hold, self.spam);
        if hold < 1 {
            let expected = "it must be at least 1";
            return problem("spam.hold", hold.to_string(), expected);
        }
        if spam < hold {
            let expected = "it must be at least spam.hold";
            return problem("spam.spam", spam.to_string(), expected);
        }
        let url = &self.akismet_url;
        let is_safe = url.scheme() == "https" || (development && url.scheme() == "http");
        if !is_safe || !url.path().ends_with('/') {
            let expected = "it must begin with https:// and end with a slash";
            return problem("spam.akismet_url", url.to_string(), expected);
        }
        Ok(())
    }
}

/// How emails are sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// `smtp://user:password@host:port` or `smtps://...`. Without it no email is sent.
    pub server: Option<Secret>,
    pub from: Option<String>,
    /// The admin's addresses.
    pub admin: Vec<String>,
}

/// How the admin is notified.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    pub mail: NoticeMail,
    /// The time between two digests.
    pub digest_every: HumanDuration,
    /// The time for which links in emails are valid.
    pub links_for: HumanDuration,
    pub webhook: Option<Url>,
    /// The key for the signatures of webhook calls.
    pub webhook_secret: Option<Secret>,
    /// The time for which notices are kept.
    pub keep: HumanDuration,
}

/// When the admin gets emails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum NoticeMail {
    #[serde(rename = "at once")]
    AtOnce,
    #[serde(rename = "digest")]
    Digest,
    #[serde(rename = "off")]
    Off,
}

/// The sizes of caches.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cache {
    /// The memory for rendered pages, in MiB.
    pub pages: u64,
    /// The disk space for small copies of remote pictures, in MiB.
    pub pictures: u64,
    /// How long shared caches, such as a content delivery network, may serve a page; `None` if they ask each time.
    pub shared: Option<HumanDuration>,
}

/// A secret text, which no log and no message shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Returns the text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl Default for Comments {
    fn default() -> Self {
        Comments {
            moderation: CommentPolicy::Open,
            open_for: None,
            guests: GuestPolicy::First,
            federate_guests: FederateGuests::ByGuestsActor,
            username: Username::default_for_guests(),
            least_time: HumanDuration::seconds(3),
            per_address: 10,
            per_article: 100,
            links: 2,
            guest_edits: HumanDuration::days(7),
            keep_addresses: HumanDuration::days(7),
            proxies: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

impl Default for Spam {
    fn default() -> Self {
        Spam {
            hold: 50,
            spam: 100,
            akismet_key: None,
            akismet_url: Url::parse("https://rest.akismet.com/1.1/").expect("the URL is valid"),
        }
    }
}

impl Default for Notices {
    fn default() -> Self {
        Notices {
            mail: NoticeMail::Digest,
            digest_every: HumanDuration::days(1),
            links_for: HumanDuration::days(7),
            webhook: None,
            webhook_secret: None,
            keep: HumanDuration::days(180),
        }
    }
}

impl Default for Cache {
    fn default() -> Self {
        Cache {
            pages: 64,
            pictures: 500,
            shared: None,
        }
    }
}
