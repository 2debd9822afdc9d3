//! Requests to the API of a publication on another machine, and its errors in sentences.

use super::tokens::{is_loopback, token_for};
use crate::{
    cli::common::{UsageError, VERSION, output},
    store::new_uid,
};
use anyhow::{Context, Result, anyhow, bail};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH, LOCATION, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::Value;
use std::{error::Error, path::Path, time::Duration};
use url::Url;

/// How long a connection may take, and a whole request; an upload of a large file takes long.
const CONNECTING: Duration = Duration::from_secs(15);
const REQUEST: Duration = Duration::from_secs(60);
const UPLOAD: Duration = Duration::from_secs(60 * 60);
/// The largest response that is read, in bytes.
const MAX_RESPONSE: usize = 32 * 1024 * 1024;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A publication on another machine.
pub(super) struct Client {
    http: reqwest::Client,
    address: Url,
    token: String,
    site: Value,
}

/// A document with its entity tag, for the change that follows.
pub(super) struct Tagged {
    pub(super) value: Value,
    pub(super) tag: Option<String>,
}

/// Parses the address of a publication.
///
/// # Errors
/// If it is none, or would send the token in the clear.
pub(super) fn parse_address(text: &str) -> Result<Url> {
    let wrong = |why: &str| {
        UsageError::new(format!(
            "{text:?} is not the address of a publication: {why}"
        ))
    };
    let url = Url::parse(text).map_err(|_| wrong("write it as https://example.org"))?;
    let host = url.host_str().unwrap_or_default();
    match url.scheme() {
        "https" if !host.is_empty() => {}
        "http" if is_loopback(host) => {}
        "http" => {
            return Err(wrong("it must begin with https://, because the token is a secret").into());
        }
        _ => return Err(wrong("it must begin with https://").into()),
    }
    if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
        return Err(wrong("it has only a host, without a path or user").into());
    }
    Ok(url)
}

impl Client {
    /// Opens a publication with the token that is stored for it.
    ///
    /// # Errors
    /// If there is no token, or the publication can't be reached or does not accept it.
    pub(super) async fn open(address: &str) -> Result<Client> {
        let address = parse_address(address)?;
        let token = token_for(&address)?;
        Self::connect(&address, token).await
    }

    /// Opens a publication, checks the token, and learns the time zone.
    ///
    /// # Errors
    /// If the publication can't be reached, or does not accept the token.
    pub(super) async fn connect(address: &Url, token: String) -> Result<Client> {
        let http = reqwest::Client::builder()
            .user_agent(format!("pamphlet/{VERSION}"))
            .connect_timeout(CONNECTING)
            .redirect(Policy::none())
            .build()
            .context("cannot start the HTTP client")?;
        let mut client = Client {
            http,
            address: address.clone(),
            token,
            site: Value::Null,
        };
        client.site = client.get("site").await?.value;
        if let Some(zone) = client.site["time_zone"].as_str()
            && let Ok(zone) = zone.parse()
        {
            output::set_zone(zone);
        }
        Ok(client)
    }

    /// Returns what the publication says about itself and the token.
    pub(super) fn site(&self) -> &Value {
        &self.site
    }

    /// Returns a document.
    pub(super) async fn get(&self, path: &str) -> Result<Tagged> {
        let request = self.request(Method::GET, path);
        self.send(request.timeout(REQUEST)).await
    }

    /// Returns a document that a query selects.
    pub(super) async fn query(&self, path: &str, query: &[(&str, String)]) -> Result<Value> {
        let mut url = self.url(path);
        url.query_pairs_mut().extend_pairs(query);
        let request = self.http.get(url).bearer_auth(&self.token);
        Ok(self.send(request.timeout(REQUEST)).await?.value)
    }

    /// Returns the entries of a list from all its pages, at most `limit`.
    pub(super) async fn list(
        &self,
        path: &str,
        query: &[(&str, String)],
        limit: usize,
    ) -> Result<Vec<Value>> {
        let mut url = self.url(path);
        let page = limit.min(100).to_string();
        url.query_pairs_mut()
            .extend_pairs(query)
            .append_pair("limit", &page);
        let mut entries = Vec::new();
        loop {
            let request = self.http.get(url.clone()).bearer_auth(&self.token);
            let page = self.send(request.timeout(REQUEST)).await?.value;
            let items = page["items"].as_array().cloned().unwrap_or_default();
            entries.extend(items);
            let next = page["next"].as_str().map(Url::parse);
            match next {
                Some(Ok(next)) if entries.len() < limit => {
                    // The address may be another one behind a proxy.
                    url.set_query(next.query());
                }
                _ => break,
            }
        }
        entries.truncate(limit);
        Ok(entries)
    }

    /// Creates something. A repetition after a lost connection creates nothing more.
    pub(super) async fn create(&self, path: &str, body: &Value) -> Result<Value> {
        let key = new_uid();
        let request = self
            .request(Method::POST, path)
            .header(IDEMPOTENCY_KEY, &key);
        let request = with_json(request, body).timeout(REQUEST);
        let again = request.try_clone();
        match (self.send_once(request).await, again) {
            (Ok(response), _) => Ok(self.read(response).await?.value),
            // The response was lost. The same key makes a second attempt harmless.
            (Err(error), Some(again)) if !error.is_connect() => Ok(self.send(again).await?.value),
            (Err(error), _) => Err(self.unreachable(&error)),
        }
    }

