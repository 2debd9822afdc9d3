//! `pamphlet post bin` and `restore`, and the same for pages.

use crate::{
    cli::common::{
        Format, Yes,
        output::{self, Listing, counted},
    },
    content::Slug,
    node::Node,
    publishing::bin,
    store::{BinEntry, BinKind},
};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::json;

/// Defines the command for the bin of one kind. Its examples name the command.
macro_rules! bin_command {
    ($name:ident, $action:ident, $kind:expr, $list:literal, $empty:literal) => {
        /// The bin, and what to do with it.
        #[derive(Debug, Args)]
        #[command(args_conflicts_with_subcommands = true)]
        pub(crate) struct $name {
            #[command(subcommand)]
            action: Option<$action>,
            #[command(flatten)]
            format: Format,
        }

        #[derive(Debug, Subcommand)]
        enum $action {
            /// List what can be restored, the last deleted first.
            #[command(after_help = $list)]
            List {
                #[command(flatten)]
                format: Format,
            },
            /// Delete for ever what is in the bin, with its files.
            #[command(after_help = $empty)]
            Empty(Empty),
        }

        impl $name {
            pub(crate) async fn run(self, node: &Node) -> Result<()> {
                match self.action {
                    None => list(node, $kind, &self.format).await,
                    Some($action::List { format }) => list(node, $kind, &format).await,
                    Some($action::Empty(empty)) => empty.run(node, $kind).await,
                }
            }
        }
    };
}

bin_command!(
    Bin,
    BinAction,
    BinKind::Article,
    "Examples:\n  pamphlet post bin list\n  pamphlet post bin list --json",
    "Examples:\n  pamphlet post bin empty\n  pamphlet post bin empty old-news --yes"
);

bin_command!(
    PageBin,
    PageBinAction,
    BinKind::Page,
    "Examples:\n  pamphlet page bin list\n  pamphlet page bin list --json",
    "Examples:\n  pamphlet page bin empty\n  pamphlet page bin empty about --yes"
);

/// What to delete for ever.
#[derive(Debug, Args)]
pub(crate) struct Empty {
    /// The slug or ID of the only one to delete. Without it, all are deleted.
    #[arg(value_name = "SLUG")]
    deleted: Option<String>,
    #[command(flatten)]
    yes: Yes,
    #[command(flatten)]
    format: Format,
}

/// The entry to restore.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The slug that it had, or its ID in the bin. Of several with the slug, the last deleted is restored.
    #[arg(value_name = "SLUG")]
    deleted: String,
    /// Another slug, if the former one was taken since.
    #[arg(long = "slug", value_name = "NEW")]
    slug: Option<Slug>,
    #[command(flatten)]
    format: Format,
}

impl Restore {
    pub(crate) fn which(&self) -> &str {
        &self.deleted
    }

    pub(crate) fn slug(&self) -> Option<&Slug> {
        self.slug.as_ref()
    }

    pub(crate) fn format(&self) -> &Format {
        &self.format
    }
}

/// An entry as JSON for scripts.
#[derive(Serialize)]
struct Shown {
    id: i64,
    slug: String,
    title: String,
    comments: i64,
    deleted: String,
    /// The time at which it is deleted for ever.
    ends: String,
}

impl Shown {
    fn of(entry: &BinEntry) -> Shown {
        Shown {
            id: entry.id,
            slug: entry.slug.clone(),
            title: entry.title.clone(),
            comments: entry.comments,
            deleted: output::timestamp(entry.deleted_at),
            ends: output::timestamp(bin::ends_at(entry)),
        }
    }
}

async fn list(node: &Node, kind: BinKind, format: &Format) -> Result<()> {
    let entries = bin::entries(node, kind).await?;
    let list = Listing {
        items: &entries,
        headings: &["ID", "DELETED", "ENDS", "COMMENTS", "SLUG", "TITLE"],
        empty: "The bin is empty.",
    };
    list.print(format, Shown::of, |entry| {
        vec![
            entry.id.to_string(),
            output::time(entry.deleted_at),
            output::time(bin::ends_at(entry)),
            entry.comments.to_string(),
            entry.slug.clone(),
            output::one_line(&entry.title, 60),
        ]
    })
}

impl Empty {
    async fn run(&self, node: &Node, kind: BinKind) -> Result<()> {
        empty(node, kind, self).await
    }
}

async fn empty(node: &Node, kind: BinKind, arg: &Empty) -> Result<()> {
    let entries = match arg.deleted.as_deref() {
        Some(which) => vec![bin::find(&mut node.store.read().await?, kind, which).await?],
        None => bin::entries(node, kind).await?,
    };
    if !entries.is_empty() {
        arg.yes.confirm(&question(&entries, kind))?;
        // Articles that were put into the bin since the question stay there.
        for entry in &entries {
            bin::empty(node, kind, Some(&entry.id.to_string())).await?;
        }
    }
    if arg.format.json {
        return output::json(
            &json!({"deleted": entries.iter().map(Shown::of).collect::<Vec<_>>()}),
        );
    }
    output::line(&match entries.as_slice() {
        [] => "The bin is empty.".to_owned(),
        [entry] => format!("Deleted for ever: {}", entry.title),
        all => format!("Deleted for ever: {}", counted(all.len(), kind.as_str())),
    })
}

fn question(entries: &[BinEntry], kind: BinKind) -> String {
    let comments: i64 = entries.iter().map(|entry| entry.comments).sum();
    let comments = match comments {
        0 => String::new(),
        count => format!(
            " with {}",
            counted(usize::try_from(count).unwrap_or(0), "comment")
        ),
    };
    let what = match entries {
        [entry] => format!(
            "the {} {}",
            kind.as_str(),
            output::one_line(&entry.title, 80)
        ),
        all => counted(all.len(), kind.as_str()),
    };
    format!("Delete {what}{comments} for ever?")
}
