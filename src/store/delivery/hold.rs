//! The hold on all deliveries: they are enqueued as usual, and no worker claims them.

use crate::store::{
    database::{Conn, Result, Tx, execute, fetch_scalar, fetch_scalars},
    statistics::EndedDeliveries,
};
use serde::{Deserialize, Serialize};

/// The hold on all deliveries. It is a named value of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryHold {
    pub since: i64,
    pub cause: HoldCause,
}

/// The reason for a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoldCause {
    /// The admin asked for it.
    Admin,
    /// The database was restored from a backup. Deliveries that waited in the backup may have been sent since.
    Restore,
}

impl DeliveryHold {
    /// The name of the setting. The statements of leases and of the queue have it too.
    pub(in crate::store) const SETTING: &str = "deliveries_held";

    pub fn new(since: i64, cause: HoldCause) -> DeliveryHold {
        DeliveryHold { since, cause }
    }

    pub(in crate::store) fn to_setting(self) -> String {
        format!(
            "{{\"since\":{},\"cause\":\"{}\"}}",
            self.since,
            match self.cause {
                HoldCause::Admin => "admin",
                HoldCause::Restore => "restore",
            }
        )
    }

    fn of_setting(value: &str) -> DeliveryHold {
        // A value that another program wrote holds the deliveries too.
        serde_json::from_str(value).unwrap_or(DeliveryHold::new(0, HoldCause::Admin))
    }
}

impl Conn {
    /// Returns the hold on all deliveries, if there is one.
    pub async fn delivery_hold(&mut self) -> Result<Option<DeliveryHold>> {
        let value = self.setting(DeliveryHold::SETTING).await?;
        Ok(value.as_deref().map(DeliveryHold::of_setting))
    }

    /// Returns the number of waiting deliveries that were enqueued before a time.
    pub async fn waiting_since_before(&mut self, time: i64) -> Result<u64> {
        let count: i64 = fetch_scalar!(
            self,
            "SELECT COUNT(*) FROM deliveries WHERE state = 'waiting' AND created_at < $1",
            time
        )?;
        Ok(count.unsigned_abs())
    }
}

impl Tx {
    /// Holds all deliveries. An existing hold stays as it is.
    pub async fn hold_deliveries(&mut self, hold: DeliveryHold) -> Result<()> {
        execute!(
            self,
            "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            DeliveryHold::SETTING,
            hold.to_setting()
        )?;
        Ok(())
    }

    /// Ends the hold, and makes all deliveries due that waited meanwhile.
    pub async fn resume_deliveries(&mut self) -> Result<()> {
        self.delete_setting(DeliveryHold::SETTING).await?;
        self.notify_nodes().await
    }

    /// Drops the waiting deliveries that were enqueued before a time. Returns their number.
    pub async fn drop_deliveries_before(&mut self, time: i64) -> Result<u64> {
        let activities: Vec<i64> = fetch_scalars!(
            self,
            "DELETE FROM deliveries WHERE state = 'waiting' AND created_at < $1 RETURNING activity_id",
            time
        )?;
        let mut ended = EndedDeliveries::default();
        ended.given_up(&activities);
        self.count_ended(ended).await?;
        Ok(activities.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hold_is_read_as_it_was_stored() {
        for cause in [HoldCause::Admin, HoldCause::Restore] {
            let hold = DeliveryHold::new(12, cause);
            assert_eq!(DeliveryHold::of_setting(&hold.to_setting()), hold);
        }
        assert_eq!(
            DeliveryHold::of_setting(""),
            DeliveryHold::new(0, HoldCause::Admin)
        );
    }
}
