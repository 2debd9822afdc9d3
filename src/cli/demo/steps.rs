//! The steps of the demo. Each performs an action, checks its result, and prints both.

use super::remote_instance::{Delivered, RemoteInstance};
use crate::{
    cli::{common::output, posts::store_article},
    node::Node,
    store::{ArticleStatus, CommentFilter, CommentState, FollowerState},
};
use anyhow::{Context, Result, bail, ensure};
use http::StatusCode;
use serde_json::{Value, json};
use std::{
    path::Path,
    time::{Duration, Instant},
};

/// Runs all steps. Returns the address of the article's page.
///
/// # Errors
/// If a step fails.
pub(crate) async fn run(node: &Node, instance: &RemoteInstance, folder: &Path) -> Result<String> {
    let site = node.site().await?;
    output::line(&format!(
        "Two servers run on this machine:\n  publication      {}  {}\n  remote instance  {}  {}",
        node.config.public_url,
        node.handle(&site.row),
        instance.origin(),
        instance.handle(),
    ))?;
    let mut demo = Steps {
        node,
        instance,
        step: 0,
        blog: Value::Null,
        article: Value::Null,
    };
    demo.look_up().await.context("looking the publication up")?;
    demo.follow().await.context("following")?;
    demo.publish(folder).await.context("publishing")?;
    demo.reply().await.context("replying")?;
    demo.react().await.context("liking and boosting")?;
    demo.edit().await.context("editing the reply")?;
    demo.delete().await.context("deleting a reply")?;
    Ok(demo.url())
}

struct Steps<'a> {
    node: &'a Node,
    instance: &'a RemoteInstance,
    step: usize,
    /// The publication's actor, as the remote instance fetched it.
    blog: Value,
    /// The article, as the remote instance received it.
    article: Value,
}

