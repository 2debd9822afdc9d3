//! Edits a text in $EDITOR. The author's text is never lost: if it can't be stored, it is saved to a file, whose path is
//! printed.

use super::confirm;
use crate::{base::private_files, publishing::source::read_text};
use anyhow::{Context, Result, anyhow, bail};
use std::{
    fs::{self, Permissions},
    io::{ErrorKind, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};
use tempfile::TempDir;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The name of the text in messages. The files that it names are relative to the current folder, not to the editor's own
/// file.
pub(crate) const NAME: &str = "the edited text";

/// The number of file names to try for a text that can't be stored.
const MOST_NAMES: usize = 100;
/// The exit code after a signal, as shells have it for SIGINT.
const INTERRUPTED: i32 = 130;

/// A text to be edited.
pub(crate) struct Draft<'a> {
    /// The name of the editor's file without its ending, mostly a slug.
    pub(crate) name: &'a str,
    /// The text before editing.
    pub(crate) text: &'a str,
    /// The command that stores the text from a file, whose name follows: `post edit news`.
    pub(crate) command: &'a str,
}

/// The end of editing.
pub(crate) enum Edited<T> {
    /// The changed text is stored.
    Stored(T),
    /// The author changed nothing.
    Unchanged,
}

/// Opens the editor, and passes the text to `store`. If that fails, the author can edit the text again; otherwise it is
/// saved to a file in the current folder, whose name the error has.
///
/// # Errors
/// If there is no editor, the text is empty, or the author gives up after an error of `store`.
pub(crate) async fn edit<T>(
    draft: Draft<'_>,
    mut store: impl AsyncFnMut(String) -> Result<T>,
) -> Result<Edited<T>> {
    let session = Arc::new(Session::begin(&draft)?);
    let signals = Signals::register()?;
    tokio::spawn(signals.guard(session.clone()));
    let edited = session.run(&mut store).await;
    session.enter(Phase::Over);
    edited
}

/// Returns the command of the user's editor.
fn editor() -> Option<String> {
    ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|editor| !editor.is_empty()))
}

/// Runs an editor until it exits. Returns whether it succeeded.
fn run(editor: &str, path: &Path) -> Result<bool> {
    let status = std::process::Command::new("sh")
        .args(["-c", &format!("{editor} \"$0\"")])
        .arg(path)
        .status()
        .with_context(|| format!("cannot start the editor {editor}"))?;
    Ok(status.success())
}

/// Opens a file of the author's own in the editor, if there is one. The author's changes are in the file, whatever happens.
///
/// # Errors
/// If the editor fails.
pub(crate) fn open_file(path: &Path) -> Result<()> {
    match editor() {
        Some(editor) if !run(&editor, path)? => bail!("the editor failed"),
        _ => Ok(()),
    }
}

/// A text during editing.
struct Session {
    editor: String,
    command: String,
    name: String,
    /// The text before editing.
    before: String,
    folder: TempDir,
    phase: AtomicU8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The editor runs.
    Editing = 0,
    /// The text is being stored, or the author is asked.
    Storing = 1,
    Over = 2,
}

impl Session {
    fn begin(draft: &Draft<'_>) -> Result<Session> {
        let Some(editor) = editor() else {
            bail!(
                "no file is given and EDITOR is not set: pass a Markdown file, or set EDITOR to edit the text"
            );
        };
        let session = Session {
            editor,
            command: draft.command.to_owned(),
            name: draft.name.replace('/', "-"),
            before: draft.text.to_owned(),
            folder: tempfile::Builder::new()
                .prefix("pamphlet-")
                .permissions(Permissions::from_mode(0o700))
                .tempdir()
                .context("cannot create a temporary folder for the editor")?,
            phase: AtomicU8::new(Phase::Storing as u8),
        };
        let written = write_new(&session.path(), draft.text.as_bytes());
        written.context("cannot write the text for the editor")?;
        Ok(session)
    }

    async fn run<T>(&self, store: &mut impl AsyncFnMut(String) -> Result<T>) -> Result<Edited<T>> {
        loop {
            let done = match self.open() {
                Ok(()) if self.is_unchanged() => return Ok(Edited::Unchanged),
                Ok(()) if self.is_empty() => bail!("the text is empty: nothing was changed"),
                Ok(()) => match read_text(&self.path()) {
                    Ok(text) => store(text).await,
                    Err(error) => Err(error.into()),
                },
                Err(error) => Err(error),
            };
            match done {
                Ok(stored) => return Ok(Edited::Stored(stored)),
                Err(error) if self.asks_again(&error)? => {}
                Err(error) => return Err(self.give_up(&error)),
            }
        }
    }

