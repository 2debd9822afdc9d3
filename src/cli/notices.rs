//! `pamphlet notices`: what came in that no page shows.

use super::{
    Options,
    output::{self, Format, Page},
};
use crate::{node::drop_reason::DropReason, store::Notice};
use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::{Value, json};

/// Reports, mentions and private answers that came in.
#[derive(Debug, Subcommand)]
pub enum Notices {
    /// List notices, the newest first.
    List {
        #[command(flatten)]
        page: Page,
        #[command(flatten)]
        format: Format,
    },
    /// Show all of one notice.
    Show {
        /// As `notices list` shows it.
        id: i64,
        #[command(flatten)]
        format: Format,
    },
    /// Count the activities that were authentic but nothing to us, by reason.
    Dropped {
        #[command(flatten)]
        format: Format,
    },
}

impl Notices {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let mut conn = node.store.read().await?;
        match self {
            Notices::List { page, format } => {
                let notices = conn.notices(page.before(), page.limit).await?;
                if format.json {
                    let list: Vec<_> = notices.iter().map(to_json).collect();
                    return output::json(&list);
                }
                let row = |n: &Notice| {
                    vec![
                        n.id.to_string(),
                        output::time(n.created_at),
                        n.kind.to_string(),
                        match n.text.as_str() {
                            "" => "(taken back by its author)".to_owned(),
                            text => times(n) + &output::one_line(text, 100),
                        },
                    ]
                };
                output::table(
                    &["ID", "RECEIVED", "KIND", "TEXT"],
                    &notices.iter().map(row).collect::<Vec<_>>(),
                    "There are no notices.",
                )
            }
            Notices::Show { id, format } => {
                let next = conn.notices(id.saturating_add(1), 1).await?.pop();
                let Some(notice) = next.filter(|notice| notice.id == id) else {
                    bail!("there is no notice {id}: `pamphlet notices list` shows them all");
                };
                if format.json {
                    return output::json(&to_json(&notice));
                }
                output::line(&format!(
                    "{}, {}{}\n  by {}\n  about {}\n\n{}",
                    notice.kind,
                    output::time(notice.created_at),
                    last_of(&notice),
                    output::one_line(&notice.actor_uri, 300),
                    output::one_line(notice.object_uri.as_deref().unwrap_or("nothing"), 300),
                    output::one_line(&notice.text, 5000)
                ))
            }
            Notices::Dropped { format } => {
                let counts = conn.dropped_counts().await?;
                if format.json {
                    let counts: serde_json::Map<_, _> = counts
                        .into_iter()
                        .map(|(what, times)| (what, json!(times)))
                        .collect();
                    return output::json(&counts);
                }
                let rows: Vec<_> = counts
                    .into_iter()
                    .map(|(code, times)| vec![times.to_string(), text_of_drop(code)])
                    .collect();
                output::table(&["TIMES", "WHAT"], &rows, "Nothing was dropped.")
            }
        }
    }
}

/// Returns the text for people of a reason for which activities were dropped; the code itself, if another version
/// counted it.
fn text_of_drop(code: String) -> String {
    code.parse::<DropReason>()
        .map_or(code, |reason| reason.to_string())
}

/// How often it came, if more than once.
fn times(notice: &Notice) -> String {
    match notice.times {
        1 => String::new(),
        times => format!("({times} times) "),
    }
}

/// How often it came and when last, if more than once.
fn last_of(notice: &Notice) -> String {
    match (notice.times, notice.last_at) {
        (2.., Some(last)) => format!(", {} times, last {}", notice.times, output::time(last)),
        _ => String::new(),
    }
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
