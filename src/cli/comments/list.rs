//! `pamphlet comments list`.

use super::selector::CommentSelector;
use crate::{
    cli::common::{
        Format, Pagination,
        comments::{author_of, text_of, to_json},
        output::{self, Listing},
    },
    moderation::bulk,
    node::Node,
};
use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    selector: CommentSelector,
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

impl List {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let filter = self.selector.filter(&mut conn).await?;
        let found = bulk::find(&mut conn, &filter, self.page.before(), self.page.limit).await?;
        let list = Listing {
            items: &found,
            headings: &["ID", "RECEIVED", "STATE", "BY", "ARTICLE", "TEXT"],
            empty: "No comments found.",
        };
        list.print(
            &self.format,
            |row| to_json(node, row),
            |row| {
                vec![
                    row.comment.id.to_string(),
                    output::time(row.comment.received_at),
                    row.comment.state.to_string(),
                    author_of(&row.comment),
                    output::one_line(&row.article_slug, 30),
                    output::one_line(&text_of(node, &row.comment).0, 60),
                ]
            },
        )
    }
}
