//! `pamphlet import`: brings over a publication of other software.

mod adopt;
mod feed;
mod ghost;
mod markdown;
mod mastodon;
mod print;
mod site;
mod wordpress;
mod writefreely;

use crate::{
    adoption::Software,
    cli::common::{Format, Options, progress::Progress},
    importing::{self, ImportError, ImportOptions, Report, Source, Step},
    node::Node,
    publishing::Announcement,
};
use adopt::Adopt;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use feed::Feed;
use ghost::Ghost;
use markdown::Markdown;
use mastodon::Mastodon;
use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use wordpress::Wordpress;
use writefreely::WriteFreely;

/// Bring over a publication of other software, with its comments, pictures and addresses.
#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    Markdown(Markdown),
    Feed(Feed),
    Wordpress(Wordpress),
    Ghost(Ghost),
    #[command(name = "writefreely")]
    WriteFreely(WriteFreely),
    Mastodon(Mastodon),
    /// Bring back what `pamphlet export site` wrote, into an empty database.
    Site(site::Site),
}

impl Import {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        match self {
            Import::Markdown(command) => command.run(options).await,
            Import::Feed(command) => command.run(options).await,
            Import::Wordpress(command) => command.run(options).await,
            Import::Ghost(command) => command.run(options).await,
            Import::WriteFreely(command) => command.run(options).await,
            Import::Mastodon(command) => command.run(options).await,
            Import::Site(command) => command.run(options).await,
        }
    }
}

/// The options of all formats.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// Tell followers about what is new, as if it were published now. Without, it is published silently.
    #[arg(long)]
    tell: bool,
    /// Store all as drafts, and publish nothing.
    #[arg(long, conflicts_with = "tell")]
    as_drafts: bool,
    /// A folder with the files of the other site, such as a copy of `wp-content/uploads`.
    #[arg(long, value_name = "FOLDER")]
    attachments: Option<PathBuf>,
    /// Download no files from the other site.
    #[arg(long)]
    no_download: bool,
    /// The author of articles without one.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Store nothing, and only show what would be done.
    #[arg(long, short = 'n')]
    dry_run: bool,
    #[command(flatten)]
    format: Format,
}

impl ImportArgs {
    /// Opens a source and imports it. The source is opened first, so that a mistake leaves nothing behind.
    ///
    /// # Errors
    /// If it can't be opened, the import fails, or an item could not be imported.
    pub(super) async fn import(
        &self,
        options: &Options,
        open: impl FnOnce() -> Result<Source, ImportError>,
    ) -> Result<()> {
        let source = open()?;
        options
            .with_node(async |node| self.run(node, source).await)
            .await
    }

    /// Imports a source, if there is one, and takes over the actors of its site, if that is wanted.
    ///
    /// # Errors
    /// If one of both fails, or an item could not be imported.
    async fn import_and_adopt<Open>(
        &self,
        options: &Options,
        open: Option<Open>,
        adopt: &Adopt,
        software: Software,
    ) -> Result<()>
    where
        Open: FnOnce() -> Result<Source, ImportError>,
    {
        let source = open.map(|open| open()).transpose()?;
        options
            .with_node(async |node| self.run_both(node, source, adopt, software).await)
            .await
    }

    async fn run_both(
        &self,
        node: &Node,
        source: Option<Source>,
        adopt: &Adopt,
        software: Software,
    ) -> Result<()> {
        if self.dry_run {
            node.store.rehearse();
        }
        adopt.check(node, software).await?;
        let has_articles = source.is_some();
        let report = match source {
            Some(source) => Some(self.store(node, source).await?),
            None => None,
        };
        if let Some(report) = &report
            && !self.format.json
        {
            print::report(report, self.dry_run, &self.format)?;
        }
        let lacks_articles = self.dry_run && has_articles;
        let adoption = adopt.run(node, software, lacks_articles).await?;
        match &adoption {
            Some(adoption) if !self.format.json => adopt.print(adoption, self.dry_run)?,
            _ => {}
        }
        if self.format.json {
            print::json(report.as_ref(), adoption.as_ref(), self.dry_run)?;
        }
        complete(report.as_ref())
    }

    /// Imports a source.
    ///
    /// # Errors
    /// If the import fails, or an item could not be imported.
    pub(super) async fn run(&self, node: &Node, source: Source) -> Result<()> {
        let report = self.store(node, source).await?;
        print::report(&report, self.dry_run, &self.format)?;
        complete(Some(&report))
    }

    async fn store(&self, node: &Node, source: Source) -> Result<Report> {
        let progress = Watched::start(source.total);
        let options = self.options();
        let report = importing::run(node, source, &options, &|step| progress.step(step)).await;
        drop(progress);
        Ok(report?)
    }

    fn options(&self) -> ImportOptions {
        ImportOptions {
            announcement: match self.tell {
                true => Announcement::Tell,
                false => Announcement::Silent,
            },
            attachments: self.attachments.clone(),
            downloads: !self.no_download,
            author: self.author.clone(),
            as_drafts: self.as_drafts,
            is_dry_run: self.dry_run,
        }
    }
}

fn complete(report: Option<&Report>) -> Result<()> {
    if report.is_none_or(Report::is_complete) {
        Ok(())
    } else {
        bail!("not everything was imported: see above")
    }
}

/// The progress of an import on the screen.
struct Watched {
    bar: Mutex<Progress>,
    is_counted: bool,
    items: AtomicU64,
}

impl Watched {
    fn start(total: Option<u64>) -> Watched {
        Watched {
            bar: Mutex::new(match total {
                Some(total) => Progress::new(total, "Storing"),
                None => Progress::spinner("Storing"),
            }),
            is_counted: total.is_some(),
            items: AtomicU64::new(0),
        }
    }

    fn step(&self, step: Step) {
        let Ok(mut bar) = self.bar.lock() else {
            return;
        };
        match step {
            Step::Item if !self.is_counted => {
                let items = self.items.fetch_add(1, Ordering::Relaxed) + 1;
                bar.set_message(&format!("Storing: {items} items"));
            }
            Step::Item | Step::Text => bar.advance(),
            Step::Stored(texts) => *bar = Progress::new(texts, "Pictures and links"),
        }
    }
}
