//! A clock that jumps by a day, forward and back, under a running node.

use super::TEXT;
use crate::support::{Crowd, Database, Program, eventually_within, peer::Canned, sql};
use serde_json::Value;
use std::{fs::File, io::Write, process::Command, time::Duration};

/// The node polls at least every 20 seconds; the machine may be busy.
const NOTICED: Duration = Duration::from_secs(150);

/// Runs on both databases at once, since it nearly only waits.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_day_forward_and_back_holds_nothing_up() {
    tokio::join!(check(Database::Sqlite), check(Database::Postgres));
}

/// Loads clock.c into a program, so that `set_clock` sets its clock.
fn adjustable_clock(program: &mut Program) {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/slow/faults/clock.c");
    let library = program.folder.path().join("clock.so");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", source, "-o"])
        .arg(&library)
        .status();
    assert!(built.unwrap().success());
    set_clock(program, 0);
    let file = program.folder.path().join("clock").display().to_string();
    program.set("CLOCK_FILE", &file);
    program.set("LD_PRELOAD", &library.display().to_string());
}

/// Sets the clock of the node and of its commands, by days from the right time.
fn set_clock(program: &Program, days: i64) {
    let file = program.folder.path().join("clock");
    let mut file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(file)
        .unwrap();
    file.write_all(&(days * 24 * 3600).to_ne_bytes()).unwrap();
}

async fn publish(program: &Program, title: &str, date: &str) -> Value {
    let text = TEXT.replace("News", &format!("{title}{date}"));
    let file = program.file("article.md", text).display().to_string();
    let shown = program
        .admin(&["post", "publish", &file, "--tell", "--json"])
        .await;
    serde_json::from_str(&shown).unwrap()
}

async fn check(database: Database) {
    let mut program = Program::new(database).await;
    adjustable_clock(&mut program);
    let config = program.file("pamphlet.toml", "[delivery]\nfirst_retry = \"6 seconds\"\n");
    program.set("PAMPHLET_CONFIG", &config.display().to_string());
    program.serve().await;
    let crowd = Crowd::start().await;
    crowd
        .follow(&program.database_url, &["well", "waits", "fails"])
        .await;
    let came = async |name: &str, kind: &str, title: &str| {
        eventually_within(
            NOTICED,
            &format!("{kind} of {title} comes to {name}"),
            || async {
                let mut arrivals = crowd.arrivals_at(name).into_iter();
                arrivals.find(|a| a.kind() == kind && a.activity["object"]["name"] == title)
            },
        )
        .await
    };
    // A prepared response is for the next article, so everything must have arrived before.
    let came_to_all = async |title: &str| {
        for name in ["well", "waits", "fails"] {
            came(name, "Create", title).await;
        }
    };

    // A schedule in the past is no schedule.
    publish(&program, "Past", "\ndate: 2020-02-02T12:00:00Z").await;
    came_to_all("Past").await;
    // Scheduled articles and retries that are due within a day happen when the clock jumps there.
    let later = (chrono::Utc::now() + chrono::TimeDelta::hours(20)).to_rfc3339();
    publish(&program, "Scheduled", &format!("\ndate: {later}")).await;
    let hour = Canned {
        headers: vec![("retry-after".into(), "3600".into())],
        ..Canned::status(503)
    };
    crowd.respond_next("waits", vec![hour.clone()]);
    publish(&program, "First", "").await;
    came_to_all("First").await;
    assert_eq!(crowd.arrivals_at("well").len(), 2, "not before its time");
    set_clock(&program, 1);
    came_to_all("Scheduled").await;

    // With the clock a day ahead an article is sent. A server that fails then does not wait for the next day, and
    // one that asks for a pause of an hour does not wait longer.
    crowd.respond_next("fails", vec![Canned::status(500); 2]);
    crowd.respond_next("waits", vec![hour]);
    let ahead = publish(&program, "Ahead", "").await;
    came("waits", "Create", "Ahead").await;
    eventually_within(NOTICED, "it fails twice", || async {
        (crowd.arrivals_at("fails").len() == 5).then_some(())
    })
    .await;
    set_clock(&program, 0);
    publish(&program, "Back", "").await;
    came("well", "Create", "Back").await;
    came("fails", "Create", "Back").await;
    eventually_within(NOTICED, "an hour is an hour again", || async {
        let next = "SELECT next_attempt_at FROM destinations WHERE host LIKE 'waits.%'";
        let next = sql::number(&program.database_url, next).await.unwrap();
        let wait = next - chrono::Utc::now().timestamp_millis();
        (3_500_000..3_600_000).contains(&wait).then_some(())
    })
    .await;
    // An article with tomorrow's date is still the same article.
    let text = TEXT.replace("News", "Ahead, edited");
    let file = program.file("edited.md", text).display().to_string();
    program
        .admin(&["post", "edit", ahead["slug"].as_str().unwrap(), &file])
        .await;
    came("well", "Update", "Ahead, edited").await;
    assert!(
        crowd
            .arrivals()
            .iter()
            .all(|arrival| arrival.kind() != "Delete")
    );
    let arrivals = crowd.arrivals_at("fails");
    let names: Vec<_> = arrivals
        .iter()
        .filter_map(|a| a.activity["object"]["name"].as_str())
        .collect();
    assert_eq!(
        names[..7],
        [
            "Past",
            "First",
            "Scheduled",
            "Ahead",
            "Ahead",
            "Ahead",
            "Back"
        ]
    );
}
