//! `pamphlet post show`.

use super::summary::{Details, status_of};
use crate::{
    cli::common::{Format, comments, lookup, output},
    node::Node,
    publishing::source::to_source,
    store::PinState,
};
use anyhow::Result;
use clap::Args;
use std::io::IsTerminal;

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
        let visible = conn.count_comments(article.id).await?;
        if self.format.json {
            let is_pinned = matches!(
                conn.pin_state(article.id).await?,
                Some(PinState::Waiting | PinState::Published)
            );
            return output::json(&Details::of(node, &article, visible, is_pinned));
        }
        // The file alone goes to stdout, so that it can be edited and given to `post edit`.
        if std::io::stdout().is_terminal() {
            output::note(&format!(
                "{}\n{}\n{}, comments {}, {visible} visible\n",
                node.urls().permalink(&article),
                node.urls()
                    .article_id(&article.uid, article.object_uri.as_deref()),
                status_of(&article),
                comments::describe_policy(node, &article),
            ));
        }
        output::text(&to_source(&article)?.to_file_text())
    }
}
