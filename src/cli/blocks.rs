//! `pamphlet block`: hosts and actors that the publication wants nothing, or less, to do with.

use super::{
    Options, log,
    output::{self, Format},
};
use crate::{
    content::{
        Handle, Host,
        blocklist::{self, BadLine, Entry, Limit},
    },
    node::Node,
    protocol::{canonical_id, is_address},
    store::{Block as Row, BlockKind, BlockRules, Conn, NewBlock, Severity},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// The longest list that is read, in bytes.
const MAX_LIST: u64 = 16 * 1024 * 1024;

/// Shut out hosts and actors.
#[derive(Debug, Subcommand)]
pub enum Block {
    /// Block a host with its subdomains, or one actor; with options, only in part.
    Add(Add),
    /// Take a block back.
    Remove(Target),
    /// List the blocks.
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Block the hosts of a shared list: Mastodon's CSV, or a domain a line.
    Import(Import),
    /// Print the blocked hosts as Mastodon's CSV.
    Export {
        /// Print your reasons too, which Mastodon shows to everyone.
        #[arg(long)]
        reasons: bool,
    },
}

#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    target: Target,
    /// Why, for your own memory.
    #[arg(long)]
    reason: Option<String>,
    /// Let their comments wait for your approval, and block nothing else.
    #[arg(long)]
    comments_held: bool,
    /// Show none of their pictures, and block nothing else.
    #[arg(long)]
    no_media: bool,
}

#[derive(Debug, Args)]
pub struct Target {
    /// A host (example.org), a handle (@user@example.org) or an actor's address (https://...).
    #[arg(value_name = "HOST|HANDLE|URL")]
    target: String,
}

#[derive(Debug, Args)]
pub struct Import {
    file: PathBuf,
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

impl Block {
    pub async fn run(self, options: &Options) -> Result<()> {
        let list = match &self {
            // Read before anything is opened, so that a mistake leaves nothing behind.
            Block::Import(import) => Some(read_list(&import.file)?),
            _ => None,
        };
        let node = options.node().await?;
        let done = match self {
            Block::Add(add) => add.run(&node).await,
            Block::Remove(target) => {
                let mut tx = node.store.begin().await?;
                let (kind, value) = target.resolve(&mut tx).await?;
                if !tx.remove_block(kind, &value).await? {
                    bail!("{value} is not blocked: `pamphlet block list` shows what is");
                }
                log::decision(&mut tx, "unblock", &value, None).await?;
                tx.commit().await?;
                output::line(&format!("No longer blocked: {value}"))
            }
            Block::List { format } => list_blocks(&mut node.store.read().await?, &format).await,
            Block::Import(import) => import.run(&node, &list.unwrap_or_default()).await,
            Block::Export { reasons } => export(&mut node.store.read().await?, reasons).await,
        };
        node.store.close().await;
        done
    }
}

impl Add {
    async fn run(self, node: &Node) -> Result<()> {
        if self.target.is_ourselves(node) {
            bail!(
                "{} is this node itself, or a domain above it: a block would shut out your own publication",
                self.target.target.trim()
            );
        }
        let mut tx = node.store.begin().await?;
        let (kind, value) = self.target.resolve(&mut tx).await?;
        let rules = self.rules();
        let known = tx.blocks().await?;
        let is_known = |row: &Row| {
            row.kind == kind.as_str()
                && row.value == value
                && row.rules.severity == rules.severity
                && row.rules.no_media == rules.no_media
        };
        if known.iter().any(is_known) {
            return output::line(&format!("{value} was blocked already."));
        }
        let block = NewBlock {
            kind,
            value: value.clone(),
            reason: self.reason.clone(),
            rules,
        };
        tx.set_blocks(&[block]).await?;
        let action = match rules.severity {
            Severity::Block => "block",
            _ => "limit",
        };
        log::decision(&mut tx, action, &value, self.reason.as_deref()).await?;
        tx.commit().await?;
        output::line(&match rules.severity {
            Severity::Block => format!("Blocked: {value}"),
            _ => format!("Limited: {value} ({})", describe(&rules)),
        })
    }

