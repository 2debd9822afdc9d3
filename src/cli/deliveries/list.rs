//! `pamphlet deliveries list` and `refused`.

use super::parse_host;
use crate::{
    cli::common::{
        Format, Pagination,
        output::{self, Listing},
    },
    node::Node,
    store::ListedDelivery,
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::json;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only list deliveries to this server.
    #[arg(long)]
    host: Option<String>,
    /// Only list deliveries in this state.
    #[arg(long)]
    state: Option<State>,
    #[command(flatten)]
    page: Pagination,
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
pub(crate) struct Refused {
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

impl Refused {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
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
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let host = self.host.as_deref().map(parse_host).transpose()?;
        let state = self.state.map(State::as_str);
        let rows = node
            .store
            .read()
            .await?
            .list_deliveries(host.as_deref(), state, self.page.before(), self.page.limit)
            .await?;
        let list = Listing {
            items: &rows,
            headings: &[
                "ID",
                "STATE",
                "ACTIVITY",
                "OBJECT",
                "INBOX",
                "SINCE",
                "NEXT ATTEMPT",
                "ERROR",
            ],
            empty: match self.state {
                Some(State::Refused) => "There are no refused deliveries.",
                Some(State::Waiting) => "There are no pending deliveries.",
                None => "There are no pending or refused deliveries.",
            },
        };
        list.print(&self.format, to_json, to_row)
    }
}

fn to_json(delivery: &ListedDelivery) -> serde_json::Value {
    json!({
        "id": delivery.id, "state": delivery.state, "inbox": delivery.inbox, "activity": delivery.kind,
        "object": delivery.object_uri, "since": output::timestamp(delivery.created_at),
        "next_attempt": delivery.next_attempt_at.map(output::timestamp),
        "status": delivery.status, "error": delivery.error,
    })
}

fn to_row(delivery: &ListedDelivery) -> Vec<String> {
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
