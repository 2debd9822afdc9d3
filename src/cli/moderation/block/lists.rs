//! `pamphlet block import` and `export`: shared block lists.

use crate::{
    cli::common::{Format, Yes, args::covers_this_node, audit, output},
    content::{
        Host,
        blocklist::{self, Entry, InvalidLine, ListSeverity},
    },
    node::Node,
    store::{Block as Row, BlockKind, BlockRules, NewBlock, Severity},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use std::{collections::HashMap, path::PathBuf};

/// The maximum size of a list, in bytes.
const MAX_LIST: u64 = 16 * 1024 * 1024;

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The list.
    file: PathBuf,
    /// Only print what would be done.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

/// The effect of an import.
#[derive(Default)]
struct Outcome {
    added: usize,
    changed: Vec<NewBlock>,
    unchanged: usize,
    skipped: Vec<InvalidLine>,
}

impl Import {
    /// Reads the file.
    ///
    /// # Errors
    /// If it can't be read or is too large.
    pub(crate) fn read(&self) -> Result<String> {
        let path = self.file.display();
        let metadata =
            std::fs::metadata(&self.file).with_context(|| format!("cannot read {path}"))?;
        if !metadata.is_file() || metadata.len() > MAX_LIST {
            bail!("{path} is not a file of at most 16 MiB");
        }
        let bytes = std::fs::read(&self.file).with_context(|| format!("cannot read {path}"))?;
        // Domains are ASCII; a comment in another encoding is no reason to refuse a list.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    pub(crate) async fn run(&self, node: &Node, text: &str) -> Result<()> {
        let (entries, skipped) = blocklist::parse(text);
        if !self.dry_run {
            let known = node.store.read().await?.blocks().await?;
            self.confirm(&merge(node, &known, entries.clone()))?;
        }
        let mut tx = node.store.begin().await?;
        let mut outcome = merge(node, &tx.blocks().await?, entries);
        outcome.skipped.extend(skipped);
        outcome.skipped.sort_by_key(|bad| bad.line);
        if !self.dry_run {
            tx.set_blocks(&outcome.changed).await?;
            let changed = outcome.changed.len() - outcome.added;
            let why = format!("{} added, {changed} made stricter", outcome.added);
            audit::record(&mut tx, "import blocks", "blocks", Some(&why)).await?;
            tx.commit().await?;
        }
        self.report(&outcome)
    }

    /// Asks whether to block: followers on blocked hosts are lost.
    fn confirm(&self, outcome: &Outcome) -> Result<()> {
        if outcome.changed.is_empty() {
            return Ok(());
        }
        let changed = outcome.changed.len() - outcome.added;
        self.yes.confirm(&format!(
            "Add {} blocks and make {changed} stricter? `--dry-run` shows the effect.",
            outcome.added
        ))
    }

    fn report(&self, outcome: &Outcome) -> Result<()> {
        let changed = outcome.changed.len() - outcome.added;
        if self.format.json {
            let bad = |bad: &InvalidLine| json!({"line": bad.line, "reason": bad.reason});
            return output::json(&json!({
                "dry_run": self.dry_run, "added": outcome.added, "changed": changed, "unchanged": outcome.unchanged,
                "skipped": outcome.skipped.iter().map(bad).collect::<Vec<_>>(),
            }));
        }
        for InvalidLine { line, reason } in &outcome.skipped {
            output::line(&format!("skipped line {line}: {reason}"))?;
        }
        let prefix = if self.dry_run { "Dry run: " } else { "" };
        output::line(&format!(
            "{prefix}{} added, {changed} made stricter, {} unchanged, {} skipped.",
            outcome.added,
            outcome.unchanged,
            outcome.skipped.len()
        ))
    }
}

/// Compares a list with the known blocks. Only new and stricter entries take effect: an import never weakens a block.
fn merge(node: &Node, known: &[Row], entries: Vec<Entry>) -> Outcome {
    let hosts = known.iter().filter(|row| row.kind == BlockKind::Host);
    let known: HashMap<&str, BlockRules> =
        hosts.map(|row| (row.value.as_str(), row.rules)).collect();
    let mut changes: HashMap<String, NewBlock> = HashMap::new();
    let mut outcome = Outcome::default();
    for entry in entries {
        let value = entry.host.to_string();
        if let Some(reason) = reason_to_skip(node, &entry) {
            outcome.skipped.push(InvalidLine {
                line: entry.line,
                reason,
            });
            continue;
        }
        let before = changes
            .get(&value)
            .map(|change| change.rules)
            .or(known.get(value.as_str()).copied());
        let rules = before.unwrap_or(BlockRules::NONE).and(rules_of(&entry));
        if before == Some(rules) {
            outcome.unchanged += 1;
            continue;
        }
        let change = NewBlock {
            kind: BlockKind::Host,
            value: value.clone(),
            reason: entry.comment,
            rules,
        };
        changes.insert(value, change);
    }
    outcome.changed = changes.into_values().collect();
    outcome.changed.sort_by(|a, b| a.value.cmp(&b.value));
    let is_new = |change: &&NewBlock| !known.contains_key(change.value.as_str());
    outcome.added = outcome.changed.iter().filter(is_new).count();
    outcome
}

/// Returns the reason to skip a valid entry.
fn reason_to_skip(node: &Node, entry: &Entry) -> Option<String> {
    if covers_this_node(node, &entry.host) {
        return Some(format!("{} is this node", entry.host));
    }
    let limits =
        !matches!(entry.severity, ListSeverity::Noop) || entry.reject_media || entry.reject_reports;
    (!limits).then(|| format!("{} has no limit", entry.host))
}

fn rules_of(entry: &Entry) -> BlockRules {
    BlockRules {
        severity: match entry.severity {
            ListSeverity::Suspend => Severity::Block,
            ListSeverity::Silence => Severity::Hold,
            ListSeverity::Noop => Severity::None,
        },
        no_media: entry.reject_media,
        no_reports: entry.reject_reports,
        obfuscate: entry.obfuscate,
    }
}

/// Prints the blocked hosts in Mastodon's CSV format.
///
/// # Errors
/// If the database fails.
pub(crate) async fn export(node: &Node, with_reasons: bool) -> Result<()> {
    let blocks = node.store.read().await?.blocks().await?;
    let mut entries: Vec<Entry> = blocks.iter().filter_map(entry_of).collect();
    if !with_reasons {
        entries.iter_mut().for_each(|entry| entry.comment = None);
    }
    output::line(blocklist::write(&entries).trim_end())
}

fn entry_of(row: &Row) -> Option<Entry> {
    if row.kind != BlockKind::Host {
        return None;
    }
    Some(Entry {
        line: 0,
        host: Host::parse(&row.value).ok()?,
        severity: match row.rules.severity {
            Severity::Block => ListSeverity::Suspend,
            Severity::Hold => ListSeverity::Silence,
            Severity::None => ListSeverity::Noop,
        },
        reject_media: row.rules.no_media,
        reject_reports: row.rules.no_reports,
        comment: row.reason.clone(),
        obfuscate: row.rules.obfuscate,
    })
}
