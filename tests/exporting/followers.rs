//! Followers as CSV.

use crate::support::{Database, Peer, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::json;

#[apply(both_databases)]
async fn followers_are_written_with_their_addresses(#[case] database: Database) {
    let peer = Peer::start("follower").await;
    let node = TestNode::start(database).await;
    let reader = peer.actor("reader").await;
    reader
        .deliver(
            &node.inbox(),
            &reader.activity("Follow", json!(node.blog())),
        )
        .await;
    eventually("the follower is stored", || async {
        (node.number("SELECT COUNT(*) FROM followers").await == Some(1)).then_some(())
    })
    .await;
    let report = node
        .admin_json(&["export", "followers", "followers.csv"])
        .await;
    assert_eq!(report["followers"], 1);
    let path = node.folder.path().join("followers.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "Account address,Actor,Inbox,Shared inbox,Follows,Since"
    );
    assert_eq!(lines.len(), 2);
    let fields: Vec<&str> = lines[1].split(',').collect();
    assert!(fields[0].starts_with("reader@"), "{text}");
    assert_eq!(fields[1], reader.id);
    assert!(fields[4].starts_with("blog@localhost"), "{text}");

    // An existing file is kept, and the sentence says what to do.
    let refused = node.cli(&["export", "followers", "followers.csv"]).await;
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        complaint.contains("exists already: add --force"),
        "{complaint}"
    );
    node.admin(&["export", "followers", "followers.csv", "--force"])
        .await;

    // A device is not replaced, a missing folder is not made, and `-` is no name of a file.
    for (file, expected) in [
        (
            "gone/followers.csv",
            "the folder gone does not exist: create it first",
        ),
        ("/dev/null", "/dev/null is no ordinary file"),
        ("-", "instead of `-`"),
    ] {
        let wrong = node.cli(&["export", "followers", file, "--force"]).await;
        let complaint = String::from_utf8_lossy(&wrong.stderr).into_owned();
        assert_eq!(wrong.status.code(), Some(1), "{file}");
        assert!(complaint.contains(expected), "{complaint}");
    }
    assert!(!node.folder.path().join("-").exists());

    // A place that can't be written is named.
    let wrong = node
        .cli(&["export", "followers", "/dev/full/followers.csv"])
        .await;
    let complaint = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(1));
    let expected = "/dev/full/followers.csv can't be written";
    assert!(complaint.contains(expected), "{complaint}");
    let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap());
    assert_eq!(mode & 0o777, 0o600);
}
