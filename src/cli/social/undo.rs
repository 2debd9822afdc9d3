//! `pamphlet undo`: undoes a note, like, boost or follow.

use super::{following::actor_uri, interaction::name_of};
use crate::{
    cli::common::{
        Format, Options, Yes,
        lookup::fetch_context,
        withdrawal::{delete_question, note_name, print_undone, withdraw_note},
    },
    federation::{
        outbox,
        remote::remote_posts::{self, Remote},
    },
    node::Node,
    store::{Interaction, InteractionKind, Note, Tx},
};
use anyhow::{Result, bail};
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// A printed ID (note-3, like-5), or the URL of the note, the liked or boosted post, or the followed actor.
    #[arg(value_name = "ID|URL")]
    what: String,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

/// A note or interaction to undo.
enum Undoable {
    Note(Note),
    Interaction(Interaction),
}

impl Undo {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        options.with_node(async |node| self.undo(node).await).await
    }

    async fn undo(&self, node: &Node) -> Result<()> {
        match self.find(node).await? {
            Undoable::Note(note) => {
                self.yes.confirm(&delete_question(&note))?;
                withdraw_note(node, node.store.begin().await?, &note).await?;
                print_undone(
                    &note_name(&note),
                    &node.urls().note(&note.uid),
                    &self.format,
                )
            }
            Undoable::Interaction(row) => {
                let mut tx = node.store.begin().await?;
                undo_interaction(&mut tx, &row).await?;
                tx.commit().await?;
                print_undone(&name_of(&row), &row.object_uri, &self.format)
            }
        }
    }

    async fn find(&self, node: &Node) -> Result<Undoable> {
        if let Some(found) = find_stored(node, &self.what).await? {
            return Ok(found);
        }
        // The URL of a post's page may differ from the post's id.
        if self.what.contains(['/', '@'])
            && let Ok(Remote::Post(post)) =
                remote_posts::find(&self.what, &fetch_context(node).await?).await
            && let Some(found) = find_stored(node, &post.uri).await?
        {
            return Ok(found);
        }
        bail!("nothing to undo: {}", self.what)
    }
}

/// Finds a note or interaction by its name, or by the id of the note, post or actor.
async fn find_stored(node: &Node, what: &str) -> Result<Option<Undoable>> {
    let mut conn = node.store.read().await?;
    if let Some((kind, number)) = what.split_once('-')
        && let Ok(number) = number.parse::<i64>()
    {
        return Ok(match kind {
            "note" => conn.note_by_id(number).await?.map(Undoable::Note),
            _ => conn
                .interaction(number)
                .await?
                .filter(|row| row.kind.as_str() == kind)
                .map(Undoable::Interaction),
        });
    }
    if let Some(uid) = node.urls().note_uid(what) {
        return Ok(conn.note_by_uid(&uid).await?.map(Undoable::Note));
    }
    let uri = match conn.comment_by_uri(what).await? {
        Some(comment) => comment.uri,
        None if what.contains("://") => what.to_owned(),
        None => {
            drop(conn);
            let uri = actor_uri(what, node).await?;
            conn = node.store.read().await?;
            uri
        }
    };
    let mut interactions = conn.interactions_with(&uri).await?;
    if interactions.len() > 1 {
        let names: Vec<String> = interactions.iter().map(name_of).collect();
        bail!(
            "{what} has several interactions: name one of {}",
            names.join(", ")
        );
    }
    Ok(interactions.pop().map(Undoable::Interaction))
}

/// Undoes an interaction.
///
/// # Errors
/// If it is a report or undone already, or the database fails.
pub(super) async fn undo_interaction(tx: &mut Tx, row: &Interaction) -> Result<()> {
    if row.kind == InteractionKind::Report {
        bail!("a report can't be undone: contact the moderators of the other server");
    }
    if !outbox::undo(tx, row).await? {
        bail!("{} is already undone", name_of(row));
    }
    Ok(())
}
