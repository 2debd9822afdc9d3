//! `pamphlet post` and `page`: publish, list, change and delete articles and static pages from Markdown files.

mod edit;
mod inputs;
mod list;
mod new;
mod open;
mod pages;
mod pins;
mod preview;
mod publish;
mod schedule;
mod search;
mod share;
mod show;
mod summary;

use crate::{
    cli::common::{Format, Options, Yes, lookup, output},
    node::Node,
    publishing::{Source, articles},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use edit::Edit;
use list::List;
pub(super) use pages::Page;
pub(super) use publish::store_article;
use show::Show;
use summary::{Summary, print_changed, status_of};

/// Publish, list, change and delete articles.
#[derive(Debug, Subcommand)]
pub(crate) enum Post {
    /// Write a new Markdown file with front matter, and open it in $EDITOR.
    #[command(after_help = "Examples:
  pamphlet post new \"Love, death and exile\"
  pamphlet post new \"News\" --output drafts/news.md --no-edit
  pamphlet post new \"News\" --publish")]
    New(NewPost),
    /// Publish Markdown files, folders of them, or drafts by their slugs: all, or none if one has a mistake.
    Publish(publish::Publish),
    /// Store Markdown files as drafts.
    Draft(publish::Draft),
    /// Publish a Markdown file or a draft at a time in the future.
    Schedule(schedule::Schedule),
    /// Change the time of a scheduled article.
    Reschedule(schedule::Reschedule),
    /// List articles, newest first.
    List(List),
    /// Search articles by words, as readers can.
    #[command(after_help = "Examples:
  pamphlet post search mexico 1937
  pamphlet post search \"slow reading\" --json
  pamphlet post list --search mexico     # also finds drafts")]
    Search(search::Search),
    /// Open an article in the browser. Without a desktop, only print its address.
    #[command(after_help = "Examples:
  pamphlet post open news
  pamphlet post open news --print")]
    Open(open::Open),
    /// Show an article.
    Show(Show),
    /// Replace an article by a Markdown file, or edit it in $EDITOR.
    Edit(Edit),
    /// Unpublish an article: turn it into a draft here and delete it on other servers. A scheduled one loses its time.
    Unpublish(SlugArg),
    /// Delete an article and its comments.
    Delete(Deletion),
    /// Pin an article to the publication's profile on other servers.
    Pin(SlugArg),
    /// Unpin an article.
    Unpin(SlugArg),
    /// Show a Markdown file or a draft in the browser, as its page and on Mastodon, without publishing anything.
    Preview(preview::Preview),
    /// Make a secret link to a draft, which ends.
    Share(share::Share),
    /// End all links to a draft.
    Unshare(SlugArg),
}

/// The article to write.
#[derive(Debug, Args)]
pub(crate) struct NewPost {
    #[command(flatten)]
    new: new::New,
    /// Publish it when the editor is closed.
    #[arg(long)]
    publish: bool,
}

/// The article that a command is about.
#[derive(Debug, Args)]
pub(crate) struct SlugArg {
    /// The article's slug.
    slug: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Deletion {
    #[command(flatten)]
    article: SlugArg,
    #[command(flatten)]
    yes: Yes,
}

impl Post {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        match self {
            Post::Preview(preview) => return preview.run(options).await,
            Post::New(new) => return new.run(options).await,
            Post::Publish(publish) => return publish.run(options).await,
            Post::Draft(draft) => return draft.run(options).await,
            Post::Schedule(schedule) => return schedule.run(options).await,
            Post::Reschedule(reschedule) => return reschedule.run(options).await,
            _ => {}
        }
        // Read before anything is opened, so that a mistake in it leaves nothing behind.
        if let Post::Edit(edit) = &self
            && let Some(file) = edit.file()
        {
            Source::read(file)?;
        }
        let run = async |node: &Node| match self {
            Post::List(list) => list.run(node).await,
            Post::Search(search) => search.articles(node).await,
            Post::Open(open) => open.article(node).await,
            Post::Show(show) => show.run(node).await,
            Post::Edit(edit) => edit.run(node).await,
            Post::Unpublish(article) => unpublish(node, &article).await,
            Post::Delete(deletion) => deletion.run(node).await,
            Post::Pin(article) => pins::pin(node, &article).await,
            Post::Unpin(article) => pins::unpin(node, &article).await,
            Post::Share(share) => share.run(node).await,
            Post::Unshare(article) => share::unshare(node, &article).await,
            // They open the database only after their files are checked.
            Post::Preview(_)
            | Post::New(_)
            | Post::Publish(_)
            | Post::Draft(_)
            | Post::Schedule(_)
            | Post::Reschedule(_) => Ok(()),
        };
        options.with_node(run).await
    }
}

impl NewPost {
    async fn run(self, options: &Options) -> Result<()> {
        let file = self.new.run(options, new::Kind::Article)?;
        if self.publish {
            return publish::Publish::of_file(&file, self.new.format())
                .run(options)
                .await;
        }
        self.new.print(&file, new::Kind::Article)
    }
}

async fn unpublish(node: &Node, arg: &SlugArg) -> Result<()> {
    let was_scheduled = {
        let mut conn = node.store.read().await?;
        status_of(&lookup::article(&mut conn, &arg.slug).await?) == "scheduled"
    };
    let article = articles::unpublish(node, &arg.slug).await?;
    let verb = if was_scheduled {
        "Unscheduled"
    } else {
        "Unpublished"
    };
    print_changed(node, article.id, verb, &arg.format).await
}

impl Deletion {
    async fn run(self, node: &Node) -> Result<()> {
        let arg = &self.article;
        self.confirm(node).await?;
        let mut tx = node.store.begin().await?;
        let article = lookup::article(&mut tx, &arg.slug).await?;
        tx.delete_article(article.id).await?;
        tx.commit().await?;
        articles::remove_unused_pictures(node, &article).await?;
        if arg.format.json {
            return output::json(&Summary::of_deleted(node, &article));
        }
        output::line(&format!("Deleted: {}", article.title))
    }

    /// Asks before the transaction begins, because an open one would keep the node from writing.
    async fn confirm(&self, node: &Node) -> Result<()> {
        let mut conn = node.store.read().await?;
        let article = lookup::article(&mut conn, &self.article.slug).await?;
        let comments = conn.count_comments(article.id).await?;
        drop(conn);
        let title = output::one_line(&article.title, 80);
        let comments = match comments {
            0 => String::new(),
            1 => " with its comment".to_owned(),
            count => format!(" with its {count} comments"),
        };
        self.yes
            .confirm(&format!("Delete the article {title}{comments}?"))
    }
}
