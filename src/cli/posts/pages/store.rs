//! Stores Markdown files as static pages.

use super::show::to_source;
use crate::{
    cli::{
        common::{output, pictures::remove_unused},
        posts::{
            editor::Edited,
            pictures::{self, Leniency, Pictures, StoredPictures},
            source_file::{Source, read_page_source},
        },
    },
    content::{ImageSource, Menu, PageSource, Slug},
    node::Node,
    store::{PageFields, StaticPage, StoreError},
};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// Checks that a file is a page.
///
/// # Errors
/// If it can't be read or is invalid.
pub(super) fn check(path: &Path) -> Result<()> {
    read_page_source(path).map(drop)
}

/// A page's file with its pictures, ready to be stored.
struct Prepared {
    fields: PageFields,
    pictures: Pictures,
    warnings: Vec<String>,
}

/// Reads a page's file and its pictures. The slug comes from the file, from `old`, the page that it replaces, or from the
/// title.
async fn prepare(
    node: &Node,
    path: &Path,
    old: Option<&StaticPage>,
    leniency: Leniency<'_>,
) -> Result<Prepared> {
    let (mut source, menu, position) = read_page_source(path)?;
    let pictures = pictures::read(node, &mut source, leniency).await?;
    let slug = slug_of(node, &source, path, old)?;
    Ok(Prepared {
        warnings: std::mem::take(&mut source.warnings),
        fields: fields_of(source, slug, menu, position),
        pictures,
    })
}

fn slug_of(node: &Node, source: &Source, path: &Path, old: Option<&StaticPage>) -> Result<String> {
    let language = match &source.article.language {
        Some(language) => language.as_str(),
        None => &node.config.site.language,
    };
    let shown = path.display();
    let slug = match (&source.article.slug, old) {
        (Some(slug), _) => slug.to_string(),
        (None, Some(old)) => return Ok(old.slug.clone()),
        (None, None) => match Slug::from_title(&source.article.title, language) {
            Some(slug) => slug.to_string(),
            None => bail!(
                "{shown}: cannot derive a slug from the title: add one to the front matter, such as `slug: about`"
            ),
        },
    };
    if PageSource::is_reserved(&slug) {
        bail!("{shown}: the address /{slug} is reserved: choose another slug");
    }
    Ok(slug)
}

fn fields_of(source: Source, slug: String, menu: Option<Menu>, position: i64) -> PageFields {
    let page = source.article;
    PageFields {
        slug,
        title: page.title,
        markdown: page.markdown,
        summary: page.summary,
        language: page.language.map(|language| language.to_string()),
        menu: menu.map(|menu| menu.to_string()),
        position,
        image_url: page.image.map(|image| match image {
            ImageSource::Url(url) => url.to_string(),
            ImageSource::Path(address) => address,
        }),
        image_alt: page.image_alt,
    }
}

/// Stores files as new pages: all of them, or none. Returns their slugs.
///
/// # Errors
/// If a file or its pictures can't be read, a slug is taken, or the database fails.
pub(super) async fn add(node: &Node, files: &[PathBuf], is_lenient: bool) -> Result<Vec<String>> {
    let leniency = Leniency {
        is_lenient,
        known: None,
    };
    let mut pages = Vec::new();
    for file in files {
        pages.push((file, prepare(node, file, None, leniency).await?));
    }
    let mut stored = Vec::new();
    let added = async {
        for (_, page) in &pages {
            stored.push(page.pictures.store(node).await?);
        }
        add_rows(node, &pages, &stored).await
    };
    if let Err(error) = added.await {
        for pictures in stored {
            pictures.give_up().await;
        }
        return Err(error);
    }
    let warnings = pages.iter().flat_map(|(_, page)| &page.warnings);
    warnings.for_each(|warning| output::warn(warning));
    Ok(pages
        .into_iter()
        .map(|(_, page)| page.fields.slug)
        .collect())
}

/// Stores the rows of pages whose pictures are stored.
async fn add_rows(
    node: &Node,
    pages: &[(&PathBuf, Prepared)],
    stored: &[StoredPictures<'_>],
) -> Result<()> {
    let mut tx = node.store.begin().await?;
    for (file, page) in pages {
        let slug = &page.fields.slug;
        match tx.add_page(&page.fields).await {
            Err(StoreError::Duplicate(_)) => bail!(
                "a page with the slug {slug} already exists: run `pamphlet page edit {slug} {}` to change it, \
                 or set another slug in the front matter",
                file.display()
            ),
            other => other?,
        };
    }
    for pictures in stored {
        pictures.release(&mut tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Replaces a page by a file. Returns its slug.
///
/// # Errors
/// If the file or its pictures can't be read, its slug is taken, or the database fails.
pub(super) async fn replace(
    node: &Node,
    old: &StaticPage,
    file: &Path,
    leniency: Leniency<'_>,
) -> Result<String> {
    let page = prepare(node, file, Some(old), leniency).await?;
    let stored = page.pictures.store(node).await?;
    let updated = update_row(node, old, &page.fields, &stored).await;
    stored.settle(updated).await?;
    page.warnings
        .iter()
        .for_each(|warning| output::warn(warning));
    let image = old.image_url.as_deref().unwrap_or_default();
    remove_unused(node, &[image, &old.markdown]).await?;
    Ok(page.fields.slug)
}

/// Replaces the row of a page whose new pictures are stored.
async fn update_row(
    node: &Node,
    old: &StaticPage,
    fields: &PageFields,
    pictures: &StoredPictures<'_>,
) -> Result<()> {
    let mut tx = node.store.begin().await?;
    match tx.update_page(old.id, fields).await {
        Err(StoreError::Duplicate(_)) => bail!(
            "another page has the slug {}: choose another slug",
            fields.slug
        ),
        other => other?,
    }
    pictures.release(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Opens a page in $EDITOR until it can be stored or the user gives up. Returns its slug.
///
/// # Errors
/// If the editor fails or the user gives up.
pub(super) async fn edit(node: &Node, old: &StaticPage, is_lenient: bool) -> Result<String> {
    let leniency = Leniency {
        is_lenient,
        known: Some(&old.markdown),
    };
    let edited = Edited::new("page edit", &old.slug, to_source(old)?.to_file_text())?;
    loop {
        if let Err(error) = edited.open() {
            return Err(edited.give_up(&error));
        }
        match replace(node, old, &edited.path(), leniency).await {
            Ok(slug) => return Ok(slug),
            Err(error) if edited.asks_again(&error)? => {}
            Err(error) => return Err(edited.give_up(&error)),
        }
    }
}
