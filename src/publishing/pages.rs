//! Stores Markdown files as static pages.

use super::{
    Leniency, PageFile, PublishError, Source, history,
    pictures::{self, Pictures, StoredPictures},
    source::parse_slug,
};
use crate::{
    content::{ArticleSource, ImageSource, Menu, PageSource, Slug},
    node::Node,
    store::{PageFields, StaticPage, StoreError},
};

/// A page's file with its pictures, ready to be stored.
pub(crate) struct Prepared {
    /// The name in messages.
    pub(crate) name: String,
    pub(crate) fields: PageFields,
    /// Whether it differs from the page that it replaces.
    pub(crate) is_changed: bool,
    pub(super) pictures: Pictures,
    pub(crate) warnings: Vec<String>,
}

/// Reads the pictures of a page's file. The slug comes from the file, from `old`, the page that it replaces, or from the
/// title.
///
/// # Errors
/// If its pictures can't be read, or it has no valid slug.
pub(crate) async fn prepare(
    node: &Node,
    file: PageFile,
    old: Option<&StaticPage>,
    leniency: Leniency<'_>,
) -> Result<Prepared, PublishError> {
    let PageFile {
        mut source,
        menu,
        position,
    } = file;
    let pictures = pictures::read(node, &mut source, leniency).await?;
    let slug = slug_of(node, &source, old)?;
    let (name, warnings) = (source.name.clone(), std::mem::take(&mut source.warnings));
    let fields = fields_of(source, slug, menu, position);
    let is_same = old.is_some_and(|old| fields == shown_fields(old));
    Ok(Prepared {
        name,
        warnings,
        is_changed: !is_same || pictures.has_focuses(),
        fields,
        pictures,
    })
}

/// Returns the fields of a page as its file has them, so that reading what was shown is no change.
fn shown_fields(page: &StaticPage) -> PageFields {
    let shown = to_source(page).map(|source| source.to_file_text());
    let file = shown.and_then(|text| PageFile::parse(String::new(), None, &text));
    match file {
        Ok(file) => fields_of(file.source, page.slug.clone(), file.menu, file.position),
        Err(_) => PageFields::from(page),
    }
}

fn slug_of(node: &Node, source: &Source, old: Option<&StaticPage>) -> Result<String, PublishError> {
    let language = match &source.article.language {
        Some(language) => language.as_str(),
        None => &node.config.site.language,
    };
    let name = &source.name;
    let slug = match (&source.article.slug, old) {
        (Some(slug), _) => slug.to_string(),
        (None, Some(old)) => return Ok(old.slug.clone()),
        (None, None) => match Slug::from_title(&source.article.title, language) {
            Some(slug) => slug.to_string(),
            None => {
                return Err(PublishError::mistake(format!(
                    "{name}: cannot derive a slug from the title: add one to the front matter, such as `slug: about`"
                )));
            }
        },
    };
    if PageSource::is_reserved(&slug) {
        return Err(PublishError::mistake(format!(
            "{name}: {}",
            reserved(&slug)
        )));
    }
    Ok(slug)
}

/// Checks that a page can have a slug.
///
/// # Errors
/// If the node itself has the address.
pub(super) fn check_slug(slug: &str) -> Result<(), PublishError> {
    if PageSource::is_reserved(slug) {
        return Err(PublishError::mistake(reserved(slug)));
    }
    Ok(())
}

