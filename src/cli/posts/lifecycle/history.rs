//! `pamphlet post history`, `diff` and `revert`, and the same for pages.

use crate::{
    cli::{
        common::{
            Format,
            output::{self, Listing},
        },
        posts::summary::{print_changed, print_unchanged},
    },
    node::Node,
    publishing::{
        Announcement,
        history::{self, Reverted, Version},
    },
};
use anyhow::{Result, bail};
use clap::Args;
use colors::paint;
use serde::Serialize;
use serde_json::json;

/// The versions to compare.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The slug.
    pub(in crate::cli::posts) slug: String,
    /// The older version, by its number in the history. Without it, the last two versions are compared.
    #[arg(value_name = "VERSION")]
    old: Option<i64>,
    /// The newer version. Without it, the older one is compared with what is there now.
    #[arg(value_name = "VERSION2")]
    new: Option<i64>,
    #[command(flatten)]
    format: Format,
}

/// The version to return to.
#[derive(Debug, Args)]
pub(crate) struct Revert {
    /// The slug.
    pub(in crate::cli::posts) slug: String,
    /// The version, by its number in the history.
    #[arg(value_name = "VERSION")]
    pub(in crate::cli::posts) version: i64,
    #[command(flatten)]
    pub(in crate::cli::posts) format: Format,
}

/// The article and the version to return to.
#[derive(Debug, Args)]
pub(crate) struct RevertArticle {
    #[command(flatten)]
    revert: Revert,
    /// Send no update to other servers.
    #[arg(long)]
    quiet: bool,
}

/// A version as JSON for scripts.
#[derive(Serialize)]
struct Shown {
    version: i64,
    /// Whether it is what is there now.
    current: bool,
    made: Option<String>,
    by: Option<String>,
    title: String,
    changes: Vec<String>,
}

/// Prints the versions, the newest first.
pub(in crate::cli::posts) fn print(versions: &[Version], format: &Format) -> Result<()> {
    let newest = versions.first().map(|version| version.number);
    let list = Listing {
        items: versions,
        headings: &["VERSION", "TIME", "BY", "CHANGES"],
        empty: "There are no versions.",
    };
    let to_json = |version: &Version| Shown {
        version: version.number,
        current: Some(version.number) == newest,
        made: version.made_at.map(output::timestamp),
        by: version.made_by.clone(),
        title: version.title.clone(),
        changes: version.changes.clone(),
    };
    list.print(format, to_json, |version| {
        vec![
            version.number.to_string(),
            version.made_at.map_or_else(|| "-".to_owned(), output::time),
            version.made_by.clone().unwrap_or_else(|| "-".to_owned()),
            version.changes.join(", "),
        ]
    })
}

impl Diff {
    /// Prints the differences as a unified diff, in colours on a terminal.
    pub(in crate::cli::posts) fn print(&self, versions: &[Version]) -> Result<()> {
        let (old, new) = self.choose(versions)?;
        let diff = history::diff(old, new);
        if self.format.json {
            return output::json(&json!({
                "from": old.number, "to": new.number, "diff": diff
            }));
        }
        if diff.is_empty() {
            return output::line(&format!(
                "Versions {} and {} have the same text.",
                old.number, new.number
            ));
        }
        let painted = paint(&diff);
        output::line(painted.strip_suffix('\n').unwrap_or(&painted))
    }

    fn choose<'a>(&self, versions: &'a [Version]) -> Result<(&'a Version, &'a Version)> {
        let Some(newest) = versions.first() else {
            bail!("there are no versions of {}", self.slug);
        };
        Ok(match (self.old, self.new) {
            (None, _) => match versions.get(1) {
                Some(before) => (before, newest),
                None => bail!("{} has only one version: nothing was changed", self.slug),
            },
            (Some(old), None) => (history::find(versions, old)?, newest),
            (Some(old), Some(new)) => {
                (history::find(versions, old)?, history::find(versions, new)?)
            }
        })
    }
}

impl RevertArticle {
    pub(crate) async fn run(self, node: &Node) -> Result<()> {
        let Revert {
            slug,
            version,
            format,
        } = self.revert;
        let announcement = if self.quiet {
            Announcement::Silent
        } else {
            Announcement::Tell
        };
        let (article, reverted) =
            history::revert_article(node, &slug, version, announcement).await?;
        warn(&reverted);
        if !reverted.is_changed {
            return print_unchanged(node, &article, &format);
        }
        let verb = format!("Reverted to version {version}");
        print_changed(node, article.id, &verb, &format).await
    }
}

/// Prints the warnings of a return to a version.
pub(in crate::cli::posts) fn warn(reverted: &Reverted) {
    for warning in &reverted.warnings {
        output::warn(warning);
    }
}

mod colors {
    //! The colours of a diff.

    use anstream::ColorChoice;
    use anstyle::{AnsiColor, Style};

    /// Colours a unified diff if stdout shows colours.
    pub(super) fn paint(diff: &str) -> String {
        if anstream::AutoStream::choice(&std::io::stdout()) == ColorChoice::Never {
            return diff.to_owned();
        }
        diff.split_inclusive('\n').map(paint_line).collect()
    }

    fn paint_line(line: &str) -> String {
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        let style = match line.as_bytes().first() {
            _ if line.starts_with("---") || line.starts_with("+++") => Style::new().bold(),
            Some(b'+') => color(AnsiColor::Green),
            Some(b'-') => color(AnsiColor::Red),
            Some(b'@') => color(AnsiColor::Cyan),
            _ => return line.to_owned(),
        };
        let (text, end) = match line.strip_suffix('\n') {
            Some(text) => (text, "\n"),
            None => (line, ""),
        };
        format!("{style}{text}{style:#}{end}")
    }
}
