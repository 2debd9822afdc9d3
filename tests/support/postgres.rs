//! PostgreSQL clusters for tests: each in a temporary folder, on a free port, run by a user that is not root.

use super::sql;
use std::{
    cell::RefCell,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        LazyLock, OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Sender},
    },
};

/// Starts a cluster and prints "ready", then executes the commands of its input and prints "ready" after each.
/// Removes the cluster when its input closes, which also happens when the tests are killed.
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
control() { $as "$bin/pg_ctl" --pgdata="$folder/data" "$@" >/dev/null 2>&1 </dev/null; }
start() {
    control --wait --log="$folder/server.log" start --options="-p $PORT -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories=$folder -c fsync=off -c full_page_writes=off -c autovacuum_naptime=3min \
        -c max_connections=400"
}
$as "$bin/initdb" --pgdata="$folder/data" --username=pamphlet --auth=trust --no-sync >"$folder.log" 2>&1
start
echo ready
while read -r order; do
    case $order in
        start) start ;;
        crash) control --mode=immediate stop ;;
    esac
    echo ready
done
control --mode=immediate stop || true
cd /
rm -rf "$folder" "$folder.log"
"#;

/// A PostgreSQL server that a test can crash.
pub(crate) struct Cluster {
    port: u16,
    // Its input stays open as long as this lives.
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    keeper: Child,
}

impl Cluster {
    pub(crate) async fn start() -> Cluster {
        tokio::task::spawn_blocking(Self::start_here).await.unwrap()
    }

    fn start_here() -> Cluster {
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
        let mut cluster = Cluster {
            port,
            orders: keeper.stdin.take().unwrap(),
            answers: BufReader::new(keeper.stdout.take().unwrap()),
            keeper,
        };
        cluster.wait_until_ready();
        cluster
    }

    fn wait_until_ready(&mut self) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(
            line.trim(),
            "ready",
            "PostgreSQL can't be started: install Debian's package postgresql"
        );
    }

    /// Stops the server at once, as a power failure does. `start_again` ends that.
    pub(crate) fn crash(&mut self) {
        self.obey("crash");
    }

    pub(crate) fn start_again(&mut self) {
        self.obey("start");
    }

    fn obey(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        self.wait_until_ready();
    }

    /// Returns the URL of a new, empty database.
    pub(crate) async fn new_database(&self) -> String {
        new_database_at(self.port).await
    }

    /// Removes the server.
    pub(crate) async fn remove(self) {
        let mut keeper = self.keeper;
        drop(self.orders);
        tokio::task::spawn_blocking(move || keeper.wait().unwrap())
            .await
            .unwrap();
    }
}

/// Returns the port of the cluster that tests share, which the first call starts.
fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let cluster = Cluster::start_here();
        let port = cluster.port;
        std::mem::forget(cluster);
        port
    })
}

/// Returns the URL of a new, empty database.
pub(crate) async fn new_database() -> String {
    new_database_at(shared_port().await).await
}

/// Returns the URL of a new, empty database with this name.
pub(crate) async fn new_database_named(name: &str) -> String {
    create_at(shared_port().await, name, "").await
}

/// Returns the URL of a copy of a database, to which nobody may be connected. It lives as long as the test.
pub(crate) async fn copy_of(name: &str) -> String {
    let options = format!("TEMPLATE {name} STRATEGY FILE_COPY");
    let url = create_at(shared_port().await, &new_name(), &options).await;
    COPIES.with_borrow_mut(|copies| copies.0.push(url.clone()));
    url
}

/// The copies that the test of this thread has made. Hundreds of tests would fill a disk in memory with them.
struct Copies(Vec<String>);

thread_local! {
    static COPIES: RefCell<Copies> = const { RefCell::new(Copies(Vec::new())) };
}

impl Drop for Copies {
    fn drop(&mut self) {
        for url in self.0.drain(..) {
            // The receiver ends with the process only.
            let _ = UNUSED.send(url);
        }
    }
}

/// Takes the URLs of databases that no test needs any more. A thread of its own removes them.
static UNUSED: LazyLock<Sender<String>> = LazyLock::new(|| {
    let (sender, unused) = mpsc::channel::<String>();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        for url in unused {
            let (server, name) = url.rsplit_once('/').unwrap();
            let removal = format!("DROP DATABASE {name} WITH (FORCE)");
            runtime.block_on(sql::run(&format!("{server}/postgres"), &removal));
        }
    });
    sender
});

async fn shared_port() -> u16 {
    tokio::task::spawn_blocking(port).await.unwrap()
}

async fn new_database_at(port: u16) -> String {
    create_at(port, &new_name(), "").await
}

fn new_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

async fn create_at(port: u16, name: &str, options: &str) -> String {
    let server = format!("postgres://pamphlet@127.0.0.1:{port}");
    sql::run(
        &format!("{server}/postgres"),
        &format!("CREATE DATABASE {name} {options}"),
    )
    .await;
    format!("{server}/{name}")
}
