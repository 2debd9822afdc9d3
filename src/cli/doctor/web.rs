//! The way to the node: the public URL, HTTP/2, redirects, the clock, and the address that the node listens on.

use super::{addresses::addresses_of, mends::Fault, report::Check, site::Site, site::is_pamphlet};
use http::Version;
use reqwest::Method;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, SystemTime},
};
use tokio::{net::TcpStream, time::timeout};

/// The largest difference of two clocks, in seconds.
const MAX_DIFFERENCE: u64 = 60;
const CONNECT: Duration = Duration::from_secs(3);

/// Checks that the public URL leads to a node.
pub(super) fn public_url(site: &Site) -> Check {
    let url = site.config.public_url.as_str();
    let mut check = Check::new("public-url", format!("{url} leads to this node."));
    match &site.health {
        None => return Check::skipped("public-url", "--offline"),
        Some(Err(reason)) => {
            let mend = "start `pamphlet serve` and the web server before it; open the firewall";
            check.find("public-url-unreachable", format!("{url}: {reason}"), mend);
        }
        Some(Ok(reply)) if reply.status.is_redirection() => {
            let target = reply.header("location");
            let what = format!("{url} redirects to {target}");
            check.find("public-url-redirects", what, site.mend(Fault::Redirect));
        }
        Some(Ok(reply)) if !is_pamphlet(reply) => {
            let what = format!(
                "{url}healthz responds with {}, and not as this node does",
                reply.described()
            );
            check.find("public-url-elsewhere", what, site.mend(Fault::Upstream));
        }
        Some(Ok(reply)) => {
            let running = reply.json().unwrap_or_default()["version"].clone();
            let running = running.as_str().unwrap_or_default().to_owned();
            let own = env!("CARGO_PKG_VERSION");
            if running != own {
                let what = format!("the node has version {running}, and this command {own}");
                check.find(
                    "version-differs",
                    what,
                    "restart the node with the new version: systemctl restart pamphlet",
                );
            }
        }
    }
    check.or(|_| format!("{url} does not lead to this node."))
}

/// Checks that a server that offers HTTP/2 also speaks it.
pub(super) async fn http2(site: &Site) -> Check {
    let reply = match site.health() {
        Ok(reply) => reply,
        Err(reason) => return Check::skipped("http2", reason),
    };
    if !site.is_https() {
        return Check::skipped("http2", "it needs https");
    }
    // The client chose what the server offers.
    let url = site.config.url("/healthz");
    let again = site.get(&url, "*/*").await;
    let mut check = Check::new(
        "http2",
        match reply.version {
            Version::HTTP_2 => "The site speaks HTTP/2.",
            _ => "The site speaks HTTP/1.1 only, which every server accepts.",
        },
    );
    if let Err(reason) = again
        && site
            .request(&site.http1, Method::GET, &url, &[])
            .await
            .is_ok()
    {
        let what = format!("HTTP/1.1 works, but HTTP/2 fails: {reason}");
        check.find("http2-broken", what, site.mend(Fault::Http2));
    }
    check.or(|_| "HTTP/2 is offered and fails.".into())
}

/// Checks that HTTP leads to HTTPS, and that `www.` is not the same site.
pub(super) async fn redirects(site: &Site) -> Check {
    if site.health.is_none() {
        return Check::skipped("redirects", "--offline");
    }
    if !site.is_https() || site.port() != 443 {
        return Check::skipped("redirects", "public_url is not https on its usual port");
    }
    let host = site.host();
    let mut check = Check::new(
        "redirects",
        format!("http://{host}/ leads to https://{host}/."),
    );
    check_plain(site, &format!("http://{host}/"), &mut check).await;
    let www = format!("www.{host}");
    if !host.starts_with("www.") && addresses_of(&www, site.config.development).await.is_ok() {
        check_www(site, &format!("https://{www}/"), &mut check).await;
    }
    check.or(|_| "Some addresses of the site do not lead to it.".into())
}

async fn check_plain(site: &Site, url: &str, check: &mut Check) {
    // Nothing on port 80 is no fault: browsers try HTTPS by themselves.
    let Ok(reply) = site.get(url, "text/html").await else {
        return;
    };
    if reply.status.is_success() {
        let what = format!("{url} shows a page instead of a redirect");
        check.find("http-not-redirected", what, site.mend(Fault::Redirect));
    } else if reply.status.is_redirection() {
        let target = url::Url::parse(url)
            .ok()
            .and_then(|url| url.join(reply.header("location")).ok());
        let is_own = target
            .as_ref()
            .is_some_and(|target| target.origin() == site.config.public_url.origin());
        if !is_own {
            let what = format!("{url} leads to {}", reply.header("location"));
            check.find("redirects-elsewhere", what, site.mend(Fault::Redirect));
        }
    }
}

async fn check_www(site: &Site, url: &str, check: &mut Check) {
    let Ok(reply) = site.get(&format!("{url}healthz"), "*/*").await else {
        return;
    };
    if is_pamphlet(&reply) {
        let what = format!("{url} shows the site too");
        check.find("www-serves-site", what, site.mend(Fault::Redirect));
    }
}

/// Compares the clock of this machine with that of the public URL.
pub(super) fn clock(site: &Site) -> Check {
    let reply = match &site.health {
        None => return Check::skipped("clock", "--offline"),
        Some(Err(_)) => return Check::skipped("clock", "the public URL does not respond"),
        Some(Ok(reply)) => reply,
    };
    let Ok(date) = httpdate::parse_http_date(reply.header("date")) else {
        return Check::skipped("clock", "the response has no Date");
    };
    let (now, zone) = (SystemTime::now(), site.config.site.time_zone);
    let local = chrono::DateTime::<chrono::Utc>::from(now).with_timezone(&zone);
    let well = format!(
        "The clocks agree: it is {} in the site's zone, {zone}.",
        local.format("%Y-%m-%d %H:%M")
    );
    let mut check = Check::new("clock", well);
    let difference = now
        .duration_since(date)
        .unwrap_or_else(|error| error.duration())
        .as_secs();
    if difference > MAX_DIFFERENCE {
        let what =
            format!("the public URL's clock differs from this machine's by {difference} seconds");
        check.find(
            "clock-differs",
            what,
            "timedatectl set-ntp true (on both machines)",
        );
    }
    check.or(|_| "The clocks differ.".into())
}

/// Connects to the address that the node listens on.
pub(super) async fn listen(site: &Site) -> Check {
    let configured = site.config.listen;
    let ip = match configured.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let socket = SocketAddr::new(ip, configured.port());
    let connected = timeout(CONNECT, TcpStream::connect(socket)).await;
    let reason = match connected {
        Ok(Ok(_)) => return Check::new("listen", format!("The node listens on {configured}.")),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer".into(),
    };
    if site.health().is_ok() {
        return Check::skipped("listen", "the node of the public URL listens elsewhere");
    }
    let mut check = Check::new("listen", "");
    let what = format!("{configured}: {reason}");
    check.find(
        "listen-closed",
        what,
        "run `pamphlet serve` (systemctl start pamphlet), or correct `listen` in the configuration",
    );
    check.or(|_| "The node does not listen.".into())
}
