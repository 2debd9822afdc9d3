//! Reports the servers that refuse deliveries, and their reasons.

use super::output;
use crate::store::{self, Conn, Refusals, StoreError};
use serde_json::{Value, json};

/// The age up to which refusals count, in milliseconds.
const RECENT: i64 = 24 * 60 * 60 * 1000;
/// The maximum number of hosts with reasons to read.
const ROWS: i64 = 10_000;
/// The maximum number of reasons shown for a host.
const REASONS: usize = 3;

/// The refusals of the last day.
pub(crate) struct RecentRefusals {
    activities: i64,
    pub(crate) deliveries: i64,
    /// Hosts, sorted by the number of refusals in descending order.
    pub(crate) hosts: Vec<RefusingHost>,
}

/// A host that refused something.
pub(crate) struct RefusingHost {
    pub(crate) host: String,
    pub(crate) deliveries: i64,
    first_at: i64,
    last_at: i64,
    last_success_at: Option<i64>,
    /// HTTP status, reason and count.
    reasons: Vec<(Option<i64>, String, i64)>,
}

impl RecentRefusals {
    /// Reads the refusals, of one host if it is given.
    pub(crate) async fn read(conn: &mut Conn, host: Option<&str>) -> Result<Self, StoreError> {
        let since = store::now() - RECENT;
        let rows = conn.refusals_since(since, host, ROWS).await?;
        let mut hosts: Vec<RefusingHost> = Vec::new();
        for row in rows {
            match hosts.iter_mut().find(|known| known.host == row.host) {
                Some(known) => known.add(row),
                None => hosts.push(RefusingHost::of(row)),
            }
        }
        hosts.sort_by_key(|host| std::cmp::Reverse(host.deliveries));
        Ok(RecentRefusals {
            activities: conn.activities_refused_since(since, host).await?,
            deliveries: hosts.iter().map(|host| host.deliveries).sum(),
            hosts,
        })
    }

    /// Returns a summary in one sentence; `None` if nothing was refused.
    pub(crate) fn summary(&self) -> Option<String> {
        let count = |number: i64, one: &str, many: &str| match number {
            1 => format!("1 {one}"),
            more => format!("{more} {many}"),
        };
        let accepting_nothing = self
            .hosts
            .iter()
            .filter(|host| host.accepts_nothing())
            .count();
        (self.deliveries > 0).then(|| {
            format!(
                "In the last 24 hours, {} refused by {} ({} in total); {} nothing at all.",
                count(self.activities, "activity was", "activities were"),
                count(self.hosts.len() as i64, "server", "servers"),
                count(self.deliveries, "delivery", "deliveries"),
                count(
                    accepting_nothing as i64,
                    "of these accepts",
                    "of these accept"
                ),
            )
        })
    }

    /// Prints a table of at most `limit` hosts.
    pub(crate) fn print(&self, limit: i64) -> anyhow::Result<()> {
        let hosts = self.hosts.iter().take(limit.max(0) as usize);
        output::table(
            &["REFUSED BY", "TIMES", "LAST", "LAST ACCEPTED", "REASON"],
            &hosts.map(RefusingHost::to_row).collect::<Vec<_>>(),
            "No delivery was refused in the last 24 hours.",
        )
    }

    pub(crate) fn to_json(&self, limit: i64) -> Value {
        let hosts = self.hosts.iter().take(limit.max(0) as usize);
        json!({
            "activities": self.activities,
            "deliveries": self.deliveries,
            "hosts": hosts.map(RefusingHost::to_json).collect::<Vec<_>>(),
        })
    }
}

impl RefusingHost {
    fn of(row: Refusals) -> Self {
        let mut host = RefusingHost {
            host: row.host.clone(),
            deliveries: 0,
            first_at: row.first_at,
            last_at: row.last_at,
            last_success_at: row.last_success_at,
            reasons: Vec::new(),
        };
        host.add(row);
        host
    }

    fn add(&mut self, row: Refusals) {
        self.deliveries += row.deliveries;
        self.first_at = self.first_at.min(row.first_at);
        self.last_at = self.last_at.max(row.last_at);
        let reason = row.error.unwrap_or_default();
        self.reasons.push((row.status, reason, row.deliveries));
    }

    /// Returns whether the host has accepted nothing since its first refusal of the last day. A host that only
    /// refuses activities that are too large accepts the rest.
    pub(crate) fn accepts_nothing(&self) -> bool {
        let is_about_size = |status| status == Some(413);
        let mut reasons = self.reasons.iter();
        reasons.any(|(status, ..)| !is_about_size(*status))
            && self.last_success_at.is_none_or(|at| at < self.first_at)
    }

    /// Returns the reasons in one line.
    pub(crate) fn why(&self) -> String {
        let shown = self.reasons.iter().take(REASONS);
        let shown = shown.map(|(_, reason, times)| match times {
            1 => output::one_line(reason, 80),
            _ => format!("{} ({times} times)", output::one_line(reason, 80)),
        });
        let mut why: Vec<String> = shown.collect();
        if self.reasons.len() > REASONS {
            why.push("...".to_owned());
        }
        why.join(", ")
    }

    fn to_row(&self) -> Vec<String> {
        vec![
            self.host.clone(),
            self.deliveries.to_string(),
            output::time(self.last_at),
            match (self.accepts_nothing(), self.last_success_at) {
                (false, Some(at)) => output::time(at),
                (true, Some(at)) => format!("nothing since {}", output::time(at)),
                (_, None) => "never".to_owned(),
            },
            self.why(),
        ]
    }

    pub(crate) fn to_json(&self) -> Value {
        let reason = |(status, reason, times): &(Option<i64>, String, i64)| json!({"status": status, "error": reason, "deliveries": times});
        json!({
            "host": self.host,
            "deliveries": self.deliveries,
            "last": output::timestamp(self.last_at),
            "last_success": self.last_success_at.map(output::timestamp),
            "takes_nothing": self.accepts_nothing(),
            "reasons": self.reasons.iter().map(reason).collect::<Vec<_>>(),
        })
    }
}
