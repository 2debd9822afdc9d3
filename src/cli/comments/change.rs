//! `pamphlet comments approve|hide|spam|delete`: one decision about one comment or about many.

use super::{author_of, find, which::Which};
use crate::{
    cli::output::{self, Format},
    moderation::{
        By, Verdict,
        bulk::{self, BATCH},
    },
    node::Node,
    store::Comment,
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};

#[derive(Debug, Args)]
pub struct Change {
    /// As `comments list` shows them; or say which by the options.
    #[arg(
        value_name = "ID",
        required_unless_present = "Which",
        conflicts_with = "Which"
    )]
    ids: Vec<i64>,
    #[command(flatten)]
    which: Which,
    /// Only say which would change.
    #[arg(long)]
    dry_run: bool,
    /// Why, for the log.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    format: Format,
}

impl Change {
    pub async fn run(self, node: &Node, verdict: Verdict) -> Result<()> {
        let mut report = Report {
            verdict,
            dry_run: self.dry_run,
            json: self.format.json,
            count: 0,
            list: Vec::new(),
        };
        match self.ids.is_empty() {
            true => self.change_matching(node, verdict, &mut report).await?,
            false => self.change_named(node, verdict, &mut report).await?,
        }
        report.end(self.ids.len() == 1)
    }

    /// Those of the filters, the newest first; what comes in the meantime is left alone.
    async fn change_matching(
        &self,
        node: &Node,
        verdict: Verdict,
        report: &mut Report,
    ) -> Result<()> {
        let filter = self.which.filter(&mut node.store.read().await?).await?;
        let mut before = i64::MAX;
        loop {
            let mut conn = node.store.read().await?;
            let found = bulk::find(&mut conn, &filter, before, BATCH).await?;
            drop(conn);
            let Some(last) = found.last() else {
                return Ok(());
            };
            before = last.comment.id;
            let found = found.into_iter().map(|row| row.comment).collect();
            self.change(node, verdict, found, report).await?;
        }
    }

    /// All or none of the named ones that are there.
    async fn change_named(&self, node: &Node, verdict: Verdict, report: &mut Report) -> Result<()> {
        let mut found = Vec::new();
        let mut conn = node.store.read().await?;
        for id in &self.ids {
            let comment = find(&mut conn, *id).await?.comment;
            if comment.state == "deleted" {
                bail!("comment {id} is deleted, and nothing of it is left");
            }
            found.push(comment);
        }
        drop(conn);
        for comment in &found {
            if !bulk::would_change(comment, verdict) {
                report.unchanged(comment)?;
            }
        }
        self.change(node, verdict, found, report).await
    }

    async fn change(
        &self,
        node: &Node,
        verdict: Verdict,
        mut comments: Vec<Comment>,
        report: &mut Report,
    ) -> Result<()> {
        comments.retain(|comment| bulk::would_change(comment, verdict));
        if self.dry_run {
            return report.add(&comments);
        }
        let ids: Vec<i64> = comments.iter().map(|comment| comment.id).collect();
        let by = By {
            who: &output::who(),
            why: self.why.as_deref().filter(|why| !why.trim().is_empty()),
        };
        for ids in ids.chunks(BATCH as usize) {
            report.add(&bulk::decide_on(node, ids, verdict, by).await?)?;
        }
        Ok(())
    }
}

/// Says what changes while it does.
struct Report {
    verdict: Verdict,
    dry_run: bool,
    json: bool,
    count: usize,
    list: Vec<Value>,
}

impl Report {
    fn add(&mut self, changed: &[Comment]) -> Result<()> {
        self.count += changed.len();
        for comment in changed {
            match self.json {
                true => self.list.push(json!({
                    "id": comment.id,
                    "handle": comment.author_handle,
                    "before": comment.state,
                })),
                false => output::line(&format!(
                    "Comment {} by {} {} {}.",
                    comment.id,
                    author_of(comment),
                    self.is("is"),
                    self.what()
                ))?,
            }
        }
        Ok(())
    }

    fn unchanged(&self, comment: &Comment) -> Result<()> {
        match self.json {
            true => Ok(()),
            false => output::line(&format!(
                "Comment {} by {} is {} already.",
                comment.id,
                author_of(comment),
                self.what()
            )),
        }
    }

    fn end(self, is_one: bool) -> Result<()> {
        if self.json {
            return output::json(&json!({
                "decision": self.verdict.as_str(),
                "dry_run": self.dry_run,
                "changed": self.list,
            }));
        }
        match self.count {
            _ if is_one => Ok(()),
            0 => output::line("No comment changes."),
            1 => output::line(&format!("1 comment {} {}.", self.is("is"), self.what())),
            count => output::line(&format!(
                "{count} comments {} {}.",
                self.is("are"),
                self.what()
            )),
        }
    }

    fn is(&self, word: &'static str) -> &'static str {
        match self.dry_run {
            true => "would be",
            false => word,
        }
    }

    fn what(&self) -> &'static str {
        match self.verdict {
            Verdict::Approve => "on the page",
            Verdict::Hide => "off the page",
            Verdict::Spam => "marked as spam",
            Verdict::Delete => "deleted",
            Verdict::Hold => "held",
        }
    }
}
