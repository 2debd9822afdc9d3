//! The real binary as its own process: started, asked, stopped and killed.

use super::{Backend, eventually, postgres};
use std::{
    fs::File,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A publication of its own: a folder, a database, a port, and maybe a running process.
pub struct Program {
    pub folder: TempDir,
    pub database_url: String,
    pub origin: String,
    /// What the process is told by `PAMPHLET_...`.
    pub environment: Vec<(String, String)>,
    child: Option<Child>,
}

impl Program {
    /// In development mode, on a free port; not started.
    pub async fn new(backend: Backend) -> Program {
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let database_url = match backend {
            Backend::Sqlite => format!("sqlite://{}/pamphlet.sqlite", folder.path().display()),
            Backend::Postgres => postgres::new_database().await,
        };
        let origin = format!("http://localhost:{port}");
        let data = folder.path().display().to_string();
        let environment = [
            ("PAMPHLET_LISTEN", format!("127.0.0.1:{port}").as_str()),
            ("PAMPHLET_PUBLIC_URL", &origin),
            ("PAMPHLET_DATA", &data),
            ("PAMPHLET_DATABASE_URL", &database_url),
            ("PAMPHLET_DEVELOPMENT", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
        Program {
            folder,
            database_url,
            origin,
            environment,
            child: None,
        }
    }

    /// Sets a variable for what is started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_remove("RUST_LOG")
            .envs(self.environment.iter().cloned());
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Runs a command that must succeed; what it printed.
    pub async fn admin(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "pamphlet {arguments:?}: {complaint}"
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts the node and waits until it answers.
    pub async fn serve(&mut self) {
        let output = |name: &str| File::create(self.folder.path().join(name)).unwrap();
        let child = self
            .command(&["serve"])
            .stdout(output("serve.out"))
            .stderr(output("serve.err"))
            .spawn()
            .unwrap();
        self.child = Some(child);
        let health = format!("{}/healthz", self.origin);
        eventually("the node answers", || async {
            let answer = reqwest::Client::builder().no_proxy().build().unwrap();
            answer.get(&health).send().await.ok().map(drop)
        })
        .await;
    }

    /// What the running or last process wrote to `serve.out` or `serve.err`.
    pub fn said(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM; how the process ended, and how long that took.
    pub async fn terminate(&mut self) -> (ExitStatus, Duration) {
        let mut child = self.child.take().unwrap();
        let begun = Instant::now();
        let sent = Command::new("kill").arg(child.id().to_string()).status();
        assert!(sent.unwrap().success());
        let status = tokio::task::spawn_blocking(move || child.wait().unwrap())
            .await
            .unwrap();
        (status, begun.elapsed())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
