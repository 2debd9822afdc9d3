//! Followers as a table, in the form of Mastodon's exports with a few columns more.

use super::{ExportError, NewFile, Overwrite};
use crate::{base::time, node::Node};
use std::{
    collections::{HashMap, hash_map::Entry},
    io,
    path::Path,
};

/// The number of followers that are read at once.
const BATCH: i64 = 1000;

/// The columns. Mastodon reads the first.
const COLUMNS: [&str; 6] = [
    "Account address",
    "Actor",
    "Inbox",
    "Shared inbox",
    "Follows",
    "Since",
];

/// Writes the accepted followers of all local actors into a file. Returns their number.
///
/// # Errors
/// If the file can't be written, or the database fails.
pub(crate) async fn export(
    node: &Node,
    path: &Path,
    overwrite: Overwrite,
) -> Result<u64, ExportError> {
    let mut table = csv::Writer::from_writer(NewFile::create(path, overwrite)?);
    let failed = |error: csv::Error| ExportError::writing(path)(io::Error::from(error));
    table.write_record(COLUMNS).map_err(failed)?;
    let mut conn = node.store.read().await?;
    let (mut last, mut count) = (0, 0);
    let mut handles: HashMap<i64, String> = HashMap::new();
    loop {
        let rows = conn.follower_addresses(last, BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = end.id;
        for row in &rows {
            let follows = match handles.entry(row.local_actor_id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(handle_of(node, row.local_actor_id).await?),
            };
            let address = format!("{}@{}", row.username, row.handle_host);
            let since = time::rfc3339(row.created_at);
            let shared_inbox = row.shared_inbox.as_deref().unwrap_or_default();
            table
                .write_record([
                    address.as_str(),
                    &row.uri,
                    &row.inbox,
                    shared_inbox,
                    follows,
                    &since,
                ])
                .map_err(failed)?;
            count += 1;
        }
    }
    let file = table.into_inner();
    let file = file.map_err(|error| failed(io::Error::other(error.to_string()).into()))?;
    file.finish()?;
    Ok(count)
}

/// Returns the handle of a local actor, without the `@` before it.
async fn handle_of(node: &Node, id: i64) -> Result<String, ExportError> {
    let local = node.local_actors.by_id(&node.store, id).await?;
    Ok(node.handle(&local.row).trim_start_matches('@').to_owned())
}
