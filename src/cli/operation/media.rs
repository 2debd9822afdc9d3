//! `pamphlet media`: the pictures, audio and video files of the site.

use crate::{
    cli::common::{
        Format, Options, confirm,
        output::{self, Listing},
    },
    node::Node,
    store::{Media as Row, MediaUse},
};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::path::PathBuf;

/// List the site's pictures, audio and video files, and remove those that nothing uses.
#[derive(Debug, Subcommand)]
pub(crate) enum Media {
    /// List the files.
    #[command(after_help = "Examples:
  pamphlet media list
  pamphlet media list --unused --json")]
    List(List),
    /// Take files in, for texts to name by their addresses.
    #[command(after_help = "Examples:
  pamphlet media upload lake.jpg --alt \"A lake at dawn\"
  pamphlet media upload talk.mp3 slides.png --json
  pamphlet --remote https://example.org media upload lake.jpg")]
    Upload(Upload),
    /// Show a file with its variants, and what uses it.
    #[command(after_help = "Examples:
  pamphlet media show /media/0123456789abcdef.jpg")]
    Show(Show),
    /// Remove the files that no article, note, page, author or setting uses.
    #[command(after_help = "Examples:
  pamphlet media gc
  pamphlet media gc --yes")]
    Gc(Gc),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// List only files that nothing uses.
    #[arg(long)]
    unused: bool,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Upload {
    /// Pictures, audio and video files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// A description for people who can't see the file.
    #[arg(long, value_name = "TEXT")]
    alt: Option<String>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The name of a file or variant, or its address on the site.
    name: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Gc {
    /// Only list what would be removed.
    #[arg(long)]
    dry_run: bool,
    /// Remove the files. Without this option, they are only listed.
    #[arg(long, short = 'y', conflicts_with = "dry_run")]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

impl Media {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Media::List(list) => list.run(node).await,
            Media::Upload(upload) => upload.run(node).await,
            Media::Show(show) => show.run(node).await,
            Media::Gc(gc) => gc.run(node).await,
        };
        options.with_node(run).await
    }
}

impl Upload {
    async fn run(self, node: &Node) -> Result<()> {
        let mut stored = Vec::new();
        for file in &self.files {
            let new = node.media.read(file).await?;
            let claims = node.media.store(&[&new]).await?;
            let name = new.address().trim_start_matches("/media/").to_owned();
            let mut tx = node.store.begin().await?;
            if self.alt.is_some() {
                tx.set_media_alt(&name, self.alt.as_deref()).await?;
            }
            claims.release(&mut tx).await?;
            let row = tx.media_by_name(&name).await?;
            tx.commit().await?;
            stored.push(row.with_context(|| format!("{} was removed meanwhile", file.display()))?);
        }
        if self.format.json {
            return output::json(&stored.iter().map(described).collect::<Vec<_>>());
        }
        for (file, media) in self.files.iter().zip(&stored) {
            output::line(&format!(
                "Uploaded: {}\n  {}",
                file.display(),
                media.address()
            ))?;
        }
        Ok(())
    }
}

impl List {
    async fn run(self, node: &Node) -> Result<()> {
        let mut files = node.media.all_with_use().await?;
        files.retain(|(_, is_used)| !self.unused || !is_used);
        print(&files, "There are no such files.", &self.format)
    }
}

fn print(files: &[(Row, bool)], empty: &str, format: &Format) -> Result<()> {
    let list = Listing {
        items: files,
        headings: &["NAME", "KIND", "SIZE", "BYTES", "VARIANTS", "USED"],
        empty,
    };
    let to_json = |(media, is_used): &(Row, bool)| {
        let mut value = described(media);
        value["used"] = json!(is_used);
        value
    };
    list.print(format, to_json, |(media, is_used)| {
        let size = media.size();
        vec![
            media.name.clone(),
            media.kind.to_string(),
            size.map_or(String::new(), |(width, height)| format!("{width}x{height}")),
            all_bytes(media).to_string(),
            media.variants.0.len().to_string(),
            if *is_used { "yes" } else { "no" }.to_owned(),
        ]
    })
}

/// Returns the size of a file with its variants.
fn all_bytes(media: &Row) -> i64 {
    let variants = media.variants.0.iter().map(|variant| variant.bytes);
    media.bytes + variants.sum::<i64>()
}

fn described(media: &Row) -> Value {
    let focus = media.focus_x.zip(media.focus_y);
    json!({
        "name": media.name,
        "address": media.address(),
        "kind": media.kind,
        "content_type": media.content_type,
        "width": media.width,
        "height": media.height,
        "blurhash": media.blurhash,
        "focus": focus.map(|(x, y)| [x, y]),
        "bytes": media.bytes,
        "all_bytes": all_bytes(media),
        "variants": media.variants,
        "created": output::timestamp(media.created_at),
        "removed": media.removed_at.map(output::timestamp),
    })
}

impl Show {
    async fn run(self, node: &Node) -> Result<()> {
        let found = node.media.find(&self.name).await?;
        let media = found.with_context(|| format!("no file is named {}", self.name))?;
        let (uses, is_of_site) = node.media.uses(&media).await?;
        if self.format.json {
            let mut value = described(&media);
            let used_by = |used: &MediaUse| json!({"kind": used.kind, "name": used.name});
            value["used_by"] = uses.iter().map(used_by).collect();
            value["used_by_site"] = json!(is_of_site);
            return output::json(&value);
        }
        output::line(&format!("{} ({})", media.address(), media.content_type))?;
        if let Some((width, height)) = media.size() {
            output::line(&format!(
                "  {width} x {height} pixels, {} bytes",
                media.bytes
            ))?;
        } else {
            output::line(&format!("  {} bytes", media.bytes))?;
        }
        if let (Some(x), Some(y)) = (media.focus_x, media.focus_y) {
            output::line(&format!("  focus {x},{y}"))?;
        }
        for variant in &media.variants.0 {
            output::line(&format!(
                "  {} ({} x {}, {} bytes)",
                variant.name, variant.width, variant.height, variant.bytes
            ))?;
        }
        if let Some(time) = media.removed_at {
            output::line(&format!("  removed {}", output::time(time)))?;
        }
        for used in &uses {
            output::line(&format!("  used by the {} {}", used.kind, used.name))?;
        }
        match (is_of_site, uses.is_empty()) {
            (true, _) => output::line("  used by the site's configuration"),
            (false, true) => output::line("  not used"),
            (false, false) => Ok(()),
        }
    }
}

impl Gc {
    async fn run(self, node: &Node) -> Result<()> {
        let mut files = node.media.all_with_use().await?;
        files.retain(|(_, is_used)| !is_used);
        if !self.yes {
            print(&files, "Every file is used.", &self.format)?;
            if self.dry_run || self.format.json || files.is_empty() {
                return Ok(());
            }
            if !confirm::can_ask() {
                return output::line("\nTo remove these files, run `pamphlet media gc --yes`.");
            }
            if !confirm::ask("\nRemove these files?", false)? {
                return Ok(());
            }
        }
        let mut removed = Vec::new();
        for (media, _) in files {
            if node.media.remove(&media).await? {
                removed.push(media);
            }
        }
        if self.format.json {
            return output::json(&removed.iter().map(described).collect::<Vec<_>>());
        }
        let bytes: i64 = removed.iter().map(all_bytes).sum();
        output::line(&format!(
            "Removed {}, {bytes} bytes",
            output::counted(removed.len(), "file")
        ))
    }
}
