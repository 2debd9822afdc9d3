//! Explains what the inbox would do with an activity, by doing it without keeping it: the real code runs, and every
//! transaction is rolled back (`Store::rehearse`).
//!
//! A file has no valid signature any more: none at all, or one that is too old. The parts of a captured request are
//! checked as of the time of its signature. Then the activity is signed again in memory, with a key that is the sender's
//! only for this explanation.

use super::{Ingest, Summary, activities, check_content, read_activity, receive};
use crate::{
    base::{steps, steps::Step},
    crypto::signatures::{
        self, BodyDigest, Expectation, RequestParts, Scheme, Unverified,
        sign::{Action, RequestToSign, sign_cavage},
    },
    federation::remote::{actors, fetch_error::shown, keys},
    node::{
        Context,
        caches::{
            key_cache::{OwnedKey, read_key},
            strangers::document_of,
        },
        error::InboxError,
        local_actors::LocalActor,
        remote_actor::RemoteActor,
        urls::{host_of, same_origin_text},
    },
    protocol::{ACTIVITY_JSON, Activity},
    store::{KeyPurpose, NewRemoteActor, RemoteKey},
};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderValue, Method, header::HOST};
use url::Url;

/// An activity, and the request that brought it if that is known.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) request: Option<CapturedHead>,
    pub(crate) body: Vec<u8>,
}

/// The line and headers of a request.
#[derive(Debug)]
pub(crate) struct CapturedHead {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
}

/// What the inbox would do.
#[derive(Debug)]
pub(crate) struct Explanation {
    pub(crate) steps: Vec<Step>,
    pub(crate) summary: Summary,
    pub(crate) outcome: Result<(), InboxError>,
}

/// Explains an activity. The node's store keeps nothing from now on.
pub(crate) async fn explain(captured: &Captured, ctx: &Context) -> Explanation {
    ctx.store.rehearse();
    let mut summary = Summary::default();
    let explained = Box::pin(rehearse(captured, &mut summary, ctx));
    let (outcome, steps) = steps::recorded(explained).await;
    Explanation {
        steps,
        summary,
        outcome,
    }
}

async fn rehearse(
    captured: &Captured,
    summary: &mut Summary,
    ctx: &Context,
) -> Result<(), InboxError> {
    let signed = match &captured.request {
        Some(head) => Some(check_request(head, &captured.body, ctx).await?),
        None => {
            steps::note("signature", || {
                "the file has no headers: its actor is taken to have signed the request".into()
            });
            None
        }
    };
    let activity = read_activity(&captured.body)?;
    steps::note("json", || "the body is acceptable JSON".into());
    let actor = activity.actor.clone();
    let key_id = match &signed {
        Some(unverified) => unverified.key_id().to_owned(),
        None => {
            let named = actor
                .clone()
                .or_else(|| activities::author_of_bare_object(&activity));
            let owner = match named {
                Some(owner) => owner,
                None => guess_sender(&activity, ctx).await?,
            };
            format!("{}#explained", document_of(&owner))
        }
    };
    let owner = actor
        .filter(|actor| same_origin_text(actor, &key_id))
        .unwrap_or_else(|| document_of(&key_id).to_owned());
    let signer = ctx.instance().await.map_err(InboxError::internal)?;
    assume_key(&key_id, &owner, &signer, ctx).await?;
    let (headers, inbox) = sign_again(&captured.body, &key_id, &signer, ctx)?;
    let request = RequestParts {
        method: &Method::POST,
        path_and_query: inbox.path(),
        headers: &headers,
        body: &captured.body,
    };
    receive(&request, &Ingest::default(), ctx, summary).await
}

/// Returns the likely sender of an activity without an actor, whom only a signature would name: a known actor whose id is
/// the beginning of the activity's id, or else the address two levels above that.
async fn guess_sender(activity: &Activity, ctx: &Context) -> Result<String, InboxError> {
    let id = activity.id.as_deref().and_then(|id| Url::parse(id).ok());
    let (Some(mut url), Some(_)) = (id, activity.object.id()) else {
        return Err(InboxError::malformed(
            "it names no actor and no object: it is a document, and no activity",
        ));
    };
    url.set_fragment(None);
    let mut above = Vec::new();
    while url.path().len() > 1 {
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop();
        }
        above.push(url.to_string());
    }
    let mut conn = ctx.store.read().await?;
    for candidate in &above {
        if conn.remote_actor(candidate).await?.is_some() {
            return Ok(candidate.clone());
        }
    }
    let guessed = above.into_iter().nth(1);
    guessed.ok_or_else(|| {
        InboxError::malformed("it names no actor, and no signature says who sent it")
    })
}

/// Checks a captured request as of the time of its signature, with its key if that is known or may be fetched.
async fn check_request(
    head: &CapturedHead,
    body: &[u8],
    ctx: &Context,
) -> Result<Unverified, InboxError> {
    if head.method != Method::POST {
        return Err(InboxError::Unread(405, "an inbox accepts only POST".into()));
    }
    check_content(&head.headers)?;
    let request = RequestParts {
        method: &head.method,
        path_and_query: &head.path,
        headers: &head.headers,
        body,
    };
    let now = Utc::now();
    let signed_at = signing_time(&head.headers).unwrap_or(now);
    let unverified = parse_as_of(&request, signed_at, ctx)?;
    let is_old = parse_as_of(&request, now, ctx).is_err();
    steps::note("request", || {
        let date = signed_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let age = if is_old {
            "; a request that old would be refused now, so it is explained as of then"
        } else {
            ""
        };
        format!("its headers and digest fit, signed at {date}{age}")
    });
    let key_id = unverified.key_id();
    let key = match keys::stored(key_id, ctx).await? {
        None if !ctx.is_offline() => Some(keys::fetch_unknown(key_id, ctx).await?),
        stored => stored,
    };
    match key {
        Some(owned) => {
            unverified
                .verify(&owned.key)
                .map_err(super::verify::signature_error)?;
            steps::note("signature", || {
                format!("it was made with the key {}", shown(key_id))
            });
        }
        None => steps::note("signature", || {
            let key_id = shown(key_id);
            format!("its key {key_id} is unknown and would be fetched; it is taken to be valid")
        }),
    }
    Ok(unverified)
}

