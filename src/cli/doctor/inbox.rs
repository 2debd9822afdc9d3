//! A delivery to ourselves through the public URL. The running node notes how it arrived, so that everything that a proxy
//! does to deliveries is seen: see `node/self_test.rs`.

use super::{
    mends::Fault,
    report::{Check, Finding},
    site::{Reply, Site},
};
use crate::{
    crypto::signatures::{
        BodyDigest, Style,
        sign::{Action, RequestToSign, sign},
    },
    node::{
        Node,
        self_test::{Arrival, HEADER, SelfTest},
    },
    protocol::ACTIVITY_JSON,
};
use chrono::Utc;
use http::{HeaderMap, HeaderValue};
use serde_json::json;
use url::Url;

/// An address of documentation, which a client must not be able to claim (RFC 5737).
const FORGED: &str = "203.0.113.77";
/// The size of the large delivery, just below the limit of the node.
const LARGE: usize = 1_000_000;

/// A form of the delivery.
#[derive(Debug, Clone, Copy)]
struct Form {
    style: Style,
    size: usize,
    is_http1: bool,
}

const FORMS: [Form; 3] = [
    Form {
        style: Style::Cavage,
        size: 0,
        is_http1: false,
    },
    Form {
        style: Style::Rfc9421,
        size: 0,
        is_http1: true,
    },
    Form {
        style: Style::Cavage,
        size: LARGE,
        is_http1: false,
    },
];

/// A delivery as it was sent.
struct Sent {
    headers: HeaderMap,
    path: String,
    body: Vec<u8>,
}

pub(super) async fn inbox(site: &Site) -> Check {
    if let Err(reason) = site.health() {
        return Check::skipped("inbox", reason);
    }
    let Some(node) = &site.node else {
        return Check::skipped("inbox", "the database can't be used");
    };
    let mut check = Check::new(
        "inbox",
        "A signed delivery through the public URL arrives unchanged.",
    );
    for form in FORMS {
        match deliver(site, node, form).await {
            Ok(findings) if findings.is_empty() => {}
            Ok(findings) => {
                check.extend(findings);
                break;
            }
            Err(error) => return Check::skipped("inbox", error.to_string()),
        }
    }
    check.or(|_| "Deliveries through the public URL do not arrive as they were sent.".into())
}

async fn deliver(site: &Site, node: &Node, form: Form) -> anyhow::Result<Vec<Finding>> {
    let test = SelfTest::begin(node).await?;
    let url = Url::parse(&node.urls().shared_inbox())?;
    let sent = prepare(node, &url, form, &test.token).await?;
    let client = if form.is_http1 {
        &site.http1
    } else {
        &site.client
    };
    let request = client
        .post(url.clone())
        .headers(wire_headers(&sent.headers));
    let reply = site.send(request.body(sent.body.clone())).await;
    let arrival = test.end(node).await?;
    Ok(match arrival {
        Some(arrival) => compare(site, &sent, &arrival),
        None => vec![explain_loss(site, &url, &sent, reply)],
    })
}

/// Makes and signs the delivery.
async fn prepare(node: &Node, url: &Url, form: Form, token: &str) -> anyhow::Result<Sent> {
    let instance = node.instance().await?;
    let mut activity = json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": node.urls().activity("self-test"),
        "type": "Read",
        "actor": instance.uri,
        "object": instance.uri,
        "summary": "A test of pamphlet doctor",
    });
    let length = activity.to_string().len();
    if form.size > length {
        activity["content"] = "x".repeat(form.size - length).into();
    }
    let body = activity.to_string().into_bytes();
    let digest = BodyDigest::of(&body);
    let request = RequestToSign {
        url,
        now: Utc::now(),
        action: Action::Post {
            digest: &digest,
            content_type: ACTIVITY_JSON,
            synchronization: None,
        },
    };
    let mut headers = sign(form.style, &instance.rsa, &instance.key_id(), &request)?;
    headers.insert(HEADER, HeaderValue::from_str(token)?);
    headers.insert("host", HeaderValue::from_str(&node.config.authority())?);
    headers.insert("x-forwarded-for", HeaderValue::from_static(FORGED));
    Ok(Sent {
        headers,
        path: url.path().to_owned(),
        body,
    })
}

/// Returns the headers that the client sends; it adds the host itself.
fn wire_headers(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove("host");
    headers
}

