//! All the servers around the node that is attacked.

use super::{
    Target,
    hosts::{Asked, document, listen, status, typed},
    post::{Actor, Post, client_at},
    wide_picture::wide_picture,
};
use axum::{body::Bytes, http::Method, response::Response};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Subdomains of the hostile domain.
const SUBDOMAINS: u64 = 1000;
/// The time that a hanging server takes for an answer.
const HANGING: Duration = Duration::from_secs(60);
/// The address that the attackers connect from, in another network than all others.
pub(super) const ATTACKERS: [u8; 4] = [127, 66, 0, 1];
/// The largest picture that a node fetches, in bytes.
const LARGE_PICTURE: usize = 10 * 1024 * 1024 - 1;

/// The hostile domain, the third party, and the honest servers.
pub(super) struct World {
    pub target: Target,
    pub third: Third,
    pub honest: HonestHosts,
    pub client: reqwest::Client,
    evil_port: u16,
    tally: Mutex<BTreeMap<(&'static str, u16), u64>>,
    /// Paths of pictures that were found on pages.
    pictures: Mutex<Vec<String>>,
}

/// Paths of pictures that the attackers remember.
const MAX_PICTURES: usize = 500;

impl World {
    pub(super) async fn start(target: Target, honest_servers: usize) -> World {
        let third = Third::start().await;
        let pictures = Pictures::make();
        let third_origin = third.origin.clone();
        let evil_port = listen(move |asked| {
            let (third, pictures) = (third_origin.clone(), pictures.clone());
            async move { hostile_answer(&asked, &third, &pictures).await }
        });
        World {
            honest: HonestHosts::start(&target.article, honest_servers).await,
            client: client_at(ATTACKERS, &target, Duration::from_secs(20)),
            evil_port: evil_port.await,
            tally: Mutex::default(),
            pictures: Mutex::default(),
            target,
            third,
        }
    }

    /// The authority of a hostile server: one of many subdomains of one domain.
    pub(super) fn evil(&self, number: u64) -> String {
        format!("h{}.evil.localhost:{}", number % SUBDOMAINS, self.evil_port)
    }

    /// A hostile actor, whose server and key are decided by the number.
    pub(super) fn villain(&self, kind: &str, number: u64) -> Actor {
        Actor::at(&self.evil(number), &format!("{kind}{number}"))
    }

    pub(super) fn post(&self, post: Post) -> reqwest::RequestBuilder {
        post.signed(&self.target, &self.client)
    }

    /// Counts an answer to a hostile request; 0 stands for none.
    pub(super) fn count(&self, attack: &'static str, status: u16) {
        let mut tally = self.tally.lock().unwrap();
        *tally.entry((attack, status)).or_default() += 1;
    }

    /// Remembers the pictures on a page.
    pub(super) fn learn_pictures(&self, page: &str) {
        let mut known = self.pictures.lock().unwrap();
        for found in page.split("\"/pictures/").skip(1) {
            let path = found.split('"').next().unwrap_or_default();
            if known.len() < MAX_PICTURES && !known.iter().any(|it| it == path) {
                known.push(path.to_owned());
            }
        }
    }

    /// One of the pictures on pages, in turn.
    pub(super) fn picture(&self, number: u64) -> Option<String> {
        let known = self.pictures.lock().unwrap();
        let count = u64::try_from(known.len()).ok().filter(|count| *count > 0)?;
        known.get(usize::try_from(number % count).ok()?).cloned()
    }

    pub(super) fn tally(&self) -> BTreeMap<(&'static str, u16), u64> {
        self.tally.lock().unwrap().clone()
    }
}

#[derive(Clone)]
struct Pictures {
    wide: Bytes,
    large: Bytes,
}

impl Pictures {
    fn make() -> Self {
        let wide = wide_picture();
        let mut large = wide[..64].to_vec();
        large.resize(LARGE_PICTURE, 7);
        Pictures {
            wide: wide.into(),
            large: large.into(),
        }
    }
}

/// Answers for all hostile servers.
async fn hostile_answer(asked: &Asked, third: &str, pictures: &Pictures) -> Response {
    if asked.method == Method::POST {
        return status(202);
    }
    let here = format!("http://{}", asked.authority);
    let parts: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["hang", ..] => {
            tokio::time::sleep(HANGING).await;
            status(404)
        }
        ["users", name] => document(&hostile_actor(&asked.authority, name, third)),
        ["pictures", "wide", _] => typed("image/png", pictures.wide.clone()),
        ["pictures", "large", _] => typed("image/png", pictures.large.clone()),
        ["collections", "third", number] => {
            let items = (0..200).map(|item| format!("{third}/notes/{number}-{item}"));
            document(&collection(&here, &asked.path, items))
        }
        ["collections", "own", number] => {
            let slow = (0..190).map(|item| format!("{here}/hang/items/{number}-{item}"));
            let threads = (0..20).map(|item| format!("{here}/items/{number}-{item}"));
            document(&collection(&here, &asked.path, threads.chain(slow)))
        }
        ["items", number] => {
            let actor = Actor::at(&asked.authority, "u0");
            let thread = format!("{third}/threads/{number}");
            document(&actor.note(&format!("{here}{}", asked.path), &thread, "<p>There.</p>"))
        }
        _ => status(404),
    }
}

