//! The limits on the cost that others may cause: the table of all limits, and their configured values.
//!
//! docs/limits.md and the `[limits]` table of config/pamphlet.toml are checked against this table.

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use std::{collections::BTreeMap, fmt};

/// The party whose cost a limit bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// An actor of another server.
    Actor,
    /// A registrable domain. If the domain is known (it has an accepted follower or an approved comment), each of its
    /// hosts has a share of its own, and all of them together have [`Limit::HostsOfDomain`] shares.
    Domain,
    /// A host that this node sends requests to.
    AskedHost,
    /// The network address of a client without an account.
    Address,
    /// A token of the API.
    Token,
    /// The whole node.
    Node,
    /// A single item: an activity, a comment, a page.
    Thing,
}

/// The time over which a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// The number in use at the same time.
    AtOnce,
    Minute,
    Hour,
    Day,
    /// The number that is stored, or the size of a single item.
    Total,
}

impl Period {
    /// Returns the length in milliseconds; `None` if the limit does not count over time.
    pub const fn milliseconds(self) -> Option<i64> {
        match self {
            Period::AtOnce | Period::Total => None,
            Period::Minute => Some(60 * 1000),
            Period::Hour => Some(3600 * 1000),
            Period::Day => Some(24 * 3600 * 1000),
        }
    }
}

/// The description of a limit.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The configuration key, which is also the code in counters and lists.
    pub key: &'static str,
    /// The limited resource, with its unit.
    pub resource: &'static str,
    pub scope: Scope,
    pub period: Period,
    pub default: u64,
    /// The consequence of exceeding the limit.
    pub consequence: &'static str,
}

macro_rules! limits {
    ($($name:ident, $key:literal, $scope:ident, $period:ident, $default:literal, $resource:literal, $consequence:literal;)*) => {
        /// A limit on the cost that others may cause.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Limit {
            $(#[doc = $resource] $name,)*
        }

        impl Limit {
            /// All limits, in the order of docs/limits.md.
            pub const ALL: &[Limit] = &[$(Limit::$name,)*];

            /// Returns the description of the limit.
            pub const fn rule(self) -> &'static Rule {
                match self {
                    $(Limit::$name => &Rule {
                        key: $key,
                        resource: $resource,
                        scope: Scope::$scope,
                        period: Period::$period,
                        default: $default,
                        consequence: $consequence,
                    },)*
                }
            }
        }
    };
}