fn reserved(slug: &str) -> String {
    format!("the address /{slug} is reserved: choose another slug")
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

/// Stores new pages: all of them, or none.
///
/// # Errors
/// If a slug is taken, or the database or the storage fails.
pub(crate) async fn add(node: &Node, pages: &[Prepared]) -> Result<(), PublishError> {
    let mut stored = Vec::new();
    let added = async {
        for page in pages {
            stored.push(page.pictures.store(node).await?);
        }
        add_rows(node, pages, &stored).await
    };
    if let Err(error) = added.await {
        for pictures in stored {
            pictures.give_up().await;
        }
        return Err(error);
    }
    Ok(())
}

/// Stores the rows of pages whose pictures are stored.
async fn add_rows(
    node: &Node,
    pages: &[Prepared],
    stored: &[StoredPictures<'_>],
) -> Result<(), PublishError> {
    let mut tx = node.store.begin().await?;
    for page in pages {
        let id = match tx.add_page(&page.fields).await {
            Err(StoreError::Duplicate(_)) => return Err(taken(page)),
            other => other?,
        };
        history::sign_page(&mut tx, id, 0).await?;
    }
    for pictures in stored {
        pictures.release(&mut tx).await?;
    }
    Ok(tx.commit().await?)
}

/// Returns the error for a page whose slug another page has.
pub(crate) fn taken(page: &Prepared) -> PublishError {
    let slug = &page.fields.slug;
    PublishError::Taken {
        slug: slug.clone(),
        message: format!(
            "a page with the slug {slug} already exists: run `pamphlet page edit {slug} {}` to change it, \
             or set another slug in the front matter",
            page.name
        ),
    }
}

/// Replaces a page, and removes the pictures that nothing uses any more. Returns whether that changed anything.
///
/// # Errors
/// If its slug is taken, or the database or the storage fails.
pub(crate) async fn replace(
    node: &Node,
    old: &StaticPage,
    page: &Prepared,
) -> Result<bool, PublishError> {
    if !page.is_changed {
        return Ok(false);
    }
    let stored = page.pictures.store(node).await?;
    let updated = update_row(node, old, &page.fields, &stored).await;
    stored.settle(updated).await?;
    remove_unused_pictures(node, old).await?;
    Ok(true)
}

/// Removes the pictures of a page that is changed, except those that something uses.
///
/// # Errors
/// If the database or the storage fails.
pub(super) async fn remove_unused_pictures(
    node: &Node,
    page: &StaticPage,
) -> Result<(), PublishError> {
    let image = page.image_url.as_deref().unwrap_or_default();
    Ok(node
        .media
        .remove_unused_of(&[image, &page.markdown])
        .await?)
}

/// Replaces the row of a page whose new pictures are stored.
async fn update_row(
    node: &Node,
    old: &StaticPage,
    fields: &PageFields,
    pictures: &StoredPictures<'_>,
) -> Result<(), PublishError> {
    let mut tx = node.store.begin().await?;
    let now = tx.page_by_slug(&old.slug).await?;
    if now.is_none_or(|now| now.id != old.id || PageFields::from(&now) != PageFields::from(old)) {
        return Err(PublishError::mistake(format!(
            "the page {} was changed or deleted in the meantime: see `pamphlet page history {}`, then edit it again",
            old.slug, old.slug
        )));
    }
    let last = tx.last_page_version(old.id).await?;
    match tx.update_page(old.id, fields).await {
        Err(StoreError::Duplicate(_)) => {
            let slug = fields.slug.clone();
            return Err(PublishError::Taken {
                message: format!("another page has the slug {slug}: choose another slug"),
                slug,
            });
        }
        other => other?,
    }
    history::sign_page(&mut tx, old.id, last).await?;
    pictures.release(&mut tx).await?;
    Ok(tx.commit().await?)
}

/// Converts a stored page to the contents of its file.
///
/// # Errors
/// If its stored slug is invalid.
pub(crate) fn to_source(page: &StaticPage) -> Result<PageSource, PublishError> {
    let slug = parse_slug(&page.slug)?;
    let image = page.image_url.as_deref().map(|url| match url.parse() {
        Ok(url) => ImageSource::Url(url),
        Err(_) => ImageSource::Path(url.to_owned()),
    });
    Ok(PageSource {
        article: ArticleSource {
            slug: Some(slug),
            summary: page.summary.clone(),
            language: page.language.as_deref().and_then(|tag| tag.parse().ok()),
            image,
            image_alt: page.image_alt.clone(),
            ..ArticleSource::plain(page.title.clone(), page.markdown.clone())
        },
        menu: page.menu.as_deref().and_then(|menu| menu.parse().ok()),
        position: Some(page.position).filter(|position| *position != 0),
    })
}
