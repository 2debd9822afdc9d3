//! `pamphlet comments undo`.

use crate::{
    cli::common::{Format, audit::operator, comments::CommentArg, output},
    moderation::undo,
    node::Node,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub(crate) struct Undo {
    #[command(flatten)]
    comment: CommentArg,
    #[command(flatten)]
    format: Format,
}

impl Undo {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let id = self.comment.id;
        let undone = undo::undo(node, id, &operator()).await?;
        let state = undone.state.as_str();
        if self.format.json {
            return output::json(&json!({"id": id, "undone": undone.action, "state": state}));
        }
        output::line(&format!(
            "Undone: {}. Comment {id} is {state} again.",
            undone.action
        ))
    }
}
