//! The components of a request that signatures cover, and the checks of its host and digests.

use super::{Expectation, RequestParts, Scheme, SignatureError, digest};
use url::{Position, Url};

/// A request to one of this server's hosts.
pub(super) struct Message<'a> {
    request: &'a RequestParts<'a>,
    scheme: Scheme,
    /// The `Host` header in lower case, without the default port (RFC 9421 2.2.3).
    authority: String,
    /// The current time in Unix seconds.
    pub now: i64,
}

impl<'a> Message<'a> {
    pub(super) fn new(
        request: &'a RequestParts<'a>,
        expect: &Expectation<'_>,
    ) -> Result<Self, SignatureError> {
        if !request.path_and_query.starts_with('/') {
            return Err(SignatureError::malformed("request target", "a path"));
        }
        let host = field(request, "host")?;
        let authority = normal_authority(&host, expect.scheme);
        let known = known_authority(&host, expect.scheme);
        let is_ours = |ours: &String| known_authority(ours, expect.scheme) == known;
        if known.is_none() || !expect.hosts.iter().any(is_ours) {
            return Err(SignatureError::Host);
        }
        Ok(Self {
            request,
            scheme: expect.scheme,
            authority,
            now: expect.now.timestamp(),
        })
    }

    /// Returns a header's value: its lines trimmed and joined (RFC 9421 2.1, draft-cavage 2.3).
    pub(super) fn field(&self, name: &str) -> Result<String, SignatureError> {
        field(self.request, name)
    }

    pub(super) fn method(&self) -> &str {
        self.request.method.as_str()
    }

    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    pub(super) fn scheme(&self) -> &'static str {
        self.scheme.as_str()
    }

    pub(super) fn path_and_query(&self) -> &str {
        self.request.path_and_query
    }

    pub(super) fn path(&self) -> &str {
        let (path, _) = self.split_target();
        path
    }

    /// Returns the query without the `?`.
    pub(super) fn query(&self) -> Option<&str> {
        let (_, query) = self.split_target();
        query
    }

    fn split_target(&self) -> (&str, Option<&str>) {
        match self.path_and_query().split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.path_and_query(), None),
        }
    }

    /// Returns whether the request may have a body, so that a digest must be covered.
    fn has_content(&self) -> bool {
        !self.request.body.is_empty()
            || !matches!(self.method(), "GET" | "HEAD" | "OPTIONS" | "DELETE")
    }

    /// Checks every covered digest, and that one of `accepted` is covered if there may be a body.
    pub(super) fn check_digests(
        &self,
        covered: &[String],
        accepted: &[&str],
    ) -> Result<(), SignatureError> {
        let covers = |name: &str| covered.iter().any(|covered| covered == name);
        if self.has_content() && !accepted.iter().any(|name| covers(name)) {
            return Err(SignatureError::Uncovered("a digest of the body"));
        }
        if covers(digest::DIGEST) {
            digest::check_digest(&self.field(digest::DIGEST)?, self.request.body)?;
        }
        if covers(digest::CONTENT_DIGEST) {
            digest::check_content_digest(&self.field(digest::CONTENT_DIGEST)?, self.request.body)?;
        }
        Ok(())
    }
}

fn field(request: &RequestParts<'_>, name: &str) -> Result<String, SignatureError> {
    let values = request.headers.get_all(name);
    let lines: Vec<&str> = values
        .iter()
        .map(|value| std::str::from_utf8(value.as_bytes()).map(str::trim))
        .collect::<Result<_, _>>()
        .map_err(|_| SignatureError::malformed(&header(name), "text in UTF-8"))?;
    if lines.is_empty() {
        return Err(SignatureError::Absent(header(name)));
    }
    Ok(lines.join(", "))
}

fn header(name: &str) -> String {
    format!("{} header", super::error::snippet(name))
}

/// Returns a host in comparable form: in lower case, in Punycode, without the default port. `None` if the text is no
/// host with an optional port.
fn known_authority(host: &str, scheme: Scheme) -> Option<String> {
    let url = Url::parse(&format!("{}://{host}", scheme.as_str())).ok()?;
    let is_bare = url.username().is_empty()
        && url.password().is_none()
        && &url[Position::BeforePath..] == "/"
        && !host.ends_with('/');
    let name = url.host_str()?;
    is_bare.then(|| match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    })
}

fn normal_authority(host: &str, scheme: Scheme) -> String {
    let host = host.to_ascii_lowercase();
    match host.strip_suffix(scheme.default_port()) {
        Some(bare) => bare.to_owned(),
        None => host,
    }
}
