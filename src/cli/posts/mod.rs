//! `pamphlet post` and `page`: publish, list, change and delete articles and static pages from Markdown files.

mod edit;
mod inputs;
mod lifecycle;
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
    cli::common::{Format, Options},
    node::Node,
    publishing::{Source, history as versions},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use edit::Edit;
use lifecycle::{
    bin::{Bin, Restore},
    delete::{self, Deletion},
    history::{self, Diff, RevertArticle},
    rename::Rename,
};
use list::List;
pub(super) use pages::Page;
pub(super) use publish::store_article;
use show::Show;

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
    /// Print an article as the Markdown file that it can be made of.
    #[command(
        after_help = "Examples:\n  pamphlet post show hello\n  pamphlet post show hello > hello.md\n  \
        pamphlet post show hello --json"
    )]
    Show(Show),
    /// Replace an article by a Markdown file, or edit it in $EDITOR.
    #[command(
        after_help = "Examples:\n  pamphlet post edit hello\n  pamphlet post edit hello hello.md\n  \
        pamphlet post edit hello hello.md --quiet\n  sed s/teh/the/ hello.md | pamphlet post edit hello -"
    )]
    Edit(Edit),
    /// Give an article another slug. Its former addresses redirect for ever.
    #[command(after_help = "Examples:\n  pamphlet post rename long-title short\n  \
        pamphlet post rename long-title short --quiet")]
    Rename(Rename),
    /// Unpublish an article: turn it into a draft here and delete it on other servers. A scheduled one loses its time.
    #[command(
        after_help = "Examples:\n  pamphlet post unpublish hello\n  pamphlet post unpublish hello --yes"
    )]
    Unpublish(Deletion),
    /// Delete an article and its comments. They stay in the bin for 30 days.
    #[command(
        after_help = "Examples:\n  pamphlet post delete hello\n  pamphlet post delete hello --yes"
    )]
    Delete(Deletion),
    /// Restore a deleted article with its comments from the bin, as a draft with a new ID.
    #[command(after_help = "Examples:\n  pamphlet post restore hello\n  \
        pamphlet post restore hello --slug hello-again\n  pamphlet post restore 7")]
    Restore(Restore),
    /// List the deleted articles that can be restored, or delete them for ever.
    #[command(
        after_help = "Examples:\n  pamphlet post bin\n  pamphlet post bin empty\n  \
        pamphlet post bin empty hello --yes"
    )]
    Bin(Bin),
    /// List what changed in an article, when and by whom.
    #[command(
        after_help = "Examples:\n  pamphlet post history hello\n  pamphlet post history hello --json"
    )]
    History(SlugArg),
    /// Compare two versions of an article.
    #[command(
        after_help = "Examples:\n  pamphlet post diff hello\n  pamphlet post diff hello 3\n  \
        pamphlet post diff hello 3 5"
    )]
    Diff(Diff),
    /// Give an article the text and properties of an earlier version. Its slug, date and status stay.
    #[command(
        after_help = "Examples:\n  pamphlet post revert hello 3\n  pamphlet post revert hello 3 --quiet"
    )]
    Revert(RevertArticle),
    /// Pin an article to the publication's profile on other servers.
    #[command(after_help = "Examples:\n  pamphlet post pin hello")]
    Pin(SlugArg),
    /// Unpin an article.
    #[command(after_help = "Examples:\n  pamphlet post unpin hello")]
    Unpin(SlugArg),
    /// Show a Markdown file or a draft in the browser, as its page and on Mastodon, without publishing anything.
    #[command(
        after_help = "Examples:\n  pamphlet post preview hello.md\n  pamphlet post preview a-stored-draft"
    )]
    Preview(preview::Preview),
    /// Make a secret link to a draft, which ends.
    #[command(
        after_help = "Examples:\n  pamphlet post share hello\n  pamphlet post share hello --for 12h"
    )]
    Share(share::Share),
    /// End all links to a draft.
    #[command(after_help = "Examples:\n  pamphlet post unshare hello")]
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

impl Post {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        versions::set_writer_from_environment();
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
            Post::Rename(rename) => rename.run(node).await,
            Post::Unpublish(article) => article.unpublish(node).await,
            Post::Delete(article) => article.delete(node).await,
            Post::Restore(restore) => delete::restore(node, &restore).await,
            Post::Bin(bin) => bin.run(node).await,
            Post::History(article) => {
                let versions = versions::of_article(node, &article.slug).await?;
                history::print(&versions, &article.format)
            }
            Post::Diff(diff) => diff.print(&versions::of_article(node, &diff.slug).await?),
            Post::Revert(revert) => revert.run(node).await,
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
