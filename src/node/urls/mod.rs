//! Local addresses: builds them, and resolves them to what they name. Those that other software gave away are in the
//! database: see `resolve.rs`.

mod adopted;
mod resolve;

pub use resolve::resolve;

use crate::{
    base::time,
    config::Config,
    content::hashtag,
    protocol::{address_host, normalize_percent_encoding},
    store::{ActorKind, Article},
};
use chrono::Datelike;
use url::{Position, Url};

/// Builds and parses local URLs.
#[derive(Debug, Clone)]
pub struct Urls {
    /// The origin, without a trailing slash.
    origin: String,
    base: Url,
    /// The host with its port, as stored addresses spell it.
    host: String,
    /// The domain of local handles.
    domain: String,
    /// The publication's username.
    site: String,
    /// Other hosts that lead here, because the publication was there before.
    former_hosts: Vec<String>,
}

/// The resource that a local URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// The publication's front page.
    Home,
    Actor(String),
    /// The page of an author.
    Author(String),
    Instance,
    /// Identified by its uid.
    Article(String),
    /// Identified by its slug, with the path.
    Permalink {
        slug: String,
        path: String,
    },
    /// A comment on an article's page, by its number: `#comment-5`.
    Comment {
        article: Box<Named>,
        number: i64,
    },
    /// Identified by its uid.
    Note(String),
    /// Identified by its uid.
    Activity(String),
    /// The authorization of a feature, by its uid.
    Feature(String),
}

impl Urls {
    pub fn new(config: &Config) -> Self {
        Urls {
            origin: config.public_url.as_str().trim_end_matches('/').to_owned(),
            base: config.public_url.clone(),
            host: address_host(&config.public_url).unwrap_or_default(),
            domain: config.domain.clone(),
            site: config.site.username.as_str().to_owned(),
            former_hosts: Vec::new(),
        }
    }

    /// Returns the origin as a URL, to resolve relative links.
    pub fn base(&self) -> &Url {
        &self.base
    }

    pub fn home(&self) -> String {
        format!("{}/", self.origin)
    }

