//! The addresses of everything we serve, and what an address of ours names.

use crate::{
    config::Config,
    store::{self, ActorKind, Article},
};
use chrono::Datelike;
use url::Url;

/// Makes and reads our URLs.
#[derive(Debug, Clone)]
pub struct Urls {
    /// The origin, without a slash at its end.
    origin: String,
    base: Url,
}

/// What one of our URLs names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    Actor(String),
    Instance,
    /// By its uid.
    Article(String),
    /// By its slug, with the path.
    Permalink {
        slug: String,
        path: String,
    },
}

impl Urls {
    pub fn new(config: &Config) -> Self {
        Urls {
            origin: config.public_url.as_str().trim_end_matches('/').to_owned(),
            base: config.public_url.clone(),
        }
    }

    /// Our origin as a URL, to join relative links with.
    pub fn base(&self) -> &Url {
        &self.base
    }

    pub fn home(&self) -> String {
        format!("{}/", self.origin)
    }

    /// Any path with its leading slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub fn actor(&self, kind: ActorKind, username: &str) -> String {
        match kind {
            ActorKind::Instance => format!("{}/actor", self.origin),
            _ => format!("{}/users/{username}", self.origin),
        }
    }

    /// The page of an actor for people.
    pub fn profile(&self, kind: ActorKind, username: &str) -> String {
        match kind {
            ActorKind::Author => format!("{}/authors/{username}", self.origin),
            _ => self.home(),
        }
    }

    pub fn shared_inbox(&self) -> String {
        format!("{}/inbox", self.origin)
    }

    pub fn article(&self, uid: &str) -> String {
        format!("{}/articles/{uid}", self.origin)
    }

    pub fn activity(&self, uid: &str) -> String {
        format!("{}/activities/{uid}", self.origin)
    }

    /// The uid of an activity of ours.
    pub fn activity_uid(&self, url: &str) -> Option<String> {
        self.uid_below("activities", url)
    }

    pub fn note(&self, uid: &str) -> String {
        format!("{}/notes/{uid}", self.origin)
    }

    /// The uid of a note of ours.
    pub fn note_uid(&self, url: &str) -> Option<String> {
        self.uid_below("notes", url)
    }

    fn uid_below(&self, folder: &str, url: &str) -> Option<String> {
        let uid = url.strip_prefix(&format!("{}/{folder}/", self.origin))?;
        let is_uid = !uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_uid.then(|| uid.to_owned())
    }

    /// The authorization of a quote.
    pub fn quote(&self, uid: &str) -> String {
        format!("{}/quotes/{uid}", self.origin)
    }

    pub fn permalink(&self, article: &Article) -> String {
        format!(
            "{}{}",
            self.origin,
            permalink_path(article.published_at, &article.slug)
        )
    }

    /// The page of a tag. Only ASCII is in lower case, since that is what both databases compare it by.
    pub fn tag(&self, tag: &str) -> String {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(["tags", &tag.to_ascii_lowercase()]);
        }
        url.into()
    }

    /// Whether a URL is on this node.
    pub fn is_ours(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| same_origin(&url, &self.base))
    }

    /// What a URL of ours names; `None` for others' and for what names nothing.
    pub fn read(&self, url: &str) -> Option<Named> {
        let url = Url::parse(url).ok()?;
        if !same_origin(&url, &self.base) {
            return None;
        }
        let parts: Vec<&str> = url.path_segments()?.collect();
        match parts.as_slice() {
            ["users", name] => Some(Named::Actor((*name).to_owned())),
            ["actor"] => Some(Named::Instance),
            ["articles", uid] => Some(Named::Article((*uid).to_owned())),
            [year, month, slug] | [year, month, slug, ""]
                if year.len() == 4
                    && month.len() == 2
                    && (year.to_string() + month)
                        .bytes()
                        .all(|b| b.is_ascii_digit()) =>
            {
                Some(Named::Permalink {
                    slug: (*slug).to_owned(),
                    path: format!("/{year}/{month}/{slug}"),
                })
            }
            _ => None,
        }
    }
}

/// The path of an article's page: `/{year}/{month}/{slug}`.
pub fn permalink_path(published_at: i64, slug: &str) -> String {
    let date = store::moment(published_at);
    format!("/{:04}/{:02}/{slug}", date.year(), date.month())
}

/// Whether two URLs have the same scheme, host and port, and so the same owner.
///
/// The library's `verify_domains_match` ignores ports and takes any two addresses for the same host.
pub fn same_origin(a: &Url, b: &Url) -> bool {
    a.host_str().is_some()
        && a.scheme() == b.scheme()
        && name_of(a) == name_of(b)
        && a.port_or_known_default() == b.port_or_known_default()
}

/// A URL's host; the dot that ends an absolute name (RFC 1034 3.1) makes it no other.
fn name_of(url: &Url) -> Option<&str> {
    let name = url.host_str()?;
    Some(name.strip_suffix('.').unwrap_or(name))
}

/// The same for texts; false where one is not a URL.
pub fn same_origin_text(a: &str, b: &str) -> bool {
    match (Url::parse(a), Url::parse(b)) {
        (Ok(a), Ok(b)) => same_origin(&a, &b),
        _ => false,
    }
}

/// The host of a URL as blocks and destinations know it: lower case, without a dot at its end, with
/// the port where it is not the scheme's own.
pub fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    })
}

/// A link that may be shown for something of `owner`'s: http(s) and on the same host, or else the owner's id.
pub fn link_or_id(link: Option<&str>, id: &str) -> String {
    match link {
        Some(link) if same_origin_text(link, id) => link.to_owned(),
        _ => id.to_owned(),
    }
}
