//! `pamphlet page publish`: from files, folders and standard input; all of them, or none.

use super::{find, print, show::Summary};
use crate::{
    cli::{
        common::{Format, Options, output},
        posts::inputs::{Input, Inputs, STDIN_NAME, report_mistakes},
    },
    node::Node,
    publishing::{
        Leniency, PageFile, PublishError,
        pages::{self, Prepared},
    },
};
use anyhow::Result;
use clap::Args;
use serde_json::json;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// The pages to publish.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet page publish about.md imprint.md
  pamphlet page publish content/pages --dry-run
  cat about.md | pamphlet page publish -")]
pub(crate) struct Publish {
    /// Markdown files, folders of them, or `-` for standard input. Keys of the front matter: title, slug, summary,
    /// language, image, image_alt, menu (header or footer), position.
    #[arg(value_name = "FILE|FOLDER", required = true)]
    sources: Vec<String>,
    /// Check everything, and show what would be stored, but store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Only warn of pictures that are missing or can't be taken in.
    #[arg(long)]
    lenient: bool,
    #[command(flatten)]
    format: Format,
}

impl Publish {
    /// Creates the command that publishes one new file.
    pub(super) fn of_file(file: &Path, json: bool) -> Publish {
        Publish {
            sources: vec![file.display().to_string()],
            dry_run: false,
            lenient: false,
            format: Format { json },
        }
    }

    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let files = read_all(Inputs::find(&self.sources, false)?.list)?;
        let run = async |node: &Node| self.store(node, files).await;
        options.with_node(run).await
    }

    async fn store(self, node: &Node, files: Vec<PageFile>) -> Result<()> {
        let prepared = self.prepare(node, files).await?;
        for page in &prepared {
            for warning in &page.warnings {
                match prepared.len() {
                    1 => output::warn(warning),
                    _ => output::warn(&format!("{}: {warning}", page.name)),
                }
            }
        }
        if self.dry_run {
            return self.print_dry(node, &prepared);
        }
        pages::add(node, &prepared).await?;
        let mut conn = node.store.read().await?;
        let mut stored = Vec::new();
        for page in &prepared {
            stored.push(find(&mut conn, &page.fields.slug).await?);
        }
        if self.format.json {
            let list: Vec<_> = stored.iter().map(|page| Summary::of(node, page)).collect();
            return output::json(&list);
        }
        stored
            .iter()
            .try_for_each(|page| print(node, "Published", page))
    }

    /// Checks all files before one is stored.
    async fn prepare(&self, node: &Node, files: Vec<PageFile>) -> Result<Vec<Prepared>> {
        let total = files.len();
        let (mut prepared, mut mistakes) = (Vec::<Prepared>::new(), Vec::new());
        let mut seen: HashMap<String, String> = HashMap::new();
        for file in files {
            let leniency = Leniency::new(self.lenient);
            let page = match pages::prepare(node, file, None, leniency).await {
                Ok(page) => page,
                Err(error) => {
                    mistakes.push(error.into());
                    continue;
                }
            };
            let slug = page.fields.slug.clone();
            if let Some(other) = seen.insert(slug.clone(), page.name.clone()) {
                mistakes.push(anyhow::anyhow!(
                    "{other} and {} have the same slug {slug}: set another slug in the front matter of one",
                    page.name
                ));
            } else if node
                .store
                .read()
                .await?
                .page_by_slug(&slug)
                .await?
                .is_some()
            {
                mistakes.push(pages::taken(&page).into());
            } else {
                prepared.push(page);
            }
        }
        report_mistakes(mistakes, total)?;
        Ok(prepared)
    }

    fn print_dry(&self, node: &Node, prepared: &[Prepared]) -> Result<()> {
        let url = |page: &Prepared| node.urls().at(&format!("/{}", page.fields.slug));
        if self.format.json {
            let list: Vec<_> = prepared
                .iter()
                .map(|page| {
                    json!({
                        "source": page.name,
                        "slug": page.fields.slug,
                        "title": page.fields.title,
                        "url": url(page),
                        "warnings": page.warnings,
                    })
                })
                .collect();
            return output::json(&list);
        }
        for page in prepared {
            let title = &page.fields.title;
            output::line(&format!("Would be published: {title}\n  {}", url(page)))?;
        }
        let count = output::counted(prepared.len(), "page");
        output::line(&format!("{count} checked; nothing was stored."))
    }
}

/// Reads all files before anything is opened, so that a mistake in one leaves nothing behind.
fn read_all(inputs: Vec<Input>) -> Result<Vec<PageFile>> {
    let (mut files, mut mistakes) = (Vec::new(), Vec::new());
    let total = inputs.len();
    for input in inputs {
        let read = match input {
            Input::File(path) => PageFile::read(&path),
            Input::Slug(name) => PageFile::read(&PathBuf::from(name)),
            // The files that it names are relative to the current folder.
            Input::Text(text) => {
                PageFile::parse(STDIN_NAME.to_owned(), Some(PathBuf::new()), &text)
            }
        };
        match read {
            Ok(file) if file.source.is_draft => mistakes.push(anyhow::Error::from(
                PublishError::Mistake(format!(
                    "{} says that it is a draft, and pages have none: remove that line to publish it",
                    file.source.name
                )),
            )),
            Ok(file) => files.push(file),
            Err(error) => mistakes.push(error.into()),
        }
    }
    report_mistakes(mistakes, total)?;
    Ok(files)
}
