//! `pamphlet tag rename` and `merge`.

use crate::{
    cli::common::{
        Format,
        exit::UsageError,
        output::{self, counted},
    },
    content::{Announcement, hashtag},
    node::Node,
    publishing::tags,
    store::{ListedTag, TaggedArticle},
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

/// The number of articles that are listed for people.
const MAX_LISTED: usize = 20;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet tag rename SciFi \"Science fiction\"\n  pamphlet tag rename books Books\n  pamphlet tag rename films Cinema --dry-run"
)]
pub(crate) struct Rename {
    /// The tag, in any spelling.
    old: String,
    /// The new tag, spelled as readers see it.
    new: String,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet tag merge film movie movies Films\n  pamphlet tag merge film Films --dry-run --json"
)]
pub(crate) struct Merge {
    /// The tags to merge, and last the tag into which they are merged, spelled as readers see it.
    #[arg(value_name = "TAG", required = true, num_args = 2..)]
    tags: Vec<String>,
    #[command(flatten)]
    how: How,
}

/// How the tags of many articles are changed.
#[derive(Debug, Args)]
struct How {
    /// Only show which articles would be changed.
    #[arg(long)]
    dry_run: bool,
    /// Send the changed articles to followers as updates. Without it, nobody is told.
    #[arg(long)]
    tell: bool,
    #[command(flatten)]
    format: Format,
}

impl Rename {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let new = checked(&self.new)?;
        let tags = node.store.read().await?.listed_tags().await?;
        let old = find(&tags, &self.old)?;
        let key = hashtag::key(&new);
        if key != old.key
            && let Some(other) = tags.iter().find(|tag| tag.key == key)
        {
            bail!(
                "the tag {} already exists on {}: run `pamphlet tag merge {} {}` to merge both",
                other.name,
                counted(other.articles, "article"),
                quoted(&old.name),
                quoted(&new)
            );
        }
        self.how.replace(node, &[old], &new).await
    }
}

impl Merge {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let Some((into, olds)) = self.tags.split_last() else {
            return Err(UsageError::new("name the tags to merge").into());
        };
        let into = checked(into)?;
        let tags = node.store.read().await?.listed_tags().await?;
        let mut found = Vec::new();
        for old in olds {
            found.push(find(&tags, old)?);
        }
        self.how.replace(node, &found, &into).await
    }
}

impl How {
    /// Replaces tags by one in all articles, or shows what that would change.
    async fn replace(&self, node: &Node, olds: &[&ListedTag], new: &str) -> Result<()> {
        let keys: Vec<String> = olds.iter().map(|tag| tag.key.clone()).collect();
        let changed = if self.dry_run {
            node.store
                .read()
                .await?
                .articles_with_tags(&keys, new)
                .await?
        } else {
            let announcement = match self.tell {
                true => Announcement::Tell,
                false => Announcement::Silent,
            };
            tags::replace(node, &keys, new, announcement).await?
        };
        if self.format.json {
            return output::json(&json!({
                "tags": olds.iter().map(|tag| &tag.name).collect::<Vec<_>>(),
                "new": new,
                "url": node.urls().tag(new),
                "dry_run": self.dry_run,
                "told": self.tell && !self.dry_run,
                "articles": changed.iter().map(|article| json!({
                    "slug": article.slug,
                    "title": article.title,
                    "published": article.is_visible(),
                    "synced": article.is_synced,
                })).collect::<Vec<_>>(),
            }));
        }
        self.print(node, olds, new, &changed)
    }

    fn print(
        &self,
        node: &Node,
        olds: &[&ListedTag],
        new: &str,
        changed: &[TaggedArticle],
    ) -> Result<()> {
        let names: Vec<&str> = olds.iter().map(|tag| tag.name.as_str()).collect();
        let names = names.join(", ");
        if changed.is_empty() {
            let state = match self.dry_run {
                true => "Nothing would change",
                false => "Nothing changed",
            };
            return output::line(&format!(
                "{state}: all articles already have the tag {new}."
            ));
        }
        let articles = counted(changed.len(), "article");
        let published = changed
            .iter()
            .filter(|article| article.is_visible())
            .count();
        let told = match (self.tell, published) {
            (true, 1..) => format!("sent to followers as {}", counted(published, "update")),
            _ => "no follower is told".to_owned(),
        };
        let verb = match self.dry_run {
            true => "Would change",
            false => "Changed",
        };
        output::line(&format!("{verb}: {names} -> {new} in {articles}; {told}."))?;
        for article in changed.iter().take(MAX_LISTED) {
            output::line(&format!(
                "  {}  {}",
                article.slug,
                output::one_line(&article.title, 60)
            ))?;
        }
        if changed.len() > MAX_LISTED {
            output::line(&format!(
                "  and {} more; --json lists all",
                changed.len() - MAX_LISTED
            ))?;
        }
        let key = hashtag::key(new);
        if olds.iter().any(|tag| tag.key != key) {
            let tense = match self.dry_run {
                true => "would lead",
                false => "now lead",
            };
            output::line(&format!(
                "The former addresses {tense} to {}",
                node.urls().tag(new)
            ))?;
        }
        let synced = changed.iter().filter(|article| article.is_synced).count();
        if synced > 0 {
            output::line(&format!(
                "Note: {} made from files by `pamphlet sync`: change the tags in the files too.",
                match synced {
                    1 => "1 of these articles was".to_owned(),
                    more => format!("{more} of these articles were"),
                }
            ))?;
        }
        Ok(())
    }
}

/// Returns a tag in the form in which it is stored.
fn checked(tag: &str) -> Result<String> {
    let tag = tags::normalize(tag);
    if tag.is_empty() {
        return Err(UsageError::new("the new tag is empty: write a word such as `Books`").into());
    }
    Ok(tag)
}

fn find<'a>(tags: &'a [ListedTag], name: &str) -> Result<&'a ListedTag> {
    let key = hashtag::key(name);
    if let Some(found) = tags.iter().find(|tag| tag.key == key) {
        return Ok(found);
    }
    if let Some(successor) = tags.iter().find(|tag| tag.former.contains(&key)) {
        bail!(
            "no article has the tag {name}: it was renamed to {}",
            successor.name
        );
    }
    let distance = |tag: &&ListedTag| strsim::damerau_levenshtein(&tag.key, &key);
    let closest = tags.iter().min_by_key(distance);
    match closest.filter(|tag| distance(tag) <= 2.max(key.chars().count() / 3)) {
        Some(closest) => bail!(
            "no article has the tag {name}: did you mean {}?",
            closest.name
        ),
        None => bail!("no article has the tag {name}: run `pamphlet tag list` to list tags"),
    }
}

/// Quotes a tag for the shell if it has blanks or other special characters.
fn quoted(tag: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    match tag.chars().all(is_plain) {
        true => tag.to_owned(),
        false => format!("'{}'", tag.replace('\'', "'\\''")),
    }
}