impl Steps<'_> {
    fn title(&mut self, text: &str) -> Result<()> {
        self.step += 1;
        output::line(&format!("\n{}. {text}", self.step))
    }

    fn url(&self) -> String {
        self.article["url"].as_str().unwrap_or_default().to_owned()
    }

    fn article_id(&self) -> &str {
        self.article["id"].as_str().unwrap_or_default()
    }

    fn blog_id(&self) -> &str {
        self.blog["id"].as_str().unwrap_or_default()
    }

    async fn look_up(&mut self) -> Result<()> {
        let handle = self.node.handle(&self.node.site().await?.row);
        self.title(&format!("The reader looks up {handle}"))?;
        let url = format!(
            "{}.well-known/webfinger?resource=acct:{}",
            self.node.config.public_url,
            handle.trim_start_matches('@')
        );
        let response = self.instance.fetch(&url).await?;
        let links = response["links"]
            .as_array()
            .context("the WebFinger response has no links")?;
        let own = links.iter().find(|link| link["rel"] == "self");
        let id = own
            .and_then(|link| link["href"].as_str())
            .context("the WebFinger response names no actor")?;
        print_lines(&format!("GET {url}\n→ {id}"))?;
        self.blog = self.instance.fetch(id).await?;
        ensure!(
            self.blog["id"] == *id,
            "the actor's document has another id"
        );
        print_lines(&format!(
            "GET {id}\n→ {} \"{}\"",
            text(&self.blog["type"]),
            text(&self.blog["name"])
        ))
    }

    /// Posts an activity to the publication's inbox and prints the request.
    async fn post(&self, activity: &Value) -> Result<()> {
        let inbox = self.blog["inbox"]
            .as_str()
            .context("the publication has no inbox")?;
        let status = self.instance.send(inbox, activity).await?;
        print_lines(&format!(
            "POST {inbox}  {}  signed by {}\n→ {status}",
            text(&activity["type"]),
            self.instance.key_id()
        ))?;
        ensure!(
            status == StatusCode::ACCEPTED,
            "the inbox returned {status}"
        );
        Ok(())
    }

    fn activity(&self, kind: &str, name: &str, object: Value) -> Value {
        json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": format!("{}#{name}", self.instance.actor_id()),
            "type": kind, "actor": self.instance.actor_id(), "object": object,
            "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": [self.blog_id()],
        })
    }

    async fn follow(&mut self) -> Result<()> {
        self.title("The reader follows")?;
        self.post(&self.activity("Follow", "follow", json!(self.blog_id())))
            .await?;
        let accept = self.instance.wait_for("Accept", "#follow").await?;
        print_received(&accept)?;
        let site = self.node.site().await?;
        let rows = self
            .node
            .store
            .read()
            .await?
            .followers(site.row.id, FollowerState::Accepted, i64::MAX, 1)
            .await?;
        let row = rows.first().context("the table followers has no row")?;
        print_lines(&format!("row in followers: {} is {}", row.uri, row.state))
    }

    async fn publish(&mut self, folder: &Path) -> Result<()> {
        self.title("The admin publishes an article")?;
        let file = folder.join("leon-trotsky-love-death-and-exile-in-mexico.md");
        std::fs::write(&file, super::ARTICLE)?;
        let id = store_article(self.node, &file, ArticleStatus::Published, false).await?;
        let article = self
            .node
            .store
            .read()
            .await?
            .article_by_id(id)
            .await?
            .context("the article is missing")?;
        print_lines(&format!(
            "pamphlet post publish {} --tell\nrow in articles: {}",
            file.display(),
            article.slug
        ))?;
        let create = self.instance.wait_for("Create", &article.uid).await?;
        print_received(&create)?;
        self.article = create.activity["object"].clone();
        print_lines(&format!(
            "{} \"{}\"",
            text(&self.article["type"]),
            text(&self.article["name"])
        ))
    }

    async fn reply(&mut self) -> Result<()> {
        self.title("The reader replies")?;
        let words = "A cluster of videos worth every minute. Thank you for finding it!";
        let note =
            self.instance
                .write_note("reply", self.article_id(), self.blog_id(), words, false);
        self.post(&self.activity("Create", "create-reply", note))
            .await?;
        let comment = self.comment("notes/reply").await?;
        print_lines(&format!(
            "row in comments: number {} by {}",
            comment.number, comment.author_handle
        ))?;
        self.page_shows(words).await?;
        print_lines(&format!(
            "GET {}\n→ the page has the comment: {0}#comment-{}",
            self.url(),
            comment.number
        ))
    }

    async fn react(&mut self) -> Result<()> {
        self.title("The reader likes and boosts the article")?;
        self.post(&self.activity("Like", "like", json!(self.article_id())))
            .await?;
        self.post(&self.activity("Announce", "boost", json!(self.article_id())))
            .await?;
        let article = self.instance.fetch(self.article_id()).await?;
        let (likes, shares) = (
            &article["likes"]["totalItems"],
            &article["shares"]["totalItems"],
        );
        print_lines(&format!(
            "GET {}\n→ likes {likes}, shares {shares}",
            self.article_id()
        ))?;
        ensure!(
            likes == 1 && shares == 1,
            "the article counts {likes} likes and {shares} boosts"
        );
        Ok(())
    }

    async fn edit(&mut self) -> Result<()> {
        self.title("The reader edits the reply")?;
        let words = "A cluster of videos worth every minute, the one of 1937 above all. Thank you!";
        let note =
            self.instance
                .write_note("reply", self.article_id(), self.blog_id(), words, true);
        self.post(&self.activity("Update", "update-reply", note))
            .await?;
        self.page_shows(words).await?;
        print_lines("the page has the new text")
    }

    async fn delete(&mut self) -> Result<()> {
        self.title("The reader writes another reply, and deletes it")?;
        let words = "Posted by mistake.";
        let note =
            self.instance
                .write_note("mistake", self.article_id(), self.blog_id(), words, false);
        let id = note["id"].clone();
        self.post(&self.activity("Create", "create-mistake", note))
            .await?;
        self.page_shows(words).await?;
        print_lines("the page has it")?;
        let tombstone = json!({"id": id, "type": "Tombstone"});
        self.post(&self.activity("Delete", "delete-mistake", tombstone))
            .await?;
        let page = self.instance.page(&self.url()).await?;
        ensure!(
            !page.contains(words),
            "the page still has the deleted reply"
        );
        let comment = self.comment("notes/mistake").await?;
        ensure!(
            comment.state == CommentState::Deleted,
            "the row in comments is {}",
            comment.state
        );
        print_lines("the page no longer has it; its row is an empty tombstone")
    }

    async fn comment(&self, uri_end: &str) -> Result<crate::store::Comment> {
        let rows = self
            .node
            .store
            .read()
            .await?
            .comments(&CommentFilter::default(), i64::MAX, 10)
            .await?;
        rows.into_iter()
            .map(|row| row.comment)
            .find(|comment| comment.uri.ends_with(uri_end))
            .context("the table comments has no row of it")
    }

    async fn page_shows(&self, words: &str) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if self.instance.page(&self.url()).await?.contains(words) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the page {} does not show the reply", self.url())
    }
}

/// Prints lines below a step.
fn print_lines(lines: &str) -> Result<()> {
    lines
        .lines()
        .try_for_each(|line| output::line(&format!("   {line}")))
}

fn print_received(delivered: &Delivered) -> Result<()> {
    print_lines(&format!(
        "the remote instance received: {}  signature of {} verified",
        text(&delivered.activity["type"]),
        delivered.key_id
    ))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}