// One entry per limit: name, key, scope, period, default, resource, consequence.
limits! {
    HostsOfDomain, "hosts_of_domain", Domain, Total, 32,
        "shares that all hosts of a known domain have together",
        "as the limit that is shared";
    InboxRequests, "inbox_requests", Node, AtOnce, 512,
        "activities being processed", "a wait of 1 second, then 503";
    WaitingRequests, "waiting_requests", Node, AtOnce, 256,
        "activities waiting for a fetch", "503";
    WaitingForHost, "waiting_for_host", AskedHost, AtOnce, 64,
        "activities waiting for fetches from one host", "503";
    WaitingForDomain, "waiting_for_domain", Domain, AtOnce, 128,
        "activities waiting for fetches from one domain", "503";
    BodyMegabytes, "body_megabytes", Node, AtOnce, 32,
        "memory of request bodies, in MiB", "503";
    BodyMegabytesOfAddress, "body_megabytes_of_address", Address, AtOnce, 16,
        "memory of request bodies from one address, in MiB", "503";
    Connections, "connections", Node, AtOnce, 8192,
        "open connections", "new ones wait";
    ConnectionsOfAddress, "connections_of_address", Address, AtOnce, 256,
        "open connections of one address", "new ones are closed";
    RequestSeconds, "request_seconds", Thing, Total, 10,
        "seconds for the first byte, for the headers and for the body of a request", "closed, or 408 for a body";
    ResponseSeconds, "response_seconds", Thing, Total, 30,
        "seconds in which a client takes nothing of its response", "closed";
    IdleSeconds, "idle_seconds", Thing, Total, 65,
        "seconds between two requests on one connection", "closed";
    FetchesOfHost, "fetches_of_host", AskedHost, AtOnce, 4,
        "fetches from one host", "a wait of 2 seconds, then 503 for what needs that host";
    FetchesOfDomain, "fetches_of_domain", Domain, AtOnce, 8,
        "fetches from one domain", "as for one host";
    Fetches, "fetches", Node, AtOnce, 128,
        "fetches from all hosts", "as for one host";
    StrangerKilobytes, "stranger_kilobytes", Node, Total, 8192,
        "memory of actors whose activities were dropped, in KiB", "the oldest are fetched again when they return";
    StoredOfActor, "stored_kilobytes_of_actor", Actor, Hour, 2048,
        "text stored for an actor, in KiB", "503";
    StoredOfDomain, "stored_kilobytes_of_domain", Domain, Hour, 4096,
        "text stored for a domain, in KiB", "503";
    FollowsOfDomain, "follows_of_domain", Domain, Hour, 600,
        "follows", "503";
    AnswersToDomain, "answers_to_domain", AskedHost, Hour, 40,
        "answers to requests of actors on other domains than their inboxes", "503";
    CommentsOfActor, "comments_of_actor", Actor, Hour, 150,
        "comments that are shown without approval", "held";
    CommentsOfDomain, "comments_of_domain", Domain, Hour, 600,
        "comments that are shown without approval", "held";
    CommentCharacters, "comment_characters", Thing, Total, 10000,
        "characters of a comment on the page", "folded behind its original";
    PageKilobytes, "page_kilobytes", Thing, Total, 1024,
        "comments on one page, in KiB", "the rest is on the next page";
    ReactionsOfActor, "reactions_of_actor", Thing, Total, 5,
        "reactions of one actor to one thing", "dropped";
    ReactionKinds, "reaction_kinds", Thing, Total, 20,
        "kinds of emoji shown under one thing", "folded";
    NoticesOfDomain, "notices_of_domain", Domain, Day, 100,
        "notices to the admin", "dropped";
    RequestsOfActivity, "requests_of_activity", Thing, Day, 20,
        "requests that one activity causes, with all that follows from it", "asked on another day";
    BackfillOfHost, "backfill_of_host", AskedHost, Minute, 30,
        "requests to one host that complete conversations", "asked later";
    BackfillOfThirdHost, "backfill_of_third_host", AskedHost, Minute, 15,
        "such requests to a host on another domain than the activity that causes them", "asked later";
    LookupsOfDomain, "lookups_of_domain", Domain, Total, 200,
        "posts waiting to be fetched", "503";
    Lookups, "lookups", Node, Total, 10000,
        "posts waiting to be fetched", "503";
    PicturesOfHost, "pictures_of_host", AskedHost, AtOnce, 2,
        "pictures being fetched from one host", "503 with Retry-After";
    PicturesOfDomain, "pictures_of_domain", Domain, AtOnce, 4,
        "pictures being fetched from one domain", "503 with Retry-After";
    Pictures, "pictures", Node, AtOnce, 8,
        "pictures being fetched", "503 with Retry-After";
    SlowPictures, "slow_pictures", Node, AtOnce, 32,
        "pictures that take longer than 2 seconds to fetch", "503 with Retry-After";
    DecodingMegabytes, "decoding_megabytes", Node, AtOnce, 64,
        "memory for decoding pictures, in MiB", "503 with Retry-After; a larger picture is not shown";
    FormsOfAddress, "forms_of_address", Address, Minute, 30,
        "forms from one address", "429";
    SearchesOfAddress, "searches_of_address", Address, Minute, 60,
        "searches from one address", "429";
    Searches, "searches", Node, AtOnce, 8,
        "searches", "a wait of 2 seconds, then 503 with Retry-After";
    GuestEdits, "guest_edits", Thing, Hour, 10,
        "edits of one comment without an account", "429";
    ReportsOfAddress, "reports_of_address", Address, Day, 10,
        "reports of comments from one address", "429";
    Reports, "reports", Node, Day, 200,
        "reports of comments by readers", "429";
    Cards, "cards", Node, Minute, 60,
        "pictures drawn for link previews", "503 with Retry-After";
    ApiRequests, "api_requests", Node, AtOnce, 32,
        "requests to the API", "a wait of 2 seconds, then 503";
    ApiRequestsOfAddress, "api_requests_of_address", Address, Minute, 600,
        "requests to the API", "429";
    ApiRequestsOfToken, "api_requests_of_token", Token, Minute, 600,
        "requests to the API", "429";
    ApiCreations, "api_creations_of_token", Token, Hour, 1000,
        "articles, pages, notes and replies that are created", "429";
    WrongTokens, "wrong_tokens_of_address", Address, Hour, 20,
        "wrong tokens", "429 for all tokens";
    Uploads, "uploads", Node, AtOnce, 2,
        "uploads", "a wait of 2 seconds, then 503";
    UploadsOfToken, "uploads_of_token", Token, Hour, 300,
        "uploads", "429";
    UploadMegabytesOfToken, "upload_megabytes_of_token", Token, Day, 4096,
        "uploaded files, in MiB", "429";
    UploadSeconds, "upload_seconds", Thing, Total, 600,
        "seconds for an upload", "408";
    UploadReserve, "upload_reserve_megabytes", Node, Total, 512,
        "disk space that uploads leave free, in MiB", "507";
}

