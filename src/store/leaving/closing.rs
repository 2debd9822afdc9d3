//! The end of a publication: what is sent, to whom, and how far it has come.

use crate::store::{
    actors::RemoteActorRow,
    database::{Conn, Result, Tx, execute, fetch_all, fetch_one, now},
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// The setting of a closed publication. Triggers look for it: see `migrations/`.
const SETTING: &str = "closed";

/// When a publication was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    pub at: i64,
    /// The number of servers to which the end was sent.
    pub servers: u64,
}

/// How many servers have yet to learn of the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct ClosingProgress {
    /// Those with a delivery that waits, and is tried again and again.
    pub waiting: i64,
    /// Those of them that have failed for days and are tried once a day.
    pub dead: i64,
    /// Those that refused a delivery for good.
    pub refused: i64,
}

impl Conn {
    /// Returns when the publication was closed; `None` if it is open.
    pub async fn closing(&mut self) -> Result<Option<Closing>> {
        let stored = self.setting(SETTING).await?;
        Ok(stored.map(|text| {
            serde_json::from_str(&text).unwrap_or(Closing {
                at: now(),
                servers: 0,
            })
        }))
    }

    pub async fn closing_progress(&mut self) -> Result<ClosingProgress> {
        fetch_one!(
            self,
            "SELECT COUNT(DISTINCT CASE WHEN w.state = 'waiting' THEN d.host END) AS waiting,
                COUNT(DISTINCT CASE WHEN w.state = 'waiting' AND d.state = 'dead' THEN d.host END) AS dead,
                COUNT(DISTINCT CASE WHEN w.state = 'refused' THEN d.host END) AS refused
             FROM deliveries w JOIN destinations d ON d.id = w.destination_id"
        )
    }

    /// Returns the next actors of other servers whose inbox was never delivered to.
    pub async fn actors_without_destination(
        &mut self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<RemoteActorRow>> {
        fetch_all!(
            self,
            "SELECT a.* FROM remote_actors a WHERE a.id > $1 AND NOT EXISTS
                (SELECT 1 FROM destinations d WHERE d.inbox = COALESCE(a.shared_inbox, a.inbox))
             ORDER BY a.id LIMIT $2",
            after,
            limit
        )
    }

    /// Returns the numbers of servers that know the publication: those it delivers to, and those of other known actors.
    pub async fn count_knowing_servers(&mut self) -> Result<i64> {
        let (count,): (i64,) = fetch_one!(
            self,
            "SELECT COUNT(*) FROM
                (SELECT host FROM destinations WHERE state IN ('alive', 'dead')
                 UNION SELECT a.host FROM remote_actors a
                    WHERE a.host NOT IN (SELECT host FROM destinations)) AS hosts"
        )?;
        Ok(count)
    }
}

impl Tx {
    /// Removes all that waits to be published or delivered, except the `Delete`s of actors that were deleted before.
    /// Returns false if another node is publishing just now.
    pub async fn drop_pending_activities(&mut self) -> Result<bool> {
        if !self.lock_changes().await? {
            return Ok(false);
        }
        self.lock_deliveries().await?;
        for statement in [
            "DELETE FROM changes",
            "DELETE FROM deliveries WHERE state <> 'waiting' OR activity_id NOT IN
                (SELECT a.id FROM activities a JOIN local_actors l ON l.id = a.local_actor_id
                 WHERE a.kind = 'Delete' AND l.gone_at IS NOT NULL)",
        ] {
            execute!(self, statement)?;
        }
        Ok(true)
    }

    /// Enqueues an activity to every server that is not blocked, also to those that have failed for days. Returns the
    /// number of deliveries.
    pub async fn enqueue_to_all_known(&mut self, activity_id: i64) -> Result<u64> {
        let deliveries = execute!(
            self,
            "INSERT INTO deliveries (destination_id, activity_id, created_at)
             SELECT id, $1, $2 FROM destinations WHERE state IN ('alive', 'dead')
                AND inbox NOT IN (SELECT a.inbox FROM blocks b JOIN remote_actors a ON a.uri = b.value
                    WHERE b.kind = 'actor' AND b.severity = 'block')
             ON CONFLICT DO NOTHING",
            activity_id,
            now()
        )?;
        self.wake_destinations(activity_id, 0).await?;
        Ok(deliveries)
    }

    /// Closes the publication for ever. From now on, no program can write a change.
    pub async fn set_closing(&mut self, closing: &Closing) -> Result<()> {
        let text = serde_json::to_string(closing).unwrap_or_default();
        self.set_setting(SETTING, &text).await?;
        self.notify_nodes().await
    }
}
