//! `pamphlet post schedule` and `reschedule`.

use super::{inputs::is_slug_of_no_file, summary::print_changed};
use crate::{
    cli::common::{Format, Options, output, telling::Telling, when},
    node::Node,
    publishing::{Announcement, Leniency, Source, articles},
    store::{ArticleStatus, now},
};
use anyhow::Result;
use clap::Args;
use std::path::Path;

/// The article to publish later.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet post schedule a-stored-draft --at \"tomorrow 9:00\"
  pamphlet post schedule news.md --at \"next friday 18:00\"
  pamphlet post schedule news.md --at 2026-12-01T09:00:00+01:00")]
pub(crate) struct Schedule {
    /// A Markdown file with front matter, or the slug of a draft.
    #[arg(value_name = "FILE|SLUG")]
    source: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    telling: Telling,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

/// The scheduled article to move.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet post reschedule news --at \"in 2 hours\"
  pamphlet post reschedule news --at now")]
pub(crate) struct Reschedule {
    /// The article's slug.
    slug: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    format: Format,
}

/// A time in the future.
#[derive(Debug, Args)]
struct At {
    /// The time, in the publication's time zone: "tomorrow 9:00", "next friday 18:00", "in 2 hours", "2026-12-01 09:00" or
    /// with an offset. A day alone is its beginning.
    #[arg(long = "at", value_name = "TIME")]
    time: String,
}

impl At {
    fn read(&self) -> Result<i64> {
        when::future_argument(&self.time)
    }
}

impl Schedule {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let source = if is_slug_of_no_file(&self.source) {
            None
        } else {
            Some(Source::read(Path::new(&self.source))?)
        };
        let run = async |node: &Node| {
            let at = self.at.read()?;
            let announcement = self.telling.decide(&[at])?.of(at);
            let id = match source {
                Some(source) => self.store(node, source, at, announcement).await?,
                None => {
                    let slug = &self.source;
                    articles::schedule(node, slug, at, announcement).await?.id
                }
            };
            print_changed(node, id, "Published", &self.format).await
        };
        options.with_node(run).await
    }

    async fn store(
        &self,
        node: &Node,
        mut source: Source,
        at: i64,
        announcement: Announcement,
    ) -> Result<i64> {
        source.article.date = Some(crate::base::time::from_millis(at));
        let leniency = Leniency::new(self.lenient);
        let status = ArticleStatus::Published;
        let stored = articles::create(node, source, status, leniency, announcement).await?;
        stored
            .warnings
            .iter()
            .for_each(|warning| output::warn(warning));
        Ok(stored.article.id)
    }
}

impl Reschedule {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| {
            let at = self.at.read()?;
            let article = articles::reschedule(node, &self.slug, at.max(now())).await?;
            print_changed(node, article.id, "Published", &self.format).await
        };
        options.with_node(run).await
    }
}
