//! Web servers with TLS and HTTP/2 before the node and before its peer, configured by the files of config/.

mod addresses;
mod doctor;
mod story;

use crate::support::tls::Authority;
use rstest_reuse::template;
use std::{
    fs::File,
    io::Write,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command},
};
use tempfile::TempDir;

/// Runs a test behind each front end, on each database, with `#[apply(each_front_end)]`.
#[template]
#[rstest::rstest]
#[case::nginx_on_sqlite(Kind::Nginx, Database::Sqlite)]
#[case::nginx_on_postgres(Kind::Nginx, Database::Postgres)]
#[case::apache_on_sqlite(Kind::Apache, Database::Sqlite)]
#[case::apache_on_postgres(Kind::Apache, Database::Postgres)]
#[case::caddy_on_sqlite(Kind::Caddy, Database::Sqlite)]
#[case::caddy_on_postgres(Kind::Caddy, Database::Postgres)]
#[case::haproxy_on_sqlite(Kind::Haproxy, Database::Sqlite)]
#[case::haproxy_on_postgres(Kind::Haproxy, Database::Postgres)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_front_end(#[case] kind: Kind, #[case] database: Database) {}

/// The web servers that config/ has a file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Apache,
    Caddy,
    Haproxy,
}

/// A running web server that proxies to one port.
pub(crate) struct FrontEnd {
    pub(crate) origin: String,
    /// The file with the certificate of its authority.
    pub(crate) roots: PathBuf,
    folder: TempDir,
    process: Child,
}

/// The values that the wrapper around a shipped file needs.
struct Site<'a> {
    folder: &'a Path,
    /// A file instead of the shipped one.
    changed: Option<&'a str>,
    port: u16,
    upstream: u16,
}

/// A request in the web server's log.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) protocol: String,
    pub(crate) status: u16,
}

impl FrontEnd {
    /// Starts the server as `https://localhost:PORT` and waits until it listens.
    pub(crate) async fn start(kind: Kind, authority: &Authority, upstream: u16) -> FrontEnd {
        Self::start_with(kind, authority, upstream, None).await
    }

    /// Starts the server with this text instead of the shipped file.
    pub(crate) async fn start_with(
        kind: Kind,
        authority: &Authority,
        upstream: u16,
        changed: Option<&str>,
    ) -> FrontEnd {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        write_identity(folder.path(), authority);
        let site = Site {
            folder: folder.path(),
            changed,
            port,
            upstream,
        };
        let mut command = match kind {
            Kind::Nginx => site.nginx(),
            Kind::Apache => site.apache(),
            Kind::Caddy => site.caddy(),
            Kind::Haproxy => site.haproxy(),
        };
        let output = |name: &str| File::create(folder.path().join(name)).unwrap();
        let process = command
            .stdout(output("stdout"))
            .stderr(output("stderr"))
            .spawn()
            .unwrap_or_else(|error| panic!("{kind:?} can't be started: {error}"));
        let mut front = FrontEnd {
            origin: format!("https://localhost:{port}"),
            roots: folder.path().join("roots.pem"),
            folder,
            process,
        };
        front.wait_until_it_listens(port).await;
        front
    }

    async fn wait_until_it_listens(&mut self, port: u16) {
        crate::support::eventually("the front end listens", || {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "it ended: {}", self.log());
            let listens = TcpStream::connect(("127.0.0.1", port)).is_ok();
            async move { listens.then_some(()) }
        })
        .await;
    }

    fn log(&self) -> String {
        let read = |name| std::fs::read_to_string(self.folder.path().join(name));
        ["stdout", "stderr", "error.log", "access.log"]
            .map(|name| read(name).unwrap_or_default())
            .join("\n")
    }

    /// Returns the logged requests, each as `METHOD PATH PROTOCOL STATUS`; Caddy writes JSON.
    pub(crate) fn logged(&self) -> Vec<Logged> {
        let lines = ["access.log", "stdout"]
            .map(|name| std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default());
        lines.concat().lines().filter_map(read_line).collect()
    }
}

impl Drop for FrontEnd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("The front end said: {}", self.log());
        }
        // SIGTERM also ends its workers.
        let _ = Command::new("kill")
            .arg(self.process.id().to_string())
            .status();
        let _ = self.process.wait();
    }
}

fn read_line(line: &str) -> Option<Logged> {
    if line.starts_with('{') {
        let json: serde_json::Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| Some(json["request"][name].as_str()?.to_owned());
        return Some(Logged {
            method: text("method")?,
            path: text("uri")?,
            protocol: text("proto")?,
            status: u16::try_from(json["status"].as_u64()?).ok()?,
        });
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let [method, path, protocol, status] = words.as_slice() else {
        return None;
    };
    Some(Logged {
        method: (*method).to_owned(),
        path: (*path).to_owned(),
        protocol: (*protocol).to_owned(),
        status: status.parse().ok()?,
    })
}

/// The certificate of `localhost` and its key, separately and in one file, and their authority.
fn write_identity(folder: &Path, authority: &Authority) {
    let (certificate, key) = authority.certificate("localhost", 2020, 2090);
    let (certificate, key) = (certificate.pem(), key.serialize_pem());
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("certificate.pem", &certificate);
    write("key.pem", &key);
    write("both.pem", &format!("{certificate}{key}"));
    write("roots.pem", &authority.pem());
}

impl Site<'_> {
    /// Writes the wrapper, in which words in capitals are replaced by this site's values.
    fn wrapper(&self, name: &str, text: &str) -> PathBuf {
        let shipped = self.shipped(name).display().to_string();
        let text = text
            .replace(&format!("CONFIG/{name}"), &shipped)
            .replace("FOLDER", &self.folder.display().to_string())
            .replace("UPSTREAM", &format!("127.0.0.1:{}", self.upstream))
            .replace("PORT", &self.port.to_string());
        let path = self.folder.join(name);
        File::create(&path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        path
    }

    /// Returns the path of the shipped file, or of the one instead.
    fn shipped(&self, name: &str) -> PathBuf {
        let Some(text) = self.changed else {
            return Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("config")
                .join(name);
        };
        let path = self.folder.join(format!("changed-{name}"));
        std::fs::write(&path, text).unwrap();
        path
    }

    fn nginx(&self) -> Command {
        let wrapper = self.wrapper("nginx.conf", include_str!("nginx.conf"));
        let mut command = Command::new("nginx");
        command.arg("-p").arg(self.folder).arg("-c").arg(wrapper);
        command
    }

    fn apache(&self) -> Command {
        let wrapper = self.wrapper("apache.conf", include_str!("apache.conf"));
        let mut command = Command::new("apache2");
        command.arg("-f").arg(wrapper).arg("-DFOREGROUND");
        command
    }

    fn caddy(&self) -> Command {
        let wrapper = self.wrapper("Caddyfile", include_str!("Caddyfile"));
        let mut command = Command::new("caddy");
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(wrapper)
            .env("HOME", self.folder)
            .env("XDG_DATA_HOME", self.folder)
            .env("XDG_CONFIG_HOME", self.folder)
            .env("PAMPHLET_LISTEN", format!("127.0.0.1:{}", self.upstream));
        command
    }

    fn haproxy(&self) -> Command {
        let wrapper = self.wrapper("haproxy.cfg", include_str!("haproxy.cfg"));
        let shipped = self.shipped("haproxy.cfg");
        let mut command = Command::new("haproxy");
        command
            .arg("-db")
            .arg("-f")
            .arg(wrapper)
            .arg("-f")
            .arg(shipped)
            .env("PAMPHLET_LISTEN", format!("127.0.0.1:{}", self.upstream));
        command
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
