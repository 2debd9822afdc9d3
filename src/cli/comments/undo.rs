//! `pamphlet comments undo`.

use super::One;
use crate::{
    cli::output::{self, Format},
    moderation::undo,
    node::Node,
};
use anyhow::Result;
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct Undo {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    format: Format,
}

impl Undo {
    pub async fn run(self, node: &Node) -> Result<()> {
        let id = self.one.id;
        let undone = undo::undo(node, id, &output::who()).await?;
        let state = undone.state.as_str();
        match self.format.json {
            true => output::json(&json!({"id": id, "undone": undone.action, "state": state})),
            false => output::line(&format!(
                "Taken back: {}. Comment {id} is {state} again.",
                undone.action
            )),
        }
    }
}
