//! `pamphlet note edit`.

use super::{
    file::NoteFile,
    manage::{find, to_json},
};
use crate::{
    cli::common::{
        Format,
        editor::{self, Draft, Edited},
        note_content, note_text, output,
        withdrawal::note_name,
    },
    content::{Announcement, Language},
    node::Node,
    publishing,
    store::{Note, NoteEdit, NoteState},
};
use anyhow::{Result, bail};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet note edit note-3\n  pamphlet note edit note-3 \"The right words.\"\n  pamphlet note edit note-3 --file note.md --quiet\n  pamphlet note edit note-3 --cw \"\"    # without content warning"
)]
pub(crate) struct Edit {
    /// The note's ID, as shown by `note list` (note-3), or its URL.
    #[arg(value_name = "ID|URL")]
    note: String,
    /// The new text in Markdown, or `-` to read it from stdin. Without text and options, $EDITOR is opened.
    text: Option<String>,
    /// A file with the new text, with or without front matter as `note show` prints it.
    #[arg(long, value_name = "FILE", conflicts_with = "text")]
    file: Option<PathBuf>,
    /// The new content warning; an empty one removes it.
    #[arg(long, value_name = "WARNING")]
    cw: Option<String>,
    /// The new language, such as `en` or `es-MX`.
    #[arg(long)]
    language: Option<Language>,
    /// The new description of the picture.
    #[arg(long, value_name = "TEXT")]
    alt: Option<String>,
    /// Send no update to other servers.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    format: Format,
}

impl Edit {
    /// Checks what needs no database.
    ///
    /// # Errors
    /// If the text can't be a note.
    pub(super) fn check(&self) -> Result<()> {
        match self.text.as_deref().filter(|text| *text != "-") {
            Some(text) => note_content::check_text(text),
            None => Ok(()),
        }
    }

    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let note = find(node, &mut node.store.read().await?, &self.note).await?;
        if !matches!(note.state, NoteState::Waiting | NoteState::Live) {
            bail!("{} is deleted: publish a new note", note_name(&note));
        }
        if let Some(file) = self.given(&note)? {
            let stored = self.store(node, &note, file).await?;
            return self.print(node, &note, stored).await;
        }
        let text = NoteFile::of(&note).to_text(node, &note);
        let (name, command) = (note_name(&note), format!("note edit {} --file", self.note));
        let draft = Draft {
            name: &name,
            text: &format!("{text}\n"),
            command: &command,
        };
        let store = async |text: String| {
            let file = NoteFile::parse(&text, editor::NAME, &note)?;
            self.store(node, &note, file).await
        };
        let stored = match editor::edit(draft, store).await? {
            Edited::Stored(stored) => stored,
            Edited::Unchanged => false,
        };
        self.print(node, &note, stored).await
    }

    /// Returns the note as the arguments have it; `None` if they say nothing.
    fn given(&self, note: &Note) -> Result<Option<NoteFile>> {
        let has_options = self.cw.is_some() || self.language.is_some() || self.alt.is_some();
        let mut file = match (&self.text, &self.file) {
            (Some(text), _) if text == "-" => NoteFile::parse(&note_text::stdin()?, "stdin", note)?,
            (Some(text), _) => NoteFile {
                text: text.clone(),
                ..NoteFile::of(note)
            },
            (None, Some(path)) => {
                NoteFile::parse(&note_text::file(path)?, &path.display().to_string(), note)?
            }
            (None, None) if has_options => NoteFile::of(note),
            (None, None) => return Ok(None),
        };
        if let Some(warning) = &self.cw {
            file.fields.content_warning = Some(warning.clone());
        }
        if let Some(language) = &self.language {
            file.fields.language = Some(language.to_string());
        }
        if let Some(alt) = &self.alt {
            file.fields.image_alt = Some(alt.clone());
        }
        Ok(Some(file))
    }

    /// Stores the note. Returns whether anything changed.
    async fn store(&self, node: &Node, note: &Note, file: NoteFile) -> Result<bool> {
        note_content::check_text(&file.text)?;
        let edit = file.into_edit(note)?;
        let before = NoteEdit {
            markdown: note.markdown.clone(),
            content_warning: note.content_warning.clone(),
            language: note.language.clone(),
            image_alt: note.image_alt.clone(),
        };
        if edit == before {
            return Ok(false);
        }
        note_content::warn_of_lost_tags(&edit.markdown);
        let announcement = match self.quiet {
            true => Announcement::Silent,
            false => Announcement::Tell,
        };
        publishing::notes::edit(node, note, &edit, announcement).await?;
        Ok(true)
    }

    async fn print(&self, node: &Node, note: &Note, is_changed: bool) -> Result<()> {
        let name = note_name(note);
        if self.format.json {
            let note = find(node, &mut node.store.read().await?, &name).await?;
            let mut value = to_json(node, &note);
            value["changed"] = is_changed.into();
            return output::json(&value);
        }
        let verb = match (is_changed, self.quiet) {
            (false, _) => return output::line(&format!("Nothing changed: {name}")),
            (true, true) => "Updated here, and sent to nobody",
            (true, false) => "Updated",
        };
        output::line(&format!(
            "{verb}: {name}\n  {}",
            node.urls().note(&note.uid)
        ))
    }
}
