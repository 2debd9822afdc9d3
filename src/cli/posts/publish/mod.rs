//! `pamphlet post publish` and `draft`: from files, folders, standard input and drafts; all of them, or none.

mod plan;

use super::{
    inputs::{Input, Inputs, STDIN_NAME, report_mistakes},
    summary,
};
use crate::{
    cli::common::{Format, Options, output, telling::Telling},
    node::Node,
    publishing::{Announcement, Leniency, Source, articles, batch},
    store::ArticleStatus,
};
use anyhow::Result;
use clap::Args;
use plan::{Plan, Planned};
use std::path::{Path, PathBuf};

/// The articles to publish.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet post publish news.md
  pamphlet post publish a-stored-draft another.md
  pamphlet post publish content/posts --silent --dry-run
  cat news.md | pamphlet post publish -")]
pub(crate) struct Publish {
    /// Markdown files, folders of them, slugs of drafts, or `-` for standard input.
    #[arg(value_name = "FILE|FOLDER|SLUG", required = true)]
    sources: Vec<String>,
    #[command(flatten)]
    telling: Telling,
    #[command(flatten)]
    how: Storing,
}

/// The articles to store as drafts.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet post draft news.md
  pamphlet post draft content/posts --dry-run
  cat news.md | pamphlet post draft -")]
pub(crate) struct Draft {
    /// Markdown files, folders of them, or `-` for standard input.
    #[arg(value_name = "FILE|FOLDER", required = true)]
    sources: Vec<String>,
    #[command(flatten)]
    how: Storing,
}

/// Options of commands that store files.
#[derive(Debug, Args)]
pub(super) struct Storing {
    /// Check everything, and show what would be stored, but store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

impl Publish {
    /// Creates the command that publishes one new file.
    pub(super) fn of_file(file: &Path, json: bool) -> Publish {
        Publish {
            sources: vec![file.display().to_string()],
            telling: Telling::default(),
            how: Storing {
                dry_run: false,
                lenient: false,
                format: Format { json },
            },
        }
    }

    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let inputs = Inputs::find(&self.sources, true)?;
        let (works, is_single) = (read_all(inputs.list)?, inputs.is_single);
        let run = async |node: &Node| {
            let mut plan = Plan::make(node, works, false, self.how.lenient).await?;
            let decision = self.telling.decide(&plan.dates_to_publish())?;
            plan.announce(|date| decision.of(date));
            plan.run(node, &self.how, is_single).await
        };
        options.with_node(run).await
    }
}

impl Draft {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let inputs = Inputs::find(&self.sources, false)?;
        let (works, is_single) = (read_all(inputs.list)?, inputs.is_single);
        let run = async |node: &Node| {
            let plan = Plan::make(node, works, true, self.how.lenient).await?;
            plan.run(node, &self.how, is_single).await
        };
        options.with_node(run).await
    }
}

/// A file that was read, or a draft.
enum Work {
    Source(Box<Source>),
    Draft(String),
}

/// Reads all files before anything is opened, so that a mistake in one leaves nothing behind.
fn read_all(inputs: Vec<Input>) -> Result<Vec<Work>> {
    let (mut works, mut mistakes) = (Vec::new(), Vec::new());
    let total = inputs.len();
    for input in inputs {
        let read = match input {
            Input::Slug(slug) => {
                works.push(Work::Draft(slug));
                continue;
            }
            Input::File(path) => Source::read(&path),
            // The files that it names are relative to the current folder.
            Input::Text(text) => Source::parse(STDIN_NAME.to_owned(), Some(PathBuf::new()), &text),
        };
        match read {
            Ok(source) => works.push(Work::Source(Box::new(source))),
            Err(error) => mistakes.push(error.into()),
        }
    }
    report_mistakes(mistakes, total)?;
    Ok(works)
}

impl Plan {
    async fn run(self, node: &Node, how: &Storing, is_single: bool) -> Result<()> {
        if how.dry_run {
            self.warn();
            return self.print_dry(node, &how.format);
        }
        let (items, planned) = self.into_items();
        let ids = batch::store(node, &items).await?;
        for article in &planned {
            article.warn(planned.len());
        }
        let printed: Vec<(i64, &str)> = ids
            .into_iter()
            .zip(&planned)
            .map(|(id, planned)| (id, planned.verb()))
            .collect();
        if let ([(id, verb)], true) = (printed.as_slice(), is_single) {
            return summary::print_changed(node, *id, verb, &how.format).await;
        }
        summary::print_many(node, &printed, &how.format).await?;
        output::note(&counted(&planned));
        Ok(())
    }
}

/// Describes how many articles became what, such as `3 published, 1 draft`.
fn counted(planned: &[Planned]) -> String {
    let counts = ["published", "scheduled", "draft"].map(|status| {
        let of_status = planned
            .iter()
            .filter(|article| article.future_status() == status);
        (of_status.count(), status)
    });
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, status)| match *status {
            "draft" => output::counted(*count, "draft"),
            status => format!("{count} {status}"),
        })
        .collect();
    parts.join(", ")
}

/// Stores a Markdown file as an article with a status. Returns its row id.
///
/// # Errors
/// If the file or its pictures can't be read, its slug is taken, or the database fails.
pub(crate) async fn store_article(
    node: &Node,
    path: &Path,
    status: ArticleStatus,
    is_lenient: bool,
) -> Result<i64> {
    let leniency = Leniency::new(is_lenient);
    let source = Source::read(path)?;
    let stored = articles::create(node, source, status, leniency, Announcement::Tell).await?;
    for warning in &stored.warnings {
        output::warn(warning);
    }
    Ok(stored.article.id)
}

impl Planned {
    /// Returns a word for what happens to the article. One that is due later is described by its time instead.
    fn verb(&self) -> &'static str {
        match self.status {
            ArticleStatus::Published => "Published",
            ArticleStatus::Draft if self.says_draft => {
                "Stored as a draft, because its file says so"
            }
            ArticleStatus::Draft => "Stored as a draft",
        }
    }
}
