//! `pamphlet page`: publishes, lists, shows, changes and deletes static pages.

mod show;

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
                .try_for_each(|file| PageFile::read(file).map(drop))?,
            Page::Edit(edit) => edit
                .file
                .iter()
                .try_for_each(|file| PageFile::read(file).map(drop))?,
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
        let mut prepared = Vec::new();
        for file in &self.files {
            let leniency = Leniency::new(self.lenient);
            prepared.push(pages::prepare(node, PageFile::read(file)?, None, leniency).await?);
        }
        pages::add(node, &prepared).await?;
        let mut conn = node.store.read().await?;
        let mut pages = Vec::new();
        for page in &prepared {
            page.warnings
                .iter()
                .for_each(|warning| output::warn(warning));
            pages.push(find(&mut conn, &page.fields.slug).await?);
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
                let file = PageFile::read(file)?;
                Some(replace(node, &old, file, Leniency::new(self.lenient)).await?)
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

/// Replaces a page. Returns its slug.
async fn replace(
    node: &Node,
    old: &StaticPage,
    file: PageFile,
    leniency: Leniency<'_>,
) -> Result<String> {
    let page = pages::prepare(node, file, Some(old), leniency).await?;
    pages::replace(node, old, &page).await?;
    page.warnings
        .iter()
        .for_each(|warning| output::warn(warning));
    Ok(page.fields.slug)
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
        Edited::Stored(slug) => Ok(Some(slug)),
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
