//! Stores blocks, and applies them to comments, reactions, pictures, destinations and deliveries.

use super::{
    blocks::{Block, BlockKind, BlockRules, NewBlock, Severity, with_parents},
    withheld_reactions::columns,
};
use crate::{
    protocol::canonical_id,
    store::database::{Conn, Raw, Result, Tx, execute, fetch_scalars, is_id, now, to_json},
};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashSet;

/// The reason of comments that a block hides. It is stored and compared, so it never changes.
const AUTHOR_BLOCKED: &str = "its author is blocked";

/// A [`NewBlock`] as `set_blocks` passes it to the database.
#[derive(Serialize)]
struct BlockRow<'a> {
    kind: &'static str,
    value: Cow<'a, str>,
    reason: Option<&'a str>,
    severity: &'static str,
    no_media: bool,
    no_reports: bool,
    obfuscate: bool,
}

/// Selects the ids of blocked actors, in canonical and stored spellings.
const BLOCKED_URIS: &str = "SELECT value FROM blocks WHERE kind = 'actor' AND severity = 'block'
    UNION SELECT s.spelling FROM blocks b JOIN spellings s ON s.id = b.value
    WHERE b.kind = 'actor' AND b.severity = 'block'";

/// The columns of a reaction.
const REACTION: &str = columns!();

/// Selects the ids of actors whose pictures are not shown.
const PICTURELESS_URIS: &str = "SELECT value FROM blocks WHERE kind = 'actor' AND no_media";

impl Conn {
    /// Returns the hosts of all actors and destinations.
    async fn known_hosts(&mut self) -> Result<Vec<String>> {
        let mut hosts = self.actor_hosts().await?;
        let destinations: Vec<String> =
            fetch_scalars!(self, "SELECT DISTINCT host FROM destinations")?;
        hosts.extend(destinations);
        hosts.sort_unstable();
        hosts.dedup();
        Ok(hosts)
    }
}

impl Tx {
    /// Stores blocks, in place of those with the same names. Hides the comments and reactions of blocked actors, and
    /// stops deliveries to them.
    pub async fn set_blocks(&mut self, blocks: &[NewBlock]) -> Result<()> {
        let rows: Vec<BlockRow> = blocks.iter().map(row_of).collect();
        let rows = to_json(&rows);
        macro_rules! insert {
            ($source:literal) => {
                concat!(
                    "INSERT INTO blocks (kind, value, reason, severity, no_media, no_reports, obfuscate, created_at)
                     SELECT kind, value, reason, severity, no_media, no_reports, obfuscate, $2 FROM (",
                    $source,
                    ") s WHERE TRUE
                     ON CONFLICT (kind, value) DO UPDATE SET severity = excluded.severity,
                        reason = COALESCE(excluded.reason, blocks.reason), no_media = excluded.no_media,
                        no_reports = excluded.no_reports, obfuscate = excluded.obfuscate"
                )
            };
        }
        execute!(
            self,
            [
                insert!(
                    "SELECT value ->> 'kind' AS kind, value ->> 'value' AS value, value ->> 'reason' AS reason,
                     value ->> 'severity' AS severity, value ->> 'no_media' AS no_media,
                     value ->> 'no_reports' AS no_reports, value ->> 'obfuscate' AS obfuscate FROM json_each($1)"
                ),
                insert!(
                    "SELECT * FROM json_to_recordset($1::json) AS r (kind text, value text, reason text,
                     severity text, no_media boolean, no_reports boolean, obfuscate boolean)"
                )
            ],
            rows,
            now()
        )?;
        self.apply_blocks().await
    }

    /// Removes a block, and shows again what it hid. Returns false if there was none.
    pub async fn remove_block(&mut self, kind: BlockKind, value: &str) -> Result<bool> {
        let removed = execute!(
            self,
            concat!(
                "DELETE FROM blocks WHERE kind = $1 AND ",
                is_id!("value", "$2")
            ),
            kind.as_str(),
            canonical_id(value).as_ref()
        )? > 0;
        self.apply_blocks().await?;
        Ok(removed)
    }

