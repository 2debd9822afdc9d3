//! The text of a note or reply as arguments, and its publication.

use super::{
    Format,
    editor::{self, Draft, Edited},
    note_text, output, pictures,
    withdrawal::note_name,
};
use crate::{
    content::{Language, markdown},
    federation::objects::{articles::MAX_SUMMARY, notes},
    node::Node,
    publishing::warnings,
    store::{NewNote, Note},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// The content of a note.
#[derive(Debug, Args)]
pub(crate) struct NoteContent {
    /// The text in Markdown, or `-` to read it from stdin; @user@example.org and #hashtag become links.
    // The text is absent if there is a subcommand.
    #[arg(required_unless_present_any = ["file", "editor"], conflicts_with_all = ["file", "editor"])]
    text: Option<String>,
    /// A file with the text.
    #[arg(long, value_name = "FILE", conflicts_with = "editor")]
    file: Option<PathBuf>,
    /// Write the text in $EDITOR.
    #[arg(long, short)]
    editor: bool,
    /// A picture to attach: JPEG, PNG, GIF or WebP.
    #[arg(long, value_name = "FILE", requires = "alt")]
    image: Option<PathBuf>,
    /// A description of the picture for people who can't see it.
    #[arg(long, value_name = "TEXT", requires = "image")]
    alt: Option<String>,
    /// A content warning, behind which the text is hidden.
    #[arg(long, value_name = "WARNING")]
    cw: Option<String>,
    /// The language, such as `en` or `es-MX` [default: the publication's].
    #[arg(long)]
    language: Option<Language>,
    #[command(flatten)]
    format: Format,
}

/// The post that a note replies to: its id, and the row of its author unless the post is local.
pub(crate) type Parent = (String, Option<i64>);

impl NoteContent {
    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Returns the text that the arguments give, checked; `None` if it is to be written in the editor.
    ///
    /// # Errors
    /// If the text or the picture's description is missing or can't be published.
    pub(crate) fn given_text(&self) -> Result<Option<String>> {
        if self.alt.as_deref().is_some_and(|alt| alt.trim().is_empty()) {
            bail!("--alt is empty: describe the picture");
        }
        let text = match (&self.text, &self.file) {
            (Some(text), _) if text == "-" => note_text::stdin()?,
            (Some(text), _) => text.clone(),
            (None, Some(path)) => note_text::file(path)?,
            (None, None) => return Ok(None),
        };
        check_text(&text)?;
        Ok(Some(text))
    }

    /// Publishes the text, or what is written in the editor, and prints its name and address. `command` stores the text
    /// from a file, whose name follows.
    ///
    /// # Errors
    /// If the picture can't be imported or the note can't be stored.
    pub(crate) async fn run(
        &self,
        node: &Node,
        text: Option<String>,
        parent: Option<Parent>,
        command: &str,
    ) -> Result<()> {
        if let Some(text) = text {
            return self.publish(node, text, parent).await;
        }
        let draft = Draft {
            name: "note",
            text: "",
            command,
        };
        let store = async |text: String| {
            let text = text.trim_end().to_owned();
            check_text(&text)?;
            self.publish(node, text, parent.clone()).await
        };
        match editor::edit(draft, store).await? {
            Edited::Stored(()) => Ok(()),
            Edited::Unchanged => bail!("the text is empty: nothing was published"),
        }
    }

    async fn publish(&self, node: &Node, text: String, parent: Option<Parent>) -> Result<()> {
        let image = match &self.image {
            Some(path) => Some(pictures::take_in(path, node).await?),
            None => None,
        };
        let (image_url, claims) = image.unzip();
        warn_of_lost_tags(&text);
        let (in_reply_to, reply_actor_id) = parent.unzip();
        let language = self.language.as_ref();
        let language =
            language.map_or_else(|| node.config.site.language.clone(), ToString::to_string);
        let note = NewNote {
            local_actor_id: node.site_id(),
            markdown: text,
            content_warning: self.cw.clone().filter(|warning| !warning.trim().is_empty()),
            language,
            in_reply_to,
            reply_actor_id: reply_actor_id.flatten(),
            image_url,
            image_alt: self.alt.clone(),
        };
        let note = match notes::publish(node, &note).await {
            Ok(note) => note,
            Err(error) => {
                node.media.give_up(&claims.unwrap_or_default()).await;
                return Err(error.into());
            }
        };
        if let Some(claims) = claims {
            let mut tx = node.store.begin().await?;
            claims.release(&mut tx).await?;
            tx.commit().await?;
        }
        print_published(node, &note, &self.format)
    }
}

/// Checks that a text can be a note.
///
/// # Errors
/// If it is empty or too long, or embeds files.
pub(crate) fn check_text(text: &str) -> Result<()> {
    notes::check_text(text)?;
    let named = markdown::pictures(text);
    if let Some(picture) = named.iter().find(|picture| picture.is_required) {
        bail!(
            "the text of a note can't embed files such as {}: attach a picture with --image and --alt",
            picture.name
        );
    }
    Ok(())
}

/// Warns of HTML tags that pages leave out.
pub(crate) fn warn_of_lost_tags(text: &str) {
    for tag in markdown::forbidden_tags(text) {
        output::warn(&warnings::lost_tag(&tag));
    }
}

fn print_published(node: &Node, note: &Note, format: &Format) -> Result<()> {
    let (name, url) = (note_name(note), node.urls().note(&note.uid));
    if format.json {
        return output::json(&json!({"id": name, "url": url}));
    }
    let warning = note.content_warning.as_deref();
    if let Some(sentence) = warnings::truncation("content warning", warning, MAX_SUMMARY) {
        output::line(&format!("Note: {sentence}."))?;
    }
    output::line(&format!(
        "Published: {name}\n  {url}\n\nTo correct it, run `pamphlet note edit {name}`; to delete it, `pamphlet undo {name}`."
    ))
}
