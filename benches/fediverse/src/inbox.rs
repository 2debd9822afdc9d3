//! What inboxes do with a delivery: count it, verify some signatures, notice repetitions, or misbehave.

use crate::{
    signatures::Signature,
    world::{Faults, World},
};
use http::{HeaderMap, StatusCode, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashSet},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Errors of signatures that are kept.
const KEPT_ERRORS: usize = 20;

/// What all inboxes have seen since the last reset.
#[derive(Default, Serialize)]
pub(crate) struct Tally {
    /// Deliveries that were accepted.
    pub(crate) received: u64,
    bytes: u64,
    by_type: BTreeMap<String, Arrivals>,
    /// Hosts that accepted a delivery.
    #[serde(serialize_with = "count_of")]
    hosts: HashSet<u32>,
    /// Deliveries over HTTP/2.
    http2: u64,
    /// Signatures by RFC 9421, which are not verified.
    rfc9421: u64,
    verified: u64,
    /// What was wrong with signatures.
    bad: Vec<String>,
    /// Deliveries that were refused on purpose.
    faulted: u64,
    /// Activities that an inbox had accepted before.
    repeated: u64,
    #[serde(skip)]
    seen: HashSet<(u32, String, String)>,
    /// The first activity of each type.
    sample: BTreeMap<String, Box<RawValue>>,
}

/// Deliveries of one type, and when the first and the last came, in seconds since 1970.
#[derive(Default, Serialize)]
struct Arrivals {
    count: u64,
    first: f64,
    last: f64,
}

/// A delivery, as it arrived.
pub(crate) struct Delivery<'a> {
    pub(crate) host: u32,
    pub(crate) authority: &'a str,
    pub(crate) path: &'a str,
    pub(crate) version: Version,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// The part of an activity that is looked at. Reading no more keeps the fediverse cheap.
#[derive(Default, Deserialize)]
struct Activity<'a> {
    #[serde(borrow, default)]
    id: Cow<'a, str>,
    #[serde(borrow, default, rename = "type")]
    kind: Cow<'a, str>,
}

/// Receives a delivery, or does with it what the faults say.
pub(crate) async fn receive(world: &World, delivery: Delivery<'_>) -> StatusCode {
    let faults = world.faults();
    if faults.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.delay_ms)).await;
    }
    let fault = faults.of(delivery.host);
    if fault == Some(Fault::Hang) {
        std::future::pending::<()>().await;
    }
    let ordinal = match count(world, &delivery, fault, faults.fail_every) {
        Ok(ordinal) => ordinal,
        Err(status) => return status,
    };
    let every = world.size.verify_every;
    if every > 0
        && ordinal.is_multiple_of(every)
        && !delivery.headers.contains_key("signature-input")
    {
        let outcome = verify(world, &delivery).await;
        let mut tally = world.tally();
        match outcome {
            Ok(()) => tally.verified += 1,
            Err(error) if tally.bad.len() < KEPT_ERRORS => tally.bad.push(error),
            Err(_) => {}
        }
    }
    StatusCode::ACCEPTED
}

/// Counts a delivery. Returns its number, or the status of the fault that it meets.
fn count(
    world: &World,
    delivery: &Delivery<'_>,
    fault: Option<Fault>,
    fail_every: u64,
) -> Result<u64, StatusCode> {
    let activity: Activity<'_> = serde_json::from_slice(delivery.body).unwrap_or_default();
    let now = seconds_since_1970();
    let mut tally = world.tally();
    let ordinal = tally.received + tally.faulted;
    let refusal = match fault {
        Some(Fault::Down) => Some(StatusCode::SERVICE_UNAVAILABLE),
        Some(Fault::Gone) => Some(StatusCode::GONE),
        _ if fail_every > 0 && ordinal % fail_every == fail_every - 1 => {
            Some(StatusCode::INTERNAL_SERVER_ERROR)
        }
        _ => None,
    };
    if let Some(status) = refusal {
        tally.faulted += 1;
        return Err(status);
    }
    tally.received += 1;
    tally.bytes += delivery.body.len() as u64;
    tally.hosts.insert(delivery.host);
    tally.http2 += u64::from(delivery.version == Version::HTTP_2);
    tally.rfc9421 += u64::from(delivery.headers.contains_key("signature-input"));
    let delivered = (
        delivery.host,
        delivery.path.to_owned(),
        activity.id.into_owned(),
    );
    tally.repeated += u64::from(!tally.seen.insert(delivered));
    let kind = activity.kind.into_owned();
    if !tally.sample.contains_key(&kind)
        && let Ok(text) = serde_json::from_slice(delivery.body)
    {
        tally.sample.insert(kind.clone(), text);
    }
    let arrivals = tally.by_type.entry(kind).or_default();
    if arrivals.count == 0 {
        arrivals.first = now;
    }
    arrivals.count += 1;
    arrivals.last = now;
    Ok(ordinal)
}

async fn verify(world: &World, delivery: &Delivery<'_>) -> Result<(), String> {
    let signature = Signature::of(delivery.headers).ok_or("no signature")?;
    let public_pem = world.sender.key(signature.key_id()?).await?;
    signature.verify(
        delivery.headers,
        delivery.authority,
        delivery.path,
        delivery.body,
        &public_pem,
    )
}

/// What is wrong with a host.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    Down,
    Gone,
    Hang,
}

impl Faults {
    fn of(&self, host: u32) -> Option<Fault> {
        [
            (self.down, Fault::Down),
            (self.down + self.gone, Fault::Gone),
            (self.down + self.gone + self.hang, Fault::Hang),
        ]
        .into_iter()
        .find_map(|(end, fault)| (host < end).then_some(fault))
    }
}

/// The time, as the control port tells it.
pub(crate) fn seconds_since_1970() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
}

fn count_of<S: serde::Serializer>(hosts: &HashSet<u32>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(hosts.len() as u64)
}
