//! A terminal for interactive commands: a session of tmux with a server of its own.

use super::{Commands, TestNode, eventually};
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

/// Shows how the command ended, and keeps the terminal open.
const SCRIPT: &str = "trap : INT; \"$@\"; echo \"[exit $?]\"; exec cat >/dev/null";

/// A terminal of 100 columns and 40 lines, in which a command runs.
pub(crate) struct Terminal {
    folder: TempDir,
}

impl Terminal {
    /// Starts a command of a program that is not running, or runs elsewhere.
    pub(crate) async fn of_program(commands: &Commands, arguments: &[&str]) -> Terminal {
        let command = commands.command(arguments);
        Self::start(&command).await
    }

    /// Starts a command of a node, as [`TestNode::cli`] does.
    pub(crate) async fn of_node(node: &TestNode, arguments: &[&str]) -> Terminal {
        Self::of_node_with(node, &[], arguments).await
    }

    /// Starts a command of a node, with variables in its environment, such as `EDITOR`.
    pub(crate) async fn of_node_with(
        node: &TestNode,
        environment: &[(&str, &str)],
        arguments: &[&str],
    ) -> Terminal {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pamphlet"));
        command
            .arg("--config")
            .arg(&node.config_file)
            .args(arguments)
            .current_dir(node.folder.path())
            .env_remove("RUST_LOG")
            .envs(environment.iter().copied());
        Self::start(&command).await
    }

    /// Starts a process with the arguments, the folder and the environment of `command`.
    pub(crate) async fn start(command: &Command) -> Terminal {
        let terminal = Terminal {
            folder: tempfile::tempdir().unwrap(),
        };
        let mut tmux = terminal.tmux(&["new-session", "-d", "-x", "100", "-y", "40"]);
        let here = PathBuf::from(".");
        let folder: &Path = command.get_current_dir().unwrap_or(&here);
        tmux.arg("-c").arg(folder).args(["sh", "-c", SCRIPT, "sh"]);
        tmux.arg(command.get_program()).args(command.get_args());
        tmux.env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR");
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => tmux.env(name, value),
                None => tmux.env_remove(name),
            };
        }
        run(tmux).await;
        terminal
    }

    /// Types a text, and presses Enter.
    pub(crate) async fn enter(&self, text: &str) {
        self.write(text).await;
        self.press(&["Enter"]).await;
    }

    /// Types a text.
    pub(crate) async fn write(&self, text: &str) {
        if !text.is_empty() {
            run(self.tmux(&["send-keys", "-l", "--", text])).await;
        }
    }

    /// Presses keys, with their names in tmux: `Enter`, `Tab`, `Down`, `C-c`.
    pub(crate) async fn press(&self, keys: &[&str]) {
        let mut tmux = self.tmux(&["send-keys"]);
        tmux.args(keys);
        run(tmux).await;
    }

    /// Returns the screen without colours and without empty lines at its end.
    pub(crate) async fn screen(&self) -> String {
        let output = run(self.tmux(&["capture-pane", "-p", "-J", "-S", "-500"])).await;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        lines.join("\n").trim_end().to_owned()
    }

    /// Returns the screen with the escape sequences of its colours.
    pub(crate) async fn colored_screen(&self) -> String {
        let output = run(self.tmux(&["capture-pane", "-p", "-e", "-J", "-S", "-500"])).await;
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Waits until the screen contains a text. Returns the screen.
    pub(crate) async fn wait_for(&self, text: &str) -> String {
        eventually(&format!("the terminal shows {text:?}"), || async {
            let screen = self.screen().await;
            screen.contains(text).then_some(screen)
        })
        .await
    }

    /// Waits until the command ends. Returns its exit code and the screen.
    pub(crate) async fn wait_for_end(&self) -> (i32, String) {
        let screen = self.wait_for("[exit ").await;
        let code = screen.rsplit_once("[exit ").unwrap().1;
        (code.split(']').next().unwrap().parse().unwrap(), screen)
    }

    fn tmux(&self, arguments: &[&str]) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.arg("-S").arg(self.folder.path().join("tmux"));
        // No settings of the user who runs the tests.
        tmux.args(["-f", "/dev/null"]).args(arguments);
        tmux
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux(&["kill-server"]).output();
    }
}

async fn run(mut command: Command) -> Output {
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .expect("tmux can be started: install Debian's package tmux");
    assert!(
        output.status.success(),
        "tmux: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
