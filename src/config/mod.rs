//! The configuration, from a file, `PAMPHLET_*` environment variables and flags. A flag overrides a variable, which
//! overrides the file. Everything is checked at the start.

mod comments;
mod human_duration;
pub mod limits;
mod look;
mod media;
pub mod permissions;
mod region;
pub(crate) mod retention;
mod sections;
mod tls;

pub use comments::*;
pub use human_duration::HumanDuration;
pub use limits::Limits;
pub use look::Accent;
pub use media::{Media, MediaStore};
pub use sections::*;
pub use tls::Tls;

use serde::Deserialize;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};
use url::Url;

/// The default configuration file.
pub const DEFAULT_FILE: &str = "pamphlet.toml";

/// The reference configuration, from which `pamphlet init` creates a file.
pub const REFERENCE: &str = include_str!("../../config/pamphlet.toml");

/// A mistake in the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("the configuration file {path} can't be read: {error}")]
    Unreadable { path: String, error: std::io::Error },
    #[error("{path}: {message}")]
    Malformed { path: String, message: String },
    #[error("{name} is {value:?}, but {expected}")]
    Value {
        name: &'static str,
        value: String,
        expected: &'static str,
    },
}

/// Settings from the command line, which override all others.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub file: Option<PathBuf>,
    pub public_url: Option<String>,
    pub domain: Option<String>,
    pub listen: Option<String>,
    pub data: Option<PathBuf>,
    pub database_url: Option<String>,
    pub development: bool,
    /// Whether to read no configuration file, not even the default one.
    pub without_file: bool,
}

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The configuration file, if there is one.
    pub file: Option<PathBuf>,
    /// The origin of all our URLs, without path, query and user.
    pub public_url: Url,
    /// The domain of our handles.
    pub domain: String,
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub database_url: String,
    /// Whether other servers may use http, ports and loopback addresses.
    pub development: bool,
    /// Whether no public URL is set, so that this is a trial on localhost.
    pub is_trial: bool,
    pub extra_roots: Option<PathBuf>,
    pub site: Site,
    pub comments: Comments,
    pub spam: Spam,
    pub mail: Mail,
    pub notices: Notices,
    pub cache: Cache,
    pub conversations: Conversations,
    pub followers: Followers,
    pub federation: Federation,
    pub delivery: Delivery,
    pub limits: Limits,
    pub media: Media,
    pub metrics: Metrics,
    pub log: Log,
    pub tls: Tls,
}

/// The configuration file before it is checked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    public_url: Option<String>,
    domain: Option<String>,
    listen: Option<String>,
    data: Option<PathBuf>,
    database_url: Option<String>,
    development: Option<bool>,
    extra_roots: Option<PathBuf>,
    site: Site,
    comments: Comments,
    spam: Spam,
    mail: Mail,
    notices: Notices,
    cache: Cache,
    conversations: Conversations,
    followers: Followers,
    federation: Federation,
    delivery: Delivery,
    limits: Limits,
    media: Media,
    metrics: Metrics,
    log: Log,
    tls: Tls,
}

impl Config {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// A [`ConfigError`] with the place of the mistake and the expected value.
    pub fn load(overrides: &Overrides) -> Result<Config, ConfigError> {
        Self::load_with(overrides, &|name| std::env::var(name).ok())
    }

