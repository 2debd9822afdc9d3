//! The client of a request, as our reverse proxies report it.

use crate::web::app::App;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};
use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

/// The network of a client: its IPv4 address, or the first half of its IPv6 address, which one subscriber has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// Returns the network of the client whose request came from `peer`.
    ///
    /// `X-Forwarded-For` is trusted only if it comes from our own proxies. Each of them appends the address of its
    /// peer. So the last address that is not a proxy is the client, which can have invented all addresses before it.
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> ClientNetwork {
        ClientNetwork(subscriber(nearest(peer, headers, proxies)))
    }

    /// As [`ClientNetwork::of`], but returns `None` for a proxy of ours that does not report its client, because it
    /// stands for many clients.
    pub(crate) fn behind_proxies(
        peer: IpAddr,
        headers: &HeaderMap,
        proxies: &[IpAddr],
    ) -> Option<ClientNetwork> {
        let nearest = nearest(peer, headers, proxies);
        (!is_proxy(&nearest, proxies)).then(|| ClientNetwork(subscriber(nearest)))
    }
}

fn is_proxy(ip: &IpAddr, proxies: &[IpAddr]) -> bool {
    proxies.iter().any(|proxy| proxy.to_canonical() == *ip)
}

/// Returns the address of the client, as far as our proxies report it.
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

/// The address of the peer that sent a request; `None` if it did not come by a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(Option<IpAddr>);

impl Peer {
    pub(crate) fn of(extensions: &Extensions) -> Self {
        let info = extensions.get::<ConnectInfo<SocketAddr>>();
        Peer(info.map(|ConnectInfo(peer)| peer.ip()))
    }

    /// Returns the network of the client behind our own proxies; empty if it is not known.
    pub(crate) fn network(self, headers: &HeaderMap, app: &App) -> String {
        let proxies = &app.node.config.comments.proxies;
        let network = self.0.map(|peer| ClientNetwork::of(peer, headers, proxies));
        network.map_or_else(String::new, |network| network.to_string())
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Peer::of(&parts.extensions))
    }
}

impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Returns the addresses in all `X-Forwarded-For` headers, the last first; `None` for an invalid one.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let lines: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .map(|value| value.to_str().unwrap_or(""))
        .collect();
    let words: Vec<Option<IpAddr>> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .map(|word| parse_ip(word.trim()))
        .collect();
    words.into_iter().rev()
}

/// Parses an address, with or without a port.
fn parse_ip(word: &str) -> Option<IpAddr> {
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

    fn network(peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let proxies = ["127.0.0.1".parse().unwrap(), "10.0.0.1".parse().unwrap()];
        ClientNetwork::of(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn only_proxies_are_trusted_and_only_for_their_own_peers() {
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
            assert_eq!(network(peer, lines), expected, "{peer} {lines:?}");
        }
    }
}
