//! `pamphlet log`: what was decided about comments, people and hosts; who, when and why.

use super::{
    Options,
    output::{self, Format, Page},
    people,
};
use crate::{
    content::clean_name,
    moderation::about_comment,
    store::{Conn, Decision, LogEntry},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

/// Show what was decided about comments, people and hosts, the newest first.
#[derive(Debug, Args)]
pub struct Log {
    /// About this alone: the number of a comment, a handle, an address, a host, "article SLUG".
    #[arg(long, value_name = "WHAT")]
    about: Option<String>,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

impl Log {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let mut conn = node.store.read().await?;
        let about = match &self.about {
            Some(text) => Some(name_in_log(&mut conn, text).await?),
            None => None,
        };
        let entries = conn
            .log_entries(about.as_deref(), self.page.before(), self.page.limit)
            .await?;
        if self.format.json {
            return output::json(&entries.iter().map(to_json).collect::<Vec<_>>());
        }
        let row = |entry: &LogEntry| {
            vec![
                entry.id.to_string(),
                output::time(entry.at),
                output::one_line(&entry.who, 20),
                entry.action.clone(),
                output::one_line(&entry.about, 80),
                output::one_line(entry.why.as_deref().unwrap_or_default(), 80),
            ]
        };
        output::table(
            &["ID", "TIME", "BY", "WHAT", "ABOUT", "WHY"],
            &entries.iter().map(row).collect::<Vec<_>>(),
            "Nothing was decided yet.",
        )
    }
}

/// How the log names what somebody asks about.
async fn name_in_log(conn: &mut Conn, text: &str) -> Result<String> {
    let text = text.trim();
    if let Ok(id) = text.parse() {
        return Ok(about_comment(id));
    }
    match text.contains('@') && !text.contains("://") {
        true => Ok(people::actor(conn, text).await?.uri),
        false => Ok(text.to_owned()),
    }
}

/// Writes a decision of the admin down, in the transaction that carries it out.
pub async fn decision(conn: &mut Conn, action: &str, about: &str, why: Option<&str>) -> Result<()> {
    let decision = Decision {
        who: &output::who(),
        action,
        about,
        why,
        ..Decision::default()
    };
    Ok(conn.log(&decision).await?)
}

/// As scripts read it.
pub fn to_json(entry: &LogEntry) -> Value {
    json!({
        "id": entry.id,
        "at": output::timestamp(entry.at),
        "who": entry.who,
        "action": entry.action,
        "about": entry.about,
        "why": entry.why.as_deref().map(|why| clean_name(why, 1000)),
        "before": entry.before,
    })
}
