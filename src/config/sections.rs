//! The other tables of the configuration file, with their defaults.

use super::{Accent, HumanDuration, region};
use crate::content::{FederatedForm, Host, PicturePlacement, QuotePolicy, SummaryPolicy, Username};
use chrono_tz::Tz;
use serde::Deserialize;
use std::{net::SocketAddr, path::PathBuf};
use url::Url;

/// The publication and its actor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Site {
    pub name: String,
    pub summary: String,
    #[serde(deserialize_with = "region::language")]
    pub language: String,
    /// The time zone of dates on pages and in mails.
    #[serde(deserialize_with = "region::time_zone")]
    pub time_zone: Tz,
    pub username: Username,
    pub actor_type: ActorType,
    pub federate: FederatedForm,
    pub quotes: QuotePolicy,
    /// The actors who may add the publication and its authors to collections.
    pub can_feature: CanFeature,
    /// The articles at the top of a profile if none is pinned.
    pub featured: FeaturedArticles,
    pub links: Vec<Link>,
    /// The tags that have a section on the front page, in this order.
    pub sections: Vec<String>,
    /// The publication's accounts on other sites, which the page for subscribers links to.
    pub accounts: Vec<Link>,
    /// Pages on which readers can donate.
    pub donate: Vec<Link>,
    /// The avatar.
    pub icon: Option<Picture>,
    /// The banner.
    pub image: Option<Picture>,
    pub fields: Vec<ProfileField>,
    /// The folder with templates that replace those of the program.
    pub theme: Option<PathBuf>,
    /// A style sheet that is added to that of the program.
    pub stylesheet: Option<PathBuf>,
    pub accent: Option<Accent>,
    /// The picture in the masthead; the avatar if it is not set.
    pub logo: Option<Picture>,
    /// The picture above the home page.
    pub cover: Option<Picture>,
    /// Whether directories and recommendations of other servers may include it.
    pub discoverable: bool,
    /// Whether search engines, and searches on other servers, may find its articles.
    pub indexable: bool,
    /// Whether robots.txt lets crawlers of language models read the site.
    pub ai_crawlers: AiCrawlers,
    /// The type of articles in the metadata for search engines.
    pub article_type: ArticleType,
}

/// The answer of robots.txt to crawlers that collect texts for language models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AiCrawlers {
    Allow,
    Refuse,
}

/// The type of articles in schema.org's vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ArticleType {
    BlogPosting,
    NewsArticle,
}

impl ArticleType {
    /// Returns the name of the type.
    pub fn as_str(self) -> &'static str {
        match self {
            ArticleType::BlogPosting => "BlogPosting",
            ArticleType::NewsArticle => "NewsArticle",
        }
    }
}

impl Site {
    /// Returns the pictures, each with the name of its option.
    pub fn pictures_mut(&mut self) -> [(&'static str, &mut Option<Picture>); 4] {
        [
            ("icon", &mut self.icon),
            ("image", &mut self.image),
            ("logo", &mut self.logo),
            ("cover", &mut self.cover),
        ]
    }

    /// Returns the pictures that are set.
    pub fn pictures(&self) -> impl Iterator<Item = &Picture> {
        let all = [&self.icon, &self.image, &self.logo, &self.cover];
        all.into_iter().flatten()
    }
}

/// The actors who may add a local actor to their collections (FEP-7aa9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CanFeature {
    Everyone,
    /// Followers of the actor or of the publication.
    Followers,
    Nobody,
}

/// The articles at the top of a profile on other servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeaturedArticles {
    /// The pinned articles, or else the newest.
    Newest,
    /// Only the pinned articles.
    Pins,
}

/// A picture at a URL, or in a file that the node imports and serves.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Picture {
    Url(Url),
    File(PathBuf),
}

impl TryFrom<String> for Picture {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.contains("://") {
            return Ok(Picture::File(text.into()));
        }
        match Url::parse(&text) {
            Ok(url) if url.scheme() == "https" && url.has_host() => Ok(Picture::Url(url)),
            _ => Err(format!(
                "{text:?} is neither a file nor a URL that begins with https://"
            )),
        }
    }
}

/// A field of the profile on other servers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileField {
    pub name: String,
    /// Plain text. An https URL becomes a link.
    pub value: String,
}