/// The document of a hostile actor, who is what the name says.
fn hostile_actor(authority: &str, name: &str, third: &str) -> Value {
    let actor = Actor::at(authority, name);
    let mut document = actor.document();
    let number = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    document["icon"] =
        json!({"type": "Image", "url": format!("http://{authority}/pictures/large/{number}")});
    if name.starts_with("big") {
        document["summary"] = json!("x".repeat(60_000));
        let key = |number| {
            json!({"id": format!("{}#k{number}", actor.id), "type": "Multikey",
            "controller": actor.id, "publicKeyMultibase": actor.key().public_multibase()})
        };
        document["assertionMethod"] = (0..20).map(key).collect();
    }
    if name.starts_with("third") {
        document["inbox"] = json!(format!("{third}/inbox/{name}"));
    }
    document
}

fn collection(here: &str, path: &str, items: impl Iterator<Item = String>) -> Value {
    let items: Vec<String> = items.collect();
    json!({"@context": "https://www.w3.org/ns/activitystreams", "id": format!("{here}{path}"), "type": "Collection",
        "totalItems": items.len(), "items": items})
}

/// A server that has nothing to do with any of it, and fails when it is asked.
pub(super) struct Third {
    pub origin: String,
    requests: Arc<AtomicU64>,
}

impl Third {
    async fn start() -> Third {
        let requests = Arc::new(AtomicU64::new(0));
        let count = requests.clone();
        let port = listen(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async { status(503) }
        });
        Third {
            origin: format!("http://third.localhost:{}", port.await),
            requests,
        }
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }
}

/// Servers of a domain each, that answer as servers do.
pub(super) struct HonestHosts {
    pub servers: Vec<String>,
    /// The ids of the follows that the node has accepted.
    accepted: Arc<Mutex<HashSet<String>>>,
}

impl HonestHosts {
    async fn start(article: &str, count: usize) -> HonestHosts {
        let accepted: Arc<Mutex<HashSet<String>>> = Arc::default();
        let (inbox, article) = (accepted.clone(), article.to_owned());
        let port = listen(move |asked| {
            if asked.method == Method::POST {
                inbox.lock().unwrap().extend(accepted_follow(&asked.body));
            }
            let response = honest_answer(&asked, &article);
            async { response }
        });
        let port = port.await;
        HonestHosts {
            servers: (0..count)
                .map(|number| format!("s{number}.localhost:{port}"))
                .collect(),
            accepted,
        }
    }

    pub(super) fn accepted(&self) -> HashSet<String> {
        self.accepted.lock().unwrap().clone()
    }
}

/// The id of the follow that an `Accept` accepts.
fn accepted_follow(body: &[u8]) -> Option<String> {
    let activity: Value = serde_json::from_slice(body).ok()?;
    let object = &activity["object"];
    let id = object.as_str().or(object["id"].as_str())?;
    (activity["type"] == "Accept").then(|| id.to_owned())
}

fn honest_answer(asked: &Asked, article: &str) -> Response {
    if asked.method == Method::POST {
        return status(202);
    }
    let parts: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["users", name] => document(&Actor::at(&asked.authority, name).document()),
        ["users", name, "notes", number] => {
            let actor = Actor::at(&asked.authority, name);
            document(&honest_note(&actor, number, article))
        }
        _ => status(404),
    }
}

/// Words of which honest actors write: each says something else, since one text from many servers is spam.
const WORDS: [&str; 64] = [
    "chapter",
    "margin",
    "library",
    "winter",
    "teacher",
    "reading",
    "novel",
    "pencil",
    "garden",
    "letter",
    "slowly",
    "evening",
    "train",
    "kitchen",
    "poem",
    "window",
    "memory",
    "translation",
    "sister",
    "history",
    "river",
    "essay",
    "author",
    "shelf",
    "market",
    "answer",
    "question",
    "morning",
    "village",
    "music",
    "paper",
    "island",
    "grandmother",
    "school",
    "journey",
    "forest",
    "painting",
    "newspaper",
    "summer",
    "language",
    "dictionary",
    "harbour",
    "neighbour",
    "mountain",
    "character",
    "ending",
    "beginning",
    "bridge",
    "lamp",
    "diary",
    "editor",
    "printing",
    "binding",
    "quiet",
    "patience",
    "attention",
    "notebook",
    "sentence",
    "paragraph",
    "argument",
    "detail",
    "friend",
    "theatre",
    "weather",
];

/// What an honest actor writes, the same whenever it is asked for.
pub(super) fn honest_note(actor: &Actor, number: &str, article: &str) -> Value {
    let id = format!("{}/notes/{number}", actor.id);
    let mut hasher = DefaultHasher::new();
    let words = (0..12).map(|place| {
        (id.as_str(), place).hash(&mut hasher);
        WORDS[hasher.finish() as usize % WORDS.len()]
    });
    let words: Vec<&str> = words.collect();
    actor.note(
        &id,
        article,
        &format!("<p>It makes me think of {}.</p>", words.join(", ")),
    )
}
