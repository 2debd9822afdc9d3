//! The Nu HTML checker finds nothing wrong with any page, in a language from left to right and in one from right to left.

use crate::support::{Database, both_databases, sample_site::SampleSite};
use rstest_reuse::apply;
use std::process::Command;

#[apply(both_databases)]
async fn every_page_is_valid_html(#[case] database: Database) {
    // One language on each database: a page does not depend on the database.
    let language = if database == Database::Sqlite {
        "en"
    } else {
        "ar"
    };
    let sample_site = SampleSite::open(database, language).await;
    let folder = tempfile::tempdir().unwrap();
    for (kind, address) in &sample_site.pages {
        let page = sample_site.node.page(address).await;
        std::fs::write(folder.path().join(format!("{kind}.html")), page.text).unwrap();
    }
    let checker = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/browser/node_modules/vnu-jar/build/dist/vnu.jar"
    );
    let output = Command::new("java")
        .args(["-jar", checker, "--skip-non-html"])
        .arg(folder.path())
        .output()
        .expect("java can be started");
    let found = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && found.is_empty(), "{found}");
}
