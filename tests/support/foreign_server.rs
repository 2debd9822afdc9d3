//! Servers of other projects (tests/peers/): installed, started, and controlled over HTTP.

use super::{TestNode, eventually, http_client};
use rstest_reuse::template;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::Duration,
};

/// Runs a test with each server, on each database, with `#[apply(each_server)]`.
#[template]
#[rstest::rstest]
#[case::fedify_on_sqlite(ServerKind::Fedify, Database::Sqlite)]
#[case::fedify_on_postgres(ServerKind::Fedify, Database::Postgres)]
#[case::bovine_on_sqlite(ServerKind::Bovine, Database::Sqlite)]
#[case::bovine_on_postgres(ServerKind::Bovine, Database::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn each_server(#[case] server: ServerKind, #[case] database: Database) {}

/// The same with Fedify once more, which then tries draft-cavage signatures first.
#[template]
#[rstest::rstest]
#[case::fedify_on_sqlite(ServerKind::Fedify, Database::Sqlite)]
#[case::fedify_on_postgres(ServerKind::Fedify, Database::Postgres)]
#[case::fedify_draft_cavage_on_sqlite(ServerKind::FedifyDraftCavage, Database::Sqlite)]
#[case::fedify_draft_cavage_on_postgres(ServerKind::FedifyDraftCavage, Database::Postgres)]
#[case::bovine_on_sqlite(ServerKind::Bovine, Database::Sqlite)]
#[case::bovine_on_postgres(ServerKind::Bovine, Database::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
pub async fn each_server_and_style(#[case] server: ServerKind, #[case] database: Database) {}

/// A server that tests share.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ServerKind {
    Fedify,
    FedifyDraftCavage,
    Bovine,
}

impl ServerKind {
    /// Returns the running server, which the first test starts.
    pub(crate) async fn start(self) -> &'static ForeignServer {
        match self {
            ServerKind::Fedify => ForeignServer::fedify().await,
            ServerKind::FedifyDraftCavage => ForeignServer::fedify_draft_cavage().await,
            ServerKind::Bovine => ForeignServer::bovine().await,
        }
    }
}

/// A running server with its one actor, `@reader`.
pub(crate) struct ForeignServer {
    pub origin: String,
    /// The address at which tests control it, bypassing any front end.
    control: String,
    /// The signature of its first attempt at a delivery. Bovine has only one.
    pub first_knock: Option<&'static str>,
    /// It ends when its input is closed, which also happens when the tests are killed.
    _process: Child,
}

