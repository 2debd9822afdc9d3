//! `pamphlet sync`: makes a folder of Markdown files the truth about what is published.

mod print;
mod questions;

use crate::{
    cli::common::{Format, Options, Yes, output, progress::Progress, telling::Telling},
    node::Node,
    publishing::sync::{self, Outcome, Plan, Request, Scan},
    store::SyncLock,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

/// How long a sync waits for another one to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it looks.
const INTERVAL: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet sync content --dry-run\n  pamphlet sync content --silent       # the first time, with old articles\n  pamphlet sync content --tell --max-delete 3   # in a Git hook\n  pamphlet sync wiki --source wiki --json"
)]
pub(crate) struct Sync {
    /// A folder of Markdown files with front matter, such as a Git checkout.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only show what would be done.
    #[arg(long, short = 'n')]
    dry_run: bool,
    /// The name of the folder, if several folders are synced.
    #[arg(long, value_name = "NAME", default_value = "main", value_parser = source_name)]
    source: String,
    #[command(flatten)]
    telling: Telling,
    /// Send no updates of changed articles.
    #[arg(long)]
    quiet: bool,
    /// Replace and delete also what was changed here since the last sync.
    #[arg(long)]
    force: bool,
    /// Leave broken files out, and sync the others.
    #[arg(long)]
    keep_going: bool,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    /// Read all pictures, even if their sizes and times did not change.
    #[arg(long)]
    checksum: bool,
    /// Delete and unpublish up to this number of articles without asking.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    max_delete: usize,
    /// Tell followers about up to this number of articles without asking.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    max_tell: usize,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

fn source_name(text: &str) -> Result<String, String> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    match text.chars().all(is_name) && (1..=64).contains(&text.chars().count()) {
        true => Ok(text.to_owned()),
        false => Err("write a name of letters, digits, `-`, `_` and `.`".to_owned()),
    }
}

impl Sync {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        // The folder is read before anything is opened, so that a mistake leaves nothing behind.
        let scan = sync::scan(&self.folder)?;
        let root = std::fs::canonicalize(&self.folder)
            .with_context(|| format!("cannot read {}", self.folder.display()))?;
        let scan = match root == self.folder {
            true => scan,
            false => sync::scan(&root)?,
        };
        options
            .with_node(async |node| self.sync(node, root, scan).await)
            .await
    }

    async fn sync(&self, node: &Node, root: PathBuf, scan: Scan) -> Result<()> {
        let _lock = lock(node).await?;
        let request = Request {
            root,
            source: self.source.clone(),
            force: self.force,
            keep_going: self.keep_going,
            is_lenient: self.lenient,
            is_thorough: self.checksum,
            is_silent: self.telling.is_silent(),
            is_quiet: self.quiet,
        };
        let mut plan = {
            let progress = Progress::new(scan.files.len() as u64, "Reading");
            let on_file = || progress.advance();
            sync::make(node, &request, scan, on_file).await
        }
        .map_err(broken)?;
        if !self.format.json {
            print::plan(&plan, self.dry_run)?;
        }
        let mut outcome = Outcome::default();
        if !self.dry_run {
            questions::ask(self, &mut plan)?;
            outcome = self.apply(node, &request, &mut plan).await?;
        }
        for warning in &outcome.warnings {
            output::warn(warning);
        }
        for failure in plan.broken.iter().chain(&outcome.failed) {
            output::warn(failure);
        }
        match self.format.json {
            true => print::json(&request, &plan, &outcome, self.dry_run)?,
            false => print::outcome(&plan, &outcome, self.dry_run)?,
        }
        fail_if_incomplete(&plan, &outcome)
    }

    async fn apply(&self, node: &Node, request: &Request, plan: &mut Plan) -> Result<Outcome> {
        let total = plan.actions.len() as u64;
        let progress = Progress::new(total, "Storing");
        let applied = sync::apply(node, request, plan, || progress.advance()).await;
        drop(progress);
        applied.context("the sync was interrupted: run it again to continue")
    }
}

/// Waits until no other process syncs.
async fn lock(node: &Node) -> Result<SyncLock> {
    let since = Instant::now();
    let mut spinner = None;
    loop {
        if let Some(lock) = node.store.acquire_sync_lock().await? {
            return Ok(lock);
        }
        if since.elapsed() > PATIENCE {
            bail!("another `pamphlet sync` works on this publication: wait until it ends");
        }
        spinner.get_or_insert_with(|| Progress::spinner("Waiting for another sync"));
        tokio::time::sleep(INTERVAL).await;
    }
}

/// Makes one message of several mistakes.
fn broken(error: sync::SyncError) -> anyhow::Error {
    /// The number of mistakes that are shown.
    const SHOWN: usize = 20;
    match error {
        sync::SyncError::Broken(mistakes) if mistakes.len() > 1 => {
            let shown = mistakes.iter().take(SHOWN);
            let mut lines: Vec<String> = shown.map(|mistake| format!("  {mistake}")).collect();
            if mistakes.len() > SHOWN {
                lines.push(format!("  and {} more", mistakes.len() - SHOWN));
            }
            anyhow::anyhow!(
                "{} mistakes, so nothing was changed:\n{}",
                mistakes.len(),
                lines.join("\n")
            )
        }
        sync::SyncError::Broken(mistakes) => {
            anyhow::anyhow!("{}; nothing was changed", mistakes.join("\n"))
        }
        other => other.into(),
    }
}

/// Fails if something was left as it is, so that scripts notice.
fn fail_if_incomplete(plan: &Plan, outcome: &Outcome) -> Result<()> {
    let conflicts = plan.count(sync::ActionKind::Conflict);
    let left = [
        (conflicts, "conflict"),
        (plan.broken.len(), "broken file"),
        (outcome.failed.len(), "failure"),
    ];
    let left: Vec<String> = left
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| output::counted(count, noun))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    let advice = match plan.broken.is_empty() {
        true => "see above",
        false => "see above; nothing is deleted while files are broken",
    };
    bail!("not everything is in sync: {} ({advice})", left.join(", "))
}
