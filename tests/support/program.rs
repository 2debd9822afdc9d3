//! The real binary as its own process: started, asked, stopped and killed.

use super::{Database, eventually, postgres};
use pamphlet::{
    config::{Config, Overrides},
    node::Node,
    store::Store,
};
use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The program's commands, for one publication.
#[derive(Clone)]
pub struct Commands {
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Commands {
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
        command.args(arguments);
        self.in_place(command)
    }

    /// A script for the shell, which knows the program as `$0`.
    pub fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_pamphlet")]);
        self.in_place(command)
    }

    fn in_place(&self, mut command: Command) -> Command {
        command
            .current_dir(&self.folder)
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

    /// Writes a file into the publication's folder.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

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
    pub async fn new(database: Database) -> Program {
        let folder = tempfile::tempdir().unwrap();
        let database_url = match database {
            Database::Sqlite => sqlite_in(folder.path()),
            Database::Postgres => postgres::new_database().await,
        };
        Self::on(folder, database_url)
    }

    /// The same on a database that is there.
    pub fn on(folder: TempDir, database_url: String) -> Program {
        let port = free_port();
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

    /// A second node of the same publication, on the same database.
    pub fn second(&self) -> Program {
        let folder = tempfile::tempdir().unwrap();
        let mut second = Program::on(folder, self.database_url.clone());
        second.set("PAMPHLET_PUBLIC_URL", &self.origin);
        second
    }

    /// Sets a variable for what is started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// What runs commands beside the node.
    pub fn commands(&self) -> Commands {
        Commands {
            folder: self.folder.path().to_owned(),
            environment: self.environment.clone(),
        }
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.commands().file(name, bytes)
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        self.commands().run(arguments).await
    }

    /// Runs a command that must succeed; what it printed.
    pub async fn admin(&self, arguments: &[&str]) -> String {
        self.commands().admin(arguments).await
    }

    /// Creates the database, as the first `serve` does.
    pub async fn make_database(&self) {
        let overrides = Overrides {
            without_file: true,
            ..Overrides::default()
        };
        let variable = |name: &str| {
            let found = self.environment.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let config = Config::load_with(&overrides, &variable).unwrap();
        let store = Store::open(&config.database_url).await.unwrap();
        let node = Node::open(config, store).await.unwrap();
        node.store.close().await;
    }

    /// Starts the node and waits until it answers.
    pub async fn serve(&mut self) {
        self.begin_to_serve(self.commands().command(&["serve"]));
        self.wait_until_it_answers().await;
    }

    /// Starts the node by this command, whether or not it comes to answer.
    pub fn begin_to_serve(&mut self, mut command: Command) {
        let output = |name: &str| File::create(self.folder.path().join(name)).unwrap();
        let child = command
            .stdout(output("serve.out"))
            .stderr(output("serve.err"))
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    pub async fn wait_until_it_answers(&self) {
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

    /// The running process.
    pub fn process_id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Whether the process that was started still runs.
    pub fn is_running(&mut self) -> bool {
        let child = self.child.as_mut().unwrap();
        child.try_wait().unwrap().is_none()
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("serve.err"));
        let log = log.unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
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

fn sqlite_in(folder: &Path) -> String {
    format!("sqlite://{}/pamphlet.sqlite", folder.display())
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("The node said at last: {}", self.last_words());
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
