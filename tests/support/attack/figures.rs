//! What an attack cost, beside what it may cost.

use super::{super::sql, honest::Outcome};
use sqlx::{Connection, Executor, SqliteConnection};
use std::{collections::BTreeMap, fmt, time::Duration};

/// The measurements of an attack.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub time: Duration,
    pub honest_requests: usize,
    pub answered_rightly: usize,
    /// Those of them that were answered with 503 at first.
    pub postponed: usize,
    /// The time within which 99 of 100 honest requests were answered.
    pub within: Duration,
    /// Largest resident memory of the node, in bytes; 0 where the system does not say it.
    pub peak_memory: u64,
    /// In bytes.
    pub database_growth: i64,
    pub third_party_requests: u64,
    /// Honest replies and follows that were accepted.
    pub replies: usize,
    pub follows: usize,
    /// Those of them that the node lost.
    pub lost_replies: Vec<String>,
    pub unanswered_follows: Vec<String>,
    /// Honest requests that were not answered rightly: kind and answer, with their number.
    pub wrong: BTreeMap<String, usize>,
    /// The slowest answer for each kind of honest request.
    pub slowest: BTreeMap<&'static str, Duration>,
    /// Answers to the attackers by attack and status.
    pub hostile: BTreeMap<(&'static str, u16), u64>,
}

const MEGABYTE: f64 = 1024.0 * 1024.0;

impl Figures {
    pub(super) fn new(outcomes: &[Outcome], time: Duration) -> Figures {
        let mut figures = Figures {
            time,
            honest_requests: outcomes.len(),
            ..Figures::default()
        };
        let mut times = Vec::new();
        for outcome in outcomes {
            times.push(outcome.took);
            let slowest = figures.slowest.entry(outcome.what).or_default();
            *slowest = outcome.took.max(*slowest);
            figures.postponed += usize::from(outcome.postponed > 0);
            if outcome.is_right {
                figures.answered_rightly += 1;
            } else {
                let wrong = format!("{}: {}", outcome.what, outcome.answer);
                *figures.wrong.entry(wrong).or_default() += 1;
            }
        }
        times.sort_unstable();
        figures.within = times
            .get(times.len() * 99 / 100)
            .copied()
            .unwrap_or_default();
        figures
    }

    pub(crate) fn peak_megabytes(&self) -> f64 {
        self.peak_memory as f64 / MEGABYTE
    }

    pub(crate) fn growth_megabytes(&self) -> f64 {
        self.database_growth as f64 / MEGABYTE
    }

    fn hostile_requests(&self) -> u64 {
        self.hostile.values().sum()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = 100.0 * self.answered_rightly as f64 / self.honest_requests.max(1) as f64;
        let within = self.within.as_secs_f64() * 1000.0;
        let rows = [
            (
                "honest requests answered rightly",
                format!("{percent:.2} %"),
                "100 %",
                self.wrong.is_empty(),
            ),
            (
                "of them only when sent again",
                self.postponed.to_string(),
                "0",
                self.postponed == 0,
            ),
            (
                "99 % of them within",
                format!("{within:.0} ms"),
                "250 ms",
                within <= 250.0,
            ),
            (
                "peak memory of the node",
                format!("{:.0} MB", self.peak_megabytes()),
                "300 MB",
                self.peak_megabytes() < 300.0,
            ),
            (
                "growth of the database",
                format!("{:.1} MB", self.growth_megabytes()),
                "20 MB",
                self.growth_megabytes() < 20.0,
            ),
            (
                "requests to a third party",
                self.third_party_requests.to_string(),
                "100",
                self.third_party_requests < 100,
            ),
            (
                "honest replies lost",
                format!("{} of {}", self.lost_replies.len(), self.replies),
                "0",
                self.lost_replies.is_empty(),
            ),
            (
                "honest follows unanswered",
                format!("{} of {}", self.unanswered_follows.len(), self.follows),
                "0",
                self.unanswered_follows.is_empty(),
            ),
        ];
        let (seconds, hostile) = (self.time.as_secs(), self.hostile_requests());
        writeln!(
            f,
            "{} honest and {hostile} hostile requests in {seconds} s",
            self.honest_requests
        )?;
        for (what, figure, most, is_met) in rows {
            let met = if is_met { "met" } else { "MISSED" };
            writeln!(f, "  {what:<34} {figure:>12}   at most {most:<7} {met}")?;
        }
        writeln!(f, "slowest honest answers: {:?}", self.slowest)?;
        for (wrong, times) in &self.wrong {
            writeln!(f, "  {times} x {wrong}")?;
        }
        writeln!(
            f,
            "hostile requests by status (0: no answer, or a connection)"
        )?;
        for ((attack, status), times) in &self.hostile {
            writeln!(f, "  {attack:<40} {status:>3} {times:>6}")?;
        }
        Ok(())
    }
}

/// The largest resident memory that a process had, in bytes; 0 where the system does not say it.
pub(super) fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// The size of a database in bytes: of SQLite the file and the log, after a checkpoint.
pub(super) async fn database_size(url: &str) -> i64 {
    let Some(path) = url.strip_prefix("sqlite://") else {
        let query = "SELECT pg_database_size(current_database())";
        return sql::number(url, query).await.unwrap();
    };
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    // If the node is reading, the log stays and counts.
    let _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    connection.close().await.unwrap();
    let size = |path: String| std::fs::metadata(path).map_or(0, |it| it.len());
    i64::try_from(size(path.to_owned()) + size(format!("{path}-wal"))).unwrap()
}
