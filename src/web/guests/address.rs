//! Where a reader writes from.

use crate::web::App;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};
use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

/// An address that forms come from. Of IPv6 the first half, which one subscriber has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Address(IpAddr);

impl Address {
    /// The address of the reader whose request came from `peer`. What `X-Forwarded-For` says is believed of
    /// our own proxies alone: each adds whom it has it from at the end, so that the last one that is no proxy
    /// is the reader, and all before it is the reader's own invention.
    pub fn of(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Address {
        Address(subscriber(nearest(peer, headers, proxies)))
    }

    /// As [`Address::of`]; `None` for a proxy of ours that does not say whose request it is, or of whom nothing
    /// can be said yet: it speaks for many.
    pub fn of_client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> Option<Address> {
        let nearest = nearest(peer, headers, proxies);
        (!is_proxy(&nearest, proxies)).then(|| Address(subscriber(nearest)))
    }
}

fn is_proxy(ip: &IpAddr, proxies: &[IpAddr]) -> bool {
    proxies.iter().any(|proxy| proxy.to_canonical() == *ip)
}

/// Returns the address of the reader, as far as our proxies tell it.
fn nearest(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let mut nearest = peer.to_canonical();
    for ip in forwarded(headers) {
        if !is_proxy(&nearest, proxies) {
            break;
        }
        let Some(ip) = ip else {
            break;
        };
        nearest = ip;
    }
    nearest
}

/// The address of the connection that a request came by, if it came by one.
#[derive(Debug, Clone, Copy)]
pub struct Peer(Option<IpAddr>);

impl Peer {
    pub fn of(extensions: &Extensions) -> Self {
        let info = extensions.get::<ConnectInfo<SocketAddr>>();
        Peer(info.map(|ConnectInfo(peer)| peer.ip()))
    }

    /// Returns the network of the client behind our own proxies; empty if it is not known.
    pub fn network(self, headers: &HeaderMap, app: &App) -> String {
        let proxies = &app.node.config.comments.proxies;
        let address = self.0.map(|peer| Address::of(peer, headers, proxies));
        address.map_or_else(String::new, |address| address.to_string())
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Peer::of(&parts.extensions))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The addresses in all `X-Forwarded-For`, the last first; `None` for what is none.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| value.to_str().unwrap_or(""))
        .collect();
    let words: Vec<Option<IpAddr>> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(|word| read(word.trim()))
        .collect();
    words.into_iter().rev()
}

/// An address, with or without a port.
fn read(word: &str) -> Option<IpAddr> {
    let with_port = || Some(word.parse::<std::net::SocketAddr>().ok()?.ip());
    let bare = word.trim_start_matches('[').trim_end_matches(']');
    let ip = bare.parse().ok().or_else(with_port)?;
    Some(IpAddr::to_canonical(&ip))
}

fn subscriber(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies = ["127.0.0.1".parse().unwrap(), "10.0.0.1".parse().unwrap()];
        Address::of(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn only_proxies_are_believed_and_only_what_they_saw() {
        for (peer, lines, expected) in [
            ("192.0.2.9", &["198.51.100.1"][..], "192.0.2.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            (
                "127.0.0.1",
                &["203.0.113.5, 198.51.100.1, 10.0.0.1"],
                "198.51.100.1",
            ),
            (
                "127.0.0.1",
                &["203.0.113.5", "198.51.100.1"],
                "198.51.100.1",
            ),
            ("127.0.0.1", &["203.0.113.5, nonsense"], "127.0.0.1"),
            ("127.0.0.1", &["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::"),
            ("127.0.0.1", &["[2001:db8::1]:80"], "2001:db8::"),
        ] {
            assert_eq!(address(peer, lines), expected, "{peer} {lines:?}");
        }
    }
}
