//! The requests of `pamphlet fetch`: whether one may be sent, and what an unsigned and a signed one get.

use super::Report;
use crate::{
    crypto::signatures::sign::{Action, RequestToSign, sign_cavage},
    federation::remote::{
        fetch::{check_contact, check_spelling},
        fetch_error::{cause, forbidden_below, shown},
        signed_client::is_activity_json,
    },
    http_client::guard::{GuardedResolver, check_address},
    node::{Context, urls::host_of},
    protocol::{ACTIVITY_JSON, repair_unicode, same_id},
};
use anyhow::Result;
use chrono::Utc;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use serde_json::Value;
use url::Url;

/// The largest document, in bytes.
const MAX_DOCUMENT: usize = 1024 * 1024;
const MAX_REDIRECTS: usize = 3;

/// A response.
struct Answer {
    status: u16,
    content_type: String,
    version: String,
    body: Vec<u8>,
    url: Url,
}

impl Answer {
    fn described(&self) -> String {
        let kind = match self.content_type.as_str() {
            "" => "no content type",
            kind => kind,
        };
        shown(&format!(
            "{}, {kind}, {} bytes, {}",
            self.status,
            self.body.len(),
            self.version
        ))
    }

    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn json(&self) -> Option<Value> {
        serde_json::from_slice(&repair_unicode(&self.body)).ok()
    }
}

/// Checks everything that comes before a request. Returns whether one may be sent.
pub(super) async fn is_allowed(url: &Url, report: &mut Report, ctx: &Context) -> Result<bool> {
    if ctx.urls().is_ours(url.as_str()) {
        report.step(
            "address",
            false,
            "it is on this node, which asks only others: look at it with curl",
        );
        return Ok(false);
    }
    if let Err(error) = check_spelling(url, ctx.config.development) {
        report.step("address", false, error.to_string());
        return Ok(false);
    }
    report.step("address", true, "its form is allowed");
    let host = host_of(url).unwrap_or_default();
    let mut conn = ctx.store.read().await?;
    let is_blocked = ctx.is_blocked(&mut conn, url.as_str(), &host).await?;
    drop(conn);
    if is_blocked {
        let text = format!(
            "{host} is blocked, or not in federation.allowed_hosts: nothing is asked or accepted"
        );
        report.step("blocks", false, text);
        return Ok(false);
    }
    report.step("blocks", true, format!("{host} is not blocked"));
    Ok(resolves(url, report, ctx).await)
}

async fn resolves(url: &Url, report: &mut Report, ctx: &Context) -> bool {
    let development = ctx.config.development;
    let host = url.host_str().unwrap_or_default();
    let found = match url.domain() {
        Some(name) => GuardedResolver::new(development).addresses(name).await,
        // Only in development mode.
        None => Ok(host.trim_matches(['[', ']']).parse().into_iter().collect()),
    };
    let addresses = match found {
        Ok(addresses) => addresses,
        Err(error) => {
            report.step(
                "dns",
                false,
                format!("{host} can't be resolved: {}", shown(&error.to_string())),
            );
            return false;
        }
    };
    let listed: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let refused = addresses
        .iter()
        .find_map(|ip| check_address(*ip, development).err());
    match &refused {
        Some(refused) => report.step("dns", false, format!("{host}: {refused}")),
        None => report.step("dns", true, format!("{host} has {}", listed.join(", "))),
    }
    refused.is_none()
}

