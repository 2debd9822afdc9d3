//! `pamphlet author`: the publication's authors, with or without an actor of their own.

use crate::{
    cli::common::{
        Format, Options,
        output::{self, Listing},
        pictures::{import, remove_unused},
    },
    content::Username,
    node::{Node, media::Claims},
    store::{Author as Row, AuthorFields, ProfileLink, StoreError},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use std::str::FromStr;
use url::Url;

/// Manage the publication's authors.
#[derive(Debug, Subcommand)]
pub(crate) enum Author {
    /// Add an author, to whom articles refer by `author:` in their front matter.
    #[command(after_help = "Examples:
  pamphlet author add ada --name \"Ada Lovelace\"
  pamphlet author add ada --name \"Ada Lovelace\" --federated --picture ada.jpg --picture-alt \"A portrait\"")]
    Add(Add),
    /// Change an author's profile. Options that are not given keep their values.
    #[command(after_help = "Examples:
  pamphlet author edit ada --bio \"Writes about *engines*.\"
  pamphlet author edit ada --link Website=https://ada.example/")]
    Edit(Edit),
    /// List the authors.
    #[command(after_help = "Examples:
  pamphlet author list
  pamphlet author list --json")]
    List {
        #[command(flatten)]
        format: Format,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    username: Username,
    /// The name that readers see.
    #[arg(long)]
    name: String,
    /// A short biography in Markdown.
    #[arg(long, default_value = "")]
    bio: String,
    /// Give the author an actor, which publishes their articles. The site boosts them.
    #[arg(long)]
    federated: bool,
    #[command(flatten)]
    profile: Profile,
}

#[derive(Debug, Args)]
pub(crate) struct Edit {
    username: Username,
    /// The name that readers see.
    #[arg(long)]
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
}

/// The parts of a profile besides name and biography.
#[derive(Debug, Args)]
pub(crate) struct Profile {
    /// A picture of the author: a file, which is imported, or an address that begins with https://.
    #[arg(long, value_name = "FILE|URL")]
    picture: Option<String>,
    /// The alternative text of the picture.
    #[arg(long, value_name = "TEXT")]
    picture_alt: Option<String>,
    /// A link on the author's page and profile, such as `Website=https://example.org/`. Repeat it for more links; they
    /// replace all former ones.
    #[arg(long = "link", value_name = "LABEL=URL")]
    links: Vec<Link>,
}

/// A link as the command line has it.
#[derive(Debug, Clone)]
pub(crate) struct Link(ProfileLink);

impl FromStr for Link {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "write a link as Website=https://example.org/";
        let (label, url) = text.split_once('=').ok_or(EXPECTED)?;
        let (label, url) = (label.trim(), url.trim());
        let parsed = Url::parse(url).map_err(|_| EXPECTED)?;
        if label.is_empty() || !matches!(parsed.scheme(), "https" | "http") {
            return Err(EXPECTED);
        }
        Ok(Link(ProfileLink {
            label: label.to_owned(),
            url: parsed.into(),
        }))
    }
}

impl Author {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Author::Add(add) => add.run(node).await,
            Author::Edit(edit) => edit.run(node).await,
            Author::List { format } => list(node, &format).await,
        };
        options.with_node(run).await
    }
}

impl Profile {
    /// Takes the picture in, and sets what is given. Returns the claim on the picture.
    async fn apply_to(self, fields: &mut AuthorFields, node: &Node) -> Result<Claims> {
        let mut claims = Claims::default();
        if let Some(picture) = self.picture {
            let (address, claim) = import(&picture, node).await?;
            fields.picture_url = Some(address);
            claims = claim;
        }
        if let Some(alt) = self.picture_alt {
            fields.picture_alt = Some(alt).filter(|alt| !alt.trim().is_empty());
        }
        if !self.links.is_empty() {
            fields.links = self.links.into_iter().map(|Link(link)| link).collect();
        }
        Ok(claims)
    }
}

impl Add {
    async fn run(self, node: &Node) -> Result<()> {
        let username = self.username.as_str();
        let name = self.name.clone();
        if node
            .store
            .read()
            .await?
            .local_actor(username)
            .await?
            .is_some()
        {
            bail!("a local actor @{username} already exists: choose another user name");
        }
        let mut fields = AuthorFields {
            name: self.name,
            bio: self.bio,
            federated: self.federated,
            ..AuthorFields::default()
        };
        let claims = self.profile.apply_to(&mut fields, node).await?;
        let mut tx = node.store.begin().await?;
        match tx.add_author(username, &fields).await {
            Err(StoreError::Duplicate(_)) => {
                drop(tx);
                node.media.give_up(&claims).await;
                bail!("an author {username} already exists")
            }
            other => other?,
        };
        claims.release(&mut tx).await?;
        tx.commit().await?;
        output::line(&format!(
            "Added {name} (@{username}@{})",
            node.config.domain
        ))
    }
}

impl Edit {
    async fn run(self, node: &Node) -> Result<()> {
        let username = self.username.as_str();
        let found = node.store.read().await?.author(username).await?;
        let old = found
            .filter(|author| author.username == username)
            .with_context(|| format!("no author is named {username}"))?;
        let mut fields = AuthorFields {
            name: self.name.unwrap_or_else(|| old.name.clone()),
            bio: self.bio.unwrap_or_else(|| old.bio.clone()),
            federated: old.federated,
            picture_url: old.picture_url.clone().filter(|_| !self.no_picture),
            picture_alt: old.picture_alt.clone().filter(|_| !self.no_picture),
            links: if self.no_links {
                Vec::new()
            } else {
                old.links()
            },
        };
        let claims = self.profile.apply_to(&mut fields, node).await?;
        let mut tx = node.store.begin().await?;
        tx.update_author(old.id, &fields).await?;
        claims.release(&mut tx).await?;
        tx.commit().await?;
        let picture = old.picture_url.as_deref().unwrap_or_default();
        remove_unused(node, &[picture, &old.bio]).await?;
        output::line(&format!("Changed {} ({username})", fields.name))
    }
}

async fn list(node: &Node, format: &Format) -> Result<()> {
    let list = Listing {
        items: &node.store.read().await?.authors().await?,
        headings: &["USER NAME", "NAME", "FEDERATED"],
        empty: "There are no authors: articles show the byline of their front matter.",
    };
    let to_json = |author: &Row| {
        json!({
            "username": author.username,
            "name": author.name,
            "bio": author.bio,
            "federated": author.federated,
            "picture": author.picture_url,
            "picture_alt": author.picture_alt,
            "links": author.links(),
        })
    };
    list.print(format, to_json, |author| {
        let federated = if author.federated { "yes" } else { "no" };
        vec![
            author.username.clone(),
            author.name.clone(),
            federated.to_owned(),
        ]
    })
}
