//! `pamphlet comments approve`, `hide`, `spam` and `delete`.

use super::selector::CommentSelector;
use crate::{
    cli::common::{
        Format, Yes,
        audit::operator,
        comments::{author_of, find},
        output::{self, counted},
    },
    moderation::{
        By, Verdict,
        bulk::{self, BATCH},
    },
    node::Node,
    store::{Comment, CommentState},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};

#[derive(Debug, Args)]
pub(crate) struct Change {
    /// The comments' IDs, as shown by `comments list`. Alternatively, select comments with options.
    #[arg(
        value_name = "ID",
        required_unless_present = "CommentSelector",
        conflicts_with = "CommentSelector"
    )]
    ids: Vec<i64>,
    #[command(flatten)]
    selector: CommentSelector,
    /// Only print which comments would change.
    #[arg(long)]
    dry_run: bool,
    /// The reason, for the log.
    #[arg(long = "reason", alias = "why", value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Deletion {
    #[command(flatten)]
    change: Change,
    #[command(flatten)]
    yes: Yes,
}

impl Deletion {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        if !self.change.dry_run {
            self.yes.confirm(&self.question(node).await?)?;
        }
        self.change.run(node, Verdict::Delete).await
    }

    async fn question(&self, node: &Node) -> Result<String> {
        let mut conn = node.store.read().await?;
        match self.change.ids[..] {
            [] => {
                // Unknown articles and actors are mistakes, which are reported before anything is asked.
                self.change.selector.filter(&mut conn).await?;
                Ok("Delete all selected comments? `--dry-run` lists them.".to_owned())
            }
            [id] => {
                let comment = find(&mut conn, id).await?.comment;
                Ok(format!("Delete comment {id} by {}?", author_of(&comment)))
            }
            ref ids => Ok(format!("Delete {} comments?", ids.len())),
        }
    }
}

impl Change {
    pub(crate) async fn run(self, node: &Node, verdict: Verdict) -> Result<()> {
        let mut report = Report {
            verdict,
            dry_run: self.dry_run,
            json: self.format.json,
            count: 0,
            list: Vec::new(),
        };
        if self.ids.is_empty() {
            self.change_matching(node, verdict, &mut report).await?;
        } else {
            self.change_named(node, verdict, &mut report).await?;
        }
        report.finish(self.ids.len() == 1)
    }

    /// Changes the selected comments, newest first, except those that arrive meanwhile.
    async fn change_matching(
        &self,
        node: &Node,
        verdict: Verdict,
        report: &mut Report,
    ) -> Result<()> {
        let filter = self.selector.filter(&mut node.store.read().await?).await?;
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

    /// Changes the given comments, or none if one does not exist or is deleted.
    async fn change_named(&self, node: &Node, verdict: Verdict, report: &mut Report) -> Result<()> {
        let mut found = Vec::new();
        let mut conn = node.store.read().await?;
        for id in &self.ids {
            let comment = find(&mut conn, *id).await?.comment;
            if comment.state == CommentState::Deleted {
                bail!("comment {id} is deleted");
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
            who: &operator(),
            why: self.why.as_deref().filter(|why| !why.trim().is_empty()),
        };
        for ids in ids.chunks(BATCH as usize) {
            report.add(&bulk::decide_on(node, ids, verdict, by).await?)?;
        }
        Ok(())
    }
}

/// Reports the changes as they are made.
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
            if self.json {
                self.list.push(json!({
                    "id": comment.id,
                    "handle": comment.author_handle,
                    "before": comment.state,
                }))
            } else {
                output::line(&format!(
                    "{} comment {} by {}.",
                    self.verb(),
                    comment.id,
                    author_of(comment)
                ))?
            }
        }
        Ok(())
    }

    fn unchanged(&self, comment: &Comment) -> Result<()> {
        if self.json {
            return Ok(());
        }
        output::line(&format!(
            "Comment {} by {} is already {}.",
            comment.id,
            author_of(comment),
            self.state()
        ))
    }

    fn finish(self, is_one: bool) -> Result<()> {
        if self.json {
            return output::json(&json!({
                "decision": self.verdict.as_str(),
                "dry_run": self.dry_run,
                "changed": self.list,
            }));
        }
        match self.count {
            _ if is_one => Ok(()),
            0 => output::line("No comments changed."),
            count => output::line(&format!("{} {}.", self.verb(), counted(count, "comment"))),
        }
    }

    fn verb(&self) -> &'static str {
        match (self.verdict, self.dry_run) {
            (Verdict::Approve, false) => "Approved",
            (Verdict::Approve, true) => "Would approve",
            (Verdict::Hide, false) => "Hid",
            (Verdict::Hide, true) => "Would hide",
            (Verdict::Spam, false) => "Marked as spam:",
            (Verdict::Spam, true) => "Would mark as spam:",
            (Verdict::Delete, false) => "Deleted",
            (Verdict::Delete, true) => "Would delete",
            (Verdict::Hold, false) => "Held",
            (Verdict::Hold, true) => "Would hold",
        }
    }

    fn state(&self) -> &'static str {
        match self.verdict {
            Verdict::Approve => "approved",
            Verdict::Hide => "hidden",
            Verdict::Spam => "marked as spam",
            Verdict::Delete => "deleted",
            Verdict::Hold => "held",
        }
    }
}
