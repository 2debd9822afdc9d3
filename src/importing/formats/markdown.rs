//! A folder of Markdown files, as Hugo, Jekyll, Zola and others have them.

use crate::{
    content::{CommentPolicy, PingPolicy},
    importing::{
        ImportError, Source,
        model::{Body, ImportedArticle, ImportedPage, ImportedStatus, Item, Located, Place, Read},
    },
    publishing::{
        PageFile,
        sync::{self, FileRead},
    },
    store::now,
};
use std::path::Path;

/// Opens a folder. `name` distinguishes it from other folders.
///
/// # Errors
/// If it is no folder, or a part of it can't be read.
pub(crate) fn open(folder: &Path, name: &str) -> Result<Source, ImportError> {
    sync::scan(folder)?;
    let root = folder.canonicalize().map_err(|source| ImportError::Read {
        path: folder.display().to_string(),
        source,
    })?;
    let scan = sync::scan(&root)?;
    let folders = sync::site_folders(&root);
    let total = scan.files.len() as u64;
    let items = scan.files.into_iter().filter_map(move |file| {
        let place = Place {
            file: file.path.clone(),
            ..Place::default()
        };
        item_of(sync::read_file(&root, &file), &file.path, place)
    });
    Ok(Source {
        total: Some(total),
        folders,
        ..Source::new(format!("markdown:{name}"), items)
    })
}

/// Returns the item of a file; `None` for a file that is no article.
fn item_of(read: Result<FileRead, String>, path: &str, place: Place) -> Option<Read> {
    let value = match read {
        Ok(FileRead::Article(source)) => {
            let article = source.article;
            Item::Article(Box::new(ImportedArticle {
                key: path.to_owned(),
                title: article.title,
                slug: article
                    .slug
                    .map(|slug| slug.to_string())
                    .unwrap_or_default(),
                body: Body::Markdown(article.markdown),
                summary: article.summary,
                author: article.author,
                tags: article.tags,
                language: article.language.map(|language| language.to_string()),
                status: match (source.is_draft, article.date) {
                    (true, _) => ImportedStatus::Draft,
                    (_, Some(date)) if date.timestamp_millis() > now() => ImportedStatus::Scheduled,
                    _ => ImportedStatus::Published,
                },
                published_at: article.date.map(|date| date.timestamp_millis()),
                updated_at: article.updated.map(|date| date.timestamp_millis()),
                comments_are_open: article
                    .comments
                    .map(|policy| policy != CommentPolicy::Closed),
                pings_are_open: article.pings.map(|policy| policy != PingPolicy::Closed),
                image: article.image.map(|image| image.to_string()),
                image_alt: article.image_alt,
                content_warning: article.content_warning,
                sensitive: article.sensitive,
                former_paths: source.former_paths,
                ..ImportedArticle::default()
            }))
        }
        Ok(FileRead::Page(page)) => {
            let PageFile {
                source,
                menu,
                position,
            } = *page;
            let article = source.article;
            Item::Page(Box::new(ImportedPage {
                key: path.to_owned(),
                title: article.title,
                slug: article
                    .slug
                    .map(|slug| slug.to_string())
                    .unwrap_or_default(),
                body: Body::Markdown(article.markdown),
                summary: article.summary,
                language: article.language.map(|language| language.to_string()),
                is_draft: source.is_draft,
                in_menu: menu.is_some(),
                position,
                image: article.image.map(|image| image.to_string()),
                image_alt: article.image_alt,
                former_paths: source.former_paths,
                ..ImportedPage::default()
            }))
        }
        Ok(FileRead::Skipped) => return None,
        Err(message) => {
            let prefix = format!("{path}: ");
            let value = message.strip_prefix(&prefix).unwrap_or(&message).to_owned();
            return Some(Err(Located { place, value }));
        }
    };
    Some(Ok(Located { place, value }))
}
