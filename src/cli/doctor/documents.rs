//! The documents of actors, as servers and browsers get them through everything that stands before the node.

use super::{
    mends::Fault,
    report::Check,
    site::{Reply, Site},
};
use crate::{
    federation::remote::signed_client::is_activity_json,
    node::{Node, local_actors::LocalActor},
    protocol::ACTIVITY_JSON,
    store::ActorKind,
};
use http::header::ACCEPT;
use reqwest::Method;
use std::sync::Arc;

const LD_JSON: &str = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// The maximum number of actors whose published keys are compared.
const MAX_ACTORS: usize = 50;

/// Returns the address of an actor whose document everybody may read.
fn readable(site: &Site) -> String {
    if site.config.federation.authorized_fetch {
        site.config.url("/actor")
    } else {
        site.config
            .url(&format!("/users/{}", site.config.site.username))
    }
}

/// Asks for the actor in turns as a server and as a browser, so that a cache that confuses them shows itself.
pub(super) async fn actor(site: &Site) -> Check {
    if let Err(reason) = site.health() {
        return Check::skipped("actor", reason);
    }
    let url = readable(site);
    let mut check = Check::new(
        "actor",
        format!("{url} is served to servers and to browsers."),
    );
    for accept in [ACTIVITY_JSON, BROWSER, LD_JSON, BROWSER, ACTIVITY_JSON] {
        let is_browser = accept == BROWSER;
        // The instance actor has no page.
        if is_browser && url.ends_with("/actor") {
            continue;
        }
        let reply = match site.get(&url, accept).await {
            Ok(reply) => reply,
            Err(reason) => {
                check.find(
                    "actor-failed",
                    format!("{url}: {reason}"),
                    site.mend(Fault::Upstream),
                );
                break;
            }
        };
        let is_found = if is_browser {
            find_page_fault(site, &url, &reply, &mut check)
        } else {
            find_document_fault(site, &url, accept, &reply, &mut check)
        };
        if is_found {
            break;
        }
    }
    check.or(|_| format!("{url} is not served as it should be."))
}

fn find_document_fault(
    site: &Site,
    url: &str,
    accept: &str,
    reply: &Reply,
    check: &mut Check,
) -> bool {
    let got = reply.described();
    let what = format!("{url} with Accept: {accept} gives {got}");
    let is_document = reply.json().is_some_and(|json| json["id"] == *url);
    if leads_to_page(site, url, reply) {
        let what = format!(
            "{what}: it is taken for a browser, because its Accept is lost or a cache answers"
        );
        let mend = format!("{}\n{}", site.mend(Fault::Header), site.mend(Fault::Cache));
        check.find("actor-not-json", what, mend);
    } else if reply.status.is_redirection() {
        check.find("public-url-redirects", what, site.mend(Fault::Redirect));
    } else if !reply.status.is_success() {
        check.find("actor-failed", what, site.mend(Fault::Upstream));
    } else if !is_activity_json(reply.header("content-type")) || !is_document {
        check.find(
            "actor-not-json",
            format!("{what}{}", cached(reply)),
            site.mend(Fault::Cache),
        );
    } else if !varies(reply) {
        let what = format!("{url} has no `Vary: Accept` any more");
        check.find("vary-missing", what, site.mend(Fault::Cache));
    } else {
        return false;
    }
    true
}

/// Returns whether a response leads to a page of the site, as those for browsers do.
fn leads_to_page(site: &Site, url: &str, reply: &Reply) -> bool {
    let target = url::Url::parse(url)
        .ok()
        .and_then(|url| url.join(reply.header("location")).ok());
    let is_own = target.is_some_and(|target| target.origin() == site.config.public_url.origin());
    reply.status.is_redirection() && is_own && reply.header("location") != url
}

fn find_page_fault(site: &Site, url: &str, reply: &Reply, check: &mut Check) -> bool {
    let is_json = reply.header("content-type").contains("json");
    if is_json || !(reply.status.is_success() || reply.status.is_redirection()) {
        let what = format!(
            "{url} gives a browser {}{}",
            reply.described(),
            cached(reply)
        );
        check.find("html-not-served", what, site.mend(Fault::Cache));
        return true;
    }
    false
}

fn varies(reply: &Reply) -> bool {
    let mut values = reply
        .headers
        .get_all("vary")
        .iter()
        .filter_map(|it| it.to_str().ok());
    values.any(|value| {
        value
            .split(',')
            .any(|name| matches!(name.trim().to_ascii_lowercase().as_str(), "accept" | "*"))
    })
}

