//! A short form of `cargo bench --bench attack`: the assertions leave room for a debug build on a busy machine, where
//! honest servers may have to send a request again.

use crate::support::{
    Database, Program,
    attack::{self, Plan},
    both_databases,
};
use rstest_reuse::apply;
use std::time::Duration;

const PLAN: Plan = Plan {
    duration: Duration::from_secs(15),
    honest_servers: 25,
    pause: Duration::from_secs(2),
};

#[apply(both_databases)]
async fn honest_servers_do_not_notice_an_attack(#[case] database: Database) {
    let figures = attack::run(Program::new(database).await, PLAN).await;
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
