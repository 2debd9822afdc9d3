//! Several machines: three nodes on a PostgreSQL with a synchronous standby, through PgBouncer and HAProxy as config/scaling/
//! sets them up.

mod everyday;
mod failover;
mod load;

use crate::support::{Program, eventually, http_client};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// The number of nodes, each with a web process and a worker.
const NODES: usize = 3;

/// A primary, its standby, PgBouncer and HAProxy.
pub(super) struct Machines {
    /// The database through PgBouncer.
    pub database_url: String,
    /// The primary, as HAProxy knows it.
    pub direct_url: String,
    /// The standby itself.
    pub standby_url: String,
    /// The address of the publication.
    pub origin: String,
    /// The ports of the nodes.
    nodes: [u16; NODES],
    // Its input stays open as long as this lives.
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    keeper: Child,
}

impl Machines {
    pub(super) async fn start() -> Machines {
        tokio::task::spawn_blocking(Self::start_here).await.unwrap()
    }

    fn start_here() -> Machines {
        let [primary, standby, pooler, database, front] = free_ports();
        let nodes: [u16; NODES] = free_ports();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/scaling");
        let at = |port: u16| format!("127.0.0.1:{port}");
        let url = |port: u16| format!("postgres://pamphlet@127.0.0.1:{port}/pamphlet");
        let mut command = Command::new("bash");
        command
            .args(["-c", include_str!("machines.sh")])
            .env("LC_ALL", "C.UTF-8")
            .env("PRIMARY_PORT", primary.to_string())
            .env("STANDBY_PORT", standby.to_string())
            .env("DATABASE_PORT", database.to_string())
            .env("PGBOUNCER", pgbouncer(&shipped, pooler))
            .env("HAPROXY", haproxy(front))
            .env("HAPROXY_SHIPPED", shipped.join("haproxy.cfg"))
            .env("PAMPHLET_DATABASE_LISTEN", at(database))
            .env("PAMPHLET_DATABASE1", at(primary))
            .env("PAMPHLET_DATABASE2", at(standby));
        for (number, port) in nodes.iter().enumerate() {
            command.env(format!("PAMPHLET_NODE{}", number + 1), at(*port));
        }
        let mut keeper = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut machines = Machines {
            database_url: url(pooler),
            direct_url: url(database),
            standby_url: url(standby),
            origin: format!("http://localhost:{front}"),
            nodes,
            orders: keeper.stdin.take().unwrap(),
            answers: BufReader::new(keeper.stdout.take().unwrap()),
            keeper,
        };
        machines.wait_until_ready();
        machines
    }

    fn wait_until_ready(&mut self) {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        assert_eq!(
            line.trim(),
            "ready",
            "Debian's packages postgresql, pgbouncer, haproxy and socat are needed"
        );
    }

    /// Kills all processes of the primary.
    pub(super) fn kill_primary(&mut self) {
        self.obey("kill");
    }

    /// Points PgBouncer and HAProxy to the standby.
    pub(super) fn point_to_standby(&mut self) {
        self.obey("point");
    }

    /// Makes the standby the primary.
    pub(super) fn promote_standby(&mut self) {
        self.obey("promote");
    }

    fn obey(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
        self.wait_until_ready();
    }

    /// Returns a node that is not started. All have the same address and database.
    pub(super) fn node(&self, number: usize, tables: &str) -> Program {
        let mut node = Program::on(tempfile::tempdir().unwrap(), self.database_url.clone());
        let config = node.file("pamphlet.toml", tables);
        for (name, value) in [
            ("PAMPHLET_CONFIG", config.display().to_string()),
            (
                "PAMPHLET_LISTEN",
                format!("127.0.0.1:{}", self.nodes[number]),
            ),
            ("PAMPHLET_PUBLIC_URL", self.origin.clone()),
            ("PAMPHLET_DATABASE_DIRECT_URL", self.direct_url.clone()),
        ] {
            node.set(name, &value);
        }
        node.origin = format!("http://127.0.0.1:{}", self.nodes[number]);
        node
    }

    /// Waits until HAProxy passes requests on.
    pub(super) async fn wait_until_served(&self) {
        let client = http_client().build().unwrap();
        eventually("HAProxy finds a healthy node", || async {
            let got = client.get(format!("{}/healthz", self.origin)).send();
            got.await.ok()?.status().is_success().then_some(())
        })
        .await;
    }

    /// Ends all programs.
    pub(super) async fn remove(self) {
        let mut keeper = self.keeper;
        drop(self.orders);
        tokio::task::spawn_blocking(move || keeper.wait().unwrap())
            .await
            .unwrap();
    }
}

/// Returns the shipped configuration with this test's places. The script writes the rest: FOLDER and PRIMARY.
fn pgbouncer(shipped: &Path, port: u16) -> String {
    let mut text = std::fs::read_to_string(shipped.join("pgbouncer.ini")).unwrap();
    for (shipped, ours) in [
        ("host=10.0.0.21 port=5432", "host=127.0.0.1 port=PRIMARY"),
        ("listen_port = 6432", &format!("listen_port = {port}")),
        // The clusters of tests know no passwords.
        ("auth_type = scram-sha-256", "auth_type = trust"),
        ("/etc/pgbouncer/userlist.txt", "FOLDER/users"),
    ] {
        assert!(text.contains(shipped), "{shipped}");
        text = text.replace(shipped, ours);
    }
    text
}

/// Returns what stands before the shipped configuration: a site without TLS.
fn haproxy(port: u16) -> String {
    format!(
        "global\n    log stdout format raw local0\n    stats socket FOLDER/admin.sock mode 600 level admin\n\
         defaults\n    log global\n    timeout client 60s\n\
         frontend http\n    mode http\n    bind 127.0.0.1:{port}\n    default_backend pamphlet\n"
    )
}

fn free_ports<const COUNT: usize>() -> [u16; COUNT] {
    // All at once, so that none is returned twice.
    let listeners = [(); COUNT].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
