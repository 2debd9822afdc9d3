//! `pamphlet log`: the log of decisions about comments, people and hosts.

use crate::{
    cli::common::{
        Format, Options, Pagination, audit,
        lookup::remote_actor,
        output::{self, Listing},
    },
    moderation::about_comment,
    node::Node,
    store::{Conn, LogEntry},
};
use anyhow::Result;
use clap::Args;

/// Show the log of decisions about comments, people and hosts, newest first.
#[derive(Debug, Args)]
pub(crate) struct Log {
    /// Only decisions about a comment (its number), a handle, a URL, a host or "article SLUG".
    #[arg(long, value_name = "WHAT")]
    about: Option<String>,
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

impl Log {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        options.with_node(async |node| self.print(node).await).await
    }

    async fn print(&self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let about = match &self.about {
            Some(text) => Some(name_in_log(&mut conn, text).await?),
            None => None,
        };
        let entries = conn
            .log_entries(about.as_deref(), self.page.before(), self.page.limit)
            .await?;
        let list = Listing {
            items: &entries,
            headings: &["ID", "TIME", "BY", "ACTION", "ABOUT", "REASON"],
            empty: "There are no decisions.",
        };
        list.print(&self.format, audit::entry_json, |entry: &LogEntry| {
            vec![
                entry.id.to_string(),
                output::time(entry.at),
                output::one_line(&entry.who, 20),
                entry.action.clone(),
                output::one_line(&entry.about, 80),
                output::one_line(entry.why.as_deref().unwrap_or_default(), 80),
            ]
        })
    }
}

/// Returns the name under which the log has a subject.
async fn name_in_log(conn: &mut Conn, text: &str) -> Result<String> {
    let text = text.trim();
    if let Ok(id) = text.parse() {
        return Ok(about_comment(id));
    }
    if text.contains('@') && !text.contains("://") {
        return Ok(remote_actor(conn, text).await?.uri);
    }
    Ok(text.to_owned())
}
