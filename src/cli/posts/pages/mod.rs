//! `pamphlet page`: publishes, lists, shows, changes and deletes static pages.

mod publish;
mod show;

use super::{
    edit::is_stdin,
    inputs::{STDIN_NAME, read_stdin},
    lifecycle::{
        bin::{PageBin, Restore},
        history::{self, Diff, Revert},
    },
    new, open, search,
};
use crate::{
    cli::common::{
        Format, Options, Yes,
        editor::{self, Draft, Edited},
        output,
    },
    content::Slug,
    node::Node,
    publishing::{
        Leniency, PageFile, bin,
        history::{Version, of_page, revert_page, set_writer_from_environment},
        pages, rename,
    },
    store::{Conn, StaticPage},
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use show::Summary;
use std::path::{Path, PathBuf};

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
    #[command(after_help = "Examples:\n  pamphlet page list\n  pamphlet page list --json")]
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Print a page as the Markdown file that it can be made of.
    #[command(after_help = "Examples:\n  pamphlet page show about > about.md")]
    Show(PageArg),
    /// Replace a page by a Markdown file, or edit it in $EDITOR.
    #[command(
        after_help = "Examples:\n  pamphlet page edit about\n  pamphlet page edit about about.md"
    )]
    Edit(Edit),
    /// Give a page another slug. Its former address redirects for ever.
    #[command(after_help = "Examples:\n  pamphlet page rename about-us about")]
    Rename(Rename),
    /// Delete a page. It stays in the bin for 30 days.
    #[command(
        after_help = "Examples:\n  pamphlet page delete about\n  pamphlet page delete about --yes"
    )]
    Delete(Deletion),
    /// Restore a deleted page from the bin. It is public at once.
    #[command(after_help = "Examples:\n  pamphlet page restore about\n  \
        pamphlet page restore about --slug about-us")]
    Restore(Restore),
    /// List the deleted pages that can be restored, or delete them for ever.
    #[command(after_help = "Examples:\n  pamphlet page bin\n  pamphlet page bin empty")]
    Bin(PageBin),
    /// List what changed in a page, when and by whom.
    #[command(after_help = "Examples:\n  pamphlet page history about")]
    History(PageArg),
    /// Compare two versions of a page.
    #[command(after_help = "Examples:\n  pamphlet page diff about\n  pamphlet page diff about 1 3")]
    Diff(Diff),
    /// Give a page the text and properties of an earlier version. Its slug stays.
    #[command(after_help = "Examples:\n  pamphlet page revert about 2")]
    Revert(Revert),
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
    /// A Markdown file with front matter, or `-` for standard input. Without it, $EDITOR is opened.
    file: Option<PathBuf>,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

/// The page to rename.
#[derive(Debug, Args)]
pub(crate) struct Rename {
    /// The page's slug.
    #[arg(value_name = "OLD")]
    slug: String,
    /// Its new slug.
    #[arg(value_name = "NEW")]
    new: Slug,
    #[command(flatten)]
    format: Format,
}

impl Page {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        set_writer_from_environment();
        match self {
            Page::New(new) => return new.run(options).await,
            Page::Publish(publish) => return publish.run(options).await,
            _ => {}
        }
        // Read before anything is opened, so that a mistake in it leaves nothing behind.
        if let Page::Edit(edit) = &self
            && let Some(file) = edit.file.as_deref().filter(|file| !is_stdin(file))
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
            Page::Rename(rename) => rename.run(node).await,
            Page::Delete(deletion) => deletion.run(node).await,
            Page::Restore(arg) => restore(node, &arg).await,
            Page::Bin(bin) => bin.run(node).await,
            Page::History(page) => history::print(&versions(node, &page.slug).await?, &page.format),
            Page::Diff(diff) => diff.print(&versions(node, &diff.slug).await?),
            Page::Revert(arg) => revert(node, arg).await,
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
                let file = read(file)?;
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
        bin::delete_page(node, &page).await?;
        if arg.format.json {
            return output::json(&Summary::of(node, &page));
        }
        output::line(&format!(
            "Deleted: {}\n  It stays in the bin for 30 days: run `pamphlet page restore {}` to take it back.",
            page.title, page.slug
        ))
    }
}

impl Rename {
    async fn run(self, node: &Node) -> Result<()> {
        let page = find(&mut node.store.read().await?, &self.slug).await?;
        let page = rename::rename_page(node, &page, &self.new).await?;
        if self.format.json {
            return output::json(&Summary::of(node, &page));
        }
        print(node, "Renamed", &page)
    }
}

async fn restore(node: &Node, arg: &Restore) -> Result<()> {
    let page = bin::restore_page(node, arg.which(), arg.slug()).await?;
    if arg.format().json {
        return output::json(&Summary::of(node, &page));
    }
    print(node, "Restored", &page)
}

async fn versions(node: &Node, slug: &str) -> Result<Vec<Version>> {
    let page = find(&mut node.store.read().await?, slug).await?;
    Ok(of_page(node, &page).await?)
}

async fn revert(node: &Node, arg: Revert) -> Result<()> {
    let page = find(&mut node.store.read().await?, &arg.slug).await?;
    let reverted = revert_page(node, &page, arg.version).await?;
    history::warn(&reverted);
    let page = find(&mut node.store.read().await?, &arg.slug).await?;
    if arg.format.json {
        return output::json(&Summary::of(node, &page));
    }
    if reverted.is_changed {
        let verb = format!("Reverted to version {}", arg.version);
        return print(node, &verb, &page);
    }
    print(node, "Nothing changed", &page)
}

/// Reads a file or the standard input.
fn read(path: &Path) -> Result<PageFile> {
    if is_stdin(path) {
        let (name, folder) = (STDIN_NAME.to_owned(), Some(PathBuf::new()));
        return Ok(PageFile::parse(name, folder, &read_stdin()?)?);
    }
    Ok(PageFile::read(path)?)
}

/// Replaces a page. Returns its slug, unless nothing was changed.
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
