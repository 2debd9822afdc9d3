//! `pamphlet post open` and `page open`: show a published text in the browser.

use crate::{
    cli::common::{Format, lookup, output},
    node::Node,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;

/// The text to open.
#[derive(Debug, Args)]
pub(crate) struct Open {
    /// The slug.
    slug: String,
    /// Only print the address.
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    format: Format,
}

impl Open {
    /// Opens an article.
    pub(super) async fn article(self, node: &Node) -> Result<()> {
        let article = lookup::article(&mut node.store.read().await?, &self.slug).await?;
        let slug = &article.slug;
        if !article.is_visible() {
            bail!(
                "{slug} is not public yet: run `pamphlet post preview {slug}` to see it, or `pamphlet post share {slug}` \
                 to show it to others"
            );
        }
        self.show(&node.urls().permalink(&article))
    }

    /// Opens a static page.
    pub(super) async fn page(self, node: &Node) -> Result<()> {
        let found = node.store.read().await?.page_by_slug(&self.slug).await?;
        let page = found.with_context(|| {
            format!(
                "no page has the slug {}: run `pamphlet page list` to list pages",
                self.slug
            )
        })?;
        let url = node.urls().at(&format!("/{}", page.slug));
        self.show(url.as_ref())
    }

    fn show(&self, url: &str) -> Result<()> {
        if self.format.json {
            return output::json(&json!({"url": url}));
        }
        output::line(url)?;
        if self.print || !has_desktop() {
            return Ok(());
        }
        open::that_detached(url).context("the browser can't be started")
    }
}

/// Returns whether a browser can show something to the user.
fn has_desktop() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_remote = is_set("SSH_CONNECTION") && !is_set("DISPLAY");
    if cfg!(target_os = "linux") {
        is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
    } else {
        !is_remote
    }
}
