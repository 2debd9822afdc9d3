//! `pamphlet deliveries`: how what we send gets through.

use super::{
    Options,
    output::{self, Format, Page},
};
use crate::store::{Conn, DestinationStatus, RefusedDelivery};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;

/// See how deliveries go.
#[derive(Debug, Subcommand)]
pub enum Deliveries {
    /// Numbers, and the servers that don't take what is sent.
    Status(Status),
    /// List what was refused for good, the newest first.
    Refused {
        #[command(flatten)]
        page: Page,
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub struct Status {
    /// How many servers to list.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
    #[command(flatten)]
    format: Format,
}

impl Deliveries {
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let mut conn = node.store.read().await?;
        match self {
            Deliveries::Status(status) => status.run(&mut conn).await,
            Deliveries::Refused { page, format } => refused(&mut conn, &page, &format).await,
        }
    }
}

impl Status {
    async fn run(self, conn: &mut Conn) -> Result<()> {
        let overview = conn.delivery_overview().await?;
        let troubled = conn.troubled_destinations(self.limit).await?;
        if self.format.json {
            let hosts: Vec<_> = troubled
                .iter()
                .map(|d| {
                    json!({"inbox": d.inbox, "host": d.host, "state": d.state, "waiting": d.waiting,
                        "delivered": d.delivered, "failures": d.failures,
                        "failing_since": d.failing_since.map(output::timestamp),
                        "next_attempt": d.next_attempt_at.map(output::timestamp), "last_error": d.last_error})
                })
                .collect();
            return output::json(&json!({
                "delivered": overview.delivered, "waiting": overview.waiting, "in_flight": overview.in_flight,
                "refused": overview.refused, "destinations": overview.destinations, "dead": overview.dead,
                "oldest": overview.oldest.map(output::timestamp), "hosts": hosts,
            }));
        }
        output::line(&format!(
            "{} delivered, {} waiting, {} under way, {} refused; {} destinations, {} dead",
            overview.delivered,
            overview.waiting,
            overview.in_flight,
            overview.refused,
            overview.destinations,
            overview.dead
        ))?;
        if let Some(oldest) = overview.oldest {
            output::line(&format!(
                "The oldest has waited since {}.",
                output::time(oldest)
            ))?;
        }
        let row = |d: &DestinationStatus| {
            vec![
                d.host.clone(),
                d.state.clone(),
                d.waiting.to_string(),
                d.failures.to_string(),
                d.next_attempt_at.map(output::time).unwrap_or_default(),
                output::one_line(d.last_error.as_deref().unwrap_or(""), 60),
            ]
        };
        output::table(
            &[
                "HOST",
                "STATE",
                "WAITING",
                "FAILURES",
                "NEXT TRY",
                "LAST ERROR",
            ],
            &troubled.iter().map(row).collect::<Vec<_>>(),
            "Every server takes what is sent.",
        )
    }
}

async fn refused(conn: &mut Conn, page: &Page, format: &Format) -> Result<()> {
    let rows = conn.refused_deliveries(page.before(), page.limit).await?;
    if format.json {
        let list: Vec<_> = rows
            .iter()
            .map(|r| {
                json!({"id": r.id, "inbox": r.inbox, "activity": r.kind, "object": r.object_uri,
                    "status": r.status, "error": r.error})
            })
            .collect();
        return output::json(&list);
    }
    let row = |r: &RefusedDelivery| {
        vec![
            r.id.to_string(),
            r.kind.clone(),
            r.object_uri.clone(),
            r.inbox.clone(),
            r.error.clone().unwrap_or_default(),
        ]
    };
    output::table(
        &["ID", "ACTIVITY", "OBJECT", "INBOX", "ERROR"],
        &rows.iter().map(row).collect::<Vec<_>>(),
        "Nothing was refused.",
    )
}
