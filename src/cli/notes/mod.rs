//! `pamphlet note`: publishes, lists, edits and deletes the publication's short posts.

mod edit;
mod file;
mod manage;

use crate::{
    cli::common::{
        Options,
        lookup::fetch_context,
        note_content::{NoteContent, Parent},
    },
    federation::remote::remote_posts,
    node::{Node, target},
};
use anyhow::{Result, bail};
use clap::Args;
use manage::Manage;

/// Publish a short post to the followers.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Examples:\n  pamphlet note \"A fine morning. #birds\"\n  pamphlet note \"Our shelf\" --image shelf.jpg --alt \"A shelf with two books\"\n  fortune | pamphlet note -\n  pamphlet note --editor\n  pamphlet note \"I agree.\" --reply-to https://social.example/@ana/1"
)]
pub(crate) struct Note {
    #[command(subcommand)]
    manage: Option<Manage>,
    #[command(flatten)]
    content: NoteContent,
    /// The URL of the post to reply to, on any server.
    #[arg(long, value_name = "URL")]
    reply_to: Option<String>,
}

impl Note {
    /// Returns the text to publish.
    pub(crate) fn text(&self) -> &str {
        self.content.text()
    }

    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        if let Some(manage) = self.manage {
            return manage.run(options).await;
        }
        let text = self.content.given_text()?;
        let run = async |node: &Node| {
            let parent = match &self.reply_to {
                Some(url) => Some(parent_at(url, node).await?),
                None => None,
            };
            self.content.run(node, text, parent, "note --file").await
        };
        options.with_node(run).await
    }
}

/// Finds the post to reply to: a local article, comment or note, or a post on another server.
async fn parent_at(url: &str, node: &Node) -> Result<Parent> {
    let urls = node.urls();
    let mut conn = node.store.read().await?;
    if let Some(found) = target::find(&mut conn, urls, url).await? {
        if !found.is_visible() {
            bail!("{url} is not public: only visible posts can be replied to");
        }
        return Ok(match found.comment {
            Some(comment) => (comment.uri, comment.actor_id),
            None => {
                let adopted = found.article.object_uri.as_deref();
                (urls.article_id(&found.article.uid, adopted), None)
            }
        });
    }
    if let Some(uid) = urls.note_uid(url)
        && let Some(note) = conn.note_by_uid(&uid).await?
        && note.is_visible()
    {
        return Ok((urls.note(&uid), None));
    }
    drop(conn);
    if urls.is_ours(url) {
        bail!("{url} is no post that can be replied to");
    }
    let ctx = fetch_context(node).await?;
    let post = remote_posts::post(url, &ctx).await?;
    if !post.is_public {
        bail!("{url} is not public: a public reply would reveal it");
    }
    Ok((post.uri, Some(post.author.id)))
}
