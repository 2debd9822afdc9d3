//! The configuration, from a file, `PAMPHLET_*` environment variables and flags. A flag overrides a variable, which
//! overrides the file. Everything is checked at the start.

mod comments;
mod database_urls;
mod file;
mod human_duration;
pub mod limits;
mod load;
mod look;
mod media;
mod paths;
pub mod permissions;
mod region;
pub(crate) mod retention;
mod sections;
mod tls;

pub use comments::*;
pub use database_urls::DatabaseUrls;
pub use human_duration::HumanDuration;
pub use limits::Limits;
pub use load::parse_domain;
pub(crate) use load::parse_public_url;
pub use look::Accent;
pub use media::{Media, MediaStore};
pub(crate) use paths::absolute_database_url;
pub use sections::*;
pub use tls::Tls;

use std::{net::SocketAddr, path::PathBuf};
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
    /// A file that somebody else could have put above the working folder.
    #[error(
        "the configuration file {path} was found above this folder, but belongs to another user: name it with --config \
         if you trust it"
    )]
    Foreign { path: String },
    /// The data are where an earlier version looked for them.
    #[error(
        "there is a {what} at {old}, but paths in {file} are relative to that file now, which means {new}: move it \
         there, or write the absolute path into {file}"
    )]
    OldPlace {
        what: &'static str,
        old: String,
        new: String,
        file: String,
    },
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
    pub database_direct_url: Option<String>,
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
    /// The database itself, if `database_url` is a pooler in transaction mode.
    pub database_direct_url: Option<String>,
    /// Whether other servers may use http, ports and loopback addresses.
    pub development: bool,
    /// Whether the file was found outside the working folder, without being named.
    pub is_found_elsewhere: bool,
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
        load::load(overrides, environment).map_err(load::first)
    }

    /// Reads and checks the configuration as [`Config::load`] does.
    ///
    /// # Errors
    /// With all mistakes that can be told apart.
    pub fn load_reporting_all(overrides: &Overrides) -> Result<Config, Vec<ConfigError>> {
        load::load(overrides, &|name| std::env::var(name).ok())
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

    /// Returns the URLs of the database for a process that runs long and has many connections.
    pub fn database_urls(&self) -> DatabaseUrls<'_> {
        DatabaseUrls {
            url: &self.database_url,
            direct_url: self.database_direct_url.as_deref(),
        }
    }

    /// Returns the URL of the database itself, which commands use.
    pub fn direct_database_url(&self) -> &str {
        self.database_urls().direct()
    }

    /// Returns whether the database is a file that does not exist.
    pub fn lacks_database_file(&self) -> bool {
        paths::sqlite_path(&self.database_url).is_some_and(|path| !path.exists())
    }

    /// Returns the publication's identity, by which followers know it: its handle and address.
    pub fn identity(&self) -> String {
        format!(
            "@{}@{} at {}",
            self.site.username, self.domain, self.public_url
        )
    }

    /// Returns our host, with the port unless it is the default of the scheme.
    pub fn authority(&self) -> String {
        load::authority(&self.public_url)
    }

    /// Returns the URL of a path on this node. The path begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}
