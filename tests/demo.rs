//! `pamphlet demo`: the whole story on one machine, as the README shows it.

use crate::support::{Database, Program};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_checks_each_step_of_its_story_and_ends() {
    let program = Program::new(Database::Sqlite).await;
    let told = program.admin(&["demo", "--once"]).await;
    for step in [
        "The reader follows",
        "The admin publishes",
        "The reader replies",
    ] {
        assert!(told.contains(step), "{told}");
    }
    assert!(told.contains("All steps succeeded."), "{told}");
}
