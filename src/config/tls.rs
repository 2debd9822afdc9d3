//! The certificate with which the node itself serves HTTPS.

use super::ConfigError;
use crate::content::Host;
use serde::Deserialize;
use std::{net::SocketAddr, path::PathBuf};
use url::Url;

/// The directory of Let's Encrypt.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// The certificate of the node. Without one, a reverse proxy has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Whether the node obtains its certificate by ACME (RFC 8555).
    pub acme: bool,
    /// An address that the authority may write to, `mailto:` included.
    pub contact: Option<String>,
    /// The ACME directory.
    pub directory: Option<Url>,
    /// Further names of the certificate, besides the host of the public URL.
    pub domains: Vec<Host>,
    /// PEM files of the certificate with its chain, and of its key.
    pub certificate: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// An address at which plain HTTP is redirected to HTTPS.
    pub redirect_from: Option<SocketAddr>,
}

impl Tls {
    /// Returns the ACME directory.
    pub fn directory(&self) -> &str {
        self.directory.as_ref().map_or(LETS_ENCRYPT, Url::as_str)
    }

    /// Returns the files of certificate and key.
    pub fn files(&self) -> Option<(&PathBuf, &PathBuf)> {
        self.certificate.as_ref().zip(self.key.as_ref())
    }

    /// Returns whether the node serves HTTPS itself.
    pub fn is_used(&self) -> bool {
        self.acme || self.files().is_some()
    }

    pub(super) fn check(&self, public_url: &Url) -> Result<(), ConfigError> {
        let problem = |name, value: String, expected| ConfigError::Value {
            name,
            value,
            expected,
        };
        let is_file_missing = self.certificate.is_some() != self.key.is_some();
        let contact = self.contact.clone().unwrap_or_default();
        Err(if is_file_missing {
            let expected = "tls.key must be set too, and the other way round";
            problem("tls.certificate", String::new(), expected)
        } else if self.acme && self.certificate.is_some() {
            let expected = "without tls.certificate, which is used instead";
            problem("tls.acme", "true".into(), expected)
        } else if self.is_used() && public_url.scheme() != "https" {
            let expected = "it must begin with https://, since [tls] has a certificate";
            problem("public_url", public_url.to_string(), expected)
        } else if self.redirect_from.is_some() && !self.is_used() {
            let expected = "tls.acme or tls.certificate must be set too";
            problem("tls.redirect_from", String::new(), expected)
        } else if !contact.is_empty() && !contact.starts_with("mailto:") {
            let expected = "it must be an address such as mailto:admin@example.org";
            problem("tls.contact", contact, expected)
        } else {
            return Ok(());
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Tls;

    #[test]
    fn mistakes_are_reported() {
        for (text, part) in [
            ("certificate = \"a.pem\"", "tls.key"),
            ("key = \"a.pem\"", "tls.key"),
            (
                "acme = true\ncertificate = \"a.pem\"\nkey = \"b.pem\"",
                "tls.acme",
            ),
            ("redirect_from = \"0.0.0.0:80\"", "tls.redirect_from"),
            ("acme = true\ncontact = \"admin@example.org\"", "mailto:"),
        ] {
            let tls: Tls = toml::from_str(text).unwrap();
            let error = tls.check(&"https://a.example/".parse().unwrap());
            let error = error.unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        let tls: Tls = toml::from_str("acme = true").unwrap();
        assert!(tls.check(&"http://a.example/".parse().unwrap()).is_err());
        assert!(tls.check(&"https://a.example/".parse().unwrap()).is_ok());
        assert!(tls.directory().contains("letsencrypt"));
    }
}
