//! A node under test: everything that `pamphlet serve` runs, in this process, on a random port.

use super::{Peer, eventually, postgres, sql, template, tls::Authority};
use pamphlet::{
    cli::{import_site_pictures, run_node},
    config::{Config, Overrides},
    node::Node,
    store::Store,
};
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// A published article, as the command line says it.
#[derive(Debug, Clone)]
pub struct Article {
    pub id: String,
    pub url: String,
    pub slug: String,
}

/// What a GET answered.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// Where a node is started, and as what.
struct Place<'a> {
    folder: TempDir,
    listener: TcpListener,
    public_url: Option<&'a str>,
    development: bool,
}

/// Returns a client that does not follow redirects.
fn browser() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
}

/// A running node.
pub struct TestNode {
    pub node: Node,
    pub origin: String,
    pub folder: TempDir,
    pub database_url: String,
    /// The configuration file that the node and its commands read.
    pub config_file: PathBuf,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
    client: reqwest::Client,
}

impl TestNode {
    pub async fn start(database: Database) -> TestNode {
        Self::start_with(database, "").await
    }

    /// With lines of configuration (TOML tables; top-level keys are set by the test).
    pub async fn start_with(database: Database, tables: &str) -> TestNode {
        Self::launch(database, None, tables, None).await
    }

    /// Starts a node on a database made by version 5190dd5, with a follower at this peer, some articles and comments.
    /// These statements were executed on it while no node ran.
    pub async fn start_after_upgrade(
        database: Database,
        peer: &Peer,
        statements: &str,
    ) -> TestNode {
        Self::launch(database, None, "", Some((peer, statements))).await
    }

    /// A node as the public meets it: at this https address, not in development mode.
    pub async fn start_public(database: Database, public_url: &str) -> TestNode {
        Self::launch(database, Some(public_url), "", None).await
    }

    /// Starts a node behind a front end. It listens on this port and has this public https origin.
    pub async fn start_behind(
        database: Database,
        origin: &str,
        port: u16,
        authority: &Authority,
        tables: &str,
    ) -> TestNode {
        let folder = tempfile::tempdir().unwrap();
        let trust = authority.trusted_by(&folder.path().join("roots.pem"));
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let place = Place {
            folder,
            listener,
            public_url: Some(origin),
            development: true,
        };
        let tables = format!("{trust}{tables}");
        let mut node = Self::launch_in(place, database, &tables, None).await;
        let root = reqwest::Certificate::from_pem(authority.pem().as_bytes()).unwrap();
        node.client = browser().tls_certs_merge([root]).build().unwrap();
        node.origin = origin.to_owned();
        node
    }

    async fn launch(
        database: Database,
        public_url: Option<&str>,
        tables: &str,
        old: Option<(&Peer, &str)>,
    ) -> TestNode {
        let place = Place {
            folder: tempfile::tempdir().unwrap(),
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            public_url,
            development: public_url.is_none(),
        };
        Self::launch_in(place, database, tables, old).await
    }

    async fn launch_in(
        place: Place<'_>,
        database: Database,
        tables: &str,
        old: Option<(&Peer, &str)>,
    ) -> TestNode {
        let Place {
            folder,
            listener,
            public_url,
            development,
        } = place;
        let port = listener.local_addr().unwrap().port();
        let database_url = match (database, old) {
            (_, None) => template::new_database(database, folder.path()).await,
            (Database::Sqlite, Some(_)) => template::sqlite_url(folder.path()),
            (Database::Postgres, Some(_)) => postgres::new_database().await,
        };
        let origin = format!("http://localhost:{port}");
        let config_file = folder.path().join("pamphlet.toml");
        let text = format!(
            "public_url = \"{}\"\nlisten = \"127.0.0.1:{port}\"\ndata = \"{}\"\n\
             database_url = \"{database_url}\"\ndevelopment = {}\n{tables}",
            public_url.unwrap_or(&origin),
            folder.path().display(),
            development,
        );
        std::fs::write(&config_file, text).unwrap();
        if let Some((peer, statements)) = old {
            let dump = old_database(database, port, peer) + statements;
            let url = match database {
                Database::Sqlite => format!("{database_url}?mode=rwc"),
                Database::Postgres => database_url.clone(),
            };
            sql::run(&url, &dump).await;
        }
        let config = load(&config_file);
        let store = Store::open(&database_url).await.unwrap();
        let node = Node::open(config, store).await.unwrap();
        let stop = CancellationToken::new();
        let running = spawn(node.clone(), listener, stop.clone());
        TestNode {
            node,
            origin,
            folder,
            database_url,
            config_file,
            stop,
            running: Some(running),
            client: browser().build().unwrap(),
        }
    }

    /// Returns the client for requests to this node.
    pub fn client(&self) -> reqwest::Client {
        self.client.clone()
    }

