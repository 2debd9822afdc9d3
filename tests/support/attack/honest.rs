//! Honest servers: they follow, reply and read at a modest rate, and note how they were answered.

use super::{
    Plan, Target,
    post::{Actor, client_at},
    world::{World, honest_note},
};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{MissedTickBehavior, interval_at};

/// The address that honest servers connect from.
const ADDRESS: [u8; 4] = [127, 0, 0, 1];
const PATIENCE: Duration = Duration::from_secs(30);
/// Rounds after which another actor of a server follows.
const ROUNDS_OF_ACTOR: usize = 4;
/// How often a server sends a request that is answered with 503, and the pause between: others send again too.
const TRIES: u32 = 10;
const PAUSE_BETWEEN_TRIES: Duration = Duration::from_secs(2);
/// What a server does in a round, each from another point on.
const ROUND: [&str; 5] = ["reply", "page", "actor", "webfinger", "outbox"];

/// An honest request and its answer.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub what: &'static str,
    /// The id of the reply or follow.
    pub id: String,
    pub is_right: bool,
    /// How often it was answered with 503 before.
    pub postponed: u32,
    /// From the first try to the end of the last answer.
    pub took: Duration,
    /// The status and the beginning of the answer, or why there was none.
    pub answer: String,
}

pub(super) struct Honest {
    world: Arc<World>,
    plan: Plan,
}

impl Honest {
    /// Makes ready: keys take their time.
    pub(super) async fn new(world: &Arc<World>, plan: Plan) -> Honest {
        let actor = Actor::at(&world.honest.servers[0], "a0");
        tokio::task::spawn_blocking(move || actor.key())
            .await
            .unwrap();
        Honest {
            world: world.clone(),
            plan,
        }
    }

    /// Starts all servers for this time, on a thread of their own: what they measure is the node, not the attackers.
    pub(super) fn spawn(self, duration: Duration) -> impl Future<Output = Vec<Outcome>> {
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .unwrap()
                .block_on(self.work(Instant::now() + duration))
        });
        async {
            tokio::task::spawn_blocking(|| thread.join().unwrap())
                .await
                .unwrap()
        }
    }

    async fn work(self, end: Instant) -> Vec<Outcome> {
        let client = client_at(ADDRESS, &self.world.target, PATIENCE);
        let servers = self.world.honest.servers.iter().enumerate();
        let tasks: Vec<_> = servers
            .map(|(number, authority)| {
                let server = Server {
                    number,
                    authority: authority.clone(),
                    target: self.world.target.clone(),
                    client: client.clone(),
                };
                let share = number as f64 / self.plan.honest_servers as f64;
                let start = Instant::now() + self.plan.pause.mul_f64(share);
                tokio::spawn(server.work(start, self.plan.pause, end))
            })
            .collect();
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.extend(task.await.unwrap());
        }
        outcomes
    }
}

struct Server {
    number: usize,
    authority: String,
    target: Target,
    client: reqwest::Client,
}

impl Server {
    async fn work(self, start: Instant, pause: Duration, end: Instant) -> Vec<Outcome> {
        let mut ticks = interval_at(start.into(), pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut outcomes = Vec::new();
        for step in 0.. {
            let round = step / ROUND.len();
            let actor = Actor::at(&self.authority, &format!("a{}", round / ROUNDS_OF_ACTOR));
            let is_new = step % (ROUND.len() * ROUNDS_OF_ACTOR) == 0;
            let next = ROUND[(step + self.number) % ROUND.len()];
            for what in is_new.then_some("follow").into_iter().chain([next]) {
                ticks.tick().await;
                if Instant::now() >= end {
                    return outcomes;
                }
                outcomes.push(self.ask(what, &actor, round).await);
            }
        }
        outcomes
    }

    /// Makes one request, again if the node has no room for it.
    async fn ask(&self, what: &'static str, actor: &Actor, round: usize) -> Outcome {
        let question = self.question(what, actor, round);
        let begun = Instant::now();
        let mut postponed = 0;
        loop {
            let (status, answer) = match text_of(self.request(&question, actor)).await {
                Ok((status, text)) => (status, text),
                Err(error) => (0, cause(&error)),
            };
            if status == 503 && postponed + 1 < TRIES {
                postponed += 1;
                tokio::time::sleep(PAUSE_BETWEEN_TRIES).await;
                continue;
            }
            return Outcome {
                what,
                id: question.id,
                is_right: (200..300).contains(&status) && answer.contains(question.expected),
                postponed,
                took: begun.elapsed(),
                answer: format!("{status} {}", answer.chars().take(200).collect::<String>()),
            };
        }
    }

    fn question(&self, what: &str, actor: &Actor, round: usize) -> Question {
        let target = &self.target;
        let activity_json = "application/activity+json";
        match what {
            "follow" => {
                let follow = actor.activity("Follow", json!(target.blog()));
                Question::delivery(follow["id"].as_str().unwrap(), &follow)
            }
            "reply" => {
                let note = honest_note(actor, &round.to_string(), &target.article);
                let id = note["id"].as_str().unwrap().to_owned();
                Question::delivery(&id, &actor.activity("Create", note))
            }
            "page" => Question::get(&target.page, "text/html", "On reading slowly"),
            "actor" => Question::get("/users/blog", activity_json, "publicKeyPem"),
            "webfinger" => {
                let resource = format!("acct%3Ablog%40{}", target.authority().replace(':', "%3A"));
                let path = format!("/.well-known/webfinger?resource={resource}");
                Question::get(&path, "application/jrd+json", "/users/blog")
            }
            _ => Question::get("/users/blog/outbox", activity_json, "OrderedCollection"),
        }
    }

    fn request(&self, question: &Question, actor: &Actor) -> reqwest::RequestBuilder {
        match &question.content {
            Content::Activity(activity) => actor.post(activity).signed(&self.target, &self.client),
            Content::Path { path, accept } => {
                let url = format!("{}{path}", self.target.origin);
                self.client.get(url).header("accept", *accept)
            }
        }
    }
}

/// A request of a server, with a part of the right answer.
struct Question {
    /// The id of the reply or follow.
    id: String,
    content: Content,
    expected: &'static str,
}

enum Content {
    Activity(Value),
    Path { path: String, accept: &'static str },
}

impl Question {
    fn delivery(id: &str, activity: &Value) -> Question {
        Question {
            id: id.to_owned(),
            content: Content::Activity(activity.clone()),
            expected: "",
        }
    }

    fn get(path: &str, accept: &'static str, expected: &'static str) -> Question {
        Question {
            id: String::new(),
            content: Content::Path {
                path: path.to_owned(),
                accept,
            },
            expected,
        }
    }
}

async fn text_of(request: reqwest::RequestBuilder) -> reqwest::Result<(u16, String)> {
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

/// The cause at the bottom of an error: the rest repeats the address.
fn cause(error: &reqwest::Error) -> String {
    let first: &dyn std::error::Error = error;
    let last = std::iter::successors(Some(first), |error| error.source()).last();
    last.unwrap_or(first).to_string()
}
