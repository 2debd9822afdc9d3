//! `pamphlet author show` and `pamphlet author list`.

use crate::{
    cli::common::{
        Format,
        output::{self, Listing},
    },
    content::Username,
    node::Node,
    store::{Author, Conn},
};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet author list
  pamphlet author list --json")]
pub(crate) struct List {
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  pamphlet author show ada
  pamphlet author show ada --json")]
pub(crate) struct Show {
    /// The author's user name.
    username: Username,
    #[command(flatten)]
    format: Format,
}

impl List {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let list = Listing {
            items: &node.store.read().await?.authors().await?,
            headings: &["USER NAME", "NAME", "FEDERATED"],
            empty: "There are no authors: articles show the byline of their front matter.",
        };
        list.print(&self.format, to_json, |author| {
            let federated = if author.federated { "yes" } else { "no" };
            vec![
                author.username.clone(),
                author.name.clone(),
                federated.to_owned(),
            ]
        })
    }
}

impl Show {
    pub(super) async fn run(self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let author = find(&mut conn, self.username.as_str()).await?;
        let details = Details::read(node, &mut conn, &author).await?;
        if self.format.json {
            return output::json(&details.to_json(&author));
        }
        details.print(&author)
    }
}

/// Finds an author by username.
///
/// # Errors
/// If there is none.
pub(super) async fn find(conn: &mut Conn, username: &str) -> Result<Author> {
    let found = conn.author_by_username(username).await?;
    found.with_context(|| {
        format!("no author is named {username}: run `pamphlet author list` to list authors")
    })
}

/// Prints an author that a command added or changed: all of it as JSON, or the summary.
pub(super) async fn print_changed(
    node: &Node,
    username: &str,
    format: &Format,
    summary: &str,
) -> Result<()> {
    if !format.json {
        return output::line(summary);
    }
    let mut conn = node.store.read().await?;
    let author = find(&mut conn, username).await?;
    let details = Details::read(node, &mut conn, &author).await?;
    output::json(&details.to_json(&author))
}

/// The facts about an author that are not in their row.
struct Details {
    page: String,
    articles: i64,
    /// Handle, id and number of followers of the actor.
    actor: Option<(String, String, i64)>,
}

impl Details {
    async fn read(node: &Node, conn: &mut Conn, author: &Author) -> Result<Details> {
        let actor = match conn.local_actor_of_author(author.id).await? {
            Some(row) => Some((
                node.handle(&row),
                node.urls().actor(row.kind, &row.username),
                conn.count_followers(row.id).await?,
            )),
            None => None,
        };
        Ok(Details {
            page: node.urls().at(&format!("/authors/{}", author.username)),
            articles: conn.count_articles_of(author.id).await?,
            actor,
        })
    }

    fn to_json(&self, author: &Author) -> Value {
        let mut shown = to_json(author);
        shown["page"] = json!(self.page);
        shown["articles"] = json!(self.articles);
        let (handle, id, followers) = match &self.actor {
            Some((handle, id, followers)) => (json!(handle), json!(id), json!(followers)),
            None => (Value::Null, Value::Null, Value::Null),
        };
        shown["handle"] = handle;
        shown["actor"] = id;
        shown["followers"] = followers;
        shown
    }

    fn print(&self, author: &Author) -> Result<()> {
        output::line(&format!("{} ({})", author.name, author.username))?;
        let mut rows = vec![
            ("Page", self.page.clone()),
            ("Articles", self.articles.to_string()),
        ];
        match &self.actor {
            Some((handle, id, followers)) => rows.extend([
                ("Handle", handle.clone()),
                ("Actor", id.clone()),
                ("Followers", followers.to_string()),
            ]),
            None if author.federated => {
                rows.push((
                    "Actor",
                    "is made when the node next handles changes".to_owned(),
                ));
            }
            None => rows.push(("Actor", "none: readers follow the publication".to_owned())),
        }
        if let Some(picture) = &author.picture_url {
            let alt = author.picture_alt.as_deref();
            let alt = alt.unwrap_or("no alternative text");
            rows.push(("Picture", format!("{picture} ({alt})")));
        }
        for link in author.links() {
            rows.push(("Link", format!("{}: {}", link.label, link.url)));
        }
        for (label, value) in rows {
            output::line(&format!("  {label:<9}  {}", output::one_line(&value, 300)))?;
        }
        if author.bio.is_empty() {
            return Ok(());
        }
        output::line(&format!("\n{}", author.bio.trim_end()))
    }
}

fn to_json(author: &Author) -> Value {
    json!({
        "username": author.username,
        "name": author.name,
        "bio": author.bio,
        "federated": author.federated,
        "picture": author.picture_url,
        "picture_alt": author.picture_alt,
        "links": author.links(),
    })
}
