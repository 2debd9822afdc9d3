//! `pamphlet deliveries pause` and `resume`: hold all deliveries, and send them again.

use crate::{
    cli::common::{
        Format, UsageError, confirm,
        output::{self, counted},
    },
    node::Node,
    store::{self, DeliveryHold, HoldCause},
};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

#[derive(Debug, Args)]
pub(crate) struct Pause {
    #[command(flatten)]
    format: Format,
}

impl Pause {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut tx = node.store.begin().await?;
        tx.hold_deliveries(DeliveryHold::new(store::now(), HoldCause::Admin))
            .await?;
        let hold = tx.delivery_hold().await?;
        tx.commit().await?;
        if self.format.json {
            return output::json(&to_json(hold.as_ref()));
        }
        output::line(
            "All deliveries are held: what is published from now on waits, and so do responses to follow requests. \
             `pamphlet deliveries resume` sends them.",
        )
    }
}

#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// After a restored backup: drop the deliveries that waited in it, since they were probably sent afterwards.
    #[arg(long, conflicts_with = "send_waiting")]
    drop_waiting: bool,
    /// After a restored backup: send the deliveries that waited in it, even if servers get some of them twice.
    #[arg(long)]
    send_waiting: bool,
    #[command(flatten)]
    format: Format,
}

impl Resume {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let Some(hold) = conn.delivery_hold().await? else {
            return self.report(None, 0, 0);
        };
        let before = match hold.cause {
            HoldCause::Restore => conn.waiting_since_before(hold.since).await?,
            HoldCause::Admin => 0,
        };
        drop(conn);
        let drops = before > 0 && self.drops(before)?;
        let mut tx = node.store.begin().await?;
        let dropped = if drops {
            tx.drop_deliveries_before(hold.since).await?
        } else {
            0
        };
        tx.resume_deliveries().await?;
        tx.commit().await?;
        node.store.wake();
        let waiting = node.store.read().await?.delivery_overview().await?.waiting;
        self.report(Some(hold), dropped, waiting)
    }

    /// Decides about the deliveries that waited in the backup.
    fn drops(&self, count: u64) -> Result<bool> {
        if self.drop_waiting || self.send_waiting {
            return Ok(self.drop_waiting);
        }
        let question = format!(
            "{} waited when the backup was made, and may have been sent afterwards.",
            count_of(count)
        );
        if !confirm::can_ask() {
            return Err(UsageError::new(format!(
                "{question} Add --drop-waiting to drop them, or --send-waiting to send them, perhaps for the second time"
            ))
            .into());
        }
        confirm::ask(&format!("{question} Drop them?"), true)
    }

    fn report(&self, hold: Option<DeliveryHold>, dropped: u64, waiting: i64) -> Result<()> {
        if self.format.json {
            return output::json(&json!({
                "was_held": hold.is_some(), "dropped": dropped, "waiting": waiting,
            }));
        }
        if hold.is_none() {
            return output::line("Deliveries are not held: nothing was changed.");
        }
        if dropped > 0 {
            output::line(&format!("Dropped {} of the backup.", count_of(dropped)))?;
        }
        output::line(&format!(
            "Deliveries are sent again; {} waiting.",
            match waiting {
                1 => "1 is".to_owned(),
                waiting => format!("{waiting} are"),
            }
        ))
    }
}

fn count_of(count: u64) -> String {
    match count {
        1 => counted(1, "delivery"),
        count => format!("{count} deliveries"),
    }
}

/// Returns a hold for scripts.
pub(super) fn to_json(hold: Option<&DeliveryHold>) -> Value {
    json!({
        "held_since": hold.map(|hold| output::timestamp(hold.since)),
        "held_because": hold.map(|hold| hold.cause),
    })
}

/// Returns a sentence about a hold.
pub(super) fn sentence(hold: &DeliveryHold) -> String {
    let cause = match hold.cause {
        HoldCause::Admin => "",
        HoldCause::Restore => ", after a backup was restored",
    };
    format!(
        "All deliveries are held since {}{cause}: `pamphlet deliveries resume` sends them.",
        output::time(hold.since)
    )
}
