//! `pamphlet filter`: words and patterns that hold comments or mark them as spam.

use crate::{
    cli::common::{
        Format, Options, audit,
        output::{self, Listing},
    },
    node::Node,
    spam::{
        CommentText,
        filters::{self, Filters, MAX_PATTERNS, MAX_WORDS},
    },
    store::{Filter as Row, FilterAction, FilterKind, Tx},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::path::Path;

/// The maximum size of a text to test, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// Hold comments that contain certain words.
#[derive(Debug, Subcommand)]
pub(crate) enum Filter {
    /// Hold comments that contain a word or match a pattern.
    #[command(after_help = "Examples:
  pamphlet filter add word casino
  pamphlet filter add pattern '\\bcasin(o|i)' --spam")]
    Add(Add),
    /// List the filters.
    #[command(after_help = "Examples:
  pamphlet filter list")]
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Remove a filter.
    #[command(after_help = "Examples:
  pamphlet filter remove word casino")]
    Remove(Target),
    /// Print which filters match a text.
    #[command(after_help = "Examples:
  pamphlet filter test \"Visit our casino\"
  pamphlet filter test comment.txt")]
    Test(Test),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    target: Target,
    /// Mark these comments as spam instead of holding them.
    #[arg(long)]
    spam: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Target {
    /// word: whole words, ignoring case. pattern: a regular expression, such as '\bcasin(o|i)'.
    kind: Kind,
    /// The word or the pattern.
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    /// A file, or the text itself.
    #[arg(value_name = "FILE|TEXT", allow_hyphen_values = true)]
    text: String,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Word,
    Pattern,
}

impl From<Kind> for FilterKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Word => FilterKind::Word,
            Kind::Pattern => FilterKind::Pattern,
        }
    }
}

impl Filter {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let run = async |node: &Node| match self {
            Filter::Add(add) => add.run(node).await,
            Filter::List { format } => list(node, &format).await,
            Filter::Remove(target) => target.remove(node).await,
            Filter::Test(test) => test.run(node).await,
        };
        options.with_node(run).await
    }
}

impl Add {
    async fn run(self, node: &Node) -> Result<()> {
        let kind = self.target.kind.into();
        let value = filters::check(kind, &self.target.text)
            .with_context(|| format!("invalid {}", kind.as_str()))?;
        let action = if self.spam {
            FilterAction::Spam
        } else {
            FilterAction::Hold
        };
        let mut tx = node.store.begin().await?;
        let known = tx.filters().await?;
        let is_same = |row: &&Row| row.kind == kind && row.value == value;
        if known
            .iter()
            .find(is_same)
            .is_some_and(|row| row.action == action)
        {
            let text = format!("This filter already exists: {value}");
            return self.target.print(&value, Some(action), &text);
        }
        let (most, name) = match kind {
            FilterKind::Word => (MAX_WORDS, "words"),
            FilterKind::Pattern => (MAX_PATTERNS, "patterns"),
        };
        if known.iter().filter(|row| row.kind == kind).count() >= most {
            bail!(
                "the limit of {most} {name} is reached: remove some with `pamphlet filter remove`"
            );
        }
        tx.add_filter(kind, &value, action).await?;
        record(&mut tx, "add filter", kind, &value, Some(action.as_str())).await?;
        tx.commit().await?;
        let text = format!("Matching comments are {}: {value}", describe(action));
        self.target.print(&value, Some(action), &text)
    }
}

/// Describes the effect on matching comments.
fn describe(action: FilterAction) -> &'static str {
    match action {
        FilterAction::Hold => "held",
        FilterAction::Spam => "marked as spam",
    }
}

async fn record(
    tx: &mut Tx,
    action: &str,
    kind: FilterKind,
    value: &str,
    why: Option<&str>,
) -> Result<()> {
    audit::record(tx, action, &format!("{} {value}", kind.as_str()), why).await
}

impl Target {
    async fn remove(&self, node: &Node) -> Result<()> {
        let kind = self.kind.into();
        // A pattern that no longer compiles is looked up as it is.
        let value = filters::check(kind, &self.text).unwrap_or_else(|_| self.text.clone());
        let mut tx = node.store.begin().await?;
        if !tx.remove_filter(kind, &value).await? {
            bail!(
                "no such {}: run `pamphlet filter list` to list filters",
                kind.as_str()
            );
        }
        record(&mut tx, "remove filter", kind, &value, None).await?;
        tx.commit().await?;
        self.print(&value, None, &format!("Removed filter: {value}"))
    }

    /// Prints a filter with its action: none after its removal.
    fn print(&self, value: &str, action: Option<FilterAction>, text: &str) -> Result<()> {
        let document = json!({
            "kind": FilterKind::from(self.kind).as_str(),
            "text": value,
            "action": action.map(|action| action.as_str()),
        });
        output::result(&self.format, &document, text)
    }
}

async fn list(node: &Node, format: &Format) -> Result<()> {
    let filters = node.store.read().await?.filters().await?;
    print_filters(&filters, format, "There are no filters.")
}

fn print_filters(filters: &[Row], format: &Format, empty: &str) -> Result<()> {
    let list = Listing {
        items: filters,
        headings: &["SINCE", "KIND", "COMMENTS ARE", "TEXT"],
        empty,
    };
    list.print(format, to_json, |filter| {
        vec![
            output::time(filter.created_at),
            filter.kind.as_str().to_owned(),
            describe(filter.action).to_owned(),
            output::one_line(&filter.value, 80),
        ]
    })
}

fn to_json(filter: &Row) -> Value {
    json!({
        "kind": filter.kind.as_str(),
        "text": filter.value,
        "action": filter.action.as_str(),
        "since": output::timestamp(filter.created_at),
    })
}

impl Test {
    async fn run(self, node: &Node) -> Result<()> {
        let text = read(&self.text)?;
        let rows = node.store.read().await?.filters().await?;
        let filters = Filters::compile(rows);
        let found = filters.matching(&CommentText::of_text("", &text));
        let found: Vec<Row> = found.into_iter().cloned().collect();
        print_filters(&found, &self.format, "No filter matches.")
    }
}

/// Reads the file with this name. Without such a file, returns the argument itself.
fn read(argument: &str) -> Result<String> {
    let path = Path::new(argument);
    let Ok(metadata) = std::fs::metadata(path) else {
        return Ok(argument.to_owned());
    };
    if !metadata.is_file() || metadata.len() > MAX_FILE {
        bail!("{argument} is not a file of at most 1 MiB: pass a text file or the text itself");
    }
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {argument}"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
