//! `pamphlet page`: publishes, lists, shows, changes and deletes static pages.

mod publish;
mod show;

use super::{new, open, search};
use crate::{
    cli::common::{
        Format, Options, Yes,
        editor::{self, Draft, Edited},
        output,
    },
    node::Node,
    publishing::{Leniency, PageFile, pages},
    store::{Conn, StaticPage},
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use show::Summary;
use std::path::PathBuf;

/// Publish, list, change and delete static pages, such as About and Imprint.
#[derive(Debug, Subcommand)]
pub(crate) enum Page {
    /// Write a new Markdown file with front matter, and open it in $EDITOR.
    #[command(after_help = "Examples:
  pamphlet page new \"About us\"
  pamphlet page new \"Imprint\" --no-edit")]
    New(NewPage),
    /// Publish Markdown files as pages: all, or none if one has a mistake. Their addresses are `/SLUG`.
    Publish(publish::Publish),
    /// Search pages by words, as readers can.
    #[command(after_help = "Examples:
  pamphlet page search contact")]
    Search(search::Search),
    /// Open a page in the browser. Without a desktop, only print its address.
    #[command(after_help = "Examples:
  pamphlet page open about
  pamphlet page open about --print")]
    Open(open::Open),
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

/// The page to write.
#[derive(Debug, Args)]
pub(crate) struct NewPage {
    #[command(flatten)]
    new: new::New,
    /// Publish it when the editor is closed.
    #[arg(long)]
    publish: bool,
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
        match self {
            Page::New(new) => return new.run(options).await,
            Page::Publish(publish) => return publish.run(options).await,
            _ => {}
        }
        // Read before anything is opened, so that a mistake in it leaves nothing behind.
        if let Page::Edit(edit) = &self
            && let Some(file) = &edit.file
        {
            PageFile::read(file)?;
        }
        let run = async |node: &Node| match self {
            Page::Search(search) => search.pages(node).await,
            Page::Open(open) => open.page(node).await,
            Page::New(_) | Page::Publish(_) => Ok(()),
            Page::List { format } => show::list(node, &format).await,
            Page::Show(page) => show::show(node, &page.slug, &page.format).await,
            Page::Edit(edit) => edit.run(node).await,
            Page::Delete(deletion) => deletion.run(node).await,
        };
        options.with_node(run).await
    }
}

impl NewPage {
    async fn run(self, options: &Options) -> Result<()> {
        let file = self.new.run(options, new::Kind::Page)?;
        if self.publish {
            return publish::Publish::of_file(&file, self.new.format())
                .run(options)
                .await;
        }
        self.new.print(&file, new::Kind::Page)
    }
}

impl Edit {
    async fn run(self, node: &Node) -> Result<()> {
        let old = find(&mut node.store.read().await?, &self.slug).await?;
        let slug = match &self.file {
            Some(file) => {
                let file = PageFile::read(file)?;
                replace(node, &old, file, Leniency::new(self.lenient)).await?
            }
            None => edit(node, &old, self.lenient).await?,
        };
        let verb = if slug.is_some() {
            "Updated"
        } else {
            "Nothing changed"
        };
        let slug = slug.unwrap_or(old.slug);
        let page = find(&mut node.store.read().await?, &slug).await?;
        if self.format.json {
            return output::json(&Summary::of(node, &page));
        }
        print(node, verb, &page)
    }
}

impl Deletion {
    async fn run(self, node: &Node) -> Result<()> {
        let arg = &self.page;
        let page = find(&mut node.store.read().await?, &arg.slug).await?;
        let title = output::one_line(&page.title, 80);
        self.yes.confirm(&format!("Delete the page {title}?"))?;
        pages::delete(node, &page).await?;
        if arg.format.json {
            return output::json(&Summary::of(node, &page));
        }
        output::line(&format!("Deleted: {}", page.title))
    }
}

/// Replaces a page. Returns its slug, unless that changes nothing.
async fn replace(
    node: &Node,
    old: &StaticPage,
    file: PageFile,
    leniency: Leniency<'_>,
) -> Result<Option<String>> {
    let page = pages::prepare(node, file, Some(old), leniency).await?;
    let is_changed = pages::replace(node, old, &page).await?;
    page.warnings
        .iter()
        .for_each(|warning| output::warn(warning));
    Ok(is_changed.then_some(page.fields.slug))
}

/// Opens a page in $EDITOR until it can be stored or the user gives up. Returns its slug, unless nothing was changed.
async fn edit(node: &Node, old: &StaticPage, is_lenient: bool) -> Result<Option<String>> {
    let leniency = Leniency {
        is_lenient,
        known: Some(&old.markdown),
    };
    let draft = Draft {
        name: &old.slug,
        text: &pages::to_source(old)?.to_file_text(),
        command: &format!("page edit {}", old.slug),
    };
    let store = async |text: String| {
        let file = PageFile::parse(editor::NAME.to_owned(), Some(PathBuf::new()), &text)?;
        replace(node, old, file, leniency).await
    };
    match editor::edit(draft, store).await? {
        Edited::Stored(slug) => Ok(slug),
        Edited::Unchanged => Ok(None),
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