    /// Does something with what is at a path.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = with_json(self.request(Method::POST, path), body);
        Ok(self.send(request.timeout(REQUEST)).await?.value)
    }

    /// Replaces what has this entity tag.
    pub(super) async fn put(&self, path: &str, body: &Value, tag: Option<&str>) -> Result<Value> {
        let mut request = with_json(self.request(Method::PUT, path), body);
        if let Some(tag) = tag {
            request = request.header(IF_MATCH, tag);
        }
        Ok(self.send(request.timeout(REQUEST)).await?.value)
    }

    /// Deletes what is at a path.
    pub(super) async fn delete(&self, path: &str) -> Result<()> {
        let request = self.request(Method::DELETE, path);
        self.send(request.timeout(REQUEST)).await.map(drop)
    }

    /// Uploads a file with its description. Returns what the publication stored.
    pub(super) async fn upload(&self, path: &Path, alt: Option<&str>) -> Result<Value> {
        let shown = path.display();
        let file = tokio::fs::File::open(path)
            .await
            .with_context(|| format!("cannot read {shown}"))?;
        let size = file.metadata().await?.len();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut url = self.url("media");
        url.query_pairs_mut().append_pair("name", &name);
        if let Some(alt) = alt {
            url.query_pairs_mut().append_pair("alt", alt);
        }
        let body = reqwest::Body::wrap_stream(tokio_util::io::ReaderStream::new(file));
        let request = self
            .http
            .post(url)
            .bearer_auth(&self.token)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, size)
            .body(body);
        let sent = self.send(request.timeout(UPLOAD)).await;
        Ok(sent.with_context(|| shown.to_string())?.value)
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.address.clone();
        url.set_path("");
        if let Ok(mut segments) = url.path_segments_mut() {
            segments
                .clear()
                .extend(["api", "v1"])
                .extend(path.split('/'));
        }
        url
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(path))
            .bearer_auth(&self.token)
    }

    async fn send_once(&self, request: RequestBuilder) -> reqwest::Result<Response> {
        request.send().await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Tagged> {
        let sent = self.send_once(request).await;
        let response = sent.map_err(|error| self.unreachable(&error))?;
        self.read(response).await
    }

    async fn read(&self, mut response: Response) -> Result<Tagged> {
        let status = response.status();
        let header = |name: HeaderName| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let (tag, kind) = (header(ETAG), header(CONTENT_TYPE).unwrap_or_default());
        let (location, retry) = (header(LOCATION), header(RETRY_AFTER));
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.unreachable(&error))?
        {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_RESPONSE {
                bail!(
                    "{} sent more than 32 MiB: is it the right address?",
                    self.origin()
                );
            }
        }
        let is_json = kind.contains("json");
        let value: Value = match serde_json::from_slice(&body) {
            Ok(value) if is_json => value,
            _ => Value::Null,
        };
        if status.is_success() && (is_json || status == StatusCode::NO_CONTENT) {
            return Ok(Tagged { value, tag });
        }
        Err(self.refusal(status, &value, location, retry))
    }

    /// Describes a response that is no success.
    fn refusal(
        &self,
        status: StatusCode,
        problem: &Value,
        location: Option<String>,
        retry: Option<String>,
    ) -> anyhow::Error {
        let origin = self.origin();
        let detail = problem["detail"]
            .as_str()
            .map(|text| output::one_line(text, 400));
        match (status, detail) {
            (StatusCode::UNAUTHORIZED, _) => anyhow!(
                "{origin} does not accept the token, which may have expired: make a new one there with `pamphlet token \
                 create --name laptop --scope all`, and store it with `pamphlet remote login {origin}`"
            ),
            (StatusCode::FORBIDDEN, Some(detail)) => anyhow!(
                "the token is not for this ({detail}): make one with more scopes there, with `pamphlet token create`"
            ),
            (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, Some(detail)) => {
                match retry {
                    Some(seconds) => anyhow!("{detail}; try again in {seconds} seconds"),
                    None => anyhow!(detail),
                }
            }
            (_, Some(detail)) => Problem {
                code: problem["code"].as_str().unwrap_or_default().to_owned(),
                detail,
            }
            .into(),
            (status, None) if status.is_redirection() => anyhow!(
                "{origin} redirects to {}: use the address of the publication itself",
                location.as_deref().unwrap_or("another address")
            ),
            (status, None) if status.is_server_error() => {
                anyhow!("{origin} answers {status}: is the node running behind its web server?")
            }
            (status, None) => anyhow!(
                "{origin} answers {status} without the API of Pamphlet: its version may be too old for --remote, or its \
                 web server does not pass /api/ on"
            ),
        }
    }

    /// Describes a failure to get any response.
    fn unreachable(&self, error: &reqwest::Error) -> anyhow::Error {
        let mut causes = vec![error.to_string()];
        let mut cause = error.source();
        while let Some(inner) = cause {
            causes.push(inner.to_string());
            cause = inner.source();
        }
        let origin = self.origin();
        let all = causes.join(": ");
        let last = output::one_line(causes.last().map_or("", String::as_str), 200);
        if error.is_timeout() {
            anyhow!("{origin} did not answer in time: try again later")
        } else if all.contains("certificate") {
            anyhow!("the certificate of {origin} can't be trusted ({last}): nothing was sent")
        } else {
            anyhow!("{origin} can't be reached: {last}")
        }
    }

    pub(super) fn origin(&self) -> &str {
        self.address.as_str().trim_end_matches('/')
    }
}

/// A refusal of the API with its code.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub(super) struct Problem {
    pub(super) code: String,
    pub(super) detail: String,
}

/// Returns whether a request failed because of a problem with this code.
pub(super) fn is_problem(error: &anyhow::Error, code: &str) -> bool {
    error
        .downcast_ref::<Problem>()
        .is_some_and(|problem| problem.code == code)
}

fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string())
}
