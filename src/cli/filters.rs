//! `pamphlet filter`: words and patterns that hold comments back.

use super::{
    Options,
    output::{self, Format},
};
use crate::{
    node::Node,
    spam::{
        Reading,
        filters::{self, Filters, MAX_PATTERNS, MAX_WORDS},
    },
    store::{Decision, Filter as Row, FilterAction, FilterKind},
};
use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::path::Path;

/// The longest text that is tried, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// Hold back comments by their words.
#[derive(Debug, Subcommand)]
pub enum Filter {
    /// Hold comments back in which this is found.
    Add(Add),
    /// List the filters.
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Take a filter back.
    Remove(Target),
    /// Say which filters find something in a text.
    Test(Test),
}

#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    target: Target,
    /// Take such comments for spam, instead of letting them wait.
    #[arg(long)]
    spam: bool,
}

#[derive(Debug, Args)]
pub struct Target {
    /// word: whole words, in any case. pattern: a regular expression, as in '\bc[a4]sino'.
    kind: Kind,
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    text: String,
}

#[derive(Debug, Args)]
pub struct Test {
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
    pub async fn run(self, options: &Options) -> Result<()> {
        let node = options.node().await?;
        let done = match self {
            Filter::Add(add) => add.run(&node).await,
            Filter::List { format } => list(&node, &format).await,
            Filter::Remove(target) => target.remove(&node).await,
            Filter::Test(test) => test.run(&node).await,
        };
        node.store.close().await;
        done
    }
}

impl Add {
    async fn run(self, node: &Node) -> Result<()> {
        let kind = self.target.kind.into();
        let value = filters::check(kind, &self.target.text)
            .with_context(|| format!("this {} can't be a filter", kind.as_str()))?;
        let action = match self.spam {
            true => FilterAction::Spam,
            false => FilterAction::Hold,
        };
        let mut tx = node.store.begin().await?;
        let known = tx.filters().await?;
        let is_same = |row: &&Row| row.kind == kind && row.value == value;
        if known
            .iter()
            .find(is_same)
            .is_some_and(|row| row.action == action)
        {
            return output::line(&format!("There is such a filter already: {value}"));
        }
        let (most, name) = match kind {
            FilterKind::Word => (MAX_WORDS, "words"),
            FilterKind::Pattern => (MAX_PATTERNS, "patterns"),
        };
        if known.iter().filter(|row| row.kind == kind).count() >= most {
            bail!("there are {most} {name} already: remove some with `pamphlet filter remove`");
        }
        tx.add_filter(kind, &value, action).await?;
        log(&mut tx, "add filter", kind, &value, Some(action.as_str())).await?;
        tx.commit().await?;
        output::line(&format!(
            "Comments in which it is found are {}: {value}",
            outcome(action)
        ))
    }
}

/// What becomes of a comment.
fn outcome(action: FilterAction) -> &'static str {
    match action {
        FilterAction::Hold => "held",
        FilterAction::Spam => "spam",
    }
}

async fn log(
    tx: &mut crate::store::Tx,
    action: &str,
    kind: FilterKind,
    value: &str,
    why: Option<&str>,
) -> Result<()> {
    let decision = Decision {
        who: &output::who(),
        action,
        about: &format!("{} {value}", kind.as_str()),
        why,
        ..Decision::default()
    };
    Ok(tx.log(&decision).await?)
}

impl Target {
    async fn remove(&self, node: &Node) -> Result<()> {
        let kind = self.kind.into();
        // As it is stored; a pattern that can't be compiled any more, as it stands.
        let value = filters::check(kind, &self.text).unwrap_or_else(|_| self.text.clone());
        let mut tx = node.store.begin().await?;
        if !tx.remove_filter(kind, &value).await? {
            bail!(
                "there is no such {}: `pamphlet filter list` shows what there is",
                kind.as_str()
            );
        }
        log(&mut tx, "remove filter", kind, &value, None).await?;
        tx.commit().await?;
        output::line(&format!("No longer looked for: {value}"))
    }
}

async fn list(node: &Node, format: &Format) -> Result<()> {
    let filters = node.store.read().await?.filters().await?;
    show(&filters, format, "There are no filters.")
}

fn show(filters: &[Row], format: &Format, empty: &str) -> Result<()> {
    if format.json {
        return output::json(&filters.iter().map(to_json).collect::<Vec<_>>());
    }
    let row = |filter: &Row| {
        vec![
            output::time(filter.created_at),
            filter.kind.as_str().to_owned(),
            outcome(filter.action).to_owned(),
            output::one_line(&filter.value, 80),
        ]
    };
    output::table(
        &["SINCE", "KIND", "COMMENTS ARE", "TEXT"],
        &filters.iter().map(row).collect::<Vec<_>>(),
        empty,
    )
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
        let found = filters.matching(&Reading::of_text("", &text));
        let found: Vec<Row> = found.into_iter().cloned().collect();
        show(&found, &self.format, "No filter finds anything in it.")
    }
}

/// The text of a file, if there is one of this name; else the argument itself.
fn read(argument: &str) -> Result<String> {
    let path = Path::new(argument);
    let Ok(about) = std::fs::metadata(path) else {
        return Ok(argument.to_owned());
    };
    if !about.is_file() || about.len() > MAX_FILE {
        bail!(
            "{argument} is not a file of at most 1 MiB: name a text file, or write the text itself"
        );
    }
    let bytes = std::fs::read(path).with_context(|| format!("{argument} can't be read"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
