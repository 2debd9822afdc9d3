//! The tables of the configuration file about comments and what belongs to them: spam, mails, notices, memory.

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

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Comments {
    pub moderation: CommentPolicy,
    /// For how long after an article's date; for ever if absent.
    pub open_for: Option<HumanDuration>,
    pub guests: GuestPolicy,
    /// Whether guests' comments are federated, and which actor they are attributed to.
    pub federate_guests: FederateGuests,
    /// The user name of the actor that speaks for guests.
    pub username: Username,
    /// Least time between getting the form and sending it.
    pub least_time: HumanDuration,
    /// Comments of guests from one address in an hour, and under one article in an hour.
    pub per_address: i64,
    pub per_article: i64,
    /// Comments of guests with more links wait for the admin.
    pub links: usize,
    /// For how long the hashed address of a guest is kept.
    pub keep_addresses: HumanDuration,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

impl Comments {
    /// The site's terms, which articles may change for themselves.
    pub fn terms(&self) -> CommentTerms {
        CommentTerms {
            policy: self.moderation,
            open_for: self.open_for.map(HumanDuration::milliseconds),
        }
    }
}

/// Who comments without an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GuestPolicy {
    /// Anyone, shown at once.
    Open,
    /// Anyone; the first comment waits for the admin.
    First,
    /// Anyone; each comment waits for the admin.
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
    /// The publication; its followers' servers accept any of its posts.
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
                Ok(match is_on {
                    true => FederateGuests::ByGuestsActor,
                    false => FederateGuests::No,
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

/// When a comment counts as spam.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spam {
    /// Points from which on it waits for the admin.
    pub hold: i64,
    /// Points from which on it is spam.
    pub spam: i64,
    /// The key for a service that speaks Akismet's protocol, and where that is.
    pub akismet_key: Option<Secret>,
    pub akismet_url: Url,
}

impl Spam {
    /// Checks what belongs together.
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
            let expected = "it must be 1 or more: what has no points can't be held";
            return problem("spam.hold", hold.to_string(), expected);
        }
        if spam < hold {
            let expected = "it must not be below spam.hold";
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

/// How mails are sent.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// `smtp://user:password@host:port` or `smtps://...`; without it there is no mail.
    pub server: Option<Secret>,
    pub from: Option<String>,
    /// The admin's addresses.
    pub admin: Vec<String>,
}

/// How the admin hears of what comes in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    pub mail: NoticeMail,
    /// Between two digests.
    pub digest_every: HumanDuration,
    /// How long the links in them work.
    pub links_for: HumanDuration,
    pub webhook: Option<Url>,
    /// Signs what the webhook gets.
    pub webhook_secret: Option<Secret>,
    /// For how long notices are kept.
    pub keep: HumanDuration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum NoticeMail {
    #[serde(rename = "at once")]
    AtOnce,
    #[serde(rename = "digest")]
    Digest,
    #[serde(rename = "off")]
    Off,
}

/// What is kept to be faster.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cache {
    /// Memory for pages, in MiB.
    pub pages: u64,
    /// Disk for small copies of remote pictures, in MiB.
    pub pictures: u64,
}

/// A text that stands in no log and no message.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for whom it is meant.
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
            username: Username::comments(),
            least_time: HumanDuration::seconds(3),
            per_address: 10,
            per_article: 100,
            links: 2,
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
            akismet_url: Url::parse("https://rest.akismet.com/1.1/").expect("it is one"),
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
        }
    }
}