    /// Returns the URL of a path, which begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    pub fn actor(&self, kind: ActorKind, username: &str) -> String {
        match kind {
            ActorKind::Instance => format!("{}/actor", self.origin),
            _ => format!("{}/users/{username}", self.origin),
        }
    }

    /// Returns the address of an actor's page for readers.
    pub fn profile(&self, kind: ActorKind, username: &str) -> String {
        match kind {
            ActorKind::Author => {
                // An author on a former domain has the name of the one here, with a number.
                let name = username.split('.').next().unwrap_or(username);
                format!("{}/authors/{name}", self.origin)
            }
            _ => self.home(),
        }
    }

    pub fn shared_inbox(&self) -> String {
        format!("{}/inbox", self.origin)
    }

    /// Returns the address of an article's object and its collections. It is the object's id unless that is from other
    /// software: see [`Urls::article_id`].
    pub fn article(&self, uid: &str) -> String {
        format!("{}/articles/{uid}", self.origin)
    }

    pub fn activity(&self, uid: &str) -> String {
        format!("{}/activities/{uid}", self.origin)
    }

    /// Returns the uid of a local activity.
    pub fn activity_uid(&self, url: &str) -> Option<String> {
        match self.read(url)? {
            Named::Activity(uid) => Some(uid),
            _ => None,
        }
    }

    pub fn note(&self, uid: &str) -> String {
        format!("{}/notes/{uid}", self.origin)
    }

    /// Returns the uid of a local note.
    pub fn note_uid(&self, url: &str) -> Option<String> {
        match self.read(url)? {
            Named::Note(uid) => Some(uid),
            _ => None,
        }
    }

    /// Returns the id of a quote's authorization (FEP-044f).
    pub fn quote(&self, uid: &str) -> String {
        format!("{}/quotes/{uid}", self.origin)
    }

    /// Returns the id of an authorization to add a local actor to a collection (FEP-7aa9).
    pub fn feature(&self, uid: &str) -> String {
        format!("{}/features/{uid}", self.origin)
    }

    /// Returns the uid in the id of such an authorization.
    pub fn feature_uid(&self, url: &str) -> Option<String> {
        match self.read(url)? {
            Named::Feature(uid) => Some(uid),
            _ => None,
        }
    }

    /// Returns the id of the authorization of a reply, like or boost.
    pub fn authorization(&self, uid: &str) -> String {
        format!("{}/authorizations/{uid}", self.origin)
    }

    pub fn permalink(&self, article: &Article) -> String {
        format!(
            "{}{}",
            self.origin,
            permalink_path(article.published_at, &article.slug)
        )
    }

    /// Returns the address of a tag's page, which is the same for all spellings of the tag.
    pub fn tag(&self, tag: &str) -> String {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(["tags", &hashtag::key(tag)]);
        }
        url.into()
    }

    /// Returns whether a URL is on this node.
    pub fn is_ours(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.is_at_home(&url))
    }

    /// Returns whether a URL has our host, in any spelling, with http or https.
    fn is_at_home(&self, url: &Url) -> bool {
        let port = |url: &Url| url.port().filter(|port| !matches!(port, 80 | 443));
        matches!(url.scheme(), "http" | "https")
            && (name_of(url) == name_of(&self.base) && port(url) == port(&self.base)
                || self.is_at_former_host(url))
    }

    /// Returns the canonical spelling of a local address; `None` for a remote one.
    pub fn canonical(&self, url: &str) -> Option<String> {
        let mut url = Url::parse(url).ok()?;
        if !self.is_at_home(&url) {
            return None;
        }
        let path = self.canonical_path(url.path());
        let rest = url[Position::AfterPath..].to_owned();
        url = self.base.join(&format!("{}{rest}", self.at(&path))).ok()?;
        Some(url.into())
    }

    /// Returns whether a handle's domain is our handle domain or our host, in any spelling.
    pub fn is_our_domain(&self, domain: &str) -> bool {
        let Ok(url) = Url::parse(&format!("{}://{domain}/", self.base.scheme())) else {
            return false;
        };
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        is_bare && (self.is_at_home(&url) || host_of(&url).as_deref() == Some(self.domain.as_str()))
    }

    /// Returns the local resource that a URL refers to, in any spelling; `None` for a remote URL or an unknown path.
    pub fn read(&self, url: &str) -> Option<Named> {
        let url = Url::parse(url).ok()?;
        if !self.is_at_home(&url) {
            return None;
        }
        let named = self.name_at(&self.canonical_path(url.path()))?;
        if named == Named::Home && !url.query().is_none_or(adopted::is_of_home) {
            // Other software gave such addresses away: see `resolve`.
            return None;
        }
        let number = url.fragment().and_then(comment_number);
        Some(match (&named, number) {
            (Named::Article(_) | Named::Permalink { .. }, Some(number)) => Named::Comment {
                article: Box::new(named),
                number,
            },
            _ => named,
        })
    }

    /// Returns the username of the actor that a local URL refers to, or whose page it leads to.
    pub fn actor_at(&self, url: &str) -> Option<String> {
        match self.read(url)? {
            Named::Actor(username) | Named::Author(username) => Some(username),
            Named::Home => Some(self.site.clone()),
            _ => None,
        }
    }

    /// Returns the canonical spelling of a local path: without unnecessary escapes, repeated slashes, or a slash at
    /// the end. `/@name` becomes `/users/name`, and names are in lower case.
    pub fn canonical_path(&self, path: &str) -> String {
        let mut url = self.base.clone();
        if !path.is_ascii() {
            // Not every client escapes non-ASCII characters.
            url.set_path(path);
        }
        let path = if path.is_ascii() { path } else { url.path() };
        let path = normalize_percent_encoding(path);
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let lower = |name: &str| {
            if name.contains('%') {
                name.to_owned()
            } else {
                name.to_ascii_lowercase()
            }
        };
        match parts.as_slice() {
            [folder @ ("users" | "authors"), name, rest @ ..] => {
                joined(&[&[*folder, &lower(name)], rest].concat())
            }
            [handle, rest @ ..] => match self.user_of(&handle.replace("%40", "@")) {
                Some(name) => joined(&[&["users", &lower(name)], rest].concat()),
                None => joined(&parts),
            },
            [] => "/".to_owned(),
        }
    }

    /// Returns the user in `@user` or `@user@domain`, if the domain is ours.
    fn user_of<'a>(&self, handle: &'a str) -> Option<&'a str> {
        let handle = handle.strip_prefix('@')?;
        let (user, domain) = match handle.split_once('@') {
            Some((user, domain)) => (user, Some(domain)),
            None => (handle, None),
        };
        let is_ours = domain.is_none_or(|domain| self.is_our_domain(domain));
        // A segment of dots would be a relative reference (RFC 3986 3.3).
        (is_ours && !matches!(user, "" | "." | "..")).then_some(user)
    }

    /// Returns the resource at a path in canonical spelling.
    fn name_at(&self, path: &str) -> Option<Named> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let is_number = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        Some(match parts.as_slice() {
            [""] => Named::Home,
            ["users", name] => Named::Actor((*name).to_owned()),
            ["authors", name] => Named::Author((*name).to_owned()),
            ["actor"] => Named::Instance,
            ["articles", uid] => Named::Article((*uid).to_owned()),
            ["notes", uid] if is_uid(uid) => Named::Note((*uid).to_owned()),
            ["activities", uid] if is_uid(uid) => Named::Activity((*uid).to_owned()),
            ["features", uid] if is_uid(uid) => Named::Feature((*uid).to_owned()),
            [year, month, slug] if is_number(year, 4) && is_number(month, 2) => Named::Permalink {
                slug: (*slug).to_owned(),
                path: path.to_owned(),
            },
            _ => return None,
        })
    }
}

