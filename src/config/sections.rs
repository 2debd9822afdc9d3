//! The tables of the configuration file, with their defaults.

use super::{ConfigError, Span};
use crate::content::{CommentPolicy, CommentTerms, Federate, Host, Quotes, Username};
use serde::Deserialize;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};
use url::Url;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    pub name: String,
    pub summary: String,
    pub language: String,
    pub username: Username,
    pub actor_type: ActorType,
    pub federate: Federate,
    pub quotes: Quotes,
    pub links: Vec<Link>,
    /// The avatar.
    pub icon: Option<Picture>,
    /// The banner.
    pub image: Option<Picture>,
    pub fields: Vec<Field>,
    /// Whether directories and recommendations of other servers may list it.
    pub discoverable: bool,
    /// Whether search engines, and searches on other servers, may find its articles.
    pub indexable: bool,
}

/// A picture at an address, or in a file that the node takes in and serves itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Picture {
    At(Url),
    File(PathBuf),
}

impl TryFrom<String> for Picture {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.contains("://") {
            return Ok(Picture::File(text.into()));
        }
        match Url::parse(&text) {
            Ok(url) if url.scheme() == "https" && url.has_host() => Ok(Picture::At(url)),
            _ => Err(format!(
                "{text:?} is neither a file nor an address that begins with https://"
            )),
        }
    }
}

/// A row of the profile on other servers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub name: String,
    /// Plain text; an https address becomes a link.
    pub value: String,
}

impl Field {
    /// The address, if the value is one.
    pub fn link(&self) -> Option<Url> {
        Url::parse(&self.value)
            .ok()
            .filter(|url| url.scheme() == "https")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ActorType {
    Person,
    Group,
    Organization,
    Service,
}

impl ActorType {
    pub fn as_str(self) -> &'static str {
        match self {
            ActorType::Person => "Person",
            ActorType::Group => "Group",
            ActorType::Organization => "Organization",
            ActorType::Service => "Service",
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub label: String,
    pub url: Url,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Comments {
    pub moderation: CommentPolicy,
    /// For how long after an article's date; for ever if absent.
    pub open_for: Option<Span>,
    pub guests: Guests,
    /// Whether guests' comments go to the fediverse.
    pub federate_guests: bool,
    /// The user name of the actor that speaks for guests.
    pub username: Username,
    /// Least time between getting the form and sending it.
    pub least_time: Span,
    /// Comments of guests from one address in an hour, and under one article in an hour.
    pub per_address: i64,
    pub per_article: i64,
    /// Comments of guests with more links wait for the admin.
    pub links: usize,
    /// For how long the hashed address of a guest is kept.
    pub keep_addresses: Span,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

impl Comments {
    /// The site's terms, which articles may change for themselves.
    pub fn terms(&self) -> CommentTerms {
        CommentTerms {
            policy: self.moderation,
            open_for: self.open_for.map(Span::milliseconds),
        }
    }
}

/// Who comments without an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Guests {
    /// Anyone, shown at once.
    Open,
    /// Anyone; the first comment waits for the admin.
    First,
    /// Anyone; each comment waits for the admin.
    Moderated,
    /// Nobody.
    Closed,
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
    pub digest_every: Span,
    /// How long the links in them work.
    pub links_for: Span,
    pub webhook: Option<Url>,
    /// Signs what the webhook gets.
    pub webhook_secret: Option<Secret>,
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

/// How conversations are completed and passed on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conversations {
    pub fetch: bool,
    /// Posts above a reply.
    pub depth: usize,
    pub first_crawl: Span,
    pub crawl_growth: f64,
    pub crawl_for: Span,
    pub forward: bool,
    pub forward_per_hour: i64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Followers {
    pub hide: bool,
    /// Follows wait for the admin.
    pub approve: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Federation {
    /// If not empty, the only hosts that are talked with.
    pub allowed_hosts: Vec<Host>,
    /// Secure mode: documents are for those who sign their requests.
    pub authorized_fetch: bool,
    pub fetch_limit: u32,
    /// Seconds.
    pub fetch_timeout: u64,
    pub actor_days: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    pub concurrency: usize,
    pub timeout: Span,
    pub first_retry: Span,
    pub retry_growth: f64,
    pub longest_retry: Span,
    pub dead_after: Span,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Where monitors read them; nowhere if absent.
    pub listen: Option<SocketAddr>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Default for Site {
    fn default() -> Self {
        Site {
            name: "Pamphlet".into(),
            summary: String::new(),
            language: "en".into(),
            username: Username::default(),
            actor_type: ActorType::Person,
            federate: Federate::Article,
            quotes: Quotes::Everyone,
            links: Vec::new(),
            icon: None,
            image: None,
            fields: Vec::new(),
            discoverable: true,
            indexable: true,
        }
    }
}

impl Default for Comments {
    fn default() -> Self {
        Comments {
            moderation: CommentPolicy::Open,
            open_for: None,
            guests: Guests::First,
            federate_guests: true,
            username: Username::comments(),
            least_time: Span::seconds(3),
            per_address: 10,
            per_article: 100,
            links: 2,
            keep_addresses: Span::days(7),
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
            digest_every: Span::days(1),
            links_for: Span::days(7),
            webhook: None,
            webhook_secret: None,
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

impl Default for Conversations {
    fn default() -> Self {
        Conversations {
            fetch: true,
            depth: 12,
            first_crawl: Span::seconds(300),
            crawl_growth: 3.0,
            crawl_for: Span::days(7),
            forward: true,
            forward_per_hour: 100,
        }
    }
}

impl Default for Federation {
    fn default() -> Self {
        Federation {
            allowed_hosts: Vec::new(),
            authorized_fetch: false,
            fetch_limit: 20,
            fetch_timeout: 10,
            actor_days: 1,
        }
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Delivery {
            concurrency: 256,
            timeout: Span::seconds(15),
            first_retry: Span::seconds(60),
            retry_growth: 2.5,
            longest_retry: Span::seconds(12 * 3600),
            dead_after: Span::days(7),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Log {
            format: LogFormat::Text,
            filter: "info".into(),
        }
    }
}
