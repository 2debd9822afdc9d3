//! The codes of findings, and why each matters. Codes never change, since scripts compare them. docs/doctor.md explains
//! them at length.

/// Each code with the reason for which the fault matters.
const CODES: &[(&str, &str)] = &[
    (
        "dns-missing",
        "without an address no reader and no server finds the site",
    ),
    (
        "dns-private",
        "other servers never connect to private addresses",
    ),
    (
        "address-unreachable",
        "some readers and servers get this address and can't connect",
    ),
    (
        "ipv6-unreachable",
        "servers with IPv6 try this address first, and wait or give up",
    ),
    (
        "public-url-unreachable",
        "no other server can read or deliver anything",
    ),
    (
        "public-url-elsewhere",
        "requests for the public URL do not reach this node",
    ),
    (
        "public-url-redirects",
        "other servers do not follow a redirect of a delivery, and ids must be served where they are",
    ),
    (
        "version-differs",
        "commands and node should have the same version: they share the database",
    ),
    ("tls-failed", "other servers connect only by HTTPS"),
    ("tls-expired", "other servers refuse an expired certificate"),
    (
        "tls-expires-soon",
        "other servers refuse an expired certificate; it should have been renewed by now",
    ),
    (
        "tls-not-yet-valid",
        "other servers refuse a certificate before its time",
    ),
    (
        "tls-wrong-name",
        "other servers refuse a certificate for another name",
    ),
    (
        "tls-incomplete-chain",
        "browsers fetch the missing certificate, but other servers refuse the site",
    ),
    (
        "tls-self-signed",
        "no other server trusts a certificate that signed itself",
    ),
    (
        "tls-unknown-issuer",
        "no other server trusts this authority",
    ),
    ("http2-broken", "clients that prefer HTTP/2 get nothing"),
    ("http-not-redirected", "readers stay without encryption"),
    (
        "redirects-elsewhere",
        "readers who type the address without https land elsewhere",
    ),
    (
        "www-serves-site",
        "the same pages at two addresses confuse search engines, and no handle works there",
    ),
    (
        "clock-differs",
        "other servers refuse signatures whose date is wrong",
    ),
    (
        "webfinger-failed",
        "nobody can find the publication by its handle",
    ),
    (
        "webfinger-wrong",
        "the handle leads to another actor, so that servers do not confirm it",
    ),
    (
        "domain-webfinger-failed",
        "handles have this domain, and servers ask it for them",
    ),
    (
        "host-meta-failed",
        "some older servers look here for WebFinger",
    ),
    (
        "nodeinfo-failed",
        "directories and some servers look here for the software",
    ),
    (
        "actor-failed",
        "other servers can't follow what they can't read",
    ),
    (
        "actor-not-json",
        "other servers get a page for people instead of the actor",
    ),
    (
        "html-not-served",
        "people who open the profile's address see JSON",
    ),
    (
        "vary-missing",
        "a cache may serve the page to servers, or JSON to people",
    ),
    (
        "encoding-forced",
        "a client that accepts no compression can't read this",
    ),
    (
        "encoding-broken",
        "a client that accepts compression can't read this",
    ),
    (
        "key-missing",
        "the actor can't sign, so that nothing of it is delivered",
    ),
    (
        "key-served-differs",
        "other servers verify with the published key: they refuse everything that is signed with the other",
    ),
    (
        "inbox-blocked",
        "something before the node refuses deliveries, so that no reply and no follower arrives",
    ),
    (
        "body-limit",
        "long posts do not arrive: the node accepts activities up to 1 MiB",
    ),
    (
        "other-node",
        "something else answers at the public URL's inbox, and the deliveries go there",
    ),
    (
        "header-dropped",
        "signatures of deliveries cover this header: without it they are refused",
    ),
    (
        "header-doubled",
        "a signed header must be there once: deliveries with two are refused",
    ),
    (
        "header-changed",
        "signatures of deliveries cover this header: changed, they do not match",
    ),
    (
        "host-changed",
        "signatures cover the host: with another one every delivery is refused",
    ),
    (
        "path-changed",
        "signatures cover the path: changed, they do not match",
    ),
    (
        "body-changed",
        "the digest covers the body: changed, every delivery is refused",
    ),
    (
        "delivery-refused",
        "other servers' deliveries are refused for the same reason",
    ),
    (
        "forwarded-for-missing",
        "all readers and servers share the proxy's address, and so one limit",
    ),
    (
        "forwarded-for-forged",
        "anybody can pretend to have another address, and so pass every limit",
    ),
    (
        "proxy-unlisted",
        "the node trusts no header of an unknown proxy, so that all readers share its address",
    ),
    (
        "listen-closed",
        "nothing answers where the configuration says that the node listens",
    ),
    (
        "database-failed",
        "the node can't work without its database",
    ),
    (
        "database-newer",
        "an older program could destroy what a newer one wrote",
    ),
    (
        "database-damaged",
        "a damaged database loses articles and comments",
    ),
    (
        "wal-large",
        "the write-ahead log slows every read, and fills the disk",
    ),
    (
        "disk-full",
        "with a full disk nothing can be published or received",
    ),
    ("inodes-full", "without free inodes no file can be created"),
    (
        "file-mode",
        "the database has the private keys and readers' mail addresses",
    ),
    ("media-failed", "pictures can neither be stored nor shown"),
    ("smtp-failed", "no notice and no confirmation is sent"),
    ("mail-failed", "somebody waits for this message"),
    ("no-worker", "followers get nothing until one runs"),
    (
        "deliveries-held",
        "followers get nothing until the deliveries are resumed",
    ),
    ("queue-overdue", "deliveries are due and nobody sends them"),
    (
        "delivery-rejected",
        "followers on this server do not see what was published",
    ),
    (
        "server-dead",
        "followers there get nothing until it responds",
    ),
    (
        "server-failing",
        "followers there wait for what was published",
    ),
    (
        "sender-key-failed",
        "activities from this server are refused until its key can be fetched",
    ),
    (
        "picture-missing",
        "readers see a gap instead of the picture",
    ),
];

/// Returns why a fault matters.
pub(super) fn why(code: &str) -> &'static str {
    CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map_or("", |(_, why)| why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_code_that_a_check_uses_is_in_the_list_and_in_the_document_and_the_other_way_round() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/cli/doctor");
        let mut sources = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if !path.ends_with("codes.rs") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
        let document = include_str!("../../../docs/doctor.md");
        let headings = document
            .lines()
            .filter_map(|line| line.strip_prefix("### `"));
        let documented: BTreeSet<_> = headings.filter_map(|line| line.strip_suffix('`')).collect();
        let listed: BTreeSet<_> = CODES.iter().map(|(code, _)| *code).collect();
        assert_eq!(listed, documented);
        assert_eq!(listed.len(), CODES.len(), "a code is there twice");
        for code in listed {
            assert!(
                sources.contains(&format!("\"{code}\"")),
                "{code} is not used"
            );
        }
    }
}
