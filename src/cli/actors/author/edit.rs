//! `pamphlet author edit`.

use super::{
    profile::{Profile, fields_of, parse_name, warning_of},
    show::{find, print_changed},
    text::{self, EditedProfile},
};
use crate::{
    cli::common::{
        Format,
        editor::{self, Draft, Edited},
        output,
        pictures::remove_unused,
    },
    content::Username,
    node::Node,
    publishing::source::read_text,
    store::{Author, AuthorFields},
};
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet author edit ada
  pamphlet author edit ada --name 'Ada Lovelace' --bio 'Writes about *engines*.'
  pamphlet author edit ada --picture ada.jpg --picture-alt 'Ada at her desk'
  pamphlet author edit ada --no-links

Without options, $EDITOR is opened with the whole profile: front matter, and the biography below it. A file with such
a text can be given instead.")]
pub(crate) struct Edit {
    /// The author's user name.
    username: Username,
    /// A file with the whole profile, as the editor shows it.
    #[arg(conflicts_with_all = [
        "name", "bio", "picture", "picture_alt", "links", "no_picture", "no_links",
    ])]
    file: Option<PathBuf>,
    /// The name that readers see.
    #[arg(long, value_parser = parse_name)]
    name: Option<String>,
    /// A short biography in Markdown.
    #[arg(long)]
    bio: Option<String>,
    #[command(flatten)]
    profile: Profile,
    /// Remove the picture.
    #[arg(long, conflicts_with = "picture")]
    no_picture: bool,
    /// Remove all links.
    #[arg(long, conflicts_with = "links")]
    no_links: bool,
    #[command(flatten)]
    format: Format,
}

impl Edit {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let old = find(&mut node.store.read().await?, self.username.as_str()).await?;
        let username = old.username.clone();
        let summary = match &self.file {
            Some(path) => {
                let named = || format!("cannot use {}", path.display());
                let text = read_text(path).with_context(named)?;
                replace(node, &old, text::read(&text).with_context(named)?).await?
            }
            None if self.has_options() => self.apply(node, &old).await?,
            None => edit(node, &old).await?,
        };
        print_changed(node, &username, &self.format, &summary).await
    }

    fn has_options(&self) -> bool {
        let has_text = self.name.is_some() || self.bio.is_some();
        has_text || self.profile.is_given() || self.no_picture || self.no_links
    }

    /// Changes what the options name. Returns a sentence about it.
    async fn apply(&self, node: &Node, old: &Author) -> Result<String> {
        let mut fields = fields_of(old);
        if self.no_picture {
            (fields.picture_url, fields.picture_alt) = (None, None);
        }
        if self.no_links {
            fields.links = Vec::new();
        }
        fields.name = self.name.clone().unwrap_or(fields.name);
        fields.bio = self.bio.clone().unwrap_or(fields.bio);
        store(node, old, fields, &self.profile).await
    }
}

/// Opens the profile in $EDITOR.
async fn edit(node: &Node, old: &Author) -> Result<String> {
    let draft = Draft {
        name: &old.username,
        text: &text::text_of(&fields_of(old))?,
        command: &format!("author edit {}", old.username),
    };
    let stored = editor::edit(draft, async |text: String| {
        replace(node, old, text::read(&text)?).await
    });
    Ok(match stored.await? {
        Edited::Stored(summary) => summary,
        Edited::Unchanged => unchanged(old),
    })
}

/// Replaces the whole profile.
async fn replace(node: &Node, old: &Author, edited: EditedProfile) -> Result<String> {
    let mut fields = AuthorFields {
        name: edited.name,
        bio: edited.bio,
        picture_url: None,
        picture_alt: edited.picture_alt,
        links: Vec::new(),
        ..fields_of(old)
    };
    let mut profile = Profile {
        picture: edited.picture,
        picture_alt: None,
        links: edited.links,
    };
    if profile.picture == old.picture_url {
        // It is stored already.
        fields.picture_url = profile.picture.take();
    }
    store(node, old, fields, &profile).await
}

/// Stores a changed profile. Returns a sentence about it.
async fn store(
    node: &Node,
    old: &Author,
    mut fields: AuthorFields,
    profile: &Profile,
) -> Result<String> {
    let claims = profile.apply_to(&mut fields, node).await?;
    let is_changed = fields != fields_of(old);
    let mut tx = node.store.begin().await?;
    if is_changed {
        tx.update_author(old.id, &fields).await?;
    }
    claims.release(&mut tx).await?;
    tx.commit().await?;
    if !is_changed {
        return Ok(unchanged(old));
    }
    let picture = old.picture_url.as_deref().unwrap_or_default();
    remove_unused(node, &[picture, &old.bio]).await?;
    if let Some(warning) = warning_of(&fields) {
        output::warn(warning);
    }
    Ok(format!("Changed {} ({})", fields.name, old.username))
}

fn unchanged(old: &Author) -> String {
    format!("Nothing changed: {} is as before", old.name)
}
