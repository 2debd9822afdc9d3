//! One hostile domain attacks a node with everything at once, while honest servers follow, reply and read.
//!
//! `benches/attack.rs` runs it for two minutes and prints the figures, `tests/slow/attack.rs` for some seconds. All
//! servers are on loopback. Three listeners stand for a hostile domain with a thousand subdomains
//! (`h0.evil.localhost` to `h999.evil.localhost`), for honest servers of a domain each (`s0.localhost` and so on), and
//! for a third party (`third.localhost`) that the attackers want the node to attack.

mod campaigns;
mod connections;
mod figures;
mod honest;
mod hosts;
mod post;
mod wide_picture;
mod world;

pub(crate) use figures::Figures;

use super::{Program, sql};
use honest::{Honest, Outcome};
use serde_json::Value;
use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use world::World;

/// The size of an attack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub duration: Duration,
    pub honest_servers: usize,
    /// The time between two requests of an honest server.
    pub pause: Duration,
}

/// The node that is attacked, as others know it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub origin: String,
    pub address: SocketAddr,
    /// The article's id.
    pub article: String,
    /// The path of the article's page.
    pub page: String,
}

impl Target {
    pub(crate) fn blog(&self) -> String {
        format!("{}/users/blog", self.origin)
    }

    /// The node's name in a `Host` header.
    pub(crate) fn authority(&self) -> &str {
        self.origin.trim_start_matches("http://")
    }
}

/// The time that what was accepted may take to be done after the attack.
const AFTERWARDS: Duration = Duration::from_secs(60);
/// The time for servers to meet the node before the attack begins.
const BEFORE: Duration = Duration::from_secs(3);

/// Starts a node, attacks it and measures.
pub(crate) async fn run(mut program: Program, plan: Plan) -> Figures {
    program.serve().await;
    let target = publish(&program).await;
    let world = Arc::new(World::start(target.clone(), plan.honest_servers).await);
    let honest = Honest::new(&world, plan).await;
    let database_before = figures::database_size(&program.database_url).await;
    let stop = CancellationToken::new();
    let working = honest.spawn(BEFORE + plan.duration);
    tokio::time::sleep(BEFORE).await;
    let begun = Instant::now();
    let attacking = [
        tokio::spawn(campaigns::run(world.clone(), stop.clone())),
        tokio::spawn(connections::run(world.clone(), stop.clone())),
    ];
    let outcomes = working.await;
    stop.cancel();
    for attack in attacking {
        attack.await.unwrap();
    }
    let mut figures = Figures::new(&outcomes, begun.elapsed());
    figures.peak_memory = figures::peak_memory(program.process_id());
    figures.third_party_requests = world.third.requests();
    count_kept(&mut figures, &outcomes, &world, &program.database_url).await;
    figures.database_growth = figures::database_size(&program.database_url).await - database_before;
    figures.third_party_requests = world.third.requests();
    figures.hostile = world.tally();
    assert!(program.is_running(), "the node survives");
    figures
}

async fn publish(program: &Program) -> Target {
    let text = "---\ntitle: On reading slowly\n---\nA short text about long books.\n";
    let file = program.file("article.md", text);
    let arguments = ["post", "publish", file.to_str().unwrap(), "--json"];
    let article: Value = serde_json::from_str(&program.admin(&arguments).await).unwrap();
    let text = |name: &str| article[name].as_str().unwrap().to_owned();
    let origin = program.origin.clone();
    let port = origin.rsplit(':').next().unwrap().parse().unwrap();
    Target {
        address: SocketAddr::from(([127, 0, 0, 1], port)),
        article: text("id"),
        page: text("url").strip_prefix(&origin).unwrap().to_owned(),
        origin,
    }
}

/// Counts the honest replies and follows that were accepted, and those of them that the node has kept its word on.
async fn count_kept(figures: &mut Figures, outcomes: &[Outcome], world: &World, database: &str) {
    let accepted = |what: &str| -> HashSet<String> {
        let right = outcomes.iter().filter(|outcome| outcome.what == what);
        let right = right.filter(|outcome| outcome.is_right);
        right.map(|outcome| outcome.id.clone()).collect()
    };
    let (replies, follows) = (accepted("reply"), accepted("follow"));
    let lost = wait_until_empty(async || {
        let query = "SELECT uri FROM comments WHERE state IN ('visible', 'held')";
        let stored: HashSet<String> = sql::texts(database, query).await.into_iter().collect();
        replies.difference(&stored).cloned().collect()
    });
    figures.lost_replies = lost.await;
    let unanswered = wait_until_empty(async || {
        let answered = world.honest.accepted();
        follows.difference(&answered).cloned().collect()
    });
    figures.unanswered_follows = unanswered.await;
    (figures.replies, figures.follows) = (replies.len(), follows.len());
}

/// Waits until nothing is left; what is left at the end.
async fn wait_until_empty(look: impl AsyncFn() -> Vec<String>) -> Vec<String> {
    let deadline = Instant::now() + AFTERWARDS;
    loop {
        let left = look().await;
        if left.is_empty() || Instant::now() > deadline {
            return left;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
