//! How others find the publication: WebFinger at the public URL and at the domain of handles, host-meta and NodeInfo.

use super::{
    mends::Fault,
    report::Check,
    site::{Reply, Site},
};
use crate::federation::remote::{fetch_error::shown, webfinger::read_jrd};
use serde_json::Value;
use url::Url;

/// The maximum number of redirects of WebFinger, as other servers follow them.
const MAX_REDIRECTS: usize = 3;
const JRD: &str = "application/jrd+json, application/json";

pub(super) async fn webfinger(site: &Site) -> Check {
    if let Err(reason) = site.health() {
        return Check::skipped("webfinger", reason);
    }
    let handle = format!("{}@{}", site.config.site.username, site.config.domain);
    let mut check = Check::new("webfinger", format!("@{handle} is found by WebFinger."));
    let path = format!("/.well-known/webfinger?resource=acct:{handle}");
    let url = site.config.url(&path);
    match ask(site, &url).await {
        Ok(jrd) => compare(site, &handle, &url, &jrd, "webfinger-failed", &mut check),
        Err(reason) => check.find(
            "webfinger-failed",
            format!("{url}: {reason}"),
            site.mend(Fault::Upstream),
        ),
    }
    if site.has_own_domain() {
        let scheme = site.config.public_url.scheme();
        let url = format!("{scheme}://{}{path}", site.config.domain);
        match ask(site, &url).await {
            Ok(jrd) => compare(
                site,
                &handle,
                &url,
                &jrd,
                "domain-webfinger-failed",
                &mut check,
            ),
            Err(reason) => check.find(
                "domain-webfinger-failed",
                format!("{url}: {reason}"),
                domain_mend(site),
            ),
        }
    }
    check.or(|_| format!("@{handle} is not found by WebFinger."))
}

fn domain_mend(site: &Site) -> String {
    let target = site.config.url("/.well-known/webfinger");
    let domain = &site.config.domain;
    format!(
        "nginx of {domain}: location = /.well-known/webfinger {{ return 301 {target}$is_args$args; }}\n\
         Caddy of {domain}: redir /.well-known/webfinger {target}?{{query}} permanent\n\
         Apache of {domain}: Redirect permanent /.well-known/webfinger {target}"
    )
}

/// Returns the document at an address, after redirects.
async fn ask(site: &Site, url: &str) -> Result<Value, String> {
    let mut url = Url::parse(url).map_err(|error| error.to_string())?;
    for _ in 0..=MAX_REDIRECTS {
        let reply = site.get(url.as_str(), JRD).await?;
        if reply.status.is_redirection() {
            let next = url.join(reply.header("location"));
            url = next.map_err(|_| "it redirects to no address".to_owned())?;
            if url.query().is_none() {
                return Err(format!("it redirects to {url} and loses the question"));
            }
            continue;
        }
        return read(&reply, "json");
    }
    Err("it redirects too often".into())
}

/// Returns the JSON of a response whose content type has a word.
fn read(reply: &Reply, word: &str) -> Result<Value, String> {
    let fits = reply.status.is_success() && reply.header("content-type").contains(word);
    let json = reply.json().filter(|_| fits);
    json.ok_or_else(|| format!("the response is {}", reply.described()))
}

/// Compares a document with our actor.
fn compare(
    site: &Site,
    handle: &str,
    url: &str,
    jrd: &Value,
    code: &'static str,
    check: &mut Check,
) {
    let expected = site
        .config
        .url(&format!("/users/{}", site.config.site.username));
    let Some(found) = read_jrd(jrd) else {
        check.find(
            code,
            format!("{url} names no ActivityPub actor"),
            site.mend(Fault::Cache),
        );
        return;
    };
    if found.actor.as_str() != expected {
        let what = format!(
            "{url} names {}, not {expected}",
            shown(found.actor.as_str())
        );
        check.find(
            "webfinger-wrong",
            what,
            "let only this node answer for the handle, and empty the caches before it",
        );
    }
    let subject = jrd["subject"].as_str().unwrap_or_default();
    if subject != format!("acct:{handle}") {
        let what = format!(
            "{url} calls the actor {}, not acct:{handle}",
            shown(subject)
        );
        check.find(
            "webfinger-wrong",
            what,
            "let only this node answer for the handle, and empty the caches before it",
        );
    }
}

pub(super) async fn host_meta(site: &Site) -> Check {
    if let Err(reason) = site.health() {
        return Check::skipped("host-meta", reason);
    }
    let mut check = Check::new("host-meta", "host-meta names WebFinger.");
    let url = site.config.url("/.well-known/host-meta");
    let reason = match site.get(&url, "application/xrd+xml").await {
        Ok(reply) => {
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            let is_there = reply.status.is_success() && text.contains("/.well-known/webfinger");
            (!is_there).then(|| format!("the response is {}", reply.described()))
        }
        Err(reason) => Some(reason),
    };
    if let Some(reason) = reason {
        check.find(
            "host-meta-failed",
            format!("{url}: {reason}"),
            site.mend(Fault::Upstream),
        );
    }
    check.or(|_| "host-meta does not name WebFinger.".into())
}

pub(super) async fn nodeinfo(site: &Site) -> Check {
    if let Err(reason) = site.health() {
        return Check::skipped("nodeinfo", reason);
    }
    let mut check = Check::new("nodeinfo", "NodeInfo describes the site.");
    let url = site.config.url("/.well-known/nodeinfo");
    if let Err(reason) = read_nodeinfo(site, &url).await {
        check.find(
            "nodeinfo-failed",
            format!("{url}: {reason}"),
            site.mend(Fault::Upstream),
        );
    }
    check.or(|_| "NodeInfo is not served.".into())
}

async fn read_nodeinfo(site: &Site, url: &str) -> Result<(), String> {
    let links = read(&site.get(url, "application/json").await?, "json")?;
    let link = links["links"]
        .as_array()
        .and_then(|links| links.first()?["href"].as_str());
    let link = link.ok_or("it links to no document")?;
    let document = read(&site.get(link, "application/json").await?, "json")?;
    match document["software"]["name"].as_str() {
        Some("pamphlet") => Ok(()),
        other => Err(format!(
            "{link} describes {}",
            shown(other.unwrap_or("nothing"))
        )),
    }
}
