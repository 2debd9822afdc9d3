//! `pamphlet deliveries list` and `refused`.

use super::Format;
use crate::{
    cli::output::{self, Page},
    node::Node,
    store::ListedDelivery,
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::json;

#[derive(Debug, Args)]
pub struct List {
    /// Only what goes to this server.
    #[arg(long)]
    host: Option<String>,
    /// Only what is in this state.
    #[arg(long)]
    state: Option<State>,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Waiting,
    Refused,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Refused => "refused",
        }
    }
}

#[derive(Debug, Args)]
pub struct Refused {
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    format: Format,
}

impl Refused {
    pub async fn run(self, node: &Node) -> Result<()> {
        let list = List {
            host: None,
            state: Some(State::Refused),
            page: self.page,
            format: self.format,
        };
        list.run(node).await
    }
}

impl List {
    pub async fn run(self, node: &Node) -> Result<()> {
        let host = self.host.as_deref().map(super::host).transpose()?;
        let state = self.state.map(State::as_str);
        let rows = node
            .store
            .read()
            .await?
            .list_deliveries(host.as_deref(), state, self.page.before(), self.page.limit)
            .await?;
        if self.format.json {
            return output::json(&rows.iter().map(as_json).collect::<Vec<_>>());
        }
        let empty = match state {
            Some("refused") => "Nothing was refused.",
            _ => "Nothing waits.",
        };
        output::table(
            &[
                "ID", "STATE", "ACTIVITY", "OBJECT", "INBOX", "SINCE", "NEXT TRY", "ERROR",
            ],
            &rows.iter().map(as_row).collect::<Vec<_>>(),
            empty,
        )
    }
}

fn as_json(delivery: &ListedDelivery) -> serde_json::Value {
    json!({
        "id": delivery.id, "state": delivery.state, "inbox": delivery.inbox, "activity": delivery.kind,
        "object": delivery.object_uri, "since": output::timestamp(delivery.created_at),
        "next_attempt": delivery.next_attempt_at.map(output::timestamp),
        "status": delivery.status, "error": delivery.error,
    })
}

fn as_row(delivery: &ListedDelivery) -> Vec<String> {
    vec![
        delivery.id.to_string(),
        delivery.state.clone(),
        delivery.kind.clone(),
        delivery.object_uri.clone(),
        delivery.inbox.clone(),
        output::time(delivery.created_at),
        delivery
            .next_attempt_at
            .map(output::time)
            .unwrap_or_default(),
        output::one_line(delivery.error.as_deref().unwrap_or(""), 60),
    ]
}
