//! `pamphlet notices`: events that no page shows, and counts of activities that changed nothing.

use crate::{
    cli::common::{
        Format, Options, Pagination,
        output::{self, Listing},
    },
    node::{Node, drop_reason::DropReason},
    store::Notice,
};
use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::{Map, Value, json};

/// Show received reports, mentions and private messages.
#[derive(Debug, Subcommand)]
pub(crate) enum Notices {
    /// List notices, newest first.
    #[command(after_help = "Examples:
  pamphlet notices list
  pamphlet notices list --json")]
    List {
        #[command(flatten)]
        page: Pagination,
        #[command(flatten)]
        format: Format,
    },
    /// Show a notice in full.
    #[command(after_help = "Examples:
  pamphlet notices show 3")]
    Show {
        /// The notice's ID, as shown by `notices list`.
        id: i64,
        #[command(flatten)]
        format: Format,
    },
    /// Count the authentic activities that changed nothing, by reason.
    #[command(after_help = "Examples:
  pamphlet notices dropped")]
    Dropped {
        #[command(flatten)]
        format: Format,
    },
}

impl Notices {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Notices::List { page, format } => list(node, &page, &format).await,
            Notices::Show { id, format } => show(node, id, &format).await,
            Notices::Dropped { format } => print_dropped(node, &format).await,
        };
        options.with_node(run).await
    }
}

async fn list(node: &Node, page: &Pagination, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let list = Listing {
        items: &conn.notices(page.before(), page.limit).await?,
        headings: &["ID", "RECEIVED", "KIND", "TEXT"],
        empty: "There are no notices.",
    };
    list.print(format, to_json, |notice| {
        vec![
            notice.id.to_string(),
            output::time(notice.created_at),
            notice.kind.to_string(),
            summary(notice),
        ]
    })
}

/// Returns the beginning of a notice's text, and how often it was repeated.
fn summary(notice: &Notice) -> String {
    if notice.text.is_empty() {
        return "(deleted by its author)".to_owned();
    }
    let text = output::one_line(&notice.text, 100);
    match notice.times {
        1 => text,
        times => format!("({times} times) {text}"),
    }
}

async fn show(node: &Node, id: i64, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let next = conn.notices(id.saturating_add(1), 1).await?.pop();
    let Some(notice) = next.filter(|notice| notice.id == id) else {
        bail!("no notice has the ID {id}: run `pamphlet notices list` to list notices");
    };
    if format.json {
        return output::json(&to_json(&notice));
    }
    let repeats = match (notice.times, notice.last_at) {
        (2.., Some(last)) => format!(", {} times, last {}", notice.times, output::time(last)),
        _ => String::new(),
    };
    output::line(&format!(
        "{}, {}{repeats}\n  by {}\n  about {}\n\n{}",
        notice.kind,
        output::time(notice.created_at),
        output::one_line(&notice.actor_uri, 300),
        output::one_line(notice.object_uri.as_deref().unwrap_or("nothing"), 300),
        output::one_line(&notice.text, 5000)
    ))
}

async fn print_dropped(node: &Node, format: &Format) -> Result<()> {
    let counts = node.store.read().await?.dropped_counts().await?;
    if format.json {
        let counts: Map<String, Value> = counts
            .into_iter()
            .map(|(code, times)| (code, json!(times)))
            .collect();
        return output::json(&counts);
    }
    let rows: Vec<_> = counts
        .into_iter()
        .map(|(code, times)| vec![times.to_string(), text_of_reason(code)])
        .collect();
    output::table(&["TIMES", "REASON"], &rows, "No activity was dropped.")
}

/// Returns the text for a reason, or the code itself if this version does not know it.
fn text_of_reason(code: String) -> String {
    code.parse::<DropReason>()
        .map_or(code, |reason| reason.to_string())
}

fn to_json(notice: &Notice) -> Value {
    json!({
        "id": notice.id,
        "kind": notice.kind.stored(),
        "actor": notice.actor_uri,
        "object": notice.object_uri,
        "text": notice.text,
        "received": output::timestamp(notice.created_at),
        "times": notice.times,
        "last": output::timestamp(notice.last_at.unwrap_or(notice.created_at)),
    })
}
