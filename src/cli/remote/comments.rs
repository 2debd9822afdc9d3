//! `pamphlet comments` by the API.

use super::{
    arguments::Arguments,
    client::{Client, is_problem},
};
use crate::{
    base::time,
    cli::common::{
        Yes,
        output::{self, counted},
    },
};
use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};

/// The options that select comments, with their names in the API.
const SELECTORS: [(&str, &str); 5] = [
    ("article", "article"),
    ("actor", "actor"),
    ("host", "host"),
    ("state", "state"),
    ("search", "q"),
];

/// Returns whether a command of this group works by the API.
pub(super) fn is_possible(name: &str) -> bool {
    name == "list" || name == "show" || Decision::named(name).is_some()
}

pub(super) async fn run(name: &str, client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    match (name, Decision::named(name)) {
        (_, Some(decision)) => decision.run(client, arguments).await,
        ("show", _) => show(client, arguments).await,
        _ => list(client, arguments).await,
    }
}

/// Returns the query for the comments that options select.
fn query_of(arguments: &Arguments<'_>) -> Vec<(&'static str, String)> {
    let mut query = Vec::new();
    for (option, name) in SELECTORS {
        query.extend(arguments.text(option).map(|value| (name, value)));
    }
    if arguments.flag("guest") {
        query.push(("guest", "true".to_owned()));
    }
    query
}

async fn list(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, mut query) = (arguments.flag("json"), query_of(arguments));
    let limit = arguments.text("limit").and_then(|limit| limit.parse().ok());
    query.extend(arguments.text("before").map(|id| ("after", id)));
    arguments.finish()?;
    let comments = client.list("comments", &query, limit.unwrap_or(50)).await?;
    if json {
        return output::json(&comments);
    }
    let row = |comment: &Value| {
        vec![
            comment["id"].to_string(),
            time_of(comment, "received"),
            text_of(comment, "state"),
            author_of(comment),
            output::one_line(&text_of(comment, "article"), 30),
            output::one_line(&text_of(comment, "text"), 60),
        ]
    };
    let rows: Vec<Vec<String>> = comments.iter().map(row).collect();
    let headings = ["ID", "RECEIVED", "STATE", "BY", "ARTICLE", "TEXT"];
    output::table(&headings, &rows, "No comments found.")
}

async fn show(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, id) = (
        arguments.flag("json"),
        arguments.text("id").unwrap_or_default(),
    );
    arguments.finish()?;
    let comment = find(client, &id).await?;
    if json {
        return output::json(&comment);
    }
    let state = match comment["reason"].as_str() {
        Some(reason) => format!(
            "{}, {}",
            text_of(&comment, "state"),
            output::one_line(reason, 500)
        ),
        None => text_of(&comment, "state"),
    };
    let fields = [
        ("Page", text_of(&comment, "page")),
        ("Original", text_of(&comment, "url")),
        ("Author", author_of(&comment)),
        ("Written", time_of(&comment, "published")),
        ("Received", time_of(&comment, "received")),
        ("Note", text_of(&comment, "note")),
    ];
    let mut lines = vec![format!("Comment {id} ({state})")];
    let known = fields.iter().filter(|(_, value)| !value.is_empty());
    lines.extend(
        known.map(|(name, value)| format!("  {name:<10} {}", output::one_line(value, 500))),
    );
    lines.push(format!("\n{}", text_of(&comment, "text")));
    output::line(&lines.join("\n"))
}

/// A decision about comments.
struct Decision {
    /// Its name in the API.
    action: &'static str,
    /// The state that it leads to.
    state: &'static str,
    /// The words for a comment that was changed, and for one that would be.
    done: &'static str,
    would: &'static str,
    /// The words for a comment that is in this state already.
    already: &'static str,
}

