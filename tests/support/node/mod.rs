//! A node under test: everything that `pamphlet serve` runs, in this process, on a random port.

mod admin;
mod requests;

pub(crate) use admin::pamphlet;
pub(crate) use requests::Response;

use super::{Peer, eventually, http_client, postgres, sql, template, tls::Authority};
use pamphlet::{
    cli::{import_site_pictures, run_node},
    config::{Config, Overrides},
    node::Node,
    store::Store,
};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// A published article, as `pamphlet post publish --json` describes it.
#[derive(Debug, Clone)]
pub(crate) struct Article {
    pub id: String,
    pub url: String,
    pub slug: String,
}

/// The folder, address and mode of a node to be started.
struct Site<'a> {
    folder: TempDir,
    listener: TcpListener,
    public_url: Option<&'a str>,
    development: bool,
}

/// Returns a client that does not follow redirects.
fn browser() -> reqwest::ClientBuilder {
    http_client().redirect(reqwest::redirect::Policy::none())
}

/// A running node.
pub(crate) struct TestNode {
    pub node: Node,
    pub origin: String,
    pub folder: TempDir,
    pub database_url: String,
    /// The configuration file that the node and its commands read.
    pub config_file: PathBuf,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
    client: reqwest::Client,
    /// A connection to PostgreSQL, for what a test reads again and again.
    pub(super) connection: sql::Kept,
}

impl TestNode {
    /// Starts a node with the default configuration.
    pub(crate) async fn start(database: Database) -> TestNode {
        Self::start_with(database, "").await
    }

    /// Starts a node with these lines of configuration: TOML tables, after the keys that each node gets.
    pub(crate) async fn start_with(database: Database, tables: &str) -> TestNode {
        Self::launch(database, None, tables, None).await
    }

    /// Starts a node on a database of version 5190dd5, with a follower at this peer, articles and comments. The
    /// statements are executed before it starts.
    pub(crate) async fn start_after_upgrade(
        database: Database,
        peer: &Peer,
        statements: &str,
    ) -> TestNode {
        Self::launch(database, None, "", Some((peer, statements))).await
    }

    /// Starts a node that is not in development mode, with this public https address.
    pub(crate) async fn start_public(database: Database, public_url: &str) -> TestNode {
        Self::launch(database, Some(public_url), "", None).await
    }

    /// Starts a node behind a front end. It listens on this port and has this public https origin.
    pub(crate) async fn start_behind(
        database: Database,
        origin: &str,
        port: u16,
        authority: &Authority,
        tables: &str,
    ) -> TestNode {
        let folder = tempfile::tempdir().unwrap();
        let trust = authority.trusted_by(&folder.path().join("roots.pem"));
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let site = Site {
            folder,
            listener,
            public_url: Some(origin),
            development: true,
        };
        let tables = format!("{trust}{tables}");
        let mut node = Self::launch_in(site, database, &tables, None).await;
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
        let site = Site {
            folder: tempfile::tempdir().unwrap(),
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
            public_url,
            development: public_url.is_none(),
        };
        Self::launch_in(site, database, tables, old).await
    }

    async fn launch_in(
        site: Site<'_>,
        database: Database,
        tables: &str,
        old: Option<(&Peer, &str)>,
    ) -> TestNode {
        let Site {
            folder,
            listener,
            public_url,
            development,
        } = site;
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
        let store = Store::open(&database_url).await.unwrap();
        let config = load(&config_file, &store).await;
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
            connection: sql::Kept::default(),
        }
    }

    /// Returns the client for requests to this node.
    pub(crate) fn client(&self) -> reqwest::Client {
        self.client.clone()
    }

    /// Stops the node as SIGTERM does, and keeps its data.
    pub(crate) async fn stop(&mut self) {
        self.stop.cancel();
        if let Some(running) = self.running.take() {
            running.await.unwrap();
        }
    }

    /// Starts the node again, with its configuration file as it is now.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        let store = Store::open(&self.database_url).await.unwrap();
        let config = load(&self.config_file, &store).await;
        let listener = TcpListener::bind(config.listen).await.unwrap();
        self.node = Node::open(config, store).await.unwrap();
        self.stop = CancellationToken::new();
        self.running = Some(spawn(self.node.clone(), listener, self.stop.clone()));
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Returns the id of the publication's actor.
    pub(crate) fn blog(&self) -> String {
        self.url("/users/blog")
    }

    pub(crate) fn inbox(&self) -> String {
        self.url("/inbox")
    }

    /// Adds to the configuration file, which is read by the next `restart`.
    pub(crate) fn configure(&self, tables: &str) {
        let text = std::fs::read_to_string(&self.config_file).unwrap();
        std::fs::write(&self.config_file, format!("{text}{tables}")).unwrap();
    }

    /// Returns how many activities were dropped for the reason with this code.
    pub(crate) async fn dropped(&self, code: &str) -> i64 {
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
        Database::Sqlite => include_str!("../../fixtures/upgrade/old.sqlite.sql"),
        Database::Postgres => include_str!("../../fixtures/upgrade/old.postgres.sql"),
    };
    dump.replace("follower.localhost:18081", &peer.authority)
        .replace("localhost:18080", &format!("localhost:{port}"))
}

async fn load(file: &Path, store: &Store) -> Config {
    let overrides = Overrides {
        file: Some(file.to_owned()),
        ..Overrides::default()
    };
    let mut config = Config::load_with(&overrides, &|_| None).unwrap();
    import_site_pictures(&mut config, store).await.unwrap();
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