fn joined(parts: &[&str]) -> String {
    format!("/{}", parts.join("/"))
}

fn is_uid(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Returns the number in a fragment like `comment-5`.
fn comment_number(fragment: &str) -> Option<i64> {
    let fragment = normalize_percent_encoding(fragment);
    let digits = fragment.strip_prefix("comment-")?;
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok())?
}

/// Returns the path of an article's page: `/{year}/{month}/{slug}`.
pub fn permalink_path(published_at: i64, slug: &str) -> String {
    let date = time::from_millis(published_at);
    format!("/{:04}/{:02}/{slug}", date.year(), date.month())
}

/// Returns whether two URLs have the same scheme, host and port, and so the same owner.
///
/// The library's `verify_domains_match` ignores ports and considers all IP addresses to be the same host.
pub fn same_origin(a: &Url, b: &Url) -> bool {
    a.host_str().is_some()
        && a.scheme() == b.scheme()
        && name_of(a) == name_of(b)
        && a.port_or_known_default() == b.port_or_known_default()
}

/// Returns a URL's host without the dot that ends an absolute name (RFC 1034 3.1).
fn name_of(url: &Url) -> Option<&str> {
    let name = url.host_str()?;
    Some(name.strip_suffix('.').unwrap_or(name))
}

/// Does the same for texts. Returns false if one is not a URL.
pub fn same_origin_text(a: &str, b: &str) -> bool {
    match (Url::parse(a), Url::parse(b)) {
        (Ok(a), Ok(b)) => same_origin(&a, &b),
        _ => false,
    }
}

/// Returns the host of a URL in the spelling of blocks and destinations: lower case, without a trailing dot, with
/// the port unless it is the scheme's default.
pub fn host_of(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    })
}

/// Returns `link` if it is an http(s) URL on the host of the id `owner`, else that id.
pub fn link_or_id(link: Option<&str>, id: &str) -> String {
    match link {
        Some(link) if same_origin_text(link, id) => link.to_owned(),
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests;
