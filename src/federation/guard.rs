//! Where we never connect to: private, loopback and link-local addresses, through whatever name.
//!
//! The check is on the address that is connected to, in the HTTP client's resolver, so that a name
//! that changes between check and connect changes nothing.

use hickory_resolver::{TokioResolver, config::ServerOrderingStrategy, net::NetError};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};
use url::Url;

/// Answers of name servers that are kept: a publication may have followers on as many servers.
const CACHED_ANSWERS: u64 = 32_768;
/// Questions to one name server at once; more would fail as "busy".
const CONCURRENT_QUESTIONS: usize = 1024;

/// Why a URL is not connected to. None of these passes by itself.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Forbidden {
    #[error("{0} URLs are not connected to")]
    Scheme(String),
    #[error("a host must be a name, not an address")]
    Address,
    #[error("a port in a URL is not accepted")]
    Port,
    #[error("a user name in a URL is not accepted")]
    User,
    #[error("the name leads to the private address {0}")]
    Private(IpAddr),
}

/// Checks what can be seen of a URL before its name is resolved.
///
/// In development mode http, ports and addresses are allowed.
pub fn check_url(url: &Url, development: bool) -> Result<(), Forbidden> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Forbidden::User);
    }
    match url.scheme() {
        "https" => {}
        "http" if development => {}
        other => return Err(Forbidden::Scheme(other.to_owned())),
    }
    if development {
        return Ok(());
    }
    if url.domain().is_none() {
        return Err(Forbidden::Address);
    }
    match url.port() {
        Some(_) => Err(Forbidden::Port),
        None => Ok(()),
    }
}

/// The HTTP client's resolver: cached DNS, without the addresses that are not public.
#[derive(Clone)]
pub struct GuardedResolver {
    dns: Option<Arc<TokioResolver>>,
    development: bool,
}

impl GuardedResolver {
    /// Uses the system's name servers and hosts file; where they can't be read, the system's resolver.
    pub fn new(development: bool) -> Self {
        let dns = system_resolver()
            .inspect_err(
                |error| tracing::warn!(%error, "own DNS cache not available, using the system's resolver"),
            )
            .ok();
        GuardedResolver {
            dns: dns.map(Arc::new),
            development,
        }
    }

    async fn addresses(
        &self,
        host: &str,
    ) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
        if self.development && (host == "localhost" || host.ends_with(".localhost")) {
            // RFC 6761 6.3: these names are loopback, also where the name server doesn't know it.
            return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        match &self.dns {
            Some(dns) => Ok(dns.lookup_ip(format!("{host}.")).await?.iter().collect()),
            None => Ok(tokio::net::lookup_host((host, 0))
                .await?
                .map(|address| address.ip())
                .collect()),
        }
    }
}

/// The name servers of /etc/resolv.conf, asked in their order as the system does: where several are
/// named, the first may know names that the others don't.
fn system_resolver() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio()?;
    let options = builder.options_mut();
    options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
    options.num_concurrent_reqs = 1;
    options.cache_size = CACHED_ANSWERS;
    options.max_active_requests = CONCURRENT_QUESTIONS;
    builder.build()
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let this = self.clone();
        Box::pin(async move {
            let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
            let addresses = this.addresses(&host).await?;
            if !this.development
                && let Some(private) = addresses.iter().find(|address| !is_public(**address))
            {
                return Err(Forbidden::Private(*private).into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

/// Whether an address is a public unicast one (the IANA special-purpose registries, RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    !(v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_multicast()
        || v4.is_documentation()
        || v4.is_broadcast()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240)
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let segments = v6.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match segments {
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) lead to the address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        [0x64, 0xff9b, 1, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [0, 0, 0, 0, 0, 0, ..] => false,
        _ => !(v6.is_multicast() || v6.is_unique_local() || v6.is_unicast_link_local()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_known_in_every_form() {
        for text in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "192.0.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001:db8::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text} passed");
        }
        for text in [
            "8.8.8.8",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text} was refused");
        }
    }

    #[test]
    fn only_plain_https_urls_with_names_are_connected_to() {
        let check = |text: &str| check_url(&Url::parse(text).unwrap(), false);
        assert!(check("https://example.org/x").is_ok());
        for text in [
            "http://example.org/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://[::1]/",
            "https://example.org:8443/",
            "https://user@example.org/",
            "https://user:password@example.org/",
        ] {
            assert!(check(text).is_err(), "{text} passed");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_loopback_is_refused_outside_development() {
        let name: Name = "localhost".parse().unwrap();
        assert!(GuardedResolver::new(false).resolve(name).await.is_err());
        let name: Name = "peer.localhost".parse().unwrap();
        assert!(GuardedResolver::new(true).resolve(name).await.is_ok());
    }
}