impl Limit {
    /// Returns the configuration key, which is also the code in counters and lists.
    pub const fn key(self) -> &'static str {
        self.rule().key
    }

    /// Returns the limit with this key.
    pub fn from_key(key: &str) -> Option<Limit> {
        Limit::ALL.iter().copied().find(|limit| limit.key() == key)
    }
}

/// The values of all limits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limits {
    values: BTreeMap<Limit, u64>,
    /// The factors for the shares of domains and hosts.
    domains: BTreeMap<String, f64>,
}

impl Limits {
    /// Returns the value of a limit, in its unit.
    pub fn value(&self, limit: Limit) -> u64 {
        let set = self.values.get(&limit).copied();
        set.unwrap_or(limit.rule().default)
    }

    /// Returns the factor for a host's shares: its own, or that of its longest listed parent domain, or 1. A domain without
    /// a port matches all ports.
    pub fn factor(&self, host: &str) -> f64 {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let of = |name: &str| self.domains.get(name).copied();
        let parents = std::iter::successors(Some(name), |name| Some(name.split_once('.')?.1));
        of(host)
            .or_else(|| parents.filter_map(of).next())
            .unwrap_or(1.0)
    }
}

/// The maximum factor.
const MAX_FACTOR: f64 = 1_000_000.0;

impl<'de> Deserialize<'de> for Limits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Table)
    }
}

/// Deserializes the `[limits]` table.
struct Table;

impl<'de> Visitor<'de> for Table {
    type Value = Limits;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of limits")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Limits, A::Error> {
        let mut limits = Limits::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == "domains" {
                let domains: BTreeMap<String, f64> = map.next_value()?;
                limits.domains = checked(domains).map_err(de::Error::custom)?;
                continue;
            }
            let limit = Limit::from_key(&key).ok_or_else(|| {
                de::Error::custom(format!("unknown limit {key:?}: docs/limits.md lists them"))
            })?;
            let value: u64 = map.next_value()?;
            if value == 0 {
                return Err(de::Error::custom(format!("{key} must be at least 1")));
            }
            limits.values.insert(limit, value);
        }
        Ok(limits)
    }
}

/// Checks the factors, and normalizes the domains.
fn checked(domains: BTreeMap<String, f64>) -> Result<BTreeMap<String, f64>, String> {
    let check = |(domain, factor): (String, f64)| {
        if !(factor > 0.0 && factor <= MAX_FACTOR) {
            return Err(format!(
                "limits.domains: the factor of {domain} must be a number above 0, such as 10"
            ));
        }
        super::parse_domain(domain)
            .map(|domain| (domain, factor))
            .map_err(|error| format!("limits.domains: {error}"))
    };
    domains.into_iter().map(check).collect()
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scope::Actor => "an actor",
            Scope::Domain => "a domain",
            Scope::AskedHost => "a host that is asked",
            Scope::Address => "an address",
            Scope::Token => "a token",
            Scope::Node => "the node",
            Scope::Thing => "a thing",
        })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Period::AtOnce => "at once",
            Period::Minute => "a minute",
            Period::Hour => "an hour",
            Period::Day => "a day",
            Period::Total => "in all",
        })
    }
}

impl Rule {
    /// Returns the default with its period, for display.
    pub fn value_with_period(&self) -> String {
        let value = self.default;
        match self.period {
            Period::Total => value.to_string(),
            period => format!("{value} {period}"),
        }
    }
}

#[cfg(test)]
mod tests;
