//! HTTP signatures as Mastodon makes and reads them (draft-cavage-12, RSA-SHA256).

use crate::keys::{self, Key};
use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderMap;
use std::{collections::HashMap, time::SystemTime};

/// Returns the headers of a signed POST of `body` to `path` on `host`.
pub(crate) fn sign_post(
    key: &Key,
    key_id: &str,
    host: &str,
    path: &str,
    body: &[u8],
) -> [(&'static str, String); 5] {
    let date = httpdate::fmt_http_date(SystemTime::now());
    let digest = digest_of(body);
    let text =
        format!("(request-target): post {path}\nhost: {host}\ndate: {date}\ndigest: {digest}");
    let signature = format!(
        r#"keyId="{key_id}",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="{}""#,
        key.sign(text.as_bytes())
    );
    [
        ("host", host.to_owned()),
        ("date", date),
        ("digest", digest),
        ("signature", signature),
        ("content-type", "application/activity+json".to_owned()),
    ]
}

fn digest_of(body: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, body);
    format!("SHA-256={}", STANDARD.encode(hash))
}

/// A `Signature` header in its parts.
pub(crate) struct Signature<'a> {
    parts: HashMap<&'a str, &'a str>,
}

impl<'a> Signature<'a> {
    /// Reads the `Signature` header, if there is one.
    pub(crate) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let header = headers.get("signature")?.to_str().ok()?;
        let parts = header
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .map(|(name, value)| (name, value.trim_matches('"')))
            .collect();
        Some(Self { parts })
    }

    fn part(&self, name: &str) -> Result<&'a str, String> {
        let part = self.parts.get(name).copied();
        part.ok_or_else(|| format!("the signature has no {name}"))
    }

    /// Returns the id of the key that made the signature.
    pub(crate) fn key_id(&self) -> Result<&'a str, String> {
        self.part("keyId")
    }

    /// Checks that a POST is signed over its target, host and digest with the key `public_pem`.
    pub(crate) fn verify(
        &self,
        headers: &HeaderMap,
        host: &str,
        path: &str,
        body: &[u8],
        public_pem: &str,
    ) -> Result<(), String> {
        let value = |name: &str| -> Result<&str, String> {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.ok_or_else(|| format!("no {name} header"))
        };
        if value("digest")? != digest_of(body) {
            return Err("the digest is not the body's".into());
        }
        let names: Vec<&str> = self.part("headers")?.split(' ').collect();
        for name in ["(request-target)", "host", "digest"] {
            if !names.contains(&name) {
                return Err(format!("{name} is not signed"));
            }
        }
        let mut lines = Vec::new();
        for name in names {
            lines.push(match name {
                "(request-target)" => format!("{name}: post {path}"),
                "(created)" => format!("{name}: {}", self.part("created")?),
                "(expires)" => format!("{name}: {}", self.part("expires")?),
                // HTTP/2 has no such header.
                "host" => format!("{name}: {host}"),
                _ => format!("{name}: {}", value(name)?),
            });
        }
        let text = lines.join("\n");
        if keys::is_valid(public_pem, text.as_bytes(), self.part("signature")?) {
            Ok(())
        } else {
            Err("the signature does not match the key".into())
        }
    }
}
