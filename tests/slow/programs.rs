//! Programs that others wrote: clients of Micropub, and checkers that read the description of the API.

use crate::support::{Database, TestNode, both_databases, eventually};
use rstest_reuse::apply;
use serde_json::Value;
use std::process::{Command, Output};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients");

async fn token(node: &TestNode, scope: &str) -> String {
    let arguments = ["token", "create", "--name", scope, "--scope", scope];
    let made = node.admin_json(&arguments).await;
    made["token"].as_str().unwrap().to_owned()
}

/// Runs a program in the folder of the clients.
async fn run(program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(FOLDER);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

/// Returns what a program printed, which must succeed.
fn printed(output: Output) -> String {
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[apply(both_databases)]
async fn clients_that_others_wrote_publish_change_and_delete(#[case] database: Database) {
    let node = TestNode::start(database).await;
    let token = token(&node, "create,update,delete,media").await;
    let done = run("node", &["helper.js", &node.url("/"), &token]).await;
    let done: Value = serde_json::from_str(&printed(done)).unwrap();
    assert_eq!(done["endpoint"], node.url("/micropub"), "{done}");
    let content = &done["source"]["properties"]["content"];
    assert_eq!(content[0], "Other *words*.", "{done}");
    // A page may be half a second old.
    let article = done["article"].as_str().unwrap();
    eventually("the article has its new words", || async {
        let page = node.page(article).await;
        page.text.contains("Other <em>words</em>.").then_some(())
    })
    .await;
    let note = done["note"].as_str().unwrap();
    eventually("the note is gone", || async {
        (node.page(note).await.status == 410).then_some(())
    })
    .await;

    let endpoint = node.url("/micropub");
    let read = run(".venv/bin/python", &["client.py", &endpoint, &token]).await;
    let read: Value = serde_json::from_str(&printed(read)).unwrap();
    assert_eq!(read["properties"]["name"][0], "By another client", "{read}");
}

#[apply(both_databases)]
async fn the_description_is_valid_and_the_node_keeps_to_it(#[case] database: Database) {
    let limits = "[limits]\napi_requests_of_token = 1000000\napi_requests_of_address = 1000000\n\
         api_creations_of_token = 1000000\nuploads_of_token = 1000000\n";
    let node = TestNode::start_with(database, limits).await;
    let token = token(&node, "all").await;
    let url = node.url("/api/v1/openapi.json");
    let document = node.get_as(&url, "*/*").await.text;
    let file = node.file("openapi.json", &document);
    printed(run(".venv/bin/openapi-spec-validator", &[&file]).await);
    let header = format!("Authorization: Bearer {token}");
    let arguments = [
        "run",
        &url,
        "--header",
        &header,
        "--checks",
        "not_a_server_error,content_type_conformance,response_schema_conformance",
        "--max-examples",
        "15",
        "--max-time",
        "240",
        "--no-color",
    ];
    printed(run(".venv/bin/schemathesis", &arguments).await);
}
