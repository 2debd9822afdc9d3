//! `pamphlet page list` and `show`.

use super::find;
use crate::{
    cli::common::{
        Format,
        output::{self, Listing},
    },
    node::Node,
    publishing::pages::to_source,
    store::StaticPage,
};
use anyhow::Result;
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
