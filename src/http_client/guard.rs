//! Refuses to connect to private, loopback and link-local addresses, by whatever name they are reached.
//!
//! The HTTP client's resolver checks the address that the client will connect to, so that a name
//! that changes between check and connect changes nothing.

use hickory_resolver::{TokioResolver, config::ServerOrderingStrategy, net::NetError};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};
use url::Url;

/// The number of DNS responses to cache: a publication may have followers on as many servers.
const CACHED_ANSWERS: u64 = 32_768;
/// Concurrent queries to one name server; more would fail as "busy".
const CONCURRENT_QUESTIONS: usize = 1024;

/// The reason for which a URL is refused. Another attempt would be refused too.
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

/// Checks a URL before its name is resolved.
///
/// In development mode http, ports and addresses are allowed.
pub(crate) fn check_url(url: &Url, development: bool) -> Result<(), Forbidden> {
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

/// The HTTP client's resolver: caches DNS responses and leaves out addresses that are not public.
#[derive(Clone)]
pub(crate) struct GuardedResolver {
    dns: Option<Arc<TokioResolver>>,
    development: bool,
}

impl GuardedResolver {
    /// Uses the system's name servers and hosts file, or the system's resolver if these can't be read.
    pub(crate) fn new(development: bool) -> Self {
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

    /// Returns the addresses of a name, private ones included.
    pub(crate) async fn addresses(
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
            for address in &addresses {
                check_address(*address, this.development)?;
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

/// Decides whether an address may be connected to. In development mode every address may.
///
/// # Errors
/// If it is not a public address.
pub(crate) fn check_address(address: IpAddr, development: bool) -> Result<(), Forbidden> {
    if development || is_public(address) {
        Ok(())
    } else {
        Err(Forbidden::Private(address))
    }
}

/// Returns whether an address is a public unicast one: not in the IANA special-purpose address registries (RFC 6890).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// The special-purpose, multicast and reserved networks of IPv4, with the lengths of their prefixes.
const SPECIAL_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let is_in = |(network, length): (Ipv4Addr, u32)| {
        (v4.to_bits() ^ network.to_bits()) >> (32 - length) == 0
    };
    !SPECIAL_V4.into_iter().any(is_in)
}

/// Only 2000::/3 is assigned for global unicast.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
    };
    match v6.segments() {
        // NAT64 (RFC 6052) and 6to4 (RFC 3056) lead to the address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => embedded(high, low),
        // Protocol assignments (Teredo, ORCHID, benchmarks), documentation, AS112.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2620, 0x4f, 0x8000, ..] => false,
        [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => matches!(first, 0x2000..=0x3fff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and last address of each network in the IANA registries, in every form.
    const SPECIAL: &[&str] = &[
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.9",
        "192.0.0.255",
        "192.0.2.0",
        "192.0.2.255",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.0",
        "192.88.99.255",
        "192.168.0.0",
        "192.168.255.255",
        "192.175.48.1",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:192.88.99.1",
        "::ffff:0:8.8.8.8",
        "::ffff:0:127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b::1:0:0:1",
        "100::1",
        "100:0:0:1::1",
        "1fff::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:1::1",
        "2001:2::1",
        "2001:4:112::1",
        "2001:10::1",
        "2001:20::1",
        "2001:30::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2001:db8:ffff::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2002:c0a8:1::",
        "2002:c058:6301::",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "feff::1",
        "ff02::1",
    ];

    const PUBLIC: &[&str] = &[
        "1.0.0.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.1",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "191.0.0.1",
        "192.0.1.1",
        "192.0.3.1",
        "192.88.98.1",
        "192.88.100.1",
        "192.167.1.1",
        "192.169.1.1",
        "198.17.1.1",
        "198.20.1.1",
        "203.0.112.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2001:db7::1",
        "2001:db9::1",
        "2002:808:808::1",
        "2003::1",
        "2600::1",
        "2606:4700::1111",
        "2620:4f:8001::1",
        "2a00::1",
        "3ffe::1",
        "3fff:1000::1",
    ];

    #[test]
    fn only_addresses_outside_the_special_purpose_registries_are_public() {
        for text in SPECIAL {
            let address = text.parse().unwrap();
            assert!(!is_public(address), "{text} passed");
            assert!(check_address(address, false).is_err() && check_address(address, true).is_ok());
        }
        for text in PUBLIC {
            let address = text.parse().unwrap();
            assert!(is_public(address), "{text} was refused");
            assert!(check_address(address, false).is_ok());
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
