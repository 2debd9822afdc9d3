//! A short form of `cargo bench --bench attack`: the assertions leave room for a debug build on a busy machine.

use crate::support::{
    Backend, Program,
    attack::{self, Plan},
};
use std::time::Duration;

const PLAN: Plan = Plan {
    duration: Duration::from_secs(15),
    honest_servers: 50,
    pause: Duration::from_millis(1500),
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn honest_servers_do_not_notice_an_attack_on_sqlite() {
    check(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn honest_servers_do_not_notice_an_attack_on_postgres() {
    check(Backend::Postgres).await;
}

async fn check(backend: Backend) {
    let figures = attack::run(Program::new(backend).await, PLAN).await;
    println!("{figures}");
    assert!(figures.wrong.is_empty(), "{:?}", figures.wrong);
    assert!(figures.replies > 0 && figures.follows > 0);
    assert!(
        figures.lost_replies.is_empty(),
        "{:?}",
        figures.lost_replies
    );
    assert!(
        figures.unanswered_follows.is_empty(),
        "{:?}",
        figures.unanswered_follows
    );
    assert!(figures.third_party_requests < 100);
    assert!(figures.peak_megabytes() < 600.0);
    assert!(figures.growth_megabytes() < 40.0);
}