    fn rules(&self) -> BlockRules {
        BlockRules {
            severity: match (self.comments_held, self.no_media) {
                (true, _) => Severity::Hold,
                (false, true) => Severity::None,
                (false, false) => Severity::Block,
            },
            no_media: self.no_media,
            ..BlockRules::NONE
        }
    }
}

/// What rules do, in a few words.
fn describe(rules: &BlockRules) -> String {
    let words = [
        (rules.severity == Severity::Block, "blocked"),
        (rules.severity == Severity::Hold, "comments held"),
        (rules.no_media, "no media"),
        (rules.no_reports, "no reports"),
    ];
    let words = words.iter().filter(|(is_so, _)| *is_so);
    words.map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

impl Target {
    /// Returns whether the entry names this node: its host, the domain of its handles, or one of its actors.
    fn is_ourselves(&self, node: &Node) -> bool {
        let text = self.target.trim();
        if let Ok(url) = url::Url::parse(text)
            && url.has_host()
        {
            let own = Host::parse(&node.config.authority());
            return own.is_ok() && own == Host::of_url(&url);
        }
        match text.parse::<Handle>() {
            Ok(handle) => our_hosts(node).any(|ours| ours == *handle.host()),
            Err(_) => Host::parse(text).is_ok_and(|host| covers_us(node, &host)),
        }
    }

    /// What is named, as it is stored.
    pub(super) async fn resolve(&self, conn: &mut Conn) -> Result<(BlockKind, String)> {
        let text = self.target.trim();
        if is_address(text) {
            return Ok((BlockKind::Actor, canonical_id(text).into_owned()));
        }
        if text.contains('@') {
            let handle: Handle = text.parse()?;
            return match conn
                .actor_by_handle(handle.user(), &handle.host().to_string())
                .await?
            {
                Some(uri) => Ok((BlockKind::Actor, uri)),
                None => bail!(
                    "{handle} never came here: name the actor by its address (https://...), or the host"
                ),
            };
        }
        Ok((BlockKind::Host, Host::parse(text)?.to_string()))
    }
}

async fn list_blocks(conn: &mut Conn, format: &Format) -> Result<()> {
    let blocks = conn.blocks().await?;
    if format.json {
        let list: Vec<_> = blocks
            .iter()
            .map(|b| {
                json!({
                    "kind": b.kind, "value": b.value, "severity": b.rules.severity, "no_media": b.rules.no_media,
                    "no_reports": b.rules.no_reports, "reason": b.reason, "since": output::timestamp(b.created_at),
                })
            })
            .collect();
        return output::json(&list);
    }
    let row = |b: &Row| {
        vec![
            output::time(b.created_at),
            b.kind.clone(),
            b.value.clone(),
            describe(&b.rules),
            b.reason.clone().unwrap_or_default(),
        ]
    };
    output::table(
        &["SINCE", "KIND", "WHO", "WHAT", "REASON"],
        &blocks.iter().map(row).collect::<Vec<_>>(),
        "Nobody is blocked.",
    )
}

fn read_list(path: &Path) -> Result<String> {
    let shown = path.display();
    let about = std::fs::metadata(path).with_context(|| format!("{shown} can't be read"))?;
    if !about.is_file() || about.len() > MAX_LIST {
        bail!("{shown} is not a file of at most 16 MiB: name a CSV file");
    }
    let bytes = std::fs::read(path).with_context(|| format!("{shown} can't be read"))?;
    // Domains are ASCII; a comment in another encoding is no reason to refuse a list.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What an import does, or would do.
#[derive(Default)]
struct Outcome {
    added: usize,
    changed: Vec<NewBlock>,
    unchanged: usize,
    skipped: Vec<BadLine>,
}

impl Import {
    async fn run(&self, node: &Node, text: &str) -> Result<()> {
        let (entries, skipped) = blocklist::parse(text);
        let mut tx = node.store.begin().await?;
        let mut outcome = merge(node, &tx.blocks().await?, entries);
        outcome.skipped.extend(skipped);
        outcome.skipped.sort_by_key(|bad| bad.line);
        if !self.dry_run {
            tx.set_blocks(&outcome.changed).await?;
            let changed = outcome.changed.len() - outcome.added;
            let why = format!("{} added, {changed} made stricter", outcome.added);
            log::decision(&mut tx, "import blocks", "blocks", Some(&why)).await?;
            tx.commit().await?;
        }
        self.report(&outcome)
    }

    fn report(&self, outcome: &Outcome) -> Result<()> {
        let changed = outcome.changed.len() - outcome.added;
        if self.format.json {
            let bad = |bad: &BadLine| json!({"line": bad.line, "reason": bad.reason});
            return output::json(&json!({
                "dry_run": self.dry_run, "added": outcome.added, "changed": changed, "unchanged": outcome.unchanged,
                "skipped": outcome.skipped.iter().map(bad).collect::<Vec<_>>(),
            }));
        }
        for BadLine { line, reason } in &outcome.skipped {
            output::line(&format!("line {line} skipped: {reason}"))?;
        }
        let would = if self.dry_run { "Would be: " } else { "" };
        output::line(&format!(
            "{would}{} added, {changed} made stricter, {} there already, {} skipped.",
            outcome.added,
            outcome.unchanged,
            outcome.skipped.len()
        ))
    }
}

/// Of a list, what is new or stricter than what is there: no import weakens a block.
fn merge(node: &Node, known: &[Row], entries: Vec<Entry>) -> Outcome {
    let hosts = known.iter().filter(|row| row.kind == "host");
    let known: HashMap<&str, BlockRules> =
        hosts.map(|row| (row.value.as_str(), row.rules)).collect();
    let mut changes: HashMap<String, NewBlock> = HashMap::new();
    let mut outcome = Outcome::default();
    for entry in entries {
        let value = entry.host.to_string();
        if let Some(reason) = why_not(node, &entry) {
            outcome.skipped.push(BadLine {
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

/// Why a line is not followed, though it can be read.
fn why_not(node: &Node, entry: &Entry) -> Option<String> {
    if covers_us(node, &entry.host) {
        return Some(format!("{} is this node itself", entry.host));
    }
    let limits = !matches!(entry.limit, Limit::Noop) || entry.reject_media || entry.reject_reports;
    (!limits).then(|| format!("{} has no limit", entry.host))
}

/// Returns whether a block of this host would block this node: it is our host, our handle domain, or a parent of
/// either.
fn covers_us(node: &Node, host: &Host) -> bool {
    our_hosts(node).any(|ours| ours.is_same_or_subdomain_of(host))
}

fn our_hosts(node: &Node) -> impl Iterator<Item = Host> {
    [node.config.authority(), node.config.domain.clone()]
        .into_iter()
        .filter_map(|ours| Host::parse(&ours).ok())
}

fn rules_of(entry: &Entry) -> BlockRules {
    BlockRules {
        severity: match entry.limit {
            Limit::Suspend => Severity::Block,
            Limit::Silence => Severity::Hold,
            Limit::Noop => Severity::None,
        },
        no_media: entry.reject_media,
        no_reports: entry.reject_reports,
        obfuscate: entry.obfuscate,
    }
}

async fn export(conn: &mut Conn, with_reasons: bool) -> Result<()> {
    let blocks = conn.blocks().await?;
    let mut entries: Vec<Entry> = blocks.iter().filter_map(entry_of).collect();
    if !with_reasons {
        entries.iter_mut().for_each(|entry| entry.comment = None);
    }
    output::line(blocklist::write(&entries).trim_end())
}

fn entry_of(row: &Row) -> Option<Entry> {
    if row.kind != BlockKind::Host.as_str() {
        return None;
    }
    Some(Entry {
        line: 0,
        host: Host::parse(&row.value).ok()?,
        limit: match row.rules.severity {
            Severity::Block => Limit::Suspend,
            Severity::Hold => Limit::Silence,
            Severity::None => Limit::Noop,
        },
        reject_media: row.rules.no_media,
        reject_reports: row.rules.no_reports,
        comment: row.reason.clone(),
        obfuscate: row.rules.obfuscate,
    })
}
