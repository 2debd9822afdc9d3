//! The control port: makes actors act, sets faults, and tells what the inboxes counted. Plain HTTP with JSON.

use crate::{
    activities::{Act, Plan},
    inbox::seconds_since_1970,
    load::{self, Pace},
    reading::{self, Read},
    signatures,
    world::{Faults, World},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use http::Request;
use http_body_util::Full;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread,
};

type Failure = (StatusCode, String);
type Shared = State<Arc<World>>;

/// The server under test. `connect` says where its name really listens, over plain HTTP.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    host: String,
    inbox: String,
    connect: SocketAddr,
}

/// What actors shall do.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Command {
    target: Target,
    act: Act,
    /// The actor that is followed, or the object that is replied to, liked or announced.
    object: String,
    /// The author whom a reply mentions.
    #[serde(default)]
    author: String,
    /// The first actor that acts.
    #[serde(default)]
    from: u32,
    /// Actors that act.
    actors: u32,
    /// Activities in all, as many as actors if it is missing.
    count: Option<u32>,
    #[serde(default = "sixteen")]
    concurrency: usize,
    /// Activities that are sent each second, whether or not earlier ones were answered.
    per_second: Option<f64>,
    /// The run whose activities are undone, as the response to it named it.
    run: Option<String>,
}

fn sixteen() -> usize {
    16
}

/// Returns the routes of the control port.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/target", post(set_target))
        .route("/act", post(act))
        .route("/read", post(read))
        .route("/stats", get(stats))
        .route("/reset", post(reset))
        .route("/faults", post(set_faults))
        .with_state(world)
}

/// Names the server under test, so that the signatures of its deliveries can be verified.
async fn set_target(State(world): Shared, Json(target): Json<Target>) {
    world.sender.set(target.connect);
}

async fn act(State(world): Shared, Json(command): Json<Command>) -> Result<Json<Value>, Failure> {
    if command.actors == 0 || command.concurrency == 0 {
        let text = "actors and concurrency must not be 0".to_owned();
        return Err((StatusCode::BAD_REQUEST, text));
    }
    let run = command.run.clone().unwrap_or_else(new_run);
    let pace = Pace {
        address: command.target.connect,
        connections: command.concurrency,
        per_second: command.per_second,
    };
    let name = run.clone();
    // Signed before the clock starts: signing is the generator's work, not the target's.
    let requests = tokio::task::spawn_blocking(move || sign_all(&world, &command, &name))
        .await
        .map_err(failure)?;
    let mut outcome = load::send(requests, pace).await;
    outcome["run"] = run.into();
    Ok(Json(outcome))
}

fn new_run() -> String {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    let serial = RUNS.fetch_add(1, Relaxed);
    format!("{:.0}-{serial}", seconds_since_1970() * 1e3)
}

/// Makes and signs all requests of a command, with all processors.
fn sign_all(world: &World, command: &Command, run: &str) -> Vec<Request<Full<Bytes>>> {
    let count = command.count.unwrap_or(command.actors);
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get) as u32;
    let share = count.div_ceil(threads).max(1);
    let sign = |number| sign(world, command, run, number);
    thread::scope(|scope| {
        let signers: Vec<_> = (0..count)
            .step_by(share as usize)
            .map(|begin| {
                let numbers = begin..count.min(begin + share);
                scope.spawn(move || numbers.map(sign).collect::<Vec<_>>())
            })
            .collect();
        signers
            .into_iter()
            .flat_map(|signer| signer.join().expect("a signer"))
            .collect()
    })
}

fn sign(world: &World, command: &Command, run: &str, number: u32) -> Request<Full<Bytes>> {
    let plan = Plan {
        act: command.act,
        object: &command.object,
        author: &command.author,
        run,
    };
    let actor = world.actor(command.from + number % command.actors);
    let body = plan.activity(world, actor, number);
    let key_id = format!("{}#main-key", world.id(actor));
    let Target { host, inbox, .. } = &command.target;
    let headers = signatures::sign_post(world.key(actor), &key_id, host, inbox, body.as_bytes());
    let mut request = Request::post(inbox.as_str()).header("user-agent", "fediverse (benchmark)");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request
        .body(Full::new(body.into()))
        .expect("a path and headers without line breaks")
}

async fn read(Json(read): Json<Read>) -> Result<Json<Value>, Failure> {
    reading::read(read).await.map(Json).map_err(failure)
}

fn failure(error: impl std::fmt::Display) -> Failure {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
}

async fn stats(State(world): Shared) -> Result<Json<Value>, Failure> {
    let mut stats = serde_json::to_value(&*world.tally()).map_err(failure)?;
    let (connections, fetches) = world.counts();
    stats["connections"] = json!(connections);
    stats["fetches"] = json!(fetches);
    Ok(Json(stats))
}

async fn reset(State(world): Shared) {
    world.reset();
}

async fn set_faults(State(world): Shared, Json(faults): Json<Faults>) {
    world.set_faults(faults);
}
