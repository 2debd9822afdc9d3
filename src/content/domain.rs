//! Registrable domains: the part of a host name that somebody had to register, whatever its subdomains.

/// Returns the registrable domain of a host (as `example.org` of `a.b.example.org:8443`), by the Public Suffix List.
///
/// The port is left out. A host that is not a domain, or is itself a public suffix, is returned unchanged: test servers on
/// one address differ only in their ports.
pub(crate) fn registrable_domain(host: &str) -> &str {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let is_address = name.starts_with('[') || name.parse::<std::net::IpAddr>().is_ok();
    match psl::domain_str(name) {
        Some(domain) if !is_address => domain,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::registrable_domain;

    #[test]
    fn subdomains_have_the_registered_domain() {
        for (host, domain) in [
            ("example.org", "example.org"),
            ("a.b.c.example.org", "example.org"),
            ("a.example.co.uk:8443", "example.co.uk"),
            ("one.github.io", "one.github.io"),
            ("h17.peer.test", "peer.test"),
            ("h17.peer.test:8081", "peer.test"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("co.uk", "co.uk"),
            ("localhost:8080", "localhost:8080"),
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("127.0.0.1", "127.0.0.1"),
            ("[2001:db8::1]:80", "[2001:db8::1]:80"),
            ("", ""),
        ] {
            assert_eq!(registrable_domain(host), domain, "{host}");
        }
    }
}
