//! Edits an article or a page in $EDITOR. The author's text is never lost: if it can't be stored, it is saved to a file.

use crate::publishing::{Source, source::read_text};
use anyhow::{Context, Result, anyhow, bail};
use std::{
    fs::{File, Permissions},
    io::{BufRead, IsTerminal, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// The number of file names to try for a text that can't be stored.
const MOST_NAMES: usize = 100;

/// The name of the text in messages.
pub(crate) const NAME: &str = "the edited text";

/// A text during editing.
pub(crate) struct Edited {
    /// The command that takes the file of a text that was not stored, such as `post edit`.
    command: &'static str,
    editor: String,
    slug: String,
    /// The text before editing.
    text: String,
    folder: TempDir,
}

impl Edited {
    pub(crate) fn new(command: &'static str, slug: &str, text: String) -> Result<Edited> {
        let Ok(editor) = std::env::var("VISUAL").or_else(|_| std::env::var("EDITOR")) else {
            bail!(
                "no file is given and EDITOR is not set: pass a Markdown file, or set EDITOR to edit the text"
            );
        };
        let edited = Edited {
            command,
            editor,
            slug: slug.to_owned(),
            text,
            folder: tempfile::Builder::new()
                .permissions(Permissions::from_mode(0o700))
                .tempdir()?,
        };
        std::fs::write(edited.path(), &edited.text)?;
        Ok(edited)
    }

    /// The file that the editor works on.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(format!("{}.md", self.slug))
    }

    /// Opens the editor and waits until it exits.
    pub(crate) fn open(&self) -> Result<()> {
        let editor = &self.editor;
        let status = std::process::Command::new("sh")
            .args(["-c", &format!("{editor} \"$0\"")])
            .arg(self.path())
            .status()
            .with_context(|| format!("cannot start the editor {editor}"))?;
        if status.success() {
            Ok(())
        } else {
            bail!("the editor failed; nothing is changed")
        }
    }

    /// Reads the current text.
    pub(crate) fn text(&self) -> Result<String> {
        Ok(read_text(&self.path())?)
    }

    /// Reads the current text as an article. The files that it names are relative to the current directory, not to the
    /// editor's own file.
    pub(crate) fn source(&self) -> Result<Source> {
        let text = self.text()?;
        Ok(Source::parse(NAME.to_owned(), Some(PathBuf::new()), &text)?)
    }

    /// Asks the user at the terminal whether to correct the mistakes.
    pub(crate) fn asks_again(&self, error: &anyhow::Error) -> Result<bool> {
        let mut input = std::io::stdin().lock();
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Ok(false);
        }
        let mut output = std::io::stderr();
        writeln!(output, "pamphlet: {}", self.named(error, "the text"))?;
        write!(output, "Edit it again? [Y/n] ")?;
        output.flush()?;
        let mut answer = String::new();
        let is_there = input.read_line(&mut answer)? > 0;
        Ok(is_there && !answer.trim().to_lowercase().starts_with('n'))
    }

    /// Saves a changed text to a file. Returns `error`, the reason why it was not stored, with the name of that file.
    pub(crate) fn give_up(self, error: &anyhow::Error) -> anyhow::Error {
        let text = std::fs::read(self.path()).unwrap_or_default();
        if text.is_empty() || text == self.text.as_bytes() {
            return anyhow!(self.named(error, "the edited text"));
        }
        match self.keep(&text) {
            Ok(kept) => {
                let (kept, slug, command) = (kept.display().to_string(), &self.slug, self.command);
                let error = self.named(error, &kept);
                anyhow!(
                    "{error}. Your text is saved in {kept}: correct it there, then run \
                     `pamphlet {command} {slug} {kept}`"
                )
            }

            Err(_) => {
                let (here, error) = (self.path(), self.named(error, "the edited text"));
                let _ = self.folder.keep();
                anyhow!("{error}. Your text is saved in {}", here.display())
            }
        }
    }

    /// Replaces the name of the editor's file in an error.
    fn named(&self, error: &anyhow::Error, name: &str) -> String {
        format!("{error:#}").replace(&self.path().display().to_string(), name)
    }

    /// Saves the text in the current directory, because the names of its pictures are relative to that.
    fn keep(&self, text: &[u8]) -> std::io::Result<PathBuf> {
        let mut last = std::io::ErrorKind::AlreadyExists.into();
        for number in 1..=MOST_NAMES {
            let name = match number {
                1 => format!("{}.unsaved.md", self.slug),
                _ => format!("{}.unsaved-{number}.md", self.slug),
            };
            match File::create_new(Path::new(&name)) {
                Ok(mut file) => {
                    file.write_all(text)?;
                    file.sync_all()?;
                    return Ok(name.into());
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }
}
