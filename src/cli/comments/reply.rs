//! `pamphlet reply` and `pamphlet comments reply`.

use crate::{
    cli::common::{Options, comments::find, note_content::NoteContent},
    federation::objects::notes,
    node::Node,
};
use anyhow::Result;
use clap::Args;

/// Reply to a comment, below the article and on the commenter's server.
#[derive(Debug, Args)]
pub(crate) struct Reply {
    /// The comment's ID, as shown by `comments list`.
    comment: i64,
    #[command(flatten)]
    content: NoteContent,
}

impl Reply {
    /// Returns the text to publish.
    pub(crate) fn text(&self) -> &str {
        self.content.text()
    }

    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let text = self.content.given_text()?;
        options
            .with_node(async |node| self.publish(node, text).await)
            .await
    }

    async fn publish(&self, node: &Node, text: Option<String>) -> Result<()> {
        let found = find(&mut node.store.read().await?, self.comment).await?;
        let comment = found.comment;
        notes::check_parent(&comment)?;
        let parent = (comment.uri, comment.actor_id);
        let command = format!("reply {} --file", self.comment);
        self.content.run(node, text, Some(parent), &command).await
    }
}
