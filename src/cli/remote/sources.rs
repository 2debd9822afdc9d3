//! Markdown files for another machine: their pictures are uploaded before them.

use super::client::Client;
use crate::{
    cli::common::progress::Progress,
    publishing::{
        Source,
        uploads::{named_files, replace_names},
    },
};
use anyhow::{Context, Result};
use std::collections::HashMap;

/// Uploads the files that an article names. Returns the text of the article with their addresses. `known` is the text
/// before: files that it names may be missing.
///
/// # Errors
/// If a file is missing or refused.
pub(super) async fn with_uploads(
    client: &Client,
    mut source: Source,
    known: Option<&str>,
) -> Result<String> {
    // All of them are looked for before the first is sent.
    let files = named_files(&source, known)?;
    let progress = Progress::new(files.len() as u64, "Uploading pictures");
    let mut addresses = HashMap::new();
    for file in files {
        let stored = client.upload(&file.path, None).await;
        let stored = stored.with_context(|| source.name.clone())?;
        let address = stored["address"].as_str().unwrap_or_default();
        // A point of focus is part of the name.
        let focus = file
            .name
            .split_once('#')
            .map(|(_, focus)| format!("#{focus}"));
        let address = format!("{address}{}", focus.unwrap_or_default());
        addresses.insert(file.name, address);
        progress.advance();
    }
    replace_names(&mut source, &addresses)?;
    Ok(source.article.to_file_text())
}