/// Says so if a response comes from a cache.
fn cached(reply: &Reply) -> String {
    for name in [
        "x-cache",
        "cf-cache-status",
        "x-cache-status",
        "x-proxy-cache",
    ] {
        let value = reply.header(name);
        if value.to_ascii_lowercase().contains("hit") {
            return format!(" from a cache ({name}: {value})");
        }
    }
    match reply.header("age") {
        "" | "0" => String::new(),
        age => format!(" from a cache, {age} seconds old"),
    }
}

/// Checks that compression is as the client asks for.
pub(super) async fn encoding(site: &Site) -> Check {
    if let Err(reason) = site.health() {
        return Check::skipped("encoding", reason);
    }
    let url = readable(site);
    let mut check = Check::new(
        "encoding",
        "Responses are compressed only for those who accept it.",
    );
    let plain = [
        (ACCEPT.as_str(), ACTIVITY_JSON),
        ("accept-encoding", "identity"),
    ];
    let plain = site.request(&site.http1, Method::GET, &url, &plain).await;
    if let Ok(reply) = plain
        && !reply.header("content-encoding").is_empty()
    {
        let what = format!(
            "{url} is sent as {} although nobody asked",
            reply.header("content-encoding")
        );
        check.find("encoding-forced", what, site.mend(Fault::Encoding));
    }
    let decoded = [(ACCEPT.as_str(), ACTIVITY_JSON)];
    let decoded = site.request(&site.decoding, Method::GET, &url, &decoded);
    match decoded.await {
        Ok(reply)
            if reply.status.is_success()
                && is_activity_json(reply.header("content-type"))
                && reply.json().is_none() =>
        {
            let what = format!("{url} can't be read after it is decompressed");
            check.find("encoding-broken", what, site.mend(Fault::Encoding));
        }
        Err(reason)
            if reason.contains("gzip")
                || reason.contains("brotli")
                || reason.contains("header") =>
        {
            let what = format!("{url} can't be decompressed: {reason}");
            check.find("encoding-broken", what, site.mend(Fault::Encoding));
        }
        _ => {}
    }
    check.or(|_| "Compressed responses can't be read.".into())
}

/// Checks that each local actor has its keys, and that the published key is the one that it signs with.
pub(super) async fn own_keys(site: &Site) -> Check {
    let Some(node) = &site.node else {
        return Check::skipped("own-keys", "the database can't be used");
    };
    let mut check = Check::new(
        "own-keys",
        "Every local actor has its keys, and publishes them.",
    );
    let locals = match load(node, &mut check).await {
        Ok(locals) => locals,
        Err(error) => return Check::skipped("own-keys", error.to_string()),
    };
    let offline = site.health().err();
    if offline.is_none() {
        for local in locals.iter().take(MAX_ACTORS) {
            compare_key(site, local, &mut check).await;
        }
    }
    let check = check.or(|count| format!("The keys of {count} local actors have a fault."));
    match offline {
        Some(reason) if check.is_well() => Check::new(
            "own-keys",
            format!(
                "Every local actor has its keys; the published ones were not compared ({reason})."
            ),
        ),
        _ => check,
    }
}

async fn load(node: &Node, check: &mut Check) -> anyhow::Result<Vec<Arc<LocalActor>>> {
    let rows = node.store.read().await?.local_actors().await?;
    let mut locals = Vec::new();
    for row in rows {
        match node.local_actors.by_id(&node.store, row.id).await {
            Ok(local) => locals.push(local),
            Err(error) => {
                let what = format!("@{}: {error}", row.username);
                check.find(
                    "key-missing",
                    what,
                    format!("pamphlet keys rotate {}", row.username),
                );
            }
        }
    }
    Ok(locals)
}

async fn compare_key(site: &Site, local: &LocalActor, check: &mut Check) {
    let is_closed =
        site.config.federation.authorized_fetch && local.row.kind != ActorKind::Instance;
    if is_closed {
        return;
    }
    // A fault of the whole document is found by the check `actor`.
    let Ok(reply) = site.get(&local.uri, ACTIVITY_JSON).await else {
        return;
    };
    let Some(document) = reply.json().filter(|_| reply.status.is_success()) else {
        return;
    };
    let published = document["publicKey"]["publicKeyPem"]
        .as_str()
        .unwrap_or_default();
    let own = local.rsa.public_key_pem();
    let bare = |pem: &str| pem.split_whitespace().collect::<String>();
    if bare(published) != bare(&own) || document["publicKey"]["id"] != local.key_id() {
        let what = format!(
            "{} publishes another key than it signs with{}",
            local.uri,
            cached(&reply)
        );
        check.find(
            "key-served-differs",
            what,
            "empty the caches before the node; if another node answers there, stop it",
        );
    }
}
