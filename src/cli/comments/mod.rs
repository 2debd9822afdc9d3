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
    #[command(after_help = "Examples:
  pamphlet comments list --state held
  pamphlet comments list --article on-reading --json
  pamphlet comments list --host example.net --search casino")]
    List(list::List),
    /// Show everything that is known about a comment.
    #[command(after_help = "Examples:
  pamphlet comments show 12
  pamphlet comments show 12 --json")]
    Show(show::Show),
    /// Explain a comment's spam score.
    #[command(after_help = "Examples:
  pamphlet comments explain 12")]
    Explain(explain::Explain),
    /// Approve held or hidden comments.
    #[command(after_help = "Examples:
  pamphlet comments approve 12 13
  pamphlet comments approve --state held --article on-reading --dry-run")]
    Approve(change::Change),
    /// Hide comments.
    #[command(after_help = "Examples:
  pamphlet comments hide 12 --reason \"off topic\"")]
    Hide(change::Change),
    /// Mark comments as spam, and train the spam filter with them.
    #[command(after_help = "Examples:
  pamphlet comments spam 12
  pamphlet comments spam --host spam.example --dry-run")]
    Spam(change::Change),
    /// Delete comments. Their places remain, so that replies keep their position.
    #[command(after_help = "Examples:
  pamphlet comments delete 12
  pamphlet comments delete --host spam.example --yes")]
    Delete(change::Deletion),
    /// Undo the last decision about a comment.
    #[command(after_help = "Examples:
  pamphlet comments undo 12")]
    Undo(undo::Undo),
    /// Reply to a comment, like `pamphlet reply`.
    #[command(after_help = "Examples:
  pamphlet comments reply 12 \"Thank you, corrected.\"")]
    Reply(Reply),
    /// Edit the note about a comment that only admins see.
    #[command(after_help = "Examples:
  pamphlet comments edit-note 12 \"asked by mail\"
  pamphlet comments edit-note 12 \"\"")]
    EditNote(admin_note::EditNote),
    /// Show the earlier versions of a comment and the decisions about it.
    #[command(after_help = "Examples:
  pamphlet comments history 12")]
    History(show::History),
    /// Set the comment policy of an article.
    #[command(after_help = "Examples:
  pamphlet comments policy on-reading closed
  pamphlet comments policy on-reading open --days 30
  pamphlet comments policy on-reading site")]
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
