//! `pamphlet comments`: moderates the comments on the articles.

mod admin_note;
mod change;
mod explain;
mod list;
mod policy;
mod reply;
mod selector;
mod show;
mod undo;

use crate::{cli::common::Options, moderation::Verdict, node::Node};
use anyhow::Result;
use clap::Subcommand;
pub(super) use reply::Reply;

/// Moderate the comments on the articles.
#[derive(Debug, Subcommand)]
pub(crate) enum Comments {
    /// List comments, newest first.
    List(list::List),
    /// Show everything that is known about a comment.
    Show(show::Show),
    /// Explain a comment's spam score.
    Explain(explain::Explain),
    /// Approve held or hidden comments.
    Approve(change::Change),
    /// Hide comments.
    Hide(change::Change),
    /// Mark comments as spam, and train the spam filter with them.
    Spam(change::Change),
    /// Delete comments. Their places remain, so that replies keep their position.
    Delete(change::Deletion),
    /// Undo the last decision about a comment.
    Undo(undo::Undo),
    /// Reply to a comment, like `pamphlet reply`.
    Reply(Reply),
    /// Edit the note about a comment that only admins see.
    EditNote(admin_note::EditNote),
    /// Show the earlier versions of a comment and the decisions about it.
    History(show::History),
    /// Set the comment policy of an article.
    Policy(policy::Policy),
}

impl Comments {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        if let Comments::Reply(reply) = self {
            return reply.run(options).await;
        }
        let run = async |node: &Node| match self {
            Comments::Reply(_) => Ok(()),
            Comments::List(list) => list.run(node).await,
            Comments::Show(show) => show.run(node).await,
            Comments::Explain(explain) => explain.run(node).await,
            Comments::Approve(change) => change.run(node, Verdict::Approve).await,
            Comments::Hide(change) => change.run(node, Verdict::Hide).await,
            Comments::Spam(change) => change.run(node, Verdict::Spam).await,
            Comments::Delete(deletion) => deletion.run(node).await,
            Comments::Undo(undo) => undo.run(node).await,
            Comments::EditNote(note) => note.run(node).await,
            Comments::History(history) => history.run(node).await,
            Comments::Policy(policy) => policy.run(node).await,
        };
        options.with_node(run).await
    }
}