    /// Stops the node as SIGTERM does; its data stays.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(running) = self.running.take() {
            running.await.unwrap();
        }
    }

    /// Starts a stopped node again, with its configuration file read anew.
    pub async fn restart(&mut self) {
        self.stop().await;
        let config = load(&self.config_file);
        let listener = TcpListener::bind(config.listen).await.unwrap();
        let store = Store::open(&self.database_url).await.unwrap();
        self.node = Node::open(config, store).await.unwrap();
        self.stop = CancellationToken::new();
        self.running = Some(spawn(self.node.clone(), listener, self.stop.clone()));
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The publication's actor.
    pub fn blog(&self) -> String {
        self.url("/users/blog")
    }

    pub fn inbox(&self) -> String {
        self.url("/inbox")
    }

    /// GET with an `Accept` header; `target` is a path or a URL.
    pub async fn get_as(&self, target: &str, accept: &str) -> Answer {
        self.get_with(target, &[("accept", accept)]).await
    }

    /// GET with these headers.
    pub async fn get_with(&self, target: &str, headers: &[(&str, &str)]) -> Answer {
        let url = if target.starts_with('/') {
            self.url(target)
        } else {
            target.to_owned()
        };
        let mut request = self.client.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    /// GET as a browser that reloads: the page as it is now.
    pub async fn page(&self, target: &str) -> Answer {
        let headers = [("accept", BROWSER), ("cache-control", "no-cache")];
        self.get_with(target, &headers).await
    }

    /// GET as a browser: the page may be up to a second old.
    pub async fn usual_page(&self, target: &str) -> Answer {
        self.get_as(target, BROWSER).await
    }

    /// The status and the bytes of a file.
    pub async fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.bytes().await.unwrap().to_vec())
    }

    /// GET as a server that wants the document as it is now.
    pub async fn document(&self, target: &str) -> Answer {
        let accept = ("accept", "application/activity+json");
        self.get_with(target, &[accept, ("cache-control", "no-cache")])
            .await
    }

    /// Runs `pamphlet` as an admin does, beside the running node.
    pub async fn cli(&self, arguments: &[&str]) -> Output {
        let arguments: Vec<String> = arguments
            .iter()
            .map(|argument| (*argument).to_owned())
            .collect();
        let (config, folder) = (self.config_file.clone(), self.folder.path().to_owned());
        tokio::task::spawn_blocking(move || pamphlet(&config, &folder, &arguments))
            .await
            .unwrap()
    }

    /// Runs a command that must succeed; what it printed.
    pub async fn admin(&self, arguments: &[&str]) -> String {
        let output = self.cli(arguments).await;
        assert!(
            output.status.success(),
            "pamphlet {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command with `--json` that must succeed.
    pub async fn admin_json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        serde_json::from_str(&self.admin(&all).await).unwrap()
    }

    /// Writes a file into the node's folder; its path.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::File::create(&path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        path.display().to_string()
    }

    /// Publishes Markdown with front matter.
    pub async fn publish(&self, text: &str) -> Article {
        let file = self.file("article.md", text);
        let json = self.admin_json(&["post", "publish", &file]).await;
        let field = |name: &str| json[name].as_str().unwrap().to_owned();
        Article {
            id: field("id"),
            url: field("url"),
            slug: field("slug"),
        }
    }

    /// Publishes a short article, and waits until the node has told of it.
    pub async fn publish_any(&self) -> Article {
        let article = self
            .publish("---\ntitle: On reading slowly\n---\nA short text about long books.\n")
            .await;
        let id = article.id.clone();
        eventually("the article can be fetched", || async {
            (self.document(&id).await.status == 200).then_some(())
        })
        .await;
        article
    }

    /// The comments that the admin sees, newest first.
    pub async fn comments(&self) -> Vec<Value> {
        self.admin_json(&["comments", "list"])
            .await
            .as_array()
            .unwrap()
            .clone()
    }

    /// The notices that the admin sees, newest first.
    pub async fn notices(&self) -> Vec<Value> {
        self.admin_json(&["notices", "list"])
            .await
            .as_array()
            .unwrap()
            .clone()
    }

    /// The ids of an article's first comments that readers see.
    pub async fn replies(&self, article: &Article) -> Vec<String> {
        let url = format!("{}/replies?page=first", article.id);
        let page = self.document(&url).await.json();
        let ids = page["orderedItems"].as_array().unwrap().iter();
        ids.map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// The length of a collection, given by its path or URL.
    pub async fn total(&self, collection: &str) -> i64 {
        self.document(collection).await.json()["totalItems"]
            .as_i64()
            .unwrap()
    }

    /// Adds to the configuration file; takes effect with the next `restart`.
    pub fn configure(&self, tables: &str) {
        let text = std::fs::read_to_string(&self.config_file).unwrap();
        std::fs::write(&self.config_file, format!("{text}{tables}")).unwrap();
    }

    /// Returns how many activities were dropped for the reason with this code.
    pub async fn dropped(&self, code: &str) -> i64 {
        let counts = self
            .node
            .store
            .read()
            .await
            .unwrap()
            .dropped_counts()
            .await
            .unwrap();
        counts
            .into_iter()
            .find(|(counted, _)| counted == code)
            .map_or(0, |(_, times)| times)
    }
}

/// Returns the statements that create a database of version 5190dd5 (see `fixtures/upgrade/ORIGIN.md`).
fn old_database(database: Database, port: u16, peer: &Peer) -> String {
    let dump = match database {
        Database::Sqlite => include_str!("../fixtures/upgrade/old.sqlite.sql"),
        Database::Postgres => include_str!("../fixtures/upgrade/old.postgres.sql"),
    };
    dump.replace("follower.localhost:18081", &peer.authority)
        .replace("localhost:18080", &format!("localhost:{port}"))
}

fn load(file: &Path) -> Config {
    let overrides = Overrides {
        file: Some(file.to_owned()),
        ..Overrides::default()
    };
    let mut config = Config::load_with(&overrides, &|_| None).unwrap();
    import_site_pictures(&mut config).unwrap();
    config
}

fn spawn(node: Node, listener: TcpListener, stop: CancellationToken) -> JoinHandle<()> {
    if std::env::var_os("RUST_LOG").is_some() {
        let _ = tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_test_writer()
            .try_init();
    }
    tokio::spawn(async move { run_node(node, listener, stop).await.unwrap() })
}

/// Runs the real binary with a configuration file.
pub fn pamphlet(config: &Path, folder: &Path, arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pamphlet"))
        .arg("--config")
        .arg(config)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}
