//! `pamphlet post list`.

use super::summary::{Summary, status_of};
use crate::{
    cli::common::{
        Format, UsageError,
        output::{self, Listing},
        when,
    },
    content::{Language, hashtag},
    node::Node,
    store::{Article, ArticleOrder, ArticleSelection, Conn, StatusFilter},
};
use anyhow::Result;
use clap::{Args, ValueEnum};

/// The articles to list.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet post list
  pamphlet post list --status scheduled
  pamphlet post list --tag history --since 2026-01-01 --sort title
  pamphlet post list --author ana --json --limit 1000")]
pub(crate) struct List {
    /// Only list articles in this state.
    #[arg(long, value_name = "STATUS", conflicts_with = "published")]
    status: Option<Status>,
    /// Only list articles that readers can see.
    #[arg(long)]
    published: bool,
    /// Only list articles of this author: a user name, a name or a byline.
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// Only list articles with this tag.
    #[arg(long)]
    tag: Option<String>,
    /// Only list articles dated at this time or later: "2026-11-01", "last monday", "30d".
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only list articles dated before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only list articles with this text in title, slug or text.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only list articles in this language, such as `en`.
    #[arg(long)]
    language: Option<Language>,
    /// The order: by date, newest first; by title; or by the last change.
    #[arg(long, value_name = "ORDER", default_value = "date")]
    sort: Sort,
    /// Reverse the order.
    #[arg(long)]
    reverse: bool,
    /// The maximum number of articles to list.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
    /// The page of the list, if it is longer.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    page: i64,
    #[command(flatten)]
    format: Format,
}

/// A state of articles.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Status {
    /// Not published.
    Draft,
    /// Readers can see it.
    Published,
    /// It is published at a time in the future.
    Scheduled,
}

/// An order of articles.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sort {
    /// The newest first.
    Date,
    /// From A to Z.
    Title,
    /// The last changed first.
    Updated,
}

impl List {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let selection = self.selection(node, &mut conn).await?;
        let is_filtered = self.is_filtered();
        // One more than is shown says whether there are more.
        let offset = (self.page - 1) * self.limit;
        let mut ids = conn
            .select_articles(&selection, offset, self.limit + 1)
            .await?;
        let has_more = ids.len() as i64 > self.limit;
        ids.truncate(usize::try_from(self.limit)?);
        let mut articles = conn.articles_by_ids(&ids).await?;
        articles.sort_by_key(|article| ids.iter().position(|id| *id == article.id));
        let list = Listing {
            items: &articles,
            headings: &["DATE", "STATUS", "SLUG", "TITLE"],
            empty: if is_filtered || self.page > 1 {
                "No article matches: run `pamphlet post list` without options to list all."
            } else {
                "There are no articles: run `pamphlet post new \"Title\"` to write one."
            },
        };
        let to_json = |article: &Article| Summary::of(node, article);
        list.print(&self.format, to_json, |article| {
            vec![
                output::time(article.published_at),
                status_of(article).to_owned(),
                article.slug.clone(),
                output::one_line(&article.title, 60),
            ]
        })?;
        if has_more && !self.format.json {
            output::note(&format!("There are more: add --page {}.", self.page + 1));
        }
        Ok(())
    }

    fn is_filtered(&self) -> bool {
        let texts = [
            &self.author,
            &self.tag,
            &self.since,
            &self.until,
            &self.search,
        ];
        self.published
            || self.status.is_some()
            || self.language.is_some()
            || texts.iter().any(|text| text.is_some())
    }

    async fn selection(&self, node: &Node, conn: &mut Conn) -> Result<ArticleSelection> {
        let author = match &self.author {
            Some(name) => {
                let found = conn.author(name).await?;
                if found.is_none() && !conn.authors().await?.is_empty() {
                    output::warn(&format!(
                        "no author is called {name:?}: only bylines are compared; `pamphlet author list` lists authors"
                    ));
                }
                found
            }
            None => None,
        };
        let language = self
            .language
            .as_ref()
            .map(|tag| tag.as_str().to_lowercase());
        let own = node.config.site.language.to_lowercase();
        let is_default_language = language.as_ref().is_some_and(|tag| {
            own == *tag
                || own
                    .strip_prefix(tag.as_str())
                    .is_some_and(|rest| rest.starts_with('-'))
        });
        let time = |text: &Option<String>| match text {
            Some(text) => when::past_argument(text).map(Some),
            None => Ok(None),
        };
        let (since, until) = (time(&self.since)?, time(&self.until)?);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(UsageError::new("--since must be before --until").into());
        }
        Ok(ArticleSelection {
            status: match self.status {
                Some(Status::Draft) => Some(StatusFilter::Draft),
                Some(Status::Published) => Some(StatusFilter::Published),
                Some(Status::Scheduled) => Some(StatusFilter::Scheduled),
                None => self.published.then_some(StatusFilter::Published),
            },
            author_id: author.map(|author| author.id),
            byline: self.author.clone(),
            tag: self
                .tag
                .as_deref()
                .map(|tag| hashtag::key(tag.trim_start_matches('#'))),
            language,
            is_default_language,
            since,
            until,
            words: self.search.clone(),
            order: match self.sort {
                Sort::Date => ArticleOrder::Date,
                Sort::Title => ArticleOrder::Title,
                Sort::Updated => ArticleOrder::Updated,
            },
            is_reversed: self.reverse,
        })
    }
}
