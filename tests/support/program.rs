//! The binary as a process: started, stopped, killed, and run for single commands.

use super::{Database, eventually, http_client, postgres};
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

/// Runs commands of the binary for one publication.
#[derive(Clone)]
pub(crate) struct Commands {
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Commands {
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
        command.args(arguments);
        self.in_place(command)
    }

    /// Returns a shell script, which finds the binary as `$0`.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_pamphlet")]);
        self.in_place(command)
    }

    fn in_place(&self, mut command: Command) -> Command {
        command
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env_remove("RUST_LOG")
            // The configuration of the person who runs the tests is not found.
            .env("XDG_CONFIG_HOME", self.folder.join(".config"))
            .envs(self.environment.iter().cloned());
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    }

    /// Runs a command, which must succeed. Returns what it printed.
    pub(crate) async fn admin(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "pamphlet {arguments:?}: {complaint}"
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// Writes a file into the publication's folder.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// A publication with a folder, a database and a port of its own, and a process while it runs.
pub(crate) struct Program {
    pub folder: TempDir,
    pub database_url: String,
    pub origin: String,
    /// The `PAMPHLET_...` variables of its processes.
    pub environment: Vec<(String, String)>,
    child: Option<Child>,
}

impl Program {
    /// Creates a publication in development mode, on a free port. No process is started.
    pub(crate) async fn new(database: Database) -> Program {
        let folder = tempfile::tempdir().unwrap();
        let database_url = match database {
            Database::Sqlite => sqlite_in(folder.path()),
            Database::Postgres => postgres::new_database().await,
        };
        Self::on(folder, database_url)
    }

    /// Creates a publication on an existing database.
    pub(crate) fn on(folder: TempDir, database_url: String) -> Program {
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

    /// Creates a second node of the same publication, on the same database.
    pub(crate) fn second(&self) -> Program {
        let folder = tempfile::tempdir().unwrap();
        let mut second = Program::on(folder, self.database_url.clone());
        second.set("PAMPHLET_PUBLIC_URL", &self.origin);
        second
    }

    /// Sets a variable for the processes that are started from now on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Returns a value that runs commands while the node runs.
    pub(crate) fn commands(&self) -> Commands {
        Commands {
            folder: self.folder.path().to_owned(),
            environment: self.environment.clone(),
        }
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.commands().file(name, bytes)
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.commands().run(arguments).await
    }

    /// Runs a command, which must succeed. Returns what it printed.
    pub(crate) async fn admin(&self, arguments: &[&str]) -> String {
        self.commands().admin(arguments).await
    }

    /// Creates the database, as the first `serve` does.
    pub(crate) async fn create_database(&self) {
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

    /// Starts the node, and waits until it responds.
    pub(crate) async fn serve(&mut self) {
        self.spawn_node(self.commands().command(&["serve"]));
        self.wait_until_healthy().await;
    }

    /// Starts the node by this command, and does not wait for it.
    pub(crate) fn spawn_node(&mut self, mut command: Command) {
        let output = |name: &str| File::create(self.folder.path().join(name)).unwrap();
        let child = command
            .stdout(output("serve.out"))
            .stderr(output("serve.err"))
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    pub(crate) async fn wait_until_healthy(&self) {
        let health = format!("{}/healthz", self.origin);
        let client = http_client().build().unwrap();
        eventually("the node responds", || async {
            client.get(&health).send().await.ok().map(drop)
        })
        .await;
    }

    /// Returns the output of the running or the last process: `serve.out` or `serve.err`.
    pub(crate) fn output(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Returns the id of the running process.
    pub(crate) fn process_id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Returns whether the process that was started still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        let child = self.child.as_mut().unwrap();
        child.try_wait().unwrap().is_none()
    }

    /// Returns the last lines of the log.
    fn log_tail(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("serve.err"));
        let log = log.unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Kills the process by SIGKILL.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends the process by SIGTERM. Returns its status, and the time that this took.
    pub(crate) async fn terminate(&mut self) -> (ExitStatus, Duration) {
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
            println!("The end of the log: {}", self.log_tail());
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
