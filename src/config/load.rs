//! Reads the configuration and checks it.

use super::{Config, ConfigError, Overrides, file::File, paths};
use std::{net::SocketAddr, path::PathBuf};
use url::Url;

/// Mistakes, which are collected so that an admin sees all of them at once.
#[derive(Default)]
struct Mistakes(Vec<ConfigError>);

impl Mistakes {
    /// Returns the value, or notes the mistake and returns a replacement with which the checks can go on.
    fn check<T>(&mut self, checked: Result<T, ConfigError>, replacement: impl FnOnce() -> T) -> T {
        checked.unwrap_or_else(|error| {
            self.0.push(error);
            replacement()
        })
    }
}

/// Returns the first mistake.
pub(super) fn first(mistakes: Vec<ConfigError>) -> ConfigError {
    mistakes
        .into_iter()
        .next()
        .unwrap_or(ConfigError::Malformed {
            path: super::DEFAULT_FILE.into(),
            message: "it is invalid".into(),
        })
}

/// Reads and checks the configuration.
///
/// # Errors
/// With all mistakes.
pub(super) fn load(
    overrides: &Overrides,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Config, Vec<ConfigError>> {
    let env = |name: &str| environment(name).filter(|value| !value.is_empty());
    let named_file = overrides
        .file
        .clone()
        .or_else(|| env("PAMPHLET_CONFIG").map(Into::into));
    let is_named = named_file.is_some();
    let path = match named_file {
        _ if overrides.without_file => None,
        Some(path) => Some(path),
        None => paths::find_file(&env).map_err(|error| vec![error])?,
    };
    let file = path
        .as_deref()
        .map_or_else(|| Ok(File::default()), File::read)?;
    let mut mistakes = Mistakes::default();
    let listen = overrides
        .listen
        .clone()
        .or_else(|| env("PAMPHLET_LISTEN"))
        .or(file.listen);
    let default_listen = SocketAddr::from(([127, 0, 0, 1], 8080));
    let listen = listen.map_or(Ok(default_listen), parse_listen);
    let listen = mistakes.check(listen, || default_listen);
    let named_url = overrides
        .public_url
        .clone()
        .or_else(|| env("PAMPHLET_PUBLIC_URL"))
        .or(file.public_url);
    let is_trial = named_url.is_none();
    let development = match env("PAMPHLET_DEVELOPMENT") {
        _ if overrides.development => true,
        Some(value) => mistakes.check(parse_switch(value), || is_trial),
        None => file.development.unwrap_or(is_trial),
    };
    let localhost = localhost_url(listen.port()).map_err(|error| vec![error])?;
    let public_url = match named_url {
        Some(text) => mistakes.check(parse_public_url(text, development), || localhost),
        None => localhost,
    };
    let domain = overrides
        .domain
        .clone()
        .or_else(|| env("PAMPHLET_DOMAIN"))
        .or(file.domain);
    let own = || authority(&public_url);
    let domain = domain.map_or_else(|| Ok(own()), parse_domain);
    let domain = mistakes.check(domain, own);

    let given_data = overrides
        .data
        .clone()
        .or_else(|| env("PAMPHLET_DATA").map(Into::into));
    let written_data = file.data.unwrap_or_else(|| PathBuf::from("./data"));
    let is_data_given = given_data.is_some();
    let data = given_data.unwrap_or_else(|| paths::resolve(path.as_deref(), written_data.clone()));
    let given_database = overrides
        .database_url
        .clone()
        .or_else(|| env("PAMPHLET_DATABASE_URL"));
    let is_database_given = given_database.is_some();
    let database_url = given_database
        .or_else(|| {
            let url = file.database_url.clone()?;
            Some(paths::resolve_database_url(path.as_deref(), url))
        })
        .unwrap_or_else(|| paths::database_in(&data));
    let direct_url = overrides
        .database_direct_url
        .clone()
        .or_else(|| env("PAMPHLET_DATABASE_DIRECT_URL"))
        .or(file.database_direct_url);
    let direct_url = check_direct_url(direct_url, &database_url);
    let database_direct_url = mistakes.check(direct_url, || None);
    let written = paths::Written {
        file: path.as_deref(),
        data: Some(written_data.as_path()).filter(|_| !is_data_given),
        database_url: if is_database_given {
            Some(&database_url)
        } else {
            file.database_url.as_deref()
        },
    };
    mistakes.check(written.check_old_place(&data, &database_url), || ());

    mistakes.check(file.spam.check(development), || ());
    let mut tls = file.tls;
    paths::resolve_tls(path.as_deref(), &mut tls);
    mistakes.check(tls.check(&public_url), || ());
    let mut site = file.site;
    paths::resolve_site(path.as_deref(), &mut site);
    mistakes.0.extend(site.check_look());
    let extra_roots = env("PAMPHLET_EXTRA_ROOTS").map(PathBuf::from);
    let extra_roots =
        extra_roots.or_else(|| Some(paths::resolve(path.as_deref(), file.extra_roots?)));
    let media = match file.media.clone().with_environment(&env) {
        Ok(media) => media,
        Err(error) => {
            mistakes.0.push(error);
            file.media
        }
    };
    if !mistakes.0.is_empty() {
        return Err(mistakes.0);
    }
    Ok(Config {
        is_found_elsewhere: !is_named
            && path
                .as_deref()
                .is_some_and(|path| path != std::path::Path::new(super::DEFAULT_FILE)),
        file: path,
        public_url,
        domain,
        listen,
        data,
        database_url,
        database_direct_url,
        development,
        is_trial,
        extra_roots,
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
        media,
        metrics: file.metrics,
        log: file.log,
        tls,
    })
}

/// Checks the URL of the database behind a pooler.
fn check_direct_url(
    direct_url: Option<String>,
    database_url: &str,
) -> Result<Option<String>, ConfigError> {
    let Some(url) = direct_url.filter(|url| !url.is_empty()) else {
        return Ok(None);
    };
    let is_postgres = |url: &str| url.starts_with("postgres:") || url.starts_with("postgresql:");
    // The message names no URL, since one may have a password.
    let problem = |expected| ConfigError::Value {
        name: "database_direct_url",
        value: url.split(':').next().unwrap_or_default().to_owned(),
        expected,
    };
    if !is_postgres(&url) {
        return Err(problem("it must begin with postgres://"));
    }
    if !is_postgres(database_url) {
        return Err(problem(
            "it needs a database_url that begins with postgres:// too: set that, or remove this one",
        ));
    }
    Ok(Some(url))
}

fn parse_listen(text: String) -> Result<SocketAddr, ConfigError> {
    text.parse().map_err(|_| ConfigError::Value {
        name: "listen",
        value: text,
        expected: "it must be an address and a port, such as 127.0.0.1:8080",
    })
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

/// Parses the public address of a node.
///
/// # Errors
/// If it is not an origin with https; in development mode, http is allowed too.
pub(crate) fn parse_public_url(text: String, development: bool) -> Result<Url, ConfigError> {
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

/// Returns the host of a URL, with the port unless it is the default of the scheme.
pub(super) fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
