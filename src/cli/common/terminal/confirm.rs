//! Questions to the admin at the terminal, above all before something is deleted.

use crate::cli::common::exit::UsageError;
use anyhow::{Result, bail};
use clap::Args;
use std::io::{IsTerminal, Write};

/// The option that agrees in advance to what a command asks.
#[derive(Debug, Args)]
pub(crate) struct Yes {
    /// Do it without asking for confirmation.
    #[arg(long, short = 'y')]
    yes: bool,
}

impl Yes {
    /// Returns the option as it was read by its name.
    pub(crate) fn given(yes: bool) -> Yes {
        Yes { yes }
    }

    /// Asks the admin whether to do what can't be undone.
    ///
    /// # Errors
    /// If they decline, or if nobody can be asked and `--yes` is missing.
    pub(crate) fn confirm(&self, question: &str) -> Result<()> {
        if self.yes {
            return Ok(());
        }
        if !can_ask() {
            return Err(UsageError::new(format!(
                "{question} Nobody can answer without a terminal: add --yes to confirm it"
            ))
            .into());
        }
        if !ask(question, false)? {
            bail!("nothing was changed");
        }
        Ok(())
    }

    /// Returns whether the option is given.
    pub(crate) fn is_given(&self) -> bool {
        self.yes
    }
}

/// Returns whether there is somebody to ask: the command reads from a terminal and shows its messages on one.
pub(crate) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks a question that is answered by yes or no. An empty answer is the default; the end of the input is a no.
///
/// # Errors
/// If the terminal can't be read or written.
pub(crate) fn ask(question: &str, default: bool) -> Result<bool> {
    let hint = if default { "[Y/n]" } else { "[y/N]" };
    loop {
        let Some(answer) = ask_line(&format!("{question} {hint} "))? else {
            return Ok(false);
        };
        match answer.to_lowercase().as_str() {
            "" => return Ok(default),
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => {}
        }
    }
}

/// Prints a prompt on stderr and reads a line. Returns `None` at the end of the input.
///
/// # Errors
/// If the terminal can't be read or written.
pub(crate) fn ask_line(prompt: &str) -> Result<Option<String>> {
    let mut output = std::io::stderr();
    write!(output, "{prompt}")?;
    output.flush()?;
    let mut answer = String::new();
    if std::io::stdin().read_line(&mut answer)? == 0 {
        // The shell's prompt begins a line of its own.
        writeln!(output)?;
        return Ok(None);
    }
    Ok(Some(answer.trim().to_owned()))
}
