//! `pamphlet comments list`.

use super::{author_of, text_of, to_json, which::Which};
use crate::{
    cli::output::{self, Format, Page},
    moderation::bulk,
    node::Node,
    store::ListedComment,
};
use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

impl List {
    pub async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let filter = self.which.filter(&mut conn).await?;
        let found = bulk::find(&mut conn, &filter, self.page.before(), self.page.limit).await?;
        if self.format.json {
            let list: Vec<_> = found.iter().map(|row| to_json(node, row)).collect();
            return output::json(&list);
        }
        let row = |row: &ListedComment| {
            vec![
                row.comment.id.to_string(),
                output::time(row.comment.received_at),
                row.comment.state.clone(),
                author_of(&row.comment),
                output::one_line(&row.article_slug, 30),
                output::one_line(&text_of(node, &row.comment).0, 60),
            ]
        };
        output::table(
            &["ID", "RECEIVED", "STATE", "BY", "ARTICLE", "TEXT"],
            &found.iter().map(row).collect::<Vec<_>>(),
            "There are no such comments.",
        )
    }
}
