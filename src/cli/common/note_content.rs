//! The text of a note or reply as arguments, and its publication.

use super::{Format, output, pictures, withdrawal::note_name};
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
    /// The text in Markdown; @user@example.org and #hashtag become links.
    // The text is absent only if there is a subcommand.
    #[arg(required = true)]
    text: Option<String>,
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

    /// Checks all that needs no database.
    ///
    /// # Errors
    /// If the text or the picture's description is missing or can't be published.
    pub(crate) fn check(&self) -> Result<()> {
        notes::check_text(self.text())?;
        if self.alt.as_deref().is_some_and(|alt| alt.trim().is_empty()) {
            bail!("--alt is empty: describe the picture");
        }
        let named = markdown::pictures(self.text());
        if let Some(picture) = named.iter().find(|picture| picture.is_required) {
            bail!(
                "the text of a note can't embed files such as {}: attach a picture with --image and --alt",
                picture.name
            );
        }
        Ok(())
    }

    /// Publishes the note, and prints its name and address.
    ///
    /// # Errors
    /// If the picture can't be imported or the note can't be stored.
    pub(crate) async fn publish(self, node: &Node, parent: Option<Parent>) -> Result<()> {
        let image = match &self.image {
            Some(path) => Some(pictures::take_in(path, node).await?),
            None => None,
        };
        let (image_url, claims) = image.unzip();
        let text = self.text.unwrap_or_default();
        for tag in markdown::forbidden_tags(&text) {
            output::warn(&warnings::lost_tag(&tag));
        }
        let (in_reply_to, reply_actor_id) = parent.unzip();
        let language = self
            .language
            .map_or_else(|| node.config.site.language.clone(), |l| l.to_string());
        let note = NewNote {
            local_actor_id: node.site_id(),
            markdown: text,
            content_warning: self.cw.filter(|warning| !warning.trim().is_empty()),
            language,
            in_reply_to,
            reply_actor_id: reply_actor_id.flatten(),
            image_url,
            image_alt: self.alt,
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
        "Published: {name}\n  {url}\n\nTo delete it, run `pamphlet undo {name}`."
    ))
}
