//! `pamphlet page`: publishes, lists, shows, changes and deletes static pages.

mod show;
mod store;

use super::pictures::Leniency;
use crate::{
    cli::common::{Format, Options, Yes, output, pictures::remove_unused},
    node::Node,
    store::{Conn, StaticPage},
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use show::Summary;
use std::path::PathBuf;

/// Publish, list, change and delete static pages, such as About and Imprint.
#[derive(Debug, Subcommand)]
pub(crate) enum Page {
    /// Publish Markdown files as pages. Their addresses are `/SLUG`.
    Publish(Publish),
    /// List the pages.
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Print a page as the Markdown file that it can be made of.
    Show(PageArg),
    /// Replace a page by a Markdown file, or edit it in $EDITOR.
    Edit(Edit),
    /// Delete a page.
    Delete(Deletion),
}

#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// Markdown files. Keys of the front matter: title, slug, summary, language, image, image_alt, menu (header or
    /// footer), position.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

/// The page that a command is about.
#[derive(Debug, Args)]
pub(crate) struct PageArg {
    /// The page's slug.
    slug: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Deletion {
    #[command(flatten)]
    page: PageArg,
    #[command(flatten)]
    yes: Yes,
}

#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The page's slug.
    slug: String,
    /// A Markdown file with front matter. Without it, $EDITOR is opened.
    file: Option<PathBuf>,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

impl Page {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        // Files are read before anything is opened, so that a mistake in one leaves nothing behind.
        match &self {
            Page::Publish(publish) => publish
                .files
                .iter()
                .try_for_each(|file| store::check(file))?,
            Page::Edit(edit) => edit.file.iter().try_for_each(|file| store::check(file))?,
            _ => {}
        }
        let run = async |node: &Node| match self {
            Page::Publish(publish) => publish.run(node).await,
            Page::List { format } => show::list(node, &format).await,
            Page::Show(page) => show::show(node, &page.slug, &page.format).await,
            Page::Edit(edit) => edit.run(node).await,
            Page::Delete(deletion) => deletion.run(node).await,
        };
        options.with_node(run).await
    }
}

impl Publish {
    async fn run(self, node: &Node) -> Result<()> {
        let slugs = store::add(node, &self.files, self.lenient).await?;
        let mut conn = node.store.read().await?;
        let mut pages = Vec::new();
        for slug in slugs {
            pages.push(find(&mut conn, &slug).await?);
        }
        if self.format.json {
            let list: Vec<_> = pages.iter().map(|page| Summary::of(node, page)).collect();
            return output::json(&list);
        }
        pages
            .iter()
            .try_for_each(|page| print(node, "Published", page))
    }
}

impl Edit {
    async fn run(self, node: &Node) -> Result<()> {
        let old = find(&mut node.store.read().await?, &self.slug).await?;
        let slug = match &self.file {
            Some(file) => {
                let leniency = Leniency {
                    is_lenient: self.lenient,
                    known: None,
                };
                store::replace(node, &old, file, leniency).await?
            }
            None => store::edit(node, &old, self.lenient).await?,
        };
        let page = find(&mut node.store.read().await?, &slug).await?;
        if self.format.json {
            return output::json(&Summary::of(node, &page));
        }
        print(node, "Updated", &page)
    }
}

impl Deletion {
    async fn run(self, node: &Node) -> Result<()> {
        let arg = &self.page;
        let page = find(&mut node.store.read().await?, &arg.slug).await?;
        let title = output::one_line(&page.title, 80);
        self.yes.confirm(&format!("Delete the page {title}?"))?;
        let mut tx = node.store.begin().await?;
        let page = find(&mut tx, &arg.slug).await?;
        tx.delete_page(page.id).await?;
        tx.commit().await?;
        let image = page.image_url.as_deref().unwrap_or_default();
        remove_unused(node, &[image, &page.markdown]).await?;
        if arg.format.json {
            return output::json(&Summary::of(node, &page));
        }
        output::line(&format!("Deleted: {}", page.title))
    }
}

async fn find(conn: &mut Conn, slug: &str) -> Result<StaticPage> {
    let found = conn.page_by_slug(slug).await?;
    found.with_context(|| format!("no page has the slug {slug}"))
}

fn print(node: &Node, verb: &str, page: &StaticPage) -> Result<()> {
    let url = node.urls().at(&format!("/{}", page.slug));
    output::line(&format!("{verb}: {}\n  {url}", page.title))
}
