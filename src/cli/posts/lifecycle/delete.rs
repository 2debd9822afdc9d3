//! `pamphlet post delete`, `restore` and `unpublish`.

use super::bin::Restore;
use crate::{
    cli::{
        common::{Yes, lookup, output},
        posts::{
            SlugArg,
            summary::{Summary, print_changed},
        },
    },
    node::Node,
    publishing::{bin, withdrawal},
    store::{Article, ArticleStatus},
};
use anyhow::Result;
use clap::Args;

/// The article to delete or unpublish.
#[derive(Debug, Args)]
pub(crate) struct Deletion {
    #[command(flatten)]
    article: SlugArg,
    #[command(flatten)]
    yes: Yes,
}

impl Deletion {
    /// Moves the article to the bin.
    pub(crate) async fn delete(self, node: &Node) -> Result<()> {
        let arg = &self.article;
        // The question comes before the transaction, because an open one would keep the node from writing.
        let article = self.find(node).await?;
        let comments = self.count_comments(node, &article).await?;
        let title = output::one_line(&article.title, 80);
        self.yes
            .confirm(&format!("Delete the article {title}{comments}?"))?;
        let (article, entry) = bin::delete_article(node, &arg.slug).await?;
        if arg.format.json {
            return output::json(&Summary::of_deleted(node, &article));
        }
        output::line(&format!(
            "Deleted: {}\n  It stays in the bin for 30 days: run `pamphlet post restore {}` to take it back.",
            article.title,
            restorable(node, &article.slug, entry).await?
        ))
    }

    /// Turns the article into a draft.
    pub(crate) async fn unpublish(self, node: &Node) -> Result<()> {
        let arg = &self.article;
        let article = self.find(node).await?;
        if article.is_visible() {
            let comments = self.count_comments(node, &article).await?;
            let title = output::one_line(&article.title, 80);
            self.yes.confirm(&format!(
                "Unpublish the article {title}{comments}? Other servers delete it, and it gets a new ID if it is \
                 published again."
            ))?;
        } else if article.status == ArticleStatus::Draft {
            anyhow::bail!("{} is not published", article.slug);
        }
        let verb = if article.is_visible() {
            "Unpublished"
        } else {
            "Unscheduled"
        };
        let article = withdrawal::unpublish(node, &arg.slug).await?;
        print_changed(node, article.id, verb, &arg.format).await
    }

    async fn find(&self, node: &Node) -> Result<Article> {
        lookup::article(&mut node.store.read().await?, &self.article.slug).await
    }

    /// Returns the number of its comments for a question.
    async fn count_comments(&self, node: &Node, article: &Article) -> Result<String> {
        let count = node.store.read().await?.count_comments(article.id).await?;
        Ok(match count {
            0 => String::new(),
            1 => " with its comment".to_owned(),
            count => format!(" with its {count} comments"),
        })
    }
}

/// Returns the name by which an entry is restored: its slug, or its id if a later entry has the slug too.
async fn restorable(node: &Node, slug: &str, entry: i64) -> Result<String> {
    let mut conn = node.store.read().await?;
    let entries = conn
        .bin_entries_with_slug(crate::store::BinKind::Article, slug)
        .await?;
    Ok(match entries.first() {
        Some(first) if first.id == entry => slug.to_owned(),
        _ => entry.to_string(),
    })
}

/// Restores an article from the bin.
pub(in crate::cli::posts) async fn restore(node: &Node, arg: &Restore) -> Result<()> {
    let article = bin::restore_article(node, arg.which(), arg.slug()).await?;
    if !arg.format().json {
        output::line(&format!(
            "Restored as a draft: {}\n  Run `pamphlet post publish {}` to publish it under a new ID; its former \
             addresses then work again.",
            article.title, article.slug
        ))?;
        return Ok(());
    }
    print_changed(node, article.id, "Restored", arg.format()).await
}
