//! Asks for a secret at the terminal, which does not show what is typed.

use anyhow::Result;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::Write;

/// The exit code after a signal, as shells have it for SIGINT.
const INTERRUPTED: i32 = 130;

/// The terminal without its echo, which comes back when this is dropped.
struct Silence {
    before: Termios,
}

impl Silence {
    fn begin() -> Result<Silence> {
        let before = tcgetattr(std::io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Silence { before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Nothing else can be done about a terminal that is gone.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.before);
    }
}

/// Prints a prompt on stderr and reads a line, which is not shown. Returns `None` at the end of the input.
///
/// # Errors
/// If the terminal can't be read or written.
pub(crate) async fn ask(prompt: &str) -> Result<Option<String>> {
    let mut output = std::io::stderr();
    write!(output, "{prompt}")?;
    output.flush()?;
    let silence = Silence::begin()?;
    let reading = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .map(|read| (read > 0).then_some(line))
    });
    let line = tokio::select! {
        line = reading => line??,
        _ = tokio::signal::ctrl_c() => {
            drop(silence);
            // The terminal may be gone.
            let _ = writeln!(output);
            std::process::exit(INTERRUPTED);
        }
    };
    Ok(line.map(|line| line.trim_end_matches(['\r', '\n']).to_owned()))
}