impl Decision {
    fn named(name: &str) -> Option<Decision> {
        let (action, state, done, would, already) = match name {
            "approve" => (
                "approve",
                "visible",
                "Approved",
                "Would approve",
                "approved",
            ),
            "hide" => ("hide", "hidden", "Hid", "Would hide", "hidden"),
            "spam" => (
                "spam",
                "spam",
                "Marked as spam:",
                "Would mark as spam:",
                "marked as spam",
            ),
            "delete" => ("delete", "deleted", "Deleted", "Would delete", "deleted"),
            _ => return None,
        };
        Some(Decision {
            action,
            state,
            done,
            would,
            already,
        })
    }

    async fn run(&self, client: &Client, arguments: &Arguments<'_>) -> Result<()> {
        let (json, is_dry) = (arguments.flag("json"), arguments.flag("dry_run"));
        let (ids, why) = (arguments.texts("ids"), arguments.text("why"));
        let query = query_of(arguments);
        let yes = Yes::given(arguments.flag("yes"));
        arguments.finish()?;
        let mut comments = Vec::new();
        for id in &ids {
            let comment = find(client, id).await?;
            if comment["state"] == "deleted" {
                bail!("comment {id} is deleted");
            }
            comments.push(comment);
        }
        if ids.is_empty() {
            comments = client.list("comments", &query, usize::MAX).await?;
            comments.retain(|comment| comment["state"] != "deleted");
        }
        if self.action == "delete" && !is_dry {
            let count = counted(comments.len(), "comment");
            yes.confirm(&format!("Delete {count} at {}?", client.origin()))?;
        }
        let mut changed = Vec::new();
        for comment in &comments {
            let (id, author) = (&comment["id"], author_of(comment));
            if comment["state"] == self.state {
                if !json && !ids.is_empty() {
                    output::line(&format!(
                        "Comment {id} by {author} is already {}.",
                        self.already
                    ))?;
                }
                continue;
            }
            if !is_dry {
                self.carry_out(client, id, why.as_deref()).await?;
            }
            let verb = if is_dry { self.would } else { self.done };
            if !json {
                output::line(&format!("{verb} comment {id} by {author}."))?;
            }
            changed
                .push(json!({"id": id, "handle": comment["handle"], "before": comment["state"]}));
        }
        if json {
            let document = json!({"decision": self.action, "dry_run": is_dry, "changed": changed});
            return output::json(&document);
        }
        let verb = if is_dry { self.would } else { self.done };
        match changed.len() {
            _ if ids.len() == 1 => Ok(()),
            0 => output::line("No comments changed."),
            count => output::line(&format!("{verb} {}.", counted(count, "comment"))),
        }
    }

    async fn carry_out(&self, client: &Client, id: &Value, why: Option<&str>) -> Result<()> {
        if self.action == "delete" {
            return client.delete(&format!("comments/{id}")).await;
        }
        let mut body = json!({"action": self.action});
        if let Some(why) = why {
            body["why"] = why.into();
        }
        let path = format!("comments/{id}/decision");
        client.post(&path, &body).await.map(drop)
    }
}

async fn find(client: &Client, id: &str) -> Result<Value> {
    let found = client.get(&format!("comments/{id}")).await;
    Ok(found.map_err(|error| explain(error, id))?.value)
}

/// Says how to find comments if none has the id.
pub(super) fn explain(error: anyhow::Error, id: &str) -> anyhow::Error {
    if is_problem(&error, "not_found") {
        anyhow!("no comment has the ID {id}: run `pamphlet comments list` to list comments")
    } else {
        error
    }
}

fn author_of(comment: &Value) -> String {
    match (
        text_of(comment, "handle").as_str(),
        text_of(comment, "author").as_str(),
    ) {
        ("", "") => "unknown".to_owned(),
        ("", name) => output::one_line(name, 40),
        (handle, _) => output::one_line(handle, 80),
    }
}

fn text_of(comment: &Value, name: &str) -> String {
    comment[name].as_str().unwrap_or_default().to_owned()
}

fn time_of(comment: &Value, name: &str) -> String {
    let at = comment[name].as_str().and_then(time::parse_rfc3339);
    at.map_or_else(String::new, |at| output::time(at.timestamp_millis()))
}
