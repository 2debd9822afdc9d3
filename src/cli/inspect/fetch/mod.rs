//! `pamphlet fetch`: shows a document of another server as this node sees it, with each check. Changes nothing.

mod reading;
mod request;

use crate::{
    cli::common::{Format, Options, UsageError, lookup, output, progress::Progress},
    content::Handle,
    federation::remote::{fetch, fetch_error::shown, webfinger},
    node::{Context, Node},
    protocol::is_http_url,
};
use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};
use url::Url;

/// The number of lines of the document that are printed below the checks.
const MAX_LINES: usize = 120;
/// The maximum length of a printed text, in characters.
const WIDTH: usize = 400;

/// Show what this node sees at an address or handle of another server, with each check.
///
/// An unsigned and a signed request are sent, so that both can be compared. Nothing is stored. The exit code is 1 if the
/// node could not use the document.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet fetch @reader@example.org\n  pamphlet fetch https://example.org/users/reader\n  \
                  pamphlet fetch --raw https://example.org/notes/1 | jq .content"
)]
pub(crate) struct Fetch {
    /// The address of an actor or a post, or a handle.
    #[arg(value_name = "URL|HANDLE")]
    what: String,
    /// Print only the document, as JSON.
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    #[command(flatten)]
    format: Format,
}

/// Everything that was found out.
#[derive(Debug, Default)]
struct Report {
    address: String,
    steps: Vec<Step>,
    document: Option<Value>,
    /// The contents of the document, as this node reads it.
    reading: Vec<(&'static str, String)>,
}

/// A check and its result.
#[derive(Debug)]
struct Step {
    name: &'static str,
    is_well: bool,
    text: String,
}

impl Report {
    fn step(&mut self, name: &'static str, is_well: bool, text: impl Into<String>) {
        self.steps.push(Step {
            name,
            is_well,
            text: text.into(),
        });
    }

    fn say(&mut self, name: &'static str, text: impl Into<String>) {
        self.reading.push((name, text.into()));
    }

    fn is_well(&self) -> bool {
        self.steps.iter().all(|step| step.is_well)
    }
}

impl Fetch {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let what = self.what.trim().to_owned();
        if !is_http_url(&what) && what.parse::<Handle>().is_err() {
            let message = format!(
                "{:?} is neither an address nor a handle: write https://example.org/users/reader or @reader@example.org",
                shown(&what)
            );
            return Err(UsageError::new(message).into());
        }
        options
            .with_node(async |node: &Node| {
                node.store.rehearse();
                let ctx = lookup::fetch_context(node).await?;
                let progress = Progress::spinner(&format!("Asking {}", shown(&what)));
                let report = look(&what, &ctx).await?;
                drop(progress);
                self.print(&report)
            })
            .await
    }

    fn print(&self, report: &Report) -> Result<()> {
        if self.format.json {
            output::json(&to_json(report))?;
        } else if self.raw {
            if let Some(document) = &report.document {
                output::json(document)?;
            }
        } else {
            print_report(report)?;
        }
        match report.steps.iter().find(|step| !step.is_well) {
            Some(failed) if self.raw => bail!("{}: {}", failed.name, failed.text),
            Some(_) => bail!("this node can't use {}", report.address),
            None => Ok(()),
        }
    }
}

/// Looks at an address, or at the address that a handle leads to.
async fn look(what: &str, ctx: &Context) -> Result<Report> {
    let mut report = Report::default();
    let Some(address) = find_address(what, &mut report, ctx).await else {
        what.clone_into(&mut report.address);
        return Ok(report);
    };
    report.address = address.to_string();
    if !request::is_allowed(&address, &mut report, ctx).await? {
        return Ok(report);
    }
    let Some(document) = request::compare(&address, &mut report, ctx).await? else {
        return Ok(report);
    };
    report.document = Some(document);
    // The node's own fetch decides.
    match fetch::document(address.as_str(), ctx).await {
        Ok(document) => {
            report.step("fetch", true, "this node fetches and believes it");
            reading::read(&document, &mut report, ctx).await?;
            report.document = Some(document);
        }
        Err(error) => report.step("fetch", false, error.to_string()),
    }
    Ok(report)
}

async fn find_address(what: &str, report: &mut Report, ctx: &Context) -> Option<Url> {
    let Ok(handle) = what.parse::<Handle>() else {
        return Url::parse(what).ok();
    };
    if webfinger::is_ours(&handle, ctx) {
        let text =
            format!("{handle} is of this publication: look at it with `pamphlet actor show`");
        report.step("handle", false, text);
        return None;
    }
    match webfinger::look_up(&handle, ctx).await {
        Ok(found) => {
            let actor = shown(found.actor.as_str());
            report.step(
                "webfinger",
                true,
                format!("{} says that {handle} is {actor}", handle.host()),
            );
            Some(found.actor)
        }
        Err(error) => {
            report.step("webfinger", false, error.to_string());
            None
        }
    }
}

fn print_report(report: &Report) -> Result<()> {
    let clean = |text: &str| output::one_line(text, WIDTH);
    output::line(&clean(&report.address))?;
    output::line("")?;
    for step in &report.steps {
        let mark = if step.is_well { "ok   " } else { "WRONG" };
        output::line(&format!("{mark}  {:<12}{}", step.name, clean(&step.text)))?;
    }
    if !report.reading.is_empty() {
        output::line("\nAs this node reads it:")?;
        for (name, text) in &report.reading {
            output::line(&format!("  {name:<12}{}", clean(text)))?;
        }
    }
    let Some(document) = &report.document else {
        return Ok(());
    };
    output::line("\nThe document:")?;
    let text = serde_json::to_string_pretty(document)?;
    let text = crate::content::text::json_without_controls(&text);
    let lines: Vec<&str> = text.lines().collect();
    for line in lines.iter().take(MAX_LINES) {
        output::line(&line.chars().take(WIDTH).collect::<String>())?;
    }
    if lines.len() > MAX_LINES {
        let more = lines.len() - MAX_LINES;
        output::line(&format!("and {more} more lines: --raw prints all"))?;
    }
    Ok(())
}

fn to_json(report: &Report) -> Value {
    let steps = report.steps.iter();
    let steps = steps.map(|step| json!({"step": step.name, "ok": step.is_well, "text": step.text}));
    let reading: serde_json::Map<_, _> = report
        .reading
        .iter()
        .map(|(name, text)| ((*name).to_owned(), json!(text)))
        .collect();
    json!({
        "address": report.address,
        "ok": report.is_well(),
        "steps": steps.collect::<Vec<_>>(),
        "reading": reading,
        "document": report.document,
    })
}
