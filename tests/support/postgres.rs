//! A PostgreSQL cluster of the tests' own: in a temporary folder, on a free port, run by a user that is not root.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Prints "ready" when the cluster answers, and removes it when its input closes, which also happens
/// when the tests are killed.
const KEEPER: &str = r#"
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
folder=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then
    chown nobody "$folder"
    as="setpriv --reuid=nobody --regid=$(id -g nobody) --clear-groups"
fi
cd "$folder"
$as "$bin/initdb" --pgdata="$folder/data" --username=pamphlet --auth=trust --no-sync >"$folder.log" 2>&1
$as "$bin/pg_ctl" --pgdata="$folder/data" --wait --log="$folder/server.log" start \
    --options="-p $PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off -c max_connections=400" \
    >/dev/null
echo ready
cat >/dev/null || true
$as "$bin/pg_ctl" --pgdata="$folder/data" --mode=immediate stop >/dev/null 2>&1 || true
cd /
rm -rf "$folder" "$folder.log"
"#;

/// The port of the cluster, which is started by the first who asks.
fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .env("PORT", port.to_string())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell can be started");
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(
            line.trim(),
            "ready",
            "PostgreSQL can't be started: install Debian's package postgresql"
        );
        // Its input stays open as long as this process lives.
        std::mem::forget(keeper);
        port
    })
}

/// A new, empty database; its URL.
pub async fn new_database() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let port = tokio::task::spawn_blocking(port).await.unwrap();
    let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let server = format!("postgres://pamphlet@127.0.0.1:{port}");
    let mut connection =
        <sqlx::PgConnection as sqlx::Connection>::connect(&format!("{server}/postgres"))
            .await
            .unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    format!("{server}/{name}")
}