fn parse_as_of(
    request: &RequestParts<'_>,
    now: DateTime<Utc>,
    ctx: &Context,
) -> Result<Unverified, InboxError> {
    let scheme = match ctx.config.public_url.scheme() {
        "http" => Scheme::Http,
        _ => Scheme::Https,
    };
    let expectation = Expectation {
        hosts: &[ctx.config.authority()],
        scheme,
        now,
    };
    signatures::parse(request, &expectation).map_err(super::verify::signature_error)
}

/// Returns the time in `Signature-Input`, or else in `Date`.
fn signing_time(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let created = || {
        let input = text("signature-input").or_else(|| text("signature"))?;
        let rest = input.split_once("created=")?.1;
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        DateTime::from_timestamp(rest[..end].parse().ok()?, 0)
    };
    let dated = || {
        let date = httpdate::parse_http_date(text("date")?).ok()?;
        Some(DateTime::<Utc>::from(date))
    };
    created().or_else(dated)
}

/// Makes a key of ours the sender's, in the memory of this process. An unknown sender is fetched, or invented from its
/// id if no request may be made.
async fn assume_key(
    key_id: &str,
    owner: &str,
    signer: &LocalActor,
    ctx: &Context,
) -> Result<(), InboxError> {
    let key = RemoteKey {
        id: key_id.to_owned(),
        public_key: signer.rsa.public_key_pem(),
        purpose: KeyPurpose::Signature,
    };
    let known = ctx.store.read().await?.remote_actor(owner).await?;
    if let Some(row) = known {
        steps::note("actor", || format!("{} is known here", shown(owner)));
        let actor = RemoteActor::of(row)?;
        if let Some(owned) = OwnedKey::read(actor, &key) {
            ctx.key_cache.insert(key_id, &owned).await;
        }
        return Ok(());
    }
    let mut actor = if ctx.is_offline() || ctx.urls().is_ours(owner) {
        steps::note("actor", || {
            format!("{} is unknown here, and would be fetched", shown(owner))
        });
        invented(owner)?
    } else {
        let fetched = actors::get(owner, ctx).await?;
        steps::note("actor", || {
            format!("{} is unknown here, and was fetched", shown(owner))
        });
        let stranger = fetched.stranger().map(|stranger| stranger.actor.clone());
        stranger.ok_or_else(|| InboxError::Later("the actor was stored just now".into()))?
    };
    actor
        .keys
        .retain(|other| other.id != key.id && read_key(&other.public_key).is_some());
    actor.keys.push(key);
    ctx.strangers.forget(owner);
    ctx.strangers.remember(actor, None);
    Ok(())
}

/// Returns an actor of which only the id is known.
fn invented(uri: &str) -> Result<NewRemoteActor, InboxError> {
    let url =
        Url::parse(uri).map_err(|_| InboxError::malformed("the activity's actor is not a URL"))?;
    let host = host_of(&url).ok_or_else(|| InboxError::malformed("an actor's id has no host"))?;
    let mut segments = url.path_segments().into_iter().flatten();
    let name = segments.rfind(|it| !it.is_empty()).unwrap_or("unknown");
    let name = name.trim_start_matches('@').to_owned();
    Ok(NewRemoteActor {
        uri: uri.to_owned(),
        handle_host: host.clone(),
        host,
        kind: "Person".into(),
        username: name.clone(),
        name,
        url: None,
        icon_url: None,
        inbox: format!("{}/inbox", uri.trim_end_matches('/')),
        shared_inbox: None,
        followers: None,
        aliases: "[]".into(),
        moved_to: None,
        emoji: None,
        hidden_before: None,
        hidden_after: None,
        keys: Vec::new(),
    })
}

/// Signs the body as a delivery to our shared inbox.
fn sign_again(
    body: &[u8],
    key_id: &str,
    signer: &LocalActor,
    ctx: &Context,
) -> Result<(HeaderMap, Url), InboxError> {
    let inbox = Url::parse(&ctx.urls().shared_inbox())
        .map_err(|_| InboxError::malformed("the node's own inbox is not a URL"))?;
    let digest = BodyDigest::of(body);
    let request = RequestToSign {
        url: &inbox,
        now: Utc::now(),
        action: Action::Post {
            digest: &digest,
            content_type: ACTIVITY_JSON,
            synchronization: None,
        },
    };
    let mut headers = sign_cavage(&signer.rsa, key_id, &request)
        .map_err(|error| InboxError::Malformed(error.to_string()))?;
    let host = HeaderValue::from_str(&ctx.config.authority());
    headers.insert(
        HOST,
        host.map_err(|_| InboxError::malformed("the host is not a header"))?,
    );
    Ok((headers, inbox))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_signature_is_read_from_either_style() {
        let at = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            signing_time(&headers).map(|time| time.timestamp())
        };
        let input = "sig1=(\"@method\");created=1764194400;keyid=\"k\"";
        assert_eq!(at("signature-input", input), Some(1_764_194_400));
        assert_eq!(
            at("date", "Wed, 26 Nov 2025 22:00:00 GMT"),
            Some(1_764_194_400)
        );
        assert_eq!(at("date", "yesterday"), None);
        assert_eq!(at("signature-input", "created="), None);
    }
}
