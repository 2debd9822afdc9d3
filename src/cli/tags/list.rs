//! `pamphlet tag list`.

use crate::{
    cli::common::{
        Format,
        output::{self, Listing},
    },
    node::Node,
    store::ListedTag,
};
use anyhow::Result;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet tag list\n  pamphlet tag list --sort articles\n  pamphlet tag list --json | jq -r '.[].name'"
)]
pub(crate) struct List {
    /// The order of the list.
    #[arg(long, value_enum, default_value_t = Order::Name)]
    sort: Order,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Order {
    /// By name.
    Name,
    /// The tags with the most articles first.
    Articles,
}

impl List {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let mut tags = node.store.read().await?.listed_tags().await?;
        if let Order::Articles = self.sort {
            tags.sort_by_key(|tag| std::cmp::Reverse(tag.articles));
        }
        let list = Listing {
            items: &tags,
            headings: &["TAG", "ARTICLES", "PUBLISHED", "ALSO WRITTEN", "FORMERLY"],
            empty: "No article has a tag: write `tags: [one, two]` into the front matter of an article.",
        };
        list.print(
            &self.format,
            |tag| to_json(node, tag),
            |tag| {
                vec![
                    output::one_line(&tag.name, 60),
                    tag.articles.to_string(),
                    tag.published.to_string(),
                    output::one_line(&other_spellings(tag).join(", "), 60),
                    output::one_line(&tag.former.join(", "), 60),
                ]
            },
        )
    }
}

/// Returns the spellings that fewer articles have.
fn other_spellings(tag: &ListedTag) -> Vec<String> {
    let others = tag.spellings.iter().skip(1);
    others.map(|(spelling, _)| spelling.clone()).collect()
}

fn to_json(node: &Node, tag: &ListedTag) -> Value {
    json!({
        "name": tag.name,
        "url": node.urls().tag(&tag.name),
        "articles": tag.articles,
        "published": tag.published,
        "spellings": tag.spellings.iter().map(|(name, articles)| json!({"name": name, "articles": articles}))
            .collect::<Vec<_>>(),
        "former": tag.former,
    })
}