/// Sends an unsigned and a signed request. Returns the document of the signed one, which the node would use.
pub(super) async fn compare(
    url: &Url,
    report: &mut Report,
    ctx: &Context,
) -> Result<Option<Value>> {
    let unsigned = ask(url, false, ctx).await?;
    let signed = ask(url, true, ctx).await?;
    let signed = match signed {
        Ok(signed) => signed,
        Err(reason) => {
            report.step("request", false, reason);
            return Ok(None);
        }
    };
    match &unsigned {
        Ok(unsigned) => report.step("unsigned", true, unsigned.described()),
        Err(reason) => report.step("unsigned", true, format!("no response: {reason}")),
    }
    report.step("signed", signed.is_success(), signed.described());
    if let Ok(unsigned) = &unsigned {
        note_difference(unsigned, &signed, report);
    }
    if !signed.is_success() {
        return Ok(None);
    }
    let fits = is_activity_json(&signed.content_type);
    report.step("type", fits, if fits {
        "the content type is one of ActivityPub"
    } else {
        "the content type is none of ActivityPub, so the document is not believed: it may be a file that a user uploaded"
    });
    let Some(document) = signed.json() else {
        report.step("json", false, "the response is not JSON");
        return Ok(None);
    };
    report.step("json", true, "the response is JSON");
    check_id(&document, &signed.url, report);
    Ok(Some(document))
}

fn note_difference(unsigned: &Answer, signed: &Answer, report: &mut Report) {
    if signed.is_success() && matches!(unsigned.status, 401 | 403 | 404) {
        report.step(
            "secure mode",
            true,
            "the server answers only signed requests (authorized fetch)",
        );
    } else if unsigned.is_success() && !signed.is_success() {
        let text = "the server refuses our signature: it may block this publication, or fail to fetch its key from /actor";
        report.step("secure mode", false, text);
    } else if unsigned.is_success() && unsigned.json() != signed.json() {
        report.step(
            "secure mode",
            true,
            "a signed request gets another document than an unsigned one",
        );
    }
}

fn check_id(document: &Value, url: &Url, report: &mut Report) {
    let id = document["id"].as_str().unwrap_or_default();
    if same_id(id, url.as_str()) {
        report.step("id", true, "its id is the address at which it was found");
    } else if id.is_empty() {
        report.step("id", false, "it has no id");
    } else {
        // The node's own fetch decides whether that is acceptable: it asks at that id again.
        report.step(
            "id",
            true,
            format!("its id is {}, where it is fetched again", shown(id)),
        );
    }
}

/// Sends a GET, and follows redirects as the node does: each is checked, and signed anew.
async fn ask(url: &Url, is_signed: bool, ctx: &Context) -> Result<Result<Answer, String>> {
    let mut url = url.clone();
    for _ in 0..=MAX_REDIRECTS {
        if let Err(error) = check_contact(&url, ctx).await {
            return Ok(Err(error.to_string()));
        }
        let mut request = ctx
            .unsigned_client()?
            .get(url.clone())
            .header(ACCEPT, ACTIVITY_JSON);
        if is_signed {
            let instance = ctx.instance().await?;
            let to_sign = RequestToSign {
                url: &url,
                now: Utc::now(),
                action: Action::Get {
                    accept: ACTIVITY_JSON,
                },
            };
            request = request.headers(sign_cavage(&instance.rsa, &instance.key_id(), &to_sign)?);
        }
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                let forbidden = forbidden_below(&error).map(ToString::to_string);
                return Ok(Err(forbidden.unwrap_or_else(|| cause(&error))));
            }
        };
        let text = |name| {
            let value = response.headers().get(name);
            let value: Option<&http::HeaderValue> = value;
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or("")
                .to_owned()
        };
        if response.status().is_redirection() {
            match url.join(&text(LOCATION)) {
                Ok(next) => url = next,
                Err(_) => return Ok(Err("it redirects to no address".into())),
            }
            continue;
        }
        let mut answer = Answer {
            status: response.status().as_u16(),
            content_type: text(CONTENT_TYPE),
            version: format!("{:?}", response.version()),
            body: Vec::new(),
            url,
        };
        while let Some(chunk) = match response.chunk().await {
            Ok(chunk) => chunk,
            Err(error) => return Ok(Err(cause(&error))),
        } {
            if answer.body.len() + chunk.len() > MAX_DOCUMENT {
                return Ok(Err("the response is larger than 1 MiB".into()));
            }
            answer.body.extend_from_slice(&chunk);
        }
        return Ok(Ok(answer));
    }
    Ok(Err("it redirects too often".into()))
}