    /// Updates comments, reactions, pictures, destinations and deliveries to the blocks.
    async fn apply_blocks(&mut self) -> Result<()> {
        let blocks = self.blocks().await?;
        let hosts = self.known_hosts().await?;
        let shut_out = concerned(&hosts, &blocks, |rules| rules.severity == Severity::Block);
        let without_media = concerned(&hosts, &blocks, |rules| rules.no_media);
        let actors = format!(
            "SELECT id FROM remote_actors WHERE host IN {{hosts}}
             UNION SELECT id FROM remote_actors WHERE uri IN ({BLOCKED_URIS})"
        );
        for statement in [
            // `COALESCE` keeps SQLite from the index of states: most comments are visible.
            format!(
                "UPDATE comments SET state = 'hidden', reason = '{AUTHOR_BLOCKED}'
                 WHERE COALESCE(state, '') = 'visible' AND actor_id {{in}}{actors}{{end}}"
            ),
            format!(
                "UPDATE comments SET state = 'visible', reason = NULL
                 WHERE state = 'hidden' AND reason = '{AUTHOR_BLOCKED}' AND actor_id NOT IN ({actors})"
            ),
            format!(
                "INSERT INTO withheld_reactions ({REACTION}, reason)
                 SELECT {REACTION}, 'blocked' FROM reactions WHERE actor_id {{in}}{actors}{{end}} ON CONFLICT DO NOTHING"
            ),
            format!("DELETE FROM reactions WHERE actor_id {{in}}{actors}{{end}}"),
            format!(
                "INSERT INTO reactions ({REACTION}) SELECT {REACTION} FROM withheld_reactions
                 WHERE reason = 'blocked' AND actor_id NOT IN ({actors}) ON CONFLICT DO NOTHING"
            ),
            format!("DELETE FROM withheld_reactions WHERE reason = 'blocked' AND actor_id NOT IN ({actors})"),
            "UPDATE destinations SET state = 'blocked', next_attempt_at = NULL
             WHERE state <> 'blocked' AND host IN {hosts}"
                .to_owned(),
            "UPDATE destinations SET state = 'alive' WHERE state = 'blocked' AND host NOT IN {hosts}".to_owned(),
        ] {
            self.run_for_hosts(&statement, &shut_out).await?;
        }
        let actors = format!(
            "SELECT id FROM remote_actors WHERE host IN {{hosts}}
             UNION SELECT id FROM remote_actors WHERE uri IN ({PICTURELESS_URIS})"
        );
        for statement in [
            format!(
                "UPDATE comments SET extras = NULL WHERE extras IS NOT NULL AND actor_id {{in}}{actors}{{end}}"
            ),
            format!(
                "UPDATE reactions SET emoji_url = NULL WHERE emoji_url IS NOT NULL AND actor_id {{in}}{actors}{{end}}"
            ),
            format!(
                "UPDATE withheld_reactions SET emoji_url = NULL
                 WHERE emoji_url IS NOT NULL AND actor_id {{in}}{actors}{{end}}"
            ),
            format!(
                "UPDATE remote_actors SET icon_url = NULL, emoji = NULL
                 WHERE (icon_url IS NOT NULL OR emoji IS NOT NULL) AND id {{in}}{actors}{{end}}"
            ),
        ] {
            self.run_for_hosts(&statement, &without_media).await?;
        }
        self.delete_blocked_deliveries().await
    }

    /// Runs a statement in which `{hosts}` is the JSON list `hosts`. A query between `{in}` and `{end}` selects few of many
    /// rows: PostgreSQL looks for each of an array by the index, and would read the whole table for `IN`.
    async fn run_for_hosts(&mut self, statement: &str, hosts: &str) -> Result<()> {
        let (list, begin, end) = match self.raw() {
            Raw::Sqlite(_) => ("(SELECT value FROM json_each($1))", "IN (", ")"),
            Raw::Postgres(_) => (
                "(SELECT json_array_elements_text($1::json))",
                "= ANY (ARRAY(",
                "))",
            ),
        };
        let statement = statement.replace("{hosts}", list);
        let statement = statement.replace("{in}", begin).replace("{end}", end);
        // The statements are made of constants of this file.
        let statement = sqlx::AssertSqlSafe(statement);
        execute!(self, statement, hosts)?;
        Ok(())
    }

    /// Deletes the deliveries to blocked hosts; those addressed to a blocked actor; and those to all followers, where
    /// all followers at the destination are blocked.
    async fn delete_blocked_deliveries(&mut self) -> Result<()> {
        let actors = format!("SELECT id FROM remote_actors WHERE uri IN ({BLOCKED_URIS})");
        for statement in [
            "DELETE FROM deliveries WHERE destination_id IN (SELECT id FROM destinations WHERE state = 'blocked')"
                .to_owned(),
            format!(
                "DELETE FROM deliveries WHERE state = 'waiting'
                 AND destination_id IN (SELECT f.destination_id FROM followers f WHERE f.actor_id IN ({actors}))
                 AND EXISTS (SELECT 1 FROM activities a WHERE a.id = deliveries.activity_id AND a.public)
                 AND NOT EXISTS (SELECT 1 FROM followers f WHERE f.destination_id = deliveries.destination_id
                     AND f.actor_id NOT IN ({actors}))"
            ),
            format!(
                "DELETE FROM deliveries WHERE state = 'waiting' AND activity_id IN (
                 SELECT a.id FROM activities a JOIN ({BLOCKED_URIS}) b
                     ON a.body LIKE '%\"to\":[\"' || b.value || '\"]%'
                 WHERE NOT a.public AND a.id IN (SELECT activity_id FROM deliveries WHERE state = 'waiting'))"
            ),
        ] {
            let statement = sqlx::AssertSqlSafe(statement);
            execute!(self, statement)?;
        }
        Ok(())
    }
}

fn row_of(block: &NewBlock) -> BlockRow<'_> {
    BlockRow {
        kind: block.kind.as_str(),
        value: match block.kind {
            BlockKind::Actor => canonical_id(&block.value),
            BlockKind::Host => Cow::Borrowed(&block.value),
        },
        reason: block.reason.as_deref(),
        severity: block.rules.severity.as_str(),
        no_media: block.rules.no_media,
        no_reports: block.rules.no_reports,
        obfuscate: block.rules.obfuscate,
    }
}

/// Returns the hosts to which a rule applies, as a JSON list.
fn concerned(hosts: &[String], blocks: &[Block], has_rule: impl Fn(&BlockRules) -> bool) -> String {
    let named = blocks
        .iter()
        .filter(|block| block.kind == BlockKind::Host && has_rule(&block.rules));
    let names: HashSet<&str> = named.map(|block| block.value.as_str()).collect();
    let is_concerned = |host: &&String| {
        names.contains(host.as_str()) || with_parents(host).iter().any(|name| names.contains(name))
    };
    let list: Vec<&String> = hosts.iter().filter(is_concerned).collect();
    to_json(&list)
}
