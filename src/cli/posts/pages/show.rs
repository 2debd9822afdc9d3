//! `pamphlet page list` and `show`.

use super::find;
use crate::{
    cli::common::{
        Format,
        output::{self, Listing},
    },
    content::{ArticleSource, ImageSource, PageSource},
    node::Node,
    store::StaticPage,
};
use anyhow::{Context, Result};
use serde::Serialize;

/// The number of pages that are read at once.
const BATCH: i64 = 500;

/// A page as JSON for scripts.
#[derive(Serialize)]
pub(super) struct Summary {
    url: String,
    slug: String,
    title: String,
    language: Option<String>,
    menu: Option<String>,
    position: i64,
    created: String,
    updated: Option<String>,
}

impl Summary {
    pub(super) fn of(node: &Node, page: &StaticPage) -> Self {
        Summary {
            url: node.urls().at(&format!("/{}", page.slug)),
            slug: page.slug.clone(),
            title: page.title.clone(),
            language: page.language.clone(),
            menu: page.menu.clone(),
            position: page.position,
            created: output::timestamp(page.created_at),
            updated: page.updated_at.map(output::timestamp),
        }
    }
}

pub(super) async fn list(node: &Node, format: &Format) -> Result<()> {
    let mut conn = node.store.read().await?;
    let mut pages: Vec<StaticPage> = Vec::new();
    loop {
        let after = pages.last().map_or(0, |page| page.id);
        let more = conn.pages(after, BATCH).await?;
        if more.is_empty() {
            break;
        }
        pages.extend(more);
    }
    let list = Listing {
        items: &pages,
        headings: &["SLUG", "MENU", "TITLE"],
        empty: "There are no pages: run `pamphlet page publish FILE.md` to publish one.",
    };
    list.print(
        format,
        |page| Summary::of(node, page),
        |page| {
            vec![
                page.slug.clone(),
                page.menu.clone().unwrap_or_default(),
                output::one_line(&page.title, 60),
            ]
        },
    )
}

pub(super) async fn show(node: &Node, slug: &str, format: &Format) -> Result<()> {
    let page = find(&mut node.store.read().await?, slug).await?;
    if format.json {
        let mut value = serde_json::to_value(Summary::of(node, &page))?;
        value["markdown"] = page.markdown.clone().into();
        return output::json(&value);
    }
    let text = to_source(&page)?.to_file_text();
    output::line(text.strip_suffix('\n').unwrap_or(&text))
}

/// Converts a stored page to the contents of its file.
///
/// # Errors
/// If its stored slug is invalid.
pub(super) fn to_source(page: &StaticPage) -> Result<PageSource> {
    let slug = page.slug.parse();
    let slug = slug.with_context(|| format!("the slug {}", page.slug))?;
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