/// Explains why the node noted no arrival.
fn explain_loss(site: &Site, url: &Url, sent: &Sent, reply: Result<Reply, String>) -> Finding {
    let find = |code, what: String, mend: String| Finding { code, what, mend };
    let size = sent.body.len();
    match reply {
        Err(reason) if size >= LARGE => {
            let what = format!("a delivery of {size} bytes to {url} fails: {reason}");
            find("body-limit", what, site.mend(Fault::BodyLimit))
        }
        Err(reason) => find(
            "inbox-blocked",
            format!("{url}: {reason}"),
            site.mend(Fault::Blocked),
        ),
        // Small deliveries arrived before.
        Ok(reply)
            if reply.status.as_u16() == 413 || (size >= LARGE && !reply.status.is_success()) =>
        {
            let status = reply.status.as_u16();
            let what = format!("a delivery of {size} bytes to {url} is refused with {status}");
            find("body-limit", what, site.mend(Fault::BodyLimit))
        }
        // The node itself responds with a JSON problem. It did not see the token.
        Ok(reply) if reply.header("content-type").contains("problem+json") => {
            let what = format!(
                "the header Pamphlet-Self-Test does not arrive at {url}, and perhaps others do not"
            );
            find("header-dropped", what, site.mend(Fault::Header))
        }
        Ok(reply) if reply.status.is_success() => {
            let what = format!(
                "{url} responds with {}, but this publication's node got nothing",
                reply.described()
            );
            find("other-node", what, site.mend(Fault::Upstream))
        }
        Ok(reply) => {
            let what = format!("a POST to {url} gets {}", reply.described());
            find("inbox-blocked", what, site.mend(Fault::Blocked))
        }
    }
}

/// Compares a delivery with its arrival.
fn compare(site: &Site, sent: &Sent, arrival: &Arrival) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code, what: String, fault| {
        findings.push(Finding {
            code,
            what,
            mend: site.mend(fault),
        });
    };
    for name in sent
        .headers
        .keys()
        .filter(|name| *name != "x-forwarded-for")
    {
        let shown = name_of(name.as_str());
        let values: Vec<&str> = values_of(arrival, name.as_str());
        let value = sent.headers[name].to_str().unwrap_or_default();
        match values.as_slice() {
            [] => find(
                "header-dropped",
                format!("the header {shown} does not arrive"),
                Fault::Header,
            ),
            [one] if *one == value => {}
            [one] if name == "host" => {
                find(
                    "host-changed",
                    format!("Host arrives as {one}, and not as {value}"),
                    Fault::Host,
                );
            }
            [one] => find(
                "header-changed",
                format!("{shown} arrives as {one}"),
                Fault::Header,
            ),
            more => find(
                "header-doubled",
                format!("{shown} arrives {} times", more.len()),
                Fault::Header,
            ),
        }
    }
    if arrival.path != sent.path {
        let what = format!("the path {} arrives as {}", sent.path, arrival.path);
        find("path-changed", what, Fault::Path);
    }
    let expected = (sent.body.len(), BodyDigest::of(&sent.body).digest_value());
    match &arrival.body {
        None if expected.0 >= LARGE => {
            let what = format!("a delivery of {} bytes is cut off on its way", expected.0);
            find("body-limit", what, Fault::BodyLimit);
        }
        None => find(
            "body-changed",
            "the body does not arrive".into(),
            Fault::Body,
        ),
        Some(body) if *body != expected => {
            let what = format!(
                "a body of {} bytes arrives with {} bytes and another content",
                expected.0, body.0
            );
            find("body-changed", what, Fault::Body);
        }
        _ if !values_of(arrival, "content-encoding").is_empty() => {
            find(
                "body-changed",
                "the body arrives with a Content-Encoding".into(),
                Fault::Body,
            );
        }
        _ => {}
    }
    if let Some(refusal) = arrival.refusal.as_ref().filter(|_| findings.is_empty()) {
        findings.push(Finding {
            code: "delivery-refused",
            what: format!("the delivery arrives, but is refused: {refusal}"),
            mend: "compare the clocks (timedatectl), and public_url in the configuration of the running node".into(),
        });
    }
    findings.extend(forwarded(site, arrival));
    findings
}

/// Checks what the proxy reports about its clients.
fn forwarded(site: &Site, arrival: &Arrival) -> Option<Finding> {
    if !site.has_proxy() {
        return None;
    }
    let proxies = &site.config.comments.proxies;
    let peer = &arrival.peer;
    let is_listed = proxies
        .iter()
        .any(|proxy| proxy.to_canonical().to_string() == *peer);
    let reported = values_of(arrival, "x-forwarded-for").join(", ");
    let last = reported.rsplit(',').next().unwrap_or_default().trim();
    if !is_listed {
        return Some(Finding {
            code: "proxy-unlisted",
            what: format!("the proxy's address is {peer}, which comments.proxies does not list"),
            mend: format!("[comments] proxies = [\"127.0.0.1\", \"::1\", \"{peer}\"]"),
        });
    }
    let (code, what) = match last {
        "" => (
            "forwarded-for-missing",
            "the proxy sends no X-Forwarded-For".to_owned(),
        ),
        FORGED => (
            "forwarded-for-forged",
            "the proxy passes on the X-Forwarded-For that a client invents".to_owned(),
        ),
        _ => return None,
    };
    Some(Finding {
        code,
        what,
        mend: site.mend(Fault::ForwardedFor),
    })
}

fn values_of<'a>(arrival: &'a Arrival, name: &str) -> Vec<&'a str> {
    let headers = arrival.headers.iter().filter(|(known, _)| known == name);
    headers.map(|(_, value)| value.as_str()).collect()
}

/// Returns a header's name in the usual spelling.
fn name_of(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect::<Vec<_>>().join("-")
}
