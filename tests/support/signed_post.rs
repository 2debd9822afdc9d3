//! A signed POST that a test can spoil in every part before it is sent.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use pamphlet::crypto::keys::PrivateKey;
use serde_json::Value;
use std::{sync::Arc, time::SystemTime};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::Url;

/// The response of the node to a request that was written byte by byte.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub status: u16,
    /// The status line and the headers, in lower case.
    pub head: String,
    pub body: String,
}

impl RawResponse {
    /// Returns whether this is an error of the inbox with this status: a JSON problem (RFC 9457).
    pub(crate) fn is_problem(&self, status: u16) -> bool {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        self.status == status
            && self
                .head
                .contains("content-type: application/problem+json\r\n")
            && body["status"] == status
            && body["detail"].is_string()
    }
}

/// A POST with a draft-cavage signature, made by hand so that it can be wrong.
#[derive(Clone)]
pub(crate) struct SignedPost {
    pub url: Url,
    pub body: Vec<u8>,
    pub key: Arc<PrivateKey>,
    pub key_id: String,
    /// The names that are signed, in order.
    pub covered: Vec<String>,
    /// Headers in the order sent; the signature is made over these.
    pub headers: Vec<(String, String)>,
    /// Parameters besides keyId, headers and signature, as written, such as `algorithm="rsa-sha256"`.
    pub parameters: Vec<String>,
    /// The signed path, if it is not the requested one.
    pub signed_target: Option<String>,
    /// Headers added after signing.
    pub extra: Vec<(String, String)>,
}

impl SignedPost {
    /// Creates a correct request.
    pub(crate) fn new(url: &str, activity: &Value, key: Arc<PrivateKey>, key_id: &str) -> Self {
        Self::of_bytes(url, activity.to_string().into_bytes(), key, key_id)
    }

    pub(crate) fn of_bytes(url: &str, body: Vec<u8>, key: Arc<PrivateKey>, key_id: &str) -> Self {
        let url = Url::parse(url).unwrap();
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap()),
            None => url.host_str().unwrap().to_owned(),
        };
        let headers = vec![
            ("host".into(), host),
            ("date".into(), httpdate::fmt_http_date(SystemTime::now())),
            ("digest".into(), digest_of(&body)),
            ("content-type".into(), "application/activity+json".into()),
        ];
        SignedPost {
            url,
            key,
            key_id: key_id.to_owned(),
            covered: ["(request-target)", "host", "date", "digest"]
                .map(str::to_owned)
                .to_vec(),
            headers,
            parameters: vec!["algorithm=\"rsa-sha256\"".into()],
            signed_target: None,
            extra: Vec::new(),
            body,
        }
    }

    /// Sets a header before signing.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self
    }

    /// Signs only these headers.
    pub(crate) fn covering(mut self, names: &[&str]) -> Self {
        self.covered = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Returns the value of the `Signature` header.
    pub(crate) fn signature(&self) -> String {
        let target = self.signed_target.clone().unwrap_or_else(|| self.target());
        let parameter = |name: &str| {
            let start = format!("{name}=");
            let found = self
                .parameters
                .iter()
                .find_map(|parameter| parameter.strip_prefix(&start));
            found.unwrap_or("").trim_matches('"').to_owned()
        };
        let line = |name: &String| {
            let value = match name.as_str() {
                "(request-target)" => format!("post {target}"),
                "(created)" => parameter("created"),
                "(expires)" => parameter("expires"),
                name => {
                    let found = self.headers.iter().find(|(known, _)| known == name);
                    found.map(|(_, value)| value.clone()).unwrap_or_default()
                }
            };
            format!("{name}: {value}")
        };
        let text: Vec<String> = self.covered.iter().map(line).collect();
        let signature = STANDARD.encode(self.key.sign(text.join("\n").as_bytes()).unwrap());
        let mut parts = vec![format!("keyId=\"{}\"", self.key_id)];
        parts.extend(self.parameters.clone());
        parts.push(format!("headers=\"{}\"", self.covered.join(" ")));
        parts.push(format!("signature=\"{signature}\""));
        parts.join(",")
    }

    /// Returns the path with its query.
    pub(crate) fn target(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// Returns all headers that are sent, the signature included.
    pub(crate) fn sent_headers(&self) -> Vec<(String, String)> {
        let signature = ("signature".to_owned(), self.signature());
        self.headers.iter().cloned().chain([signature]).collect()
    }

    /// Signs and sends it.
    pub(crate) async fn send(&self) -> RawResponse {
        let signature = self.signature();
        self.send_with_signature(Some(&signature)).await
    }

    /// Sends it with another `Signature` header, or none.
    pub(crate) async fn send_with_signature(&self, signature: Option<&str>) -> RawResponse {
        let mut text = format!("POST {} HTTP/1.1\r\n", self.target());
        for (name, value) in self.headers.iter().chain(&self.extra) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(signature) = signature {
            text.push_str(&format!("signature: {signature}\r\n"));
        }
        let has = |name: &str| {
            self.headers
                .iter()
                .chain(&self.extra)
                .any(|(known, _)| known == name)
        };
        if !has("content-length") && !has("transfer-encoding") {
            text.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        text.push_str("connection: close\r\n\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        send_raw(&self.url, &bytes).await
    }
}

/// Sends bytes and reads the response. Its status is 0 if there is none.
pub(crate) async fn send_raw(url: &Url, bytes: &[u8]) -> RawResponse {
    let port = url.port_or_known_default().unwrap();
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else {
        return RawResponse {
            status: 0,
            head: String::new(),
            body: "connection refused".into(),
        };
    };
    // The node may respond and close the connection before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response).await;
    let text = String::from_utf8_lossy(&response).into_owned();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    RawResponse {
        status,
        head: format!("{head}\r\n").to_ascii_lowercase(),
        body: body.to_owned(),
    }
}

pub(crate) fn digest_of(body: &[u8]) -> String {
    format!(
        "SHA-256={}",
        STANDARD.encode(digest::digest(&digest::SHA256, body))
    )
}
