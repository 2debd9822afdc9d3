//! `pamphlet note` and `pamphlet reply`: what the publication says beside its articles.

mod said;

use super::{
    Options, is_command_name,
    output::{self, Format},
    posts::{self, advice::too_long},
};
use crate::{
    content::{Language, markdown},
    federation::{
        objects::{articles::MAX_SUMMARY, notes},
        remote::{remote_posts, signed_client::federation_config},
    },
    media,
    node::{Node, target},
    store::{NewNote, Note as Row},
};
use anyhow::{Result, bail};
use clap::Args;
use said::Said;
use serde_json::json;
use std::path::PathBuf;

/// Publish a short post to the followers.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Note {
    #[command(subcommand)]
    said: Option<Said>,
    #[command(flatten)]
    words: Words,
    /// The post that it answers, wherever it is.
    #[arg(long, value_name = "URL")]
    reply_to: Option<String>,
}

/// Answer a comment, under the article and on the commenter's server.
#[derive(Debug, Args)]
pub struct Reply {
    /// As `comments list` shows it.
    comment: i64,
    #[command(flatten)]
    words: Words,
}

#[derive(Debug, Args)]
struct Words {
    /// Markdown; @user@example.org and #hashtag become links.
    // The text is absent only if there is a subcommand.
    #[arg(required = true)]
    text: Option<String>,
    /// A picture, JPEG, PNG or WebP.
    #[arg(long, value_name = "FILE", requires = "alt")]
    image: Option<PathBuf>,
    /// What the picture shows, for those who don't see it.
    #[arg(long, value_name = "TEXT", requires = "image")]
    alt: Option<String>,
    /// A content warning, which hides the text until it is asked for.
    #[arg(long, value_name = "WARNING")]
    cw: Option<String>,
    /// The language, as in `en` or `es-MX` [default: the publication's].
    #[arg(long)]
    language: Option<Language>,
    #[command(flatten)]
    format: Format,
}

/// The post that a note answers: its id, and the row of its author, unless it is ours.
type Parent = (String, Option<i64>);

impl Note {
    pub async fn run(self, options: &Options) -> Result<()> {
        if let Some(said) = self.said {
            return said.run(options).await;
        }
        let words = self.words;
        words.check()?;
        let node = options.node().await?;
        let parent = match &self.reply_to {
            Some(address) => Some(parent_at(address, &node).await?),
            None => None,
        };
        let done = words.say(&node, parent).await;
        node.store.close().await;
        done
    }
}

impl Reply {
    pub async fn run(self, options: &Options) -> Result<()> {
        self.words.check()?;
        let node = options.node().await?;
        let found = node.store.read().await?.comment(self.comment).await?;
        let Some(comment) = found else {
            bail!(
                "there is no comment {}: `pamphlet comments list` shows them all",
                self.comment
            );
        };
        notes::check_parent(&comment)?;
        let parent = (comment.uri, comment.actor_id);
        let done = self.words.say(&node, Some(parent)).await;
        node.store.close().await;
        done
    }
}

/// What stands at an address: an article, comment or note here, or a post elsewhere.
async fn parent_at(address: &str, node: &Node) -> Result<Parent> {
    let urls = node.urls();
    let mut conn = node.store.read().await?;
    if let Some(found) = target::find(&mut conn, urls, address).await? {
        if !found.is_visible() {
            bail!("{address} is not public: only what readers see can be answered");
        }
        return Ok(match found.comment {
            Some(comment) => (comment.uri, comment.actor_id),
            None => (urls.article(&found.article.uid), None),
        });
    }
    if let Some(uid) = urls.note_uid(address)
        && let Some(note) = conn.note_by_uid(&uid).await?
        && note.is_visible()
    {
        return Ok((urls.note(&uid), None));
    }
    drop(conn);
    if urls.is_ours(address) {
        bail!("there is nothing at {address} that can be answered");
    }
    let data = federation_config(&node).await?.to_request_data();
    let post = remote_posts::post(address, &data).await?;
    if !post.is_public {
        bail!("{address} is not public: an answer here would tell of it");
    }
    Ok((post.uri, Some(post.author.id)))
}

impl Words {
    fn check(&self) -> Result<()> {
        let text = self.text.as_deref().unwrap_or_default();
        notes::check_text(text)?;
        let word = text.trim();
        if is_command_name(word) {
            bail!(
                "“{word}” alone looks like a command, and was not published: say more than this word, or see \
                 `pamphlet note --help`"
            );
        }
        if self.alt.as_deref().is_some_and(|alt| alt.trim().is_empty()) {
            bail!("--alt is empty: say what the picture shows");
        }
        let pictures = markdown::pictures(text);
        if let Some(picture) = pictures.iter().find(|picture| picture.is_needed) {
            bail!(
                "a note can't have files in its text, such as {}: add a picture with --image and --alt",
                picture.name
            );
        }
        Ok(())
    }

    async fn say(self, node: &Node, parent: Option<Parent>) -> Result<()> {
        let image_url = match &self.image {
            Some(path) => Some(media::take_in(path, &node.config.data)?),
            None => None,
        };
        let text = self.text.unwrap_or_default();
        for tag in markdown::lost_tags(&text) {
            output::warn(&posts::remark_on(&tag));
        }
        let (in_reply_to, reply_actor_id) = parent.unzip();
        let language = self
            .language
            .map_or_else(|| node.config.site.language.clone(), |l| l.to_string());
        let note = NewNote {
            local_actor_id: node.site_id(),
            markdown: text,
            content_warning: self.cw.filter(|warning| !warning.trim().is_empty()),
            language,
            in_reply_to,
            reply_actor_id: reply_actor_id.flatten(),
            image_url,
            image_alt: self.alt,
        };
        report(node, &notes::say(node, &note).await?, &self.format)
    }
}

fn report(node: &Node, note: &Row, format: &Format) -> Result<()> {
    let (id, url) = (format!("note-{}", note.id), node.urls().note(&note.uid));
    if format.json {
        return output::json(&json!({"id": id, "url": url}));
    }
    let warning = note.content_warning.as_deref();
    if let Some(sentence) = too_long("content warning", warning, MAX_SUMMARY) {
        output::line(&format!("Note: {sentence}."))?;
    }
    output::line(&format!(
        "Noted: {id}\n  {url}\n\nTake it back with `pamphlet undo {id}`."
    ))
}
