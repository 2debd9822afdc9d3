//! Readers on other servers who reply and follow without end, and somebody who asks for the health of each node.

use super::Machines;
use crate::support::{Actor, Peer, http_client};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The number of servers that send.
const SENDERS: usize = 4;
/// Each of so many activities of a sender is a new follower's.
const FOLLOW_EVERY: usize = 8;

/// The responses to the readers' activities.
#[derive(Default)]
struct Answers {
    statuses: BTreeMap<u16, usize>,
    /// The ids of replies and of follow requests that were answered 202.
    replies: HashSet<String>,
    follows: HashSet<String>,
    /// When the newest of them was sent that was answered 202.
    accepted: Option<Instant>,
}

/// Runs until it is stopped.
pub(super) struct Load {
    answers: Arc<Mutex<Answers>>,
    stop: CancellationToken,
    senders: JoinSet<()>,
}

impl Load {
    /// Begins to send to the publication about an article.
    pub(super) async fn start(machines: &Machines, article: &str) -> Load {
        let mut load = Load {
            answers: Arc::default(),
            stop: CancellationToken::new(),
            senders: JoinSet::new(),
        };
        for number in 0..SENDERS {
            let peer = Peer::start(&format!("sender{number}")).await;
            let sender = Sender {
                reader: peer.actor("reader").await,
                peer,
                origin: machines.origin.clone(),
                article: article.to_owned(),
                answers: load.answers.clone(),
            };
            load.senders.spawn(sender.run(load.stop.clone()));
        }
        load
    }

    pub(super) fn accepted_replies(&self) -> usize {
        self.answers.lock().unwrap().replies.len()
    }

    /// Returns when the newest activity was sent that was answered 202.
    pub(super) fn accepted_at(&self) -> Option<Instant> {
        self.answers.lock().unwrap().accepted
    }

    pub(super) fn statuses(&self) -> BTreeMap<u16, usize> {
        self.answers.lock().unwrap().statuses.clone()
    }

    /// Ends. Returns the ids of replies and of follow requests that were answered 202.
    pub(super) async fn end(mut self) -> (HashSet<String>, HashSet<String>) {
        self.stop.cancel();
        while let Some(ended) = self.senders.join_next().await {
            ended.unwrap();
        }
        let answers = std::mem::take(&mut *self.answers.lock().unwrap());
        (answers.replies, answers.follows)
    }
}

/// A server with a reader who writes replies, and new readers who follow.
struct Sender {
    peer: Peer,
    reader: Actor,
    origin: String,
    article: String,
    answers: Arc<Mutex<Answers>>,
}

impl Sender {
    async fn run(self, stop: CancellationToken) {
        let inbox = format!("{}/inbox", self.origin);
        for number in 1.. {
            if stop.is_cancelled() {
                return;
            }
            let is_follow = number % FOLLOW_EVERY == 0;
            let (id, activity, sender) = if is_follow {
                let fan = self.peer.actor(&format!("fan{number}")).await;
                let blog = format!("{}/users/blog", self.origin);
                let follow = fan.activity("Follow", blog.into());
                (follow["id"].clone(), follow, fan)
            } else {
                let note = self.reader.note(&self.article, "<p>Well said.</p>");
                let create = self.reader.activity("Create", note.clone());
                (note["id"].clone(), create, self.reader.clone())
            };
            let begun = Instant::now();
            let status = sender.send(&inbox, &activity).await.status;
            let id = id.as_str().unwrap().to_owned();
            {
                let mut answers = self.answers.lock().unwrap();
                *answers.statuses.entry(status).or_default() += 1;
                if status == 202 {
                    let ids = match is_follow {
                        true => &mut answers.follows,
                        false => &mut answers.replies,
                    };
                    ids.insert(id);
                    answers.accepted = answers.accepted.max(Some(begun));
                }
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    }
}

/// A response to a request for a node's health.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probe {
    pub node: usize,
    pub begun: Instant,
    /// 0 if there was none.
    pub status: u16,
}

/// Asks each node for its health, ten times a second, until it is dropped.
pub(super) struct Probes {
    taken: Arc<Mutex<Vec<Probe>>>,
    _asking: JoinSet<()>,
}

impl Probes {
    pub(super) fn start(origins: &[String]) -> Probes {
        let taken = Arc::<Mutex<Vec<Probe>>>::default();
        let mut asking = JoinSet::new();
        for (node, origin) in origins.iter().enumerate() {
            let address = format!("{origin}/healthz");
            let taken = taken.clone();
            asking.spawn(async move {
                let client = http_client()
                    .timeout(Duration::from_secs(5))
                    .build()
                    .unwrap();
                loop {
                    let begun = Instant::now();
                    let got = client.get(&address).send().await;
                    let status = got.map_or(0, |response| response.status().as_u16());
                    taken.lock().unwrap().push(Probe {
                        node,
                        begun,
                        status,
                    });
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
        Probes {
            taken,
            _asking: asking,
        }
    }

    /// Returns the probes that began after this moment and have ended.
    pub(super) fn since(&self, moment: Instant) -> Vec<Probe> {
        let mut taken = self.taken.lock().unwrap().clone();
        taken.retain(|probe| probe.begun >= moment);
        taken
    }

    /// Returns whether each of so many nodes gave this status after this moment.
    pub(super) fn all_gave(&self, nodes: usize, status: u16, since: Instant) -> bool {
        let taken = self.since(since);
        (0..nodes).all(|node| {
            let mut of_node = taken.iter().filter(|probe| probe.node == node);
            of_node.any(|probe| probe.status == status)
        })
    }
}