impl ForeignServer {
    /// Returns a Fedify with its default settings: it signs deliveries by RFC 9421 first.
    pub(crate) async fn fedify() -> &'static ForeignServer {
        static SERVER: OnceLock<ForeignServer> = OnceLock::new();
        started(&SERVER, || start_fedify("rfc9421", "rfc9421")).await
    }

    /// Returns a Fedify that signs deliveries by draft-cavage first.
    pub(crate) async fn fedify_draft_cavage() -> &'static ForeignServer {
        static SERVER: OnceLock<ForeignServer> = OnceLock::new();
        started(&SERVER, || {
            start_fedify("draft-cavage-http-signatures-12", "draft-cavage")
        })
        .await
    }

    /// Starts a Fedify that no other test uses.
    pub(crate) async fn fedify_alone() -> ForeignServer {
        tokio::task::spawn_blocking(|| start_fedify("rfc9421", "rfc9421"))
            .await
            .unwrap()
    }

    /// Starts a Fedify behind a front end. It listens on this port and has this public https origin; the file
    /// contains the certificate's authority.
    pub(crate) async fn fedify_behind(origin: &str, port: u16, roots: &Path) -> ForeignServer {
        let (origin, roots) = (origin.to_owned(), roots.to_owned());
        tokio::task::spawn_blocking(move || {
            let mut server = fedify("rfc9421");
            server
                .env("PORT", port.to_string())
                .env("ORIGIN", &origin)
                .env("NODE_EXTRA_CA_CERTS", roots);
            // In secure mode it double-knocks: it signs the fetch of a key with the key's fragment in `@target-uri`.
            ForeignServer {
                origin,
                ..start(&mut server, None)
            }
        })
        .await
        .unwrap()
    }

    pub(crate) async fn bovine() -> &'static ForeignServer {
        static SERVER: OnceLock<ForeignServer> = OnceLock::new();
        started(&SERVER, || {
            let folder = installed("python");
            let mut server = Command::new(folder.join(".venv/bin/python"));
            server.arg("main.py").env("PORT", "0");
            start(server.current_dir(folder), None)
        })
        .await
    }

    /// Returns the id of its actor.
    pub(crate) fn reader(&self) -> String {
        format!("{}/users/reader", self.origin)
    }

    pub(crate) fn handle(&self) -> String {
        let (_, authority) = self.origin.split_once("://").unwrap();
        format!("@reader@{authority}")
    }

    /// Calls an action of its control interface. Returns the result.
    pub(crate) async fn ask(&self, action: &str, argument: Value) -> Value {
        let url = format!("{}/control/{action}", self.control);
        let request = patient_client()
            .post(url)
            .header("content-type", "application/json")
            .body(argument.to_string());
        let response = request.send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert_eq!(status, 200, "{action}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Makes it send an activity, which must be accepted at the first attempt. Returns the id of the new object.
    pub(crate) async fn send(&self, action: &str, argument: Value) -> String {
        let sent = self.ask(action, argument).await;
        assert_eq!(sent["status"], 202, "{action}: {sent}");
        if let Some(signature) = self.first_knock {
            let knocks = json!([{"signature": signature, "status": 202}]);
            assert_eq!(sent["knocks"], knocks, "{action}");
        }
        sent["id"].as_str().unwrap().to_owned()
    }

    /// Makes its reader send a public reply that mentions the publication. Returns the note's id.
    pub(crate) async fn reply(&self, node: &TestNode, to: &str, content: &str) -> String {
        let note = json!({"inReplyTo": to, "to": node.blog(), "content": content});
        self.send("reply", note).await
    }

    /// Makes its reader write a public note, which it sends to nobody. Returns the note's id.
    pub(crate) async fn write(&self, content: &str) -> String {
        let note = self.ask("write", json!({"content": content})).await;
        note["id"].as_str().unwrap().to_owned()
    }

    /// Posts an activity to its inbox without an HTTP signature. Returns the status.
    pub(crate) async fn post_unsigned(&self, activity: &Value) -> u16 {
        let request = patient_client()
            .post(format!("{}/inbox", self.origin))
            .header("content-type", "application/activity+json")
            .body(activity.to_string());
        request.send().await.unwrap().status().as_u16()
    }

    /// Returns the activities of an actor that it received and verified, in order.
    pub(crate) async fn received_from(&self, actor: &str) -> Vec<Value> {
        let url = format!("{}/control/received", self.control);
        let text = patient_client().get(url).send().await.unwrap().text().await;
        let all: Value = serde_json::from_str(&text.unwrap()).unwrap();
        assert_eq!(all["rejections"], json!([]));
        let mut activities = all["activities"].as_array().unwrap().clone();
        activities.retain(|activity| activity["actor"] == actor);
        activities
    }

    /// Waits for an activity of `actor` about the object with this id.
    pub(crate) async fn wait_for(&self, kind: &str, actor: &str, object: &str) -> Value {
        eventually(&format!("{kind} of {object} arrives"), || async {
            let received = self.received_from(actor).await;
            let is_it = |activity: &Value| {
                let understood = &activity["understood"];
                let objects = understood["objects"].as_array().unwrap();
                understood["type"] == kind
                    && understood["actor"] == actor
                    && objects.contains(&json!(object))
            };
            received.into_iter().find(is_it)
        })
        .await
    }
}

/// Returns the server of a cell, which the first call starts.
async fn started(
    server: &'static OnceLock<ForeignServer>,
    start: impl FnOnce() -> ForeignServer + Send + 'static,
) -> &'static ForeignServer {
    tokio::task::spawn_blocking(move || server.get_or_init(start))
        .await
        .unwrap()
}

fn start_fedify(first_knock: &str, signature: &'static str) -> ForeignServer {
    start(&mut fedify(first_knock), Some(signature))
}

/// Returns the command that starts a Fedify.
fn fedify(first_knock: &str) -> Command {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| installed("fedify"));
    let mut server = Command::new(folder.join("node_modules/.bin/node"));
    server
        .arg("main.js")
        .env("PORT", "0")
        .env("FIRST_KNOCK", first_knock)
        .current_dir(folder);
    server
}

/// Returns the folder of a server after its dependencies are installed.
pub(crate) fn installed(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/peers")
        .join(name);
    let done = Command::new(folder.join("install.sh")).status();
    assert!(
        done.is_ok_and(|status| status.success()),
        "tests/peers/{name}/install.sh failed: tests/run.sh installs what it needs"
    );
    folder
}

fn start(server: &mut Command, first_knock: Option<&'static str>) -> ForeignServer {
    let mut child = server
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let origin = line
        .strip_prefix("READY ")
        .unwrap_or_else(|| panic!("{server:?} can't be started: {line}"));
    let origin = origin.trim().to_owned();
    ForeignServer {
        control: origin.clone(),
        origin,
        first_knock,
        _process: child,
    }
}

fn patient_client() -> reqwest::Client {
    http_client()
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}
