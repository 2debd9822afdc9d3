//! `pamphlet post list` and `show`.

use super::summary::{Summary, status_of};
use crate::{
    cli::common::{
        Format, Pagination, comments, lookup,
        output::{self, Listing},
    },
    node::Node,
    publishing::source::to_source,
    store::{Article, ArticleFilter, Conn, Cursor, Listing as Selection},
};
use anyhow::{Result, bail};
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only list articles that readers can see.
    #[arg(long)]
    published: bool,
    #[command(flatten)]
    page: Pagination,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The article's slug.
    slug: String,
    #[command(flatten)]
    format: Format,
}

impl List {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let selection = if self.published {
            Selection::Visible
        } else {
            Selection::Everything
        };
        let mut conn = node.store.read().await?;
        let after = cursor(&mut conn, self.page.before).await?;
        let articles = conn
            .articles(selection, &ArticleFilter::default(), after, self.page.limit)
            .await?;
        let list = Listing {
            items: &articles,
            headings: &["DATE", "STATUS", "SLUG", "TITLE"],
            empty: "There are no articles: run `pamphlet post publish FILE.md` to publish one.",
        };
        let to_json = |article: &Article| Summary::of(node, article);
        list.print(&self.format, to_json, |article| {
            vec![
                output::time(article.published_at),
                status_of(article).to_owned(),
                article.slug.clone(),
                output::one_line(&article.title, 60),
            ]
        })
    }
}

/// Returns the position of the article after which a list continues.
async fn cursor(conn: &mut Conn, before: Option<i64>) -> Result<Cursor> {
    let Some(id) = before else {
        return Ok(Cursor::START);
    };
    match conn.article_by_id(id).await? {
        Some(article) => Ok(Cursor {
            at: article.published_at,
            id,
        }),
        None => bail!("no article has the ID {id}"),
    }
}

impl Show {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let article = lookup::article(&mut conn, &self.slug).await?;
        if self.format.json {
            let mut value = serde_json::to_value(Summary::of(node, &article))?;
            value["markdown"] = article.markdown.clone().into();
            return output::json(&value);
        }
        output::line(&format!(
            "{}\n  {}\n  {}\n  {}, comments {}, {} visible\n\n{}",
            article.title,
            node.urls().permalink(&article),
            node.urls().article(&article.uid),
            status_of(&article),
            comments::describe_policy(node, &article),
            conn.count_comments(article.id).await?,
            to_source(&article)?.to_file_text(),
        ))
    }
}
