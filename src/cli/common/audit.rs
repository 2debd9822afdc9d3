//! The log of decisions, as commands write and print it.

use super::output;
use crate::{
    content::clean_line,
    store::{Decision, LogEntry, Tx},
};
use anyhow::Result;
use serde_json::{Value, json};

/// Returns the admin's user name on this system, for the log.
pub(crate) fn operator() -> String {
    ["SUDO_USER", "USER", "LOGNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "admin".to_owned())
}

/// Records a decision of the admin, in the transaction that carries it out.
///
/// # Errors
/// If the database fails.
pub(crate) async fn record(
    tx: &mut Tx,
    action: &str,
    about: &str,
    why: Option<&str>,
) -> Result<()> {
    let decision = Decision {
        who: &operator(),
        action,
        about,
        why,
        ..Decision::default()
    };
    Ok(tx.log(&decision).await?)
}

/// Returns a log entry as JSON for scripts.
pub(crate) fn entry_json(entry: &LogEntry) -> Value {
    json!({
        "id": entry.id,
        "at": output::timestamp(entry.at),
        "who": entry.who,
        "action": entry.action,
        "about": entry.about,
        "why": entry.why.as_deref().map(|why| clean_line(why, 1000)),
        "before": entry.before,
    })
}
