//! Lighthouse, the checker of Chromium's makers.

use crate::support::{Database, sample_site::SampleSite};
use serde_json::Value;
use std::process::Command;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lighthouse_is_content_with_home_and_article() {
    let sample_site = SampleSite::open(Database::Sqlite, "en").await;
    for kind in ["home", "article"] {
        let address = sample_site.page(kind).to_owned();
        let report = tokio::task::spawn_blocking(move || run(&address))
            .await
            .unwrap();
        // The other parts of this score are times, which say more about the machine than about the page.
        println!(
            "{kind}: performance {}",
            report["categories"]["performance"]["score"]
        );
        let problems = shortcomings(&report);
        assert!(problems.is_empty(), "{kind}: {problems:#?}");
    }
}

/// Returns the categories and the timeless audits of performance that are not perfect, with the audits that failed.
fn shortcomings(report: &Value) -> Vec<String> {
    let perfect = [
        ("categories", "accessibility"),
        ("categories", "best-practices"),
        ("categories", "seo"),
        ("audits", "cumulative-layout-shift"),
        ("audits", "total-byte-weight"),
    ];
    let score = |of: &str, name: &str| report[of][name]["score"].as_f64();
    let low: Vec<String> = perfect
        .iter()
        .filter(|(of, name)| score(of, name) != Some(1.0))
        .map(|(of, name)| format!("{name}: {:?}", score(of, name)))
        .collect();
    if low.is_empty() {
        return low;
    }
    let audits = report["audits"].as_object().into_iter().flatten();
    let failed = audits
        .filter(|(_, audit)| audit["score"].as_f64().is_some_and(|score| score < 1.0))
        .map(|(name, audit)| format!("{name}: {}", audit["displayValue"]));
    low.into_iter().chain(failed).collect()
}

fn run(address: &str) -> Value {
    let program = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/browser/node_modules/lighthouse/cli/index.js"
    );
    let output = Command::new("node")
        .args([program, address, "--quiet", "--output=json"])
        .arg(
            "--chrome-flags=--headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
             --disable-background-networking --disable-component-update --disable-sync --no-first-run \
             --no-proxy-server",
        )
        .env("CHROME_PATH", "/usr/bin/chromium")
        .output()
        .expect("node can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}