    /// Reads and checks the configuration as [`Config::load`] does, with the given environment.
    pub fn load_with(
        overrides: &Overrides,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Config, ConfigError> {
        let env = |name: &str| environment(name).filter(|value| !value.is_empty());
        let named_file = overrides
            .file
            .clone()
            .or_else(|| env("PAMPHLET_CONFIG").map(Into::into));
        let path = if overrides.without_file {
            None
        } else {
            file_to_read(named_file.clone())
        };
        let file = path
            .as_deref()
            .map_or_else(|| Ok(File::default()), read_file)?;
        let listen = overrides
            .listen
            .clone()
            .or_else(|| env("PAMPHLET_LISTEN"))
            .or(file.listen)
            .unwrap_or_else(|| "127.0.0.1:8080".into());
        let listen: SocketAddr = listen.parse().map_err(|_| ConfigError::Value {
            name: "listen",
            value: listen,
            expected: "it must be an address and a port, such as 127.0.0.1:8080",
        })?;
        let named_url = overrides
            .public_url
            .clone()
            .or_else(|| env("PAMPHLET_PUBLIC_URL"))
            .or(file.public_url);
        let is_trial = named_url.is_none();
        let development = overrides.development
            || match env("PAMPHLET_DEVELOPMENT") {
                Some(value) => parse_switch(value)?,
                None => file.development.unwrap_or(is_trial),
            };
        let public_url = match named_url {
            Some(text) => parse_public_url(text, development)?,
            None => localhost_url(listen.port())?,
        };
        let domain = match overrides
            .domain
            .clone()
            .or_else(|| env("PAMPHLET_DOMAIN"))
            .or(file.domain)
        {
            Some(text) => parse_domain(text)?,
            None => authority(&public_url),
        };
        let data = overrides
            .data
            .clone()
            .or_else(|| env("PAMPHLET_DATA").map(Into::into))
            .unwrap_or_else(|| {
                let folder = file.data.unwrap_or_else(|| PathBuf::from("./data"));
                resolve_data_folder(named_file.as_deref(), folder)
            });
        let database_url = overrides
            .database_url
            .clone()
            .or_else(|| env("PAMPHLET_DATABASE_URL"))
            .or(file.database_url)
            .unwrap_or_else(|| format!("sqlite://{}", data.join("pamphlet.sqlite").display()));
        file.spam.check(development)?;
        file.tls.check(&public_url)?;
        let mut site = file.site;
        site.resolve_look(path.as_deref())?;
        Ok(Config {
            file: path,
            public_url,
            domain,
            listen,
            data,
            database_url,
            development,
            is_trial,
            extra_roots: env("PAMPHLET_EXTRA_ROOTS")
                .map(Into::into)
                .or(file.extra_roots),
            site,
            comments: file.comments,
            spam: file.spam,
            mail: file.mail,
            notices: file.notices,
            cache: file.cache,
            conversations: file.conversations,
            followers: file.followers,
            federation: file.federation,
            delivery: file.delivery,
            limits: file.limits,
            media: file.media.with_environment(&env)?,
            metrics: file.metrics,
            log: file.log,
            tls: file.tls,
        })
    }

    /// Returns whether the admin is notified by email.
    pub fn mails_admin(&self) -> bool {
        self.mail.server.is_some()
            && !self.mail.admin.is_empty()
            && self.notices.mail != NoticeMail::Off
    }

    /// Returns whether the admin is notified by email or webhook.
    pub fn notifies_admin(&self) -> bool {
        self.notices.webhook.is_some() || self.mails_admin()
    }

    /// Returns our host, with the port unless it is the default of the scheme.
    pub fn authority(&self) -> String {
        authority(&self.public_url)
    }

    /// Returns the URL of a path on this node. The path begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

/// Resolves a relative data folder against the folder of the configuration file, so that commands find it from any working
/// directory. For compatibility, an existing folder in the working directory comes first.
fn resolve_data_folder(file: Option<&Path>, folder: PathBuf) -> PathBuf {
    match file.and_then(Path::parent) {
        Some(parent) if folder.is_relative() && !folder.exists() => parent.join(folder),
        _ => folder,
    }
}

fn file_to_read(named: Option<PathBuf>) -> Option<PathBuf> {
    named.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()))
}

fn read_file(path: &Path) -> Result<File, ConfigError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        path: shown.clone(),
        error,
    })?;
    toml::from_str(&text).map_err(|error| ConfigError::Malformed {
        message: describe(&text, &error),
        path: shown,
    })
}

/// Returns a parse error in one sentence, with its line.
fn describe(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().trim().replace('\n', "; ");
    match error.span() {
        Some(span) => {
            let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
            format!("line {line}: {message}")
        }
        None => message,
    }
}

fn parse_switch(value: String) -> Result<bool, ConfigError> {
    match value.as_str() {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err(ConfigError::Value {
            name: "PAMPHLET_DEVELOPMENT",
            value,
            expected: "it must be 1 or 0",
        }),
    }
}

fn parse_public_url(text: String, development: bool) -> Result<Url, ConfigError> {
    let problem = |expected| ConfigError::Value {
        name: "public_url",
        value: text.clone(),
        expected,
    };
    let url =
        Url::parse(&text).map_err(|_| problem("it must be a URL, such as https://example.org"))?;
    match url.scheme() {
        "https" => {}
        "http" if development => {}
        "http" => {
            return Err(problem(
                "it must begin with https:// (http is for development mode)",
            ));
        }
        _ => return Err(problem("it must begin with https://")),
    }
    let plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match url.domain() {
        Some(_) if plain => Ok(url),
        Some(_) => Err(problem("it must have only a host, without a path or user")),
        None => Err(problem("its host must be a name, not an address")),
    }
}

/// Parses the domain of a handle. Returns its normal form.
///
/// # Errors
/// If the text is not a domain, but for example a URL or an IP address.
pub fn parse_domain(text: String) -> Result<String, ConfigError> {
    match Url::parse(&format!("https://{text}/")) {
        Ok(url) if url.path() == "/" && url.domain().is_some() && url.username().is_empty() => {
            Ok(authority(&url))
        }
        _ => Err(ConfigError::Value {
            name: "domain",
            value: text,
            expected: "it must be only a domain, such as example.org",
        }),
    }
}

fn localhost_url(port: u16) -> Result<Url, ConfigError> {
    let text = format!("http://localhost:{port}");
    Url::parse(&text).map_err(|_| ConfigError::Value {
        name: "listen",
        value: text,
        expected: "its port must be usable in a URL",
    })
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
