//! DNS: the names have addresses, strangers can use them, and something answers at each.

use super::{report::Check, site::Site};
use crate::http_client::guard::is_public;
use hickory_resolver::{
    TokioResolver,
    config::{LookupIpStrategy, ResolveHosts},
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{net::TcpStream, time::timeout};

/// The time to connect to one address.
const CONNECT: Duration = Duration::from_secs(5);
/// The maximum number of addresses to try.
const MAX_ADDRESSES: usize = 8;

pub(super) async fn dns(site: &Site) -> Check {
    let host = site.host();
    let addresses = match addresses_of(host, site.config.development).await {
        Ok(addresses) => addresses,
        Err(reason) => {
            let mut check = Check::new("dns", format!("{host} has no address."));
            let record = format!("add an A record (and AAAA, if the machine has IPv6) for {host}");
            check.find("dns-missing", format!("{host}: {reason}"), record);
            return check;
        }
    };
    let listed: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let mut check = Check::new("dns", format!("{host} has {}.", listed.join(", ")));
    if !site.config.development {
        for address in addresses.iter().filter(|address| !is_public(**address)) {
            let mend = format!("let the record of {host} name the machine's public address");
            check.find("dns-private", format!("{host} leads to {address}"), mend);
        }
    }
    let sockets = addresses
        .iter()
        .take(MAX_ADDRESSES)
        .map(|ip| SocketAddr::new(*ip, site.port()));
    try_all(&mut check, &sockets.collect::<Vec<_>>()).await;
    if site.has_own_domain() {
        let domain = site.config.domain.split(':').next().unwrap_or_default();
        if let Err(reason) = addresses_of(domain, site.config.development).await {
            let record = format!(
                "add an A record for {domain}, or change nothing if it was just added: DNS takes hours"
            );
            check.find(
                "dns-missing",
                format!("{domain}, the domain of handles: {reason}"),
                record,
            );
        }
    }
    check.or(|count| match count {
        1 => format!("The address of {host} has a fault."),
        more => format!("The addresses of {host} have {more} faults."),
    })
}

/// Connects to each address.
async fn try_all(check: &mut Check, sockets: &[SocketAddr]) {
    for socket in sockets {
        let connected = timeout(CONNECT, TcpStream::connect(socket)).await;
        let error = match connected {
            Ok(Ok(_)) => continue,
            Ok(Err(error)) => error,
            Err(_) => io::Error::new(io::ErrorKind::TimedOut, "no answer in 5 seconds"),
        };
        if socket.is_ipv6() && is_without_route(&error) {
            // This machine has no IPv6, so it can't say whether strangers reach the address.
            continue;
        }
        let what = format!("{socket} does not accept connections: {error}");
        if socket.is_ipv6() {
            let mend = "let the web server listen on IPv6 too (nginx: listen [::]:443 ssl http2;) and open the firewall, \
                        or remove the AAAA record";
            check.find("ipv6-unreachable", what, mend);
        } else {
            let mend =
                "start the web server, and open the port in the firewall and at the provider";
            check.find("address-unreachable", what, mend);
        }
    }
}

fn is_without_route(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::Unsupported
    )
}

/// Returns the addresses of a name by DNS, without this machine's own hosts file, which strangers do not have.
pub(super) async fn addresses_of(host: &str, development: bool) -> Result<Vec<IpAddr>, String> {
    if development {
        if host == "localhost" || host.ends_with(".localhost") {
            return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        }
        return by_system(host).await;
    }
    let Ok(mut builder) = TokioResolver::builder_tokio() else {
        return by_system(host).await;
    };
    let options = builder.options_mut();
    options.use_hosts_file = ResolveHosts::Never;
    options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    let Ok(resolver) = builder.build() else {
        return by_system(host).await;
    };
    let found = resolver
        .lookup_ip(format!("{}.", host.trim_end_matches('.')))
        .await;
    let found = found.map_err(|error| error.to_string())?;
    some_of(found.iter().collect())
}

async fn by_system(host: &str) -> Result<Vec<IpAddr>, String> {
    let found = tokio::net::lookup_host((host, 0)).await;
    let found = found.map_err(|error| error.to_string())?;
    some_of(found.map(|socket| socket.ip()).collect())
}

fn some_of(mut addresses: Vec<IpAddr>) -> Result<Vec<IpAddr>, String> {
    addresses.sort();
    addresses.dedup();
    if addresses.is_empty() {
        return Err("it has neither an A nor an AAAA record".into());
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_at_which_nothing_answers_is_found() {
        let open = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        // The port is free again when the listener is gone.
        let closed = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap()
        };
        let mut check = Check::new("dns", "");
        let six: SocketAddr = format!("[::1]:{}", closed.port()).parse().unwrap();
        try_all(&mut check, &[open.local_addr().unwrap(), closed, six]).await;
        let printed = check.to_json().to_string();
        assert!(printed.contains("address-unreachable"), "{printed}");
        assert!(
            !printed.contains(&open.local_addr().unwrap().to_string()),
            "{printed}"
        );
        // A machine without IPv6 finds nothing about it.
        let has_six = std::net::TcpListener::bind("[::1]:0").is_ok();
        assert_eq!(printed.contains("ipv6-unreachable"), has_six, "{printed}");
    }
}
