//! `pamphlet block`: blocks hosts and actors, or limits them.

mod lists;

use crate::{
    cli::common::{
        Format, HostOrActor, Options, audit,
        output::{self, Listing},
    },
    node::Node,
    store::{Block as Row, BlockKind, BlockRules, NewBlock, Severity},
};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use lists::Import;
use serde_json::json;

/// Block hosts and actors.
#[derive(Debug, Subcommand)]
pub(crate) enum Block {
    /// Block a host with its subdomains, or an actor. Options limit it instead.
    #[command(after_help = "Examples:
  pamphlet block add spam.example
  pamphlet block add @pest@example.org --reason \"insults\"
  pamphlet block add example.net --comments-held")]
    Add(Add),
    /// Remove a block.
    #[command(after_help = "Examples:
  pamphlet block remove spam.example")]
    Remove(HostOrActor),
    /// List the blocks.
    #[command(after_help = "Examples:
  pamphlet block list
  pamphlet block list --json")]
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Block the hosts on a shared list: Mastodon's CSV, or one domain per line.
    #[command(after_help = "Examples:
  pamphlet block import blocklist.csv --dry-run
  pamphlet block import blocklist.csv --yes")]
    Import(Import),
    /// Print the blocked hosts in Mastodon's CSV format.
    #[command(after_help = "Examples:
  pamphlet block export > blocklist.csv")]
    Export {
        /// Include your reasons. Mastodon shows them to everyone.
        #[arg(long)]
        reasons: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    target: HostOrActor,
    /// The reason, for your own records.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Only hold their comments for moderation.
    #[arg(long)]
    comments_held: bool,
    /// Only hide their pictures.
    #[arg(long)]
    no_media: bool,
}

impl Block {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let list = match &self {
            // Read before anything is opened, so that a mistake leaves nothing behind.
            Block::Import(import) => import.read()?,
            _ => String::new(),
        };
        let run = async |node: &Node| match self {
            Block::Add(add) => add.run(node).await,
            Block::Remove(target) => remove(&target, node).await,
            Block::List { format } => print_blocks(node, &format).await,
            Block::Import(import) => import.run(node, &list).await,
            Block::Export { reasons } => lists::export(node, reasons).await,
        };
        options.with_node(run).await
    }
}

impl Add {
    async fn run(self, node: &Node) -> Result<()> {
        if self.target.is_this_node(node) {
            bail!(
                "{} is this node or a parent domain: a block would block your own publication",
                self.target.text()
            );
        }
        let mut tx = node.store.begin().await?;
        let (kind, value) = self.target.resolve(&mut tx).await?;
        let rules = self.rules();
        let known = tx.blocks().await?;
        let is_known = |row: &Row| {
            row.kind == kind
                && row.value == value
                && row.rules.severity == rules.severity
                && row.rules.no_media == rules.no_media
        };
        if known.iter().any(is_known) {
            let text = format!("{value} is already blocked.");
            return print_change(&self.target, kind, &value, Some(rules), &text);
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
        audit::record(&mut tx, action, &value, self.reason.as_deref()).await?;
        tx.commit().await?;
        let text = match rules.severity {
            Severity::Block => format!("Blocked: {value}"),
            _ => format!("Limited: {value} ({})", describe_rules(&rules)),
        };
        print_change(&self.target, kind, &value, Some(rules), &text)
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

async fn remove(target: &HostOrActor, node: &Node) -> Result<()> {
    let mut tx = node.store.begin().await?;
    let (kind, value) = target.resolve(&mut tx).await?;
    if !tx.remove_block(kind, &value).await? {
        bail!("{value} is not blocked: run `pamphlet block list` to list blocks");
    }
    audit::record(&mut tx, "unblock", &value, None).await?;
    tx.commit().await?;
    print_change(target, kind, &value, None, &format!("Unblocked: {value}"))
}

/// Prints the rules that now hold for a host or an actor: none after a removal.
fn print_change(
    target: &HostOrActor,
    kind: BlockKind,
    value: &str,
    rules: Option<BlockRules>,
    text: &str,
) -> Result<()> {
    let document = json!({
        "kind": kind,
        "value": value,
        "severity": rules.map(|rules| rules.severity),
        "no_media": rules.is_some_and(|rules| rules.no_media),
    });
    output::result(&target.format, &document, text)
}

/// Describes the effect of rules.
fn describe_rules(rules: &BlockRules) -> String {
    let words = [
        (rules.severity == Severity::Block, "blocked"),
        (rules.severity == Severity::Hold, "comments held"),
        (rules.no_media, "no media"),
        (rules.no_reports, "no reports"),
    ];
    let words = words.iter().filter(|(is_so, _)| *is_so);
    words.map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
}

async fn print_blocks(node: &Node, format: &Format) -> Result<()> {
    let list = Listing {
        items: &node.store.read().await?.blocks().await?,
        headings: &["SINCE", "KIND", "HOST OR ACTOR", "EFFECT", "REASON"],
        empty: "There are no blocks.",
    };
    let to_json = |block: &Row| {
        json!({
            "kind": block.kind,
            "value": block.value,
            "severity": block.rules.severity,
            "no_media": block.rules.no_media,
            "no_reports": block.rules.no_reports,
            "reason": block.reason,
            "since": output::timestamp(block.created_at),
        })
    };
    list.print(format, to_json, |block| {
        vec![
            output::time(block.created_at),
            block.kind.to_string(),
            block.value.clone(),
            describe_rules(&block.rules),
            block.reason.clone().unwrap_or_default(),
        ]
    })
}
