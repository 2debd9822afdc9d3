//! A closed publication can still be taken along.

use crate::support::{Database, TestNode, both_databases};
use rstest_reuse::apply;

#[apply(both_databases)]
async fn a_closed_publication_is_exported_and_backed_up(#[case] database: Database) {
    let node = TestNode::start(database).await;
    node.publish(
        "---\ntitle: Farewell\nslug: farewell\ndate: 2026-05-21\n---\n\nThe last words.\n",
    )
    .await;
    node.admin(&["export", "static", "public"]).await;
    let domain = node.node.config.domain.clone();
    let close = ["publication", "close", "--exported", "--yes", "--confirm"];
    node.admin(&[&close[..], &[domain.as_str()]].concat()).await;

    // The pages of an earlier export stay.
    let report = node.admin_json(&["export", "static", "public"]).await;
    assert!(report["pages"].as_u64() > Some(2), "{report}");
    let folder = node.folder.path();
    let page = std::fs::read_to_string(folder.join("public/2026/05/farewell/index.html")).unwrap();
    assert!(page.contains("The last words."), "{page}");

    // A mount point, or the current folder, can't be replaced: the export is made in it.
    std::fs::create_dir(folder.join("site")).unwrap();
    std::fs::write(folder.join("site/.pamphlet-interrupted"), "").unwrap();
    let exported = node.admin_json(&["export", "site", "site"]).await;
    assert_eq!(exported["tables"]["articles"], 1, "{exported}");
    assert_eq!(exported["media"], 0, "{exported}");
    assert!(exported["waiting_deliveries"].is_u64(), "{exported}");
    let settings = std::fs::read_to_string(folder.join("site/data/settings.jsonl")).unwrap();
    assert!(settings.contains("\"closed\""), "{settings}");

    let passphrase = node.file("passphrase", "five quite random words here");
    let create = [
        "backup",
        "create",
        "closed.age",
        "--passphrase-file",
        &passphrase,
    ];
    node.admin(&create).await;
    let verify = [
        "backup",
        "verify",
        "closed.age",
        "--passphrase-file",
        &passphrase,
    ];
    let verified = node.admin_json(&verify).await;
    assert_eq!(verified["tables"]["articles"], 1, "{verified}");
}
