//! `pamphlet media list`, `show` and `upload` by the API.

use super::{arguments::Arguments, client::Client};
use crate::cli::common::output;
use anyhow::Result;
use serde_json::Value;
use std::path::Path;

/// Returns whether a command of this group works by the API.
pub(super) fn is_possible(name: &str) -> bool {
    matches!(name, "list" | "upload")
}

pub(super) async fn run(name: &str, client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    match name {
        "list" => list(client, arguments).await,
        _ => upload(client, arguments).await,
    }
}

async fn list(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, unused) = (arguments.flag("json"), arguments.flag("unused"));
    arguments.finish()?;
    let query = [("unused", unused.to_string())];
    let files = client.list("media", &query, usize::MAX).await?;
    if json {
        return output::json(&files);
    }
    let rows: Vec<Vec<String>> = files.iter().map(row).collect();
    let headings = ["NAME", "KIND", "SIZE", "BYTES", "VARIANTS"];
    output::table(&headings, &rows, "There are no such files.")
}

fn row(file: &Value) -> Vec<String> {
    let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
    let size = file["width"].as_i64().zip(file["height"].as_i64());
    let variants = file["variants"].as_array();
    let of_variants = variants.into_iter().flatten();
    let bytes = of_variants
        .filter_map(|variant| variant["bytes"].as_i64())
        .sum::<i64>()
        + file["bytes"].as_i64().unwrap_or_default();
    vec![
        text("name"),
        text("kind"),
        size.map_or(String::new(), |(width, height)| format!("{width}x{height}")),
        bytes.to_string(),
        variants.map_or(0, Vec::len).to_string(),
    ]
}

async fn upload(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, alt) = (arguments.flag("json"), arguments.text("alt"));
    let files = arguments.texts("files");
    arguments.finish()?;
    let mut stored = Vec::new();
    for file in &files {
        stored.push(client.upload(Path::new(file), alt.as_deref()).await?);
    }
    if json {
        return output::json(&stored);
    }
    for (file, stored) in files.iter().zip(&stored) {
        let address = stored["address"].as_str().unwrap_or_default();
        output::line(&format!("Uploaded: {file}\n  {address}"))?;
    }
    Ok(())
}
