//! `pamphlet note` and `reply` by the API.

use super::{
    arguments::Arguments,
    client::{Client, is_problem},
};
use crate::{
    base::time,
    cli::common::{Yes, output},
};
use anyhow::{Result, anyhow};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Returns whether a command of this group works by the API.
pub(super) fn is_possible(name: &str) -> bool {
    matches!(name, "list" | "show" | "delete")
}

pub(super) async fn run(name: &str, client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    match name {
        "list" => list(client, arguments).await,
        "show" => show(client, arguments).await,
        _ => delete(client, arguments).await,
    }
}

/// Publishes a note, with its picture.
pub(super) async fn publish(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let json = arguments.flag("json");
    let mut body = json!({"markdown": arguments.text("text").unwrap_or_default()});
    for (name, field) in [
        ("cw", "content_warning"),
        ("language", "language"),
        ("reply_to", "in_reply_to"),
        ("alt", "image_alt"),
    ] {
        if let Some(value) = arguments.text(name) {
            body[field] = value.into();
        }
    }
    let image = arguments.text("image");
    arguments.finish()?;
    if let Some(image) = image {
        let alt = body["image_alt"].as_str();
        let stored = client.upload(Path::new(&image), alt).await?;
        body["image"] = stored["address"].clone();
    }
    print_published(&client.create("notes", &body).await?, json)
}

/// Replies to a comment.
pub(super) async fn reply(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let json = arguments.flag("json");
    let comment = arguments.text("comment").unwrap_or_default();
    let body = json!({"markdown": arguments.text("text").unwrap_or_default()});
    arguments.finish()?;
    let path = format!("comments/{comment}/reply");
    let note = client.create(&path, &body).await;
    let note = note.map_err(|error| super::comments::explain(error, &comment))?;
    print_published(&note, json)
}

fn print_published(note: &Value, json: bool) -> Result<()> {
    let (name, url) = (name_of(note), text_of(note, "url"));
    if json {
        return output::json(&json!({"id": name, "url": url}));
    }
    output::line(&format!(
        "Published: {name}\n  {url}\n\nTo delete it, run `pamphlet note delete {name}`."
    ))
}

async fn list(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let json = arguments.flag("json");
    let limit = arguments.text("limit").and_then(|limit| limit.parse().ok());
    let before = arguments.text("before");
    arguments.finish()?;
    let query: Vec<_> = before.map(|id| ("after", id)).into_iter().collect();
    let notes = client.list("notes", &query, limit.unwrap_or(50)).await?;
    if json {
        return output::json(&notes.iter().map(to_json).collect::<Vec<_>>());
    }
    let row = |note: &Value| {
        vec![
            name_of(note),
            time_of(note, "published"),
            text_of(note, "state"),
            output::one_line(&text_of(note, "markdown"), 80),
        ]
    };
    let rows: Vec<Vec<String>> = notes.iter().map(row).collect();
    output::table(
        &["ID", "DATE", "STATE", "TEXT"],
        &rows,
        "There are no notes: run `pamphlet note \"TEXT\"` to publish one.",
    )
}

async fn show(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, name) = (
        arguments.flag("json"),
        arguments.text("note").unwrap_or_default(),
    );
    arguments.finish()?;
    let note = find(client, &name).await?;
    if json {
        return output::json(&to_json(&note));
    }
    output::line(&to_file_text(&note)?)
}

/// Writes a note as `pamphlet note show` does on the server: front matter, whose comments say which note it is, and text.
fn to_file_text(note: &Value) -> Result<String> {
    let fields: Map<String, Value> = ["content_warning", "language", "image_alt"]
        .iter()
        .filter(|name| !note[**name].is_null())
        .map(|name| ((*name).to_owned(), note[*name].clone()))
        .collect();
    let edited = match note["edited"].is_null() {
        true => String::new(),
        false => format!(", edited {}", time_of(note, "edited")),
    };
    Ok(format!(
        "---\n# {}, {}, {}{edited}\n# {}\n{}---\n\n{}",
        name_of(note),
        text_of(note, "state"),
        time_of(note, "published"),
        text_of(note, "url"),
        serde_yaml_ng::to_string(&fields)?,
        text_of(note, "markdown")
    ))
}

async fn delete(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, name) = (
        arguments.flag("json"),
        arguments.text("note").unwrap_or_default(),
    );
    let yes = Yes::given(arguments.flag("yes"));
    arguments.finish()?;
    let note = find(client, &name).await?;
    let (name, text) = (
        name_of(&note),
        output::one_line(&text_of(&note, "markdown"), 60),
    );
    yes.confirm(&format!(
        "Delete {name} ({text}) at {} and on other servers?",
        client.origin()
    ))?;
    client.delete(&format!("notes/{}", note["id"])).await?;
    let url = text_of(&note, "url");
    if json {
        return output::json(&json!({"id": name, "object": url, "undone": true}));
    }
    output::line(&format!("Undone: {name}, {url}"))
}

/// Finds a note by its name (`note-3`), its number or its address.
async fn find(client: &Client, name: &str) -> Result<Value> {
    let last = name.rsplit('/').next().unwrap_or_default();
    let id = last.strip_prefix("note-").unwrap_or(last);
    let found = client.get(&format!("notes/{id}")).await;
    let found = found.map_err(|error| {
        if is_problem(&error, "not_found") {
            anyhow!("no such note: {name}. Run `pamphlet note list` to list notes")
        } else {
            error
        }
    })?;
    Ok(found.value)
}

fn to_json(note: &Value) -> Value {
    json!({
        "id": name_of(note),
        "url": note["url"],
        "state": note["state"],
        "text": note["markdown"],
        "content_warning": note["content_warning"],
        "language": note["language"],
        "in_reply_to": note["in_reply_to"],
        "published": note["published"],
    })
}

fn name_of(note: &Value) -> String {
    format!("note-{}", note["id"])
}

fn text_of(note: &Value, name: &str) -> String {
    note[name].as_str().unwrap_or_default().to_owned()
}

fn time_of(note: &Value, name: &str) -> String {
    let at = note[name].as_str().and_then(time::parse_rfc3339);
    at.map_or_else(String::new, |at| output::time(at.timestamp_millis()))
}
