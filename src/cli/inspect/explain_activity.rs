//! `pamphlet explain-activity`: says what the inbox would do with an activity.

use super::captured;
use crate::{
    cli::common::{Format, Options, lookup, output, progress::Progress},
    federation::inbox::explain::{Explanation, explain},
    node::{Node, error::InboxError},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, Read},
};

/// The largest file to read, in bytes: an activity has at most 1 MiB, and its headers come before it.
const MAX_FILE: u64 = 2 * 1024 * 1024;
/// The largest activity that an inbox reads, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Explain what the inbox would do with an activity, without doing it.
///
/// The file has the activity's JSON, or the whole request with its headers. The real code runs, and all that it writes
/// is rolled back. The exit code is 0 if the activity could be explained, whatever the inbox would do.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pamphlet explain-activity reply.json\n  pamphlet explain-activity --fetch request.http\n  \
                  curl -s https://example.org/activities/1 | pamphlet explain-activity -"
)]
pub(crate) struct ExplainActivity {
    /// The file, or - for standard input.
    file: String,
    /// Send the requests to other servers that the inbox would send, such as for a key.
    #[arg(long)]
    fetch: bool,
    #[command(flatten)]
    format: Format,
}

impl ExplainActivity {
    pub(crate) async fn run(self, options: &Options) -> Result<()> {
        let content = read_file(&self.file)?;
        let captured = captured::read(&content)?;
        options
            .with_node(async |node: &Node| {
                if !self.fetch {
                    node.stay_offline();
                }
                node.store.rehearse();
                let ctx = lookup::fetch_context(node).await?;
                let explanation = if captured.body.len() > MAX_BODY {
                    too_large()
                } else {
                    let _progress = Progress::spinner("Asking other servers");
                    explain(&captured, &ctx).await
                };
                if self.format.json {
                    output::json(&to_json(&explanation))
                } else {
                    self.print(&explanation)
                }
            })
            .await
    }

    fn print(&self, explanation: &Explanation) -> Result<()> {
        let summary = &explanation.summary;
        if !summary.kind.is_empty() {
            let (kind, actor) = (&summary.kind, &summary.actor);
            output::line(&output::one_line(&format!("{kind} by {actor}"), 300))?;
            output::line("")?;
        }
        for step in &explanation.steps {
            let text = output::one_line(&step.text, 400);
            output::line(&format!("  {:<12}{text}", step.name))?;
        }
        output::line("")?;
        output::line(&output::one_line(&sentence(&explanation.outcome), 500))?;
        output::line(if self.fetch {
            "Nothing was stored."
        } else {
            "Nothing was stored, and no request was sent: --fetch sends those that are needed."
        })
    }
}

fn too_large() -> Explanation {
    Explanation {
        steps: Vec::new(),
        summary: crate::federation::inbox::Summary::default(),
        outcome: Err(InboxError::Unread(
            413,
            "the body is larger than 1 MiB".into(),
        )),
    }
}

/// Returns the outcome in a word, for scripts.
fn word(outcome: &Result<(), InboxError>) -> &'static str {
    match outcome {
        Ok(()) => "accepted",
        Err(InboxError::Dropped(_)) => "dropped",
        Err(InboxError::Later(_) | InboxError::Busy(_)) => "later",
        Err(InboxError::Store(_)) => "failed",
        Err(_) => "refused",
    }
}

fn status(outcome: &Result<(), InboxError>) -> u16 {
    outcome.as_ref().err().map_or(202, InboxError::status)
}

fn sentence(outcome: &Result<(), InboxError>) -> String {
    let status = status(outcome);
    match outcome {
        Ok(()) => format!("The inbox would accept it ({status})."),
        Err(InboxError::Dropped(reason)) => {
            format!("The inbox would accept it ({status}) and change nothing: {reason}.")
        }
        Err(InboxError::Busy(reason)) => {
            format!("The inbox would need a request to go on: {reason}.")
        }
        Err(InboxError::Later(reason)) => {
            format!("The inbox would ask the sender to try again ({status}): {reason}.")
        }
        Err(InboxError::Store(error)) => format!("The database failed ({status}): {error}."),
        Err(error) => format!("The inbox would refuse it ({status}): {error}."),
    }
}

fn to_json(explanation: &Explanation) -> Value {
    let outcome = &explanation.outcome;
    let steps = explanation.steps.iter();
    let code = match outcome {
        Err(InboxError::Dropped(reason)) => Some(reason.code()),
        _ => None,
    };
    let summary = &explanation.summary;
    json!({
        "type": summary.kind,
        "id": summary.id,
        "actor": summary.actor,
        "steps": steps.map(|step| json!({"step": step.name, "text": step.text})).collect::<Vec<_>>(),
        "outcome": word(outcome),
        "status": status(outcome),
        "reason": outcome.as_ref().err().map(ToString::to_string),
        "code": code,
    })
}

fn read_file(name: &str) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let read = if name == "-" {
        io::stdin().take(MAX_FILE + 1).read_to_end(&mut content)
    } else {
        let file = File::open(name);
        file.and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut content))
    };
    read.with_context(|| {
        format!("cannot read {name}: name a file with an activity, or - for standard input")
    })?;
    if content.len() as u64 > MAX_FILE {
        bail!(
            "{name} is larger than 2 MiB, and an inbox reads at most 1 MiB: name a file with one activity"
        );
    }
    Ok(content)
}
