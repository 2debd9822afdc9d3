//! Hosts in a normal form.

use std::{fmt, str::FromStr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};
use url::Url;

/// A DNS name in normal form (lower case, Punycode, no trailing dot), with a port other than 443 if there is one. All
/// spellings of a host are equal. An IP address is not a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Host {
    name: String,
    port: Option<u16>,
}

/// The error for a text that is not a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    #[error("a host is a domain name like example.org, with or without a port")]
    Name,
    #[error("a host is a domain name, not an IP address")]
    IpAddress,
}

impl Host {
    /// Parses `example.org`, `EXAMPLE.org.`, `bücher.example` or `example.org:8443`.
    ///
    /// Names are mapped by UTS #46 (non-transitional). They must consist of letters, digits and hyphens, and have valid DNS
    /// lengths.
    ///
    /// # Errors
    /// [`HostError::Name`], or [`HostError::IpAddress`] for an IP address in any notation of the URL Standard (even
    /// `2130706433` and `0x7f.1`).
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if text.starts_with('[') {
            return Err(HostError::IpAddress);
        }
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, Some(parse_port(port)?)),
            None => (text, None),
        };
        let name = Uts46::new()
            .to_ascii(
                name.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::Allow,
                DnsLength::VerifyAllowRootDot,
            )
            .map_err(|_| HostError::Name)?;
        let name = name.strip_suffix('.').unwrap_or(&name);
        if name.is_empty() {
            return Err(HostError::Name);
        }
        if ends_in_number(name) {
            return Err(HostError::IpAddress);
        }
        Ok(Self::normal(name.to_owned(), port))
    }

    /// Returns the host of an `http` or `https` URL, such as an actor's id.
    ///
    /// # Errors
    /// As [`Host::parse`]; also for a URL that has no host.
    pub fn of_url(url: &Url) -> Result<Self, HostError> {
        let host = Self::parse(url.host_str().ok_or(HostError::Name)?)?;
        Ok(Self::normal(host.name, url.port()))
    }

    fn normal(name: String, port: Option<u16>) -> Self {
        Self {
            name,
            port: port.filter(|&port| port != 443),
        }
    }

    /// Returns the name without the port, in Punycode.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the port, unless it is 443.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Returns whether `self` is `other` or a subdomain of it. An `other` without a port matches all ports.
    pub fn is_same_or_subdomain_of(&self, other: &Host) -> bool {
        let port_fits = other.port.is_none() || other.port == self.port;
        let name_fits = self
            .name
            .strip_suffix(&other.name)
            .is_some_and(|below| below.is_empty() || below.ends_with('.'));
        port_fits && name_fits
    }
}

fn parse_port(text: &str) -> Result<u16, HostError> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let port = text.parse().map_err(|_| HostError::Name)?;
    if is_number && port != 0 {
        Ok(port)
    } else {
        Err(HostError::Name)
    }
}

/// Implements the URL Standard's "ends in a number" checker. Browsers parse such a host as an IPv4 address.
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let hex = last.strip_prefix("0x");
    last.bytes().all(|b| b.is_ascii_digit())
        || hex.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

impl FromStr for Host {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::parse(text)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

serde_as_text!(Host, HostError);

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        Host::parse(text).unwrap()
    }

    #[test]
    fn all_spellings_of_a_host_are_equal() {
        for text in [
            "example.org",
            "EXAMPLE.Org",
            "example.org.",
            "example.org:443",
            "ｅxample。org",
        ] {
            assert_eq!(host(text).to_string(), "example.org", "{text}");
        }
        assert_eq!(host("Bücher.example").to_string(), "xn--bcher-kva.example");
        assert_eq!(host("xn--bcher-kva.example"), host("bücher.example"));
        assert_eq!(host("localhost:8080").to_string(), "localhost:8080");
        assert_eq!(host("ⓛocalhost"), host("localhost"));
    }

    #[test]
    fn invalid_hosts_are_refused() {
        let long_label = format!("{}.org", "a".repeat(64));
        let long_name = "abcdefgh.".repeat(30);
        for text in [
            "",
            ".",
            "a..b",
            "a b",
            "a/b",
            "a@b",
            "a:b",
            "a:",
            "a:0",
            "a:99999",
            "a:+1",
            "a:1:2",
            "exa%6dple.org",
            "xn--a",
            "a\r\nb",
            "a_b.org",
            &long_label,
            &long_name,
            "example.org\u{0}",
        ] {
            assert_eq!(Host::parse(text), Err(HostError::Name), "{text:?}");
        }
        for text in [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "[::1]",
            "[::1]:80",
            "１27.0.0.1",
            "1.2.3.4.",
        ] {
            assert_eq!(Host::parse(text), Err(HostError::IpAddress), "{text:?}");
        }
    }

    #[test]
    fn a_url_has_a_host() {
        let of = |url: &str| Host::of_url(&Url::parse(url).unwrap());
        assert_eq!(
            of("https://Example.org:443/users/a").unwrap(),
            host("example.org")
        );
        assert_eq!(
            of("http://localhost:3000/").unwrap(),
            host("localhost:3000")
        );
        assert_eq!(of("http://example.org:443/").unwrap(), host("example.org"));
        assert_eq!(of("https://127.0.0.1/"), Err(HostError::IpAddress));
        assert_eq!(of("mailto:a@b.c"), Err(HostError::Name));
    }

    #[test]
    fn subdomains_belong_to_their_domain() {
        assert!(host("example.org").is_same_or_subdomain_of(&host("example.org")));
        assert!(host("A.b.example.org.").is_same_or_subdomain_of(&host("EXAMPLE.org")));
        assert!(host("example.org:8443").is_same_or_subdomain_of(&host("example.org")));
        assert!(!host("badexample.org").is_same_or_subdomain_of(&host("example.org")));
        assert!(!host("org").is_same_or_subdomain_of(&host("example.org")));
        assert!(!host("example.org").is_same_or_subdomain_of(&host("example.org:8443")));
    }

    #[test]
    fn serde_keeps_the_rules() {
        assert_eq!(
            serde_json::from_str::<Host>("\"B.org:443\"").unwrap(),
            host("b.org")
        );
        assert!(serde_json::from_str::<Host>("\"a b\"").is_err());
    }
}
