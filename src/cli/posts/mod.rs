//! `pamphlet post` and `page`: publish, list, change and delete articles and static pages from Markdown files.

mod edit;
mod list;
mod pages;
mod pins;
mod preview;
mod publish;
mod share;
mod summary;

use crate::{
    cli::common::{Format, Options, Yes, lookup, output},
    content::Slug,
    node::Node,
    publishing::{Source, articles},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use edit::Edit;
use list::{List, Show};
pub(super) use pages::Page;
pub(super) use publish::store_article;
use publish::{ArticleSourceArg, draft, publish};
use std::path::Path;
use summary::{Summary, print_changed};

/// Publish, list, change and delete articles.
#[derive(Debug, Subcommand)]
pub(crate) enum Post {
    /// Publish a Markdown file, or a draft by its slug.
    Publish(ArticleSourceArg),
    /// Store a Markdown file as a draft.
    Draft(ArticleSourceArg),
    /// List articles, newest first.
    List(List),
    /// Show an article.
    Show(Show),
    /// Replace an article by a Markdown file, or edit it in $EDITOR.
    Edit(Edit),
    /// Unpublish an article: turn it into a draft here and delete it on other servers.
    Unpublish(SlugArg),
    /// Delete an article and its comments.
    Delete(Deletion),
    /// Pin an article to the publication's profile on other servers.
    Pin(SlugArg),
    /// Unpin an article.
    Unpin(SlugArg),
    /// Show a Markdown file or a draft in the browser, as its page and on Mastodon, without publishing anything.
    Preview(preview::Preview),
    /// Make a secret link to a draft, which ends.
    Share(share::Share),
    /// End all links to a draft.
    Unshare(SlugArg),
}

/// The article that a command is about.
#[derive(Debug, Args)]
pub(crate) struct SlugArg {
    /// The article's slug.
    slug: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Deletion {
    #[command(flatten)]
    article: SlugArg,
    #[command(flatten)]
    yes: Yes,
}

impl Post {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        self.check_file()?;
        if let Post::Preview(preview) = self {
            return preview.run(options).await;
        }
        let run = async |node: &Node| match self {
            Post::Publish(source) => publish(node, &source).await,
            Post::Draft(source) => draft(node, &source).await,
            Post::List(list) => list.run(node).await,
            Post::Show(show) => show.run(node).await,
            Post::Edit(edit) => edit.run(node).await,
            Post::Unpublish(article) => unpublish(node, &article).await,
            Post::Delete(deletion) => deletion.run(node).await,
            Post::Pin(article) => pins::pin(node, &article).await,
            Post::Unpin(article) => pins::unpin(node, &article).await,
            Post::Preview(_) => Ok(()),
            Post::Share(share) => share.run(node).await,
            Post::Unshare(article) => share::unshare(node, &article).await,
        };
        options.with_node(run).await
    }

    /// Reads the file before anything is opened, so that a mistake in it leaves nothing behind.
    fn check_file(&self) -> Result<()> {
        let path = match self {
            Post::Publish(source) if is_slug_of_no_file(source.text()) => return Ok(()),
            Post::Publish(source) | Post::Draft(source) => Path::new(source.text()),
            Post::Edit(edit) => match edit.file() {
                Some(file) => file,
                None => return Ok(()),
            },
            _ => return Ok(()),
        };
        Source::read(path)?;
        Ok(())
    }
}

fn is_slug_of_no_file(text: &str) -> bool {
    !Path::new(text).exists() && text.parse::<Slug>().is_ok()
}

async fn unpublish(node: &Node, arg: &SlugArg) -> Result<()> {
    let article = articles::unpublish(node, &arg.slug).await?;
    print_changed(node, article.id, "Unpublished", &arg.format).await
}

impl Deletion {
    async fn run(self, node: &Node) -> Result<()> {
        let arg = &self.article;
        self.confirm(node).await?;
        let mut tx = node.store.begin().await?;
        let article = lookup::article(&mut tx, &arg.slug).await?;
        tx.delete_article(article.id).await?;
        tx.commit().await?;
        articles::remove_unused_pictures(node, &article).await?;
        if arg.format.json {
            return output::json(&Summary::of_deleted(node, &article));
        }
        output::line(&format!("Deleted: {}", article.title))
    }

    /// Asks before the transaction begins, because an open one would keep the node from writing.
    async fn confirm(&self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let article = lookup::article(&mut conn, &self.article.slug).await?;
        let comments = conn.count_comments(article.id).await?;
        drop(conn);
        let title = output::one_line(&article.title, 80);
        let comments = match comments {
            0 => String::new(),
            1 => " with its comment".to_owned(),
            count => format!(" with its {count} comments"),
        };
        self.yes
            .confirm(&format!("Delete the article {title}{comments}?"))
    }
}
