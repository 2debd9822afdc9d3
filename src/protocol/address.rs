//! Addresses that other servers know, in a form in which they can be compared and stored.

use super::id::normalize_percent_encoding;
use std::borrow::Cow;
use url::{Url, form_urlencoded};

/// The maximum length of an address, in bytes.
const MAX_LENGTH: usize = 2000;
/// The maximum number of parameters of an address whose query is not known as a whole.
const MAX_PARAMETERS: usize = 8;

/// The name and the value of a parameter.
type Parameter = (String, String);

/// An address in a request, with the stored addresses that it may stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AddressCandidate {
    /// The form in which the address is stored: see [`address_key`].
    pub(crate) key: String,
    /// The parameters that are not part of it, for the resource that it leads to, such as `page=2`.
    pub(crate) rest: String,
}

/// Returns the form in which an address is stored. Its argument is a path with a query (`/?author=1`), or a URL.
///
/// A path is kept with the case of its letters, without unnecessary escapes, repeated slashes, and a slash or an
/// `index.php` that changes nothing; only `@name` is in lower case. Parameters are sorted. A URL keeps its host, in
/// lower case, but not its scheme: `//example.org/?author=1`. A fragment is left out.
///
/// Returns `None` for a text that is neither.
pub(crate) fn address_key(address: &str) -> Option<String> {
    let (host, path, query) = parts(address)?;
    Some(key(&host, &path, &parameters(query.as_deref())))
}

/// Returns the stored addresses that a request may mean, the best first: the whole address; each parameter alone, since
/// other software ignored unknown ones (`/?p=12&utm_source=x`); the path without its query.
///
/// If `host` is not empty, the addresses with this host come before those without one.
pub(crate) fn address_candidates(
    host: &str,
    path: &str,
    query: Option<&str>,
) -> Vec<AddressCandidate> {
    if path.len() + query.map_or(0, str::len) > MAX_LENGTH {
        return Vec::new();
    }
    let (path, all) = (clean_path(path), parameters(query));
    let mut parts: Vec<(Vec<&Parameter>, Vec<&Parameter>)> =
        vec![(all.iter().collect(), Vec::new())];
    if all.len() > 1 {
        for (index, parameter) in all.iter().enumerate().take(MAX_PARAMETERS) {
            let rest = all.iter().enumerate();
            let rest = rest.filter(|(other, _)| *other != index);
            parts.push((vec![parameter], rest.map(|(_, other)| other).collect()));
        }
    }
    if path != "/" && !all.is_empty() {
        parts.push((Vec::new(), all.iter().collect()));
    }
    let hosts = [host, ""];
    let hosts = if host.is_empty() { &hosts[1..] } else { &hosts };
    let candidates = parts.iter().flat_map(|(named, rest)| {
        hosts.iter().map(|host| AddressCandidate {
            key: key(host, &path, named.iter().copied()),
            rest: serialized(rest.iter().copied()),
        })
    });
    candidates.collect()
}

/// Returns the host of an address, or an empty text, its path and its query.
fn parts(address: &str) -> Option<(String, String, Option<String>)> {
    if address.len() > MAX_LENGTH {
        return None;
    }
    if address.starts_with('/') && !address.starts_with("//") {
        let address = address.split('#').next().unwrap_or_default();
        return Some(match address.split_once('?') {
            Some((path, query)) => (String::new(), clean_path(path), Some(query.to_owned())),
            None => (String::new(), clean_path(address), None),
        });
    }
    let whole = match address.strip_prefix("//") {
        Some(rest) => Cow::Owned(format!("https://{rest}")),
        None => Cow::Borrowed(address),
    };
    let url = Url::parse(&whole).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let host = address_host(&url).filter(|_| is_web)?;
    Some((host, clean_path(url.path()), url.query().map(str::to_owned)))
}

/// Returns the host of a URL as stored addresses spell it: with the port, unless that is the one of http or https.
pub(crate) fn address_host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    let host = host.strip_suffix('.').unwrap_or(host);
    let port = url.port().filter(|port| !matches!(port, 80 | 443));
    let host = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    (!host.is_empty()).then_some(host)
}

fn clean_path(path: &str) -> String {
    let path = normalize_percent_encoding(path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        ["index.php", rest @ ..] => format!("/{}", rest.join("/")),
        [first, rest @ ..] if first.starts_with('@') || first.starts_with("%40") => {
            let name = first.replacen("%40", "@", 1).to_lowercase();
            let mut parts = vec![name.as_str()];
            parts.extend(rest);
            format!("/{}", parts.join("/"))
        }
        parts => format!("/{}", parts.join("/")),
    }
}

fn parameters(query: Option<&str>) -> Vec<Parameter> {
    let query = query.unwrap_or_default();
    let mut parameters: Vec<Parameter> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    parameters.sort();
    parameters
}

fn key<'a>(host: &str, path: &str, parameters: impl IntoIterator<Item = &'a Parameter>) -> String {
    let query = serialized(parameters);
    let host = if host.is_empty() {
        String::new()
    } else {
        format!("//{host}")
    };
    if query.is_empty() {
        format!("{host}{path}")
    } else {
        format!("{host}{path}?{query}")
    }
}

fn serialized<'a>(parameters: impl IntoIterator<Item = &'a Parameter>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters);
    query.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_stored_form() {
        for (address, stored) in [
            ("/?author=1", Some("/?author=1")),
            ("/index.php?author=1#main-key", Some("/?author=1")),
            ("//Example.org/?author=1", Some("//example.org/?author=1")),
            (
                "https://example.org?author=1",
                Some("//example.org/?author=1"),
            ),
            (
                "http://example.org:80/index.php/?b=2&a=1",
                Some("//example.org/?a=1&b=2"),
            ),
            ("http://127.0.0.1:8080/@Ann/", Some("//127.0.0.1:8080/@ann")),
            ("/author/Ann//", Some("/author/Ann")),
            ("/%40Ann", Some("/@ann")),
            (
                "/?rest_route=/activitypub/1.0/actors/1/inbox",
                Some("/?rest_route=%2Factivitypub%2F1.0%2Factors%2F1%2Finbox"),
            ),
            ("/%7eann?x=%7e", Some("/~ann?x=%7E")),
            (
                "https://bücher.example/a",
                Some("//xn--bcher-kva.example/a"),
            ),
            ("mailto:a@example.org", None),
            ("example.org/a", None),
        ] {
            assert_eq!(address_key(address).as_deref(), stored, "{address}");
            if let Some(stored) = stored {
                assert_eq!(address_key(stored).as_deref(), Some(stored));
            }
        }
    }

    #[test]
    fn a_request_means_the_whole_address_before_its_parts() {
        let of = |host: &str, path: &str, query: Option<&str>| {
            let candidates = address_candidates(host, path, query);
            let texts = candidates
                .iter()
                .map(|it| format!("{} {}", it.key, it.rest));
            texts.collect::<Vec<_>>()
        };
        assert_eq!(of("", "/", Some("p=12")), ["/?p=12 "]);
        assert_eq!(
            of("", "/", Some("utm_source=x&p=12")),
            [
                "/?p=12&utm_source=x ",
                "/?p=12 utm_source=x",
                "/?utm_source=x p=12"
            ]
        );
        assert_eq!(
            of("", "/wp-json/outbox/", Some("page=2")),
            ["/wp-json/outbox?page=2 ", "/wp-json/outbox page=2"]
        );
        assert_eq!(of("old.example", "/a", None), ["//old.example/a ", "/a "]);
    }
}