    /// The file that the editor works on.
    fn path(&self) -> PathBuf {
        self.folder.path().join(format!("{}.md", self.name))
    }

    /// Opens the editor and waits until it exits.
    fn open(&self) -> Result<()> {
        self.enter(Phase::Editing);
        let opened = run(&self.editor, &self.path());
        self.enter(Phase::Storing);
        if opened? {
            Ok(())
        } else {
            bail!("the editor failed; nothing is changed")
        }
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::SeqCst);
    }

    fn is_in(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::SeqCst) == phase as u8
    }

    fn current(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap_or_default()
    }

    fn is_unchanged(&self) -> bool {
        self.current() == self.before.as_bytes()
    }

    fn is_empty(&self) -> bool {
        self.current().trim_ascii().is_empty()
    }

    fn has_work(&self) -> bool {
        !self.is_empty() && !self.is_unchanged()
    }

    /// Asks the author at the terminal whether to correct the text.
    fn asks_again(&self, error: &anyhow::Error) -> Result<bool> {
        if !self.has_work() || !confirm::can_ask() {
            return Ok(false);
        }
        eprintln!("pamphlet: {}", self.named(error, "the text"));
        confirm::ask("Edit it again?", true)
    }

    /// Saves a changed text to a file. Returns `error`, the reason why it was not stored, with the name of that file.
    fn give_up(&self, error: &anyhow::Error) -> anyhow::Error {
        if !self.has_work() {
            return anyhow!(self.named(error, NAME));
        }
        match self.keep() {
            Ok(kept) => {
                let (kept, command) = (kept.display().to_string(), &self.command);
                let error = self.named(error, &kept);
                anyhow!(
                    "{error}. Your text is saved in {kept}: correct it there, then run `pamphlet {command} {kept}`"
                )
            }
            Err(_) => {
                let error = self.named(error, NAME);
                anyhow!("{error}. Your text is saved in {}", self.leave().display())
            }
        }
    }

    /// Replaces the name of the editor's file in an error.
    fn named(&self, error: &anyhow::Error, name: &str) -> String {
        format!("{error:#}").replace(&self.path().display().to_string(), name)
    }

    /// Saves the text in the current folder, because the names of its pictures are relative to that.
    fn keep(&self) -> std::io::Result<PathBuf> {
        let text = self.current();
        for number in 1..=MOST_NAMES {
            let name = PathBuf::from(match number {
                1 => format!("{}.unsaved.md", self.name),
                _ => format!("{}.unsaved-{number}.md", self.name),
            });
            match write_new(&name, &text) {
                Ok(()) => return Ok(name),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// Lets the editor's own file outlive the process. Returns its path.
    fn leave(&self) -> PathBuf {
        let kept =
            std::env::temp_dir().join(format!("{}.unsaved-{}.md", self.name, std::process::id()));
        // The folder of the editor's file is removed at the end. A rename in the same file system needs no space.
        match fs::rename(self.path(), &kept) {
            Ok(()) => kept,
            Err(_) => self.path(),
        }
    }
}

/// Writes a new file that only its owner can read. A file that can't be completed, for example because the disk is full,
/// is removed.
fn write_new(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut file = private_files::open_options().create_new(true).open(path)?;
    let written = file.write_all(text).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// The signals that could end the program during editing.
struct Signals {
    interrupt: Signal,
    quit: Signal,
    hangup: Signal,
    terminate: Signal,
}

impl Signals {
    fn register() -> std::io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Ends the program at a signal, after saving the text. While the editor runs, Ctrl-C is meant for it.
    async fn guard(mut self, session: Arc<Session>) {
        loop {
            let is_from_keyboard = tokio::select! {
                _ = self.interrupt.recv() => true,
                _ = self.quit.recv() => true,
                _ = self.hangup.recv() => false,
                _ = self.terminate.recv() => false,
            };
            let is_editing = session.is_in(Phase::Editing);
            if is_from_keyboard && is_editing {
                continue;
            }
            if !session.is_in(Phase::Over) && session.has_work() {
                let kept = session.keep().unwrap_or_else(|_| session.leave());
                // The terminal may be gone.
                let _ = writeln!(
                    std::io::stderr(),
                    "\npamphlet: interrupted. Your text is saved in {}",
                    kept.display()
                );
            }
            // The editor that still runs keeps its file.
            if !is_editing {
                let _ = fs::remove_dir_all(session.folder.path());
            }
            std::process::exit(INTERRUPTED);
        }
    }
}
