//! Databases as the first start of a node leaves them: copied, since migrations and RSA keys take a second.

use super::{Database, postgres, sql};
use pamphlet::{
    config::{Config, Overrides},
    node::Node,
    store::Store,
};
use std::path::Path;
use tokio::sync::OnceCell;

/// The bytes of the SQLite database that is copied.
static SQLITE: OnceCell<Vec<u8>> = OnceCell::const_new();

/// Whether PostgreSQL has the database that is copied.
static POSTGRES: OnceCell<()> = OnceCell::const_new();

const POSTGRES_NAME: &str = "first_start";

/// Returns the URL of a database on which a node was started once. It has the actors and their keys, which are the
/// same in each copy, but neither the identity nor the secret of a publication.
pub(crate) async fn new_database(database: Database, folder: &Path) -> String {
    match database {
        Database::Sqlite => {
            let bytes = SQLITE.get_or_init(make_sqlite).await;
            std::fs::write(folder.join("pamphlet.sqlite"), bytes).unwrap();
            sqlite_url(folder)
        }
        Database::Postgres => {
            POSTGRES.get_or_init(make_postgres).await;
            postgres::copy_of(POSTGRES_NAME).await
        }
    }
}

async fn make_sqlite() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let url = sqlite_url(folder.path());
    start_once(&url).await;
    sql::run(&url, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    std::fs::read(folder.path().join("pamphlet.sqlite")).unwrap()
}

async fn make_postgres() {
    start_once(&postgres::new_database_named(POSTGRES_NAME).await).await;
}

async fn start_once(url: &str) {
    let overrides = Overrides {
        without_file: true,
        ..Overrides::default()
    };
    let variable = |name: &str| match name {
        "PAMPHLET_PUBLIC_URL" => Some("http://localhost:1".to_owned()),
        "PAMPHLET_DEVELOPMENT" => Some("1".to_owned()),
        _ => None,
    };
    let config = Config::load_with(&overrides, &variable).unwrap();
    let store = Store::open(url).await.unwrap();
    let node = Node::open(config, store).await.unwrap();
    node.store.close().await;
    drop(node);
    sql::run(
        url,
        "DELETE FROM settings WHERE name IN ('identity', 'secret')",
    )
    .await;
}

pub(crate) fn sqlite_url(folder: &Path) -> String {
    format!("sqlite://{}/pamphlet.sqlite", folder.display())
}
