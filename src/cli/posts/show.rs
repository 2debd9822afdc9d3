//! `pamphlet post show`.

use super::summary::{Summary, status_of};
use crate::{
    cli::common::{Format, comments, lookup, output},
    node::Node,
    publishing::source::to_source,
};
use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The article's slug.
    slug: String,
    #[command(flatten)]
    format: Format,
}

impl Show {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let article = lookup::article(&mut conn, &self.slug).await?;
        if self.format.json {
            let mut value = serde_json::to_value(Summary::of(node, &article))?;
            value["markdown"] = article.markdown.clone().into();
            return output::json(&value);
        }
        output::line(&format!(
            "{}\n  {}\n  {}\n  {}, comments {}, {} visible\n\n{}",
            article.title,
            node.urls().permalink(&article),
            node.urls().article(&article.uid),
            status_of(&article),
            comments::describe_policy(node, &article),
            conn.count_comments(article.id).await?,
            to_source(&article)?.to_file_text(),
        ))
    }
}