impl ProfileField {
    /// Returns the URL, if the value is one.
    pub fn link(&self) -> Option<Url> {
        Url::parse(&self.value)
            .ok()
            .filter(|url| url.scheme() == "https")
    }
}

/// The type of the publication's actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ActorType {
    Person,
    Group,
    Organization,
    Service,
}

impl ActorType {
    /// Returns the type as in ActivityStreams.
    pub fn as_str(self) -> &'static str {
        match self {
            ActorType::Person => "Person",
            ActorType::Group => "Group",
            ActorType::Organization => "Organization",
            ActorType::Service => "Service",
        }
    }
}

/// A link on every page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    pub label: String,
    pub url: Url,
}

/// How conversations are completed and forwarded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Conversations {
    pub fetch: bool,
    /// The maximum number of ancestors that are fetched for one reply.
    pub depth: usize,
    pub first_crawl: HumanDuration,
    pub crawl_growth: f64,
    pub crawl_for: HumanDuration,
    /// Whether it is checked that remote comments and their authors still exist.
    pub recheck: bool,
    pub first_recheck: HumanDuration,
    pub recheck_growth: f64,
    pub longest_recheck: HumanDuration,
    pub forward: bool,
    pub forward_per_hour: i64,
}

/// How followers are accepted and shown.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Followers {
    pub hide: bool,
    /// Whether follow requests need the admin's approval.
    pub approve: bool,
}

/// The exchange with other servers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Federation {
    /// The only hosts that the node federates with. Empty means all.
    pub allowed_hosts: Vec<Host>,
    /// Whether documents are served only to signed requests (secure mode).
    pub authorized_fetch: bool,
    pub fetch_limit: u32,
    /// The timeout of a request, in seconds.
    pub fetch_timeout: u64,
    pub actor_days: u32,
    /// The source of an article's `summary`.
    pub summary: SummaryPolicy,
    /// Whether pictures are attached. If unset, only those of notes are.
    pub pictures: Option<PicturePlacement>,
}

/// The delivery of activities.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    pub concurrency: usize,
    pub timeout: HumanDuration,
    pub first_retry: HumanDuration,
    pub retry_growth: f64,
    pub longest_retry: HumanDuration,
    pub dead_after: HumanDuration,
    /// The time between the `Update` with an actor's new key and the first delivery signed with that key.
    pub key_change_pause: HumanDuration,
}

/// The metrics for monitoring.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// The address at which they are served. If absent, they are not.
    pub listen: Option<SocketAddr>,
}

/// The log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    pub format: LogFormat,
    pub filter: String,
}

/// The format of the log.
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
            time_zone: Tz::UTC,
            username: Username::default(),
            actor_type: ActorType::Person,
            federate: FederatedForm::Article,
            quotes: QuotePolicy::Everyone,
            can_feature: CanFeature::Everyone,
            featured: FeaturedArticles::Newest,
            links: Vec::new(),
            sections: Vec::new(),
            accounts: Vec::new(),
            donate: Vec::new(),
            icon: None,
            image: None,
            fields: Vec::new(),
            theme: None,
            stylesheet: None,
            accent: None,
            logo: None,
            cover: None,
            discoverable: true,
            indexable: true,
            ai_crawlers: AiCrawlers::Allow,
            article_type: ArticleType::BlogPosting,
        }
    }
}

impl Default for Conversations {
    fn default() -> Self {
        Conversations {
            fetch: true,
            depth: 12,
            first_crawl: HumanDuration::seconds(300),
            crawl_growth: 3.0,
            crawl_for: HumanDuration::days(7),
            recheck: true,
            first_recheck: HumanDuration::days(1),
            recheck_growth: 2.0,
            longest_recheck: HumanDuration::days(60),
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
            summary: SummaryPolicy::Author,
            pictures: None,
        }
    }
}

impl Default for Delivery {
    fn default() -> Self {
        Delivery {
            concurrency: 256,
            timeout: HumanDuration::seconds(15),
            first_retry: HumanDuration::seconds(60),
            retry_growth: 2.5,
            longest_retry: HumanDuration::seconds(12 * 3600),
            dead_after: HumanDuration::days(7),
            key_change_pause: HumanDuration::seconds(600),
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
