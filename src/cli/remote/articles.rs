//! Articles of the API: found, and printed as the local commands print theirs.

use super::client::{Client, is_problem};
use crate::{base::time, cli::common::output, content::Slug, publishing::Announcement};
use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};

/// Returns an article with its entity tag.
pub(super) async fn article(client: &Client, slug: &str) -> Result<(Value, Option<String>)> {
    if slug.parse::<Slug>().is_err() {
        bail!("{slug:?} is no slug: run `pamphlet post list` to list articles");
    }
    let found = client.get(&format!("articles/{slug}")).await;
    let found = found.map_err(|error| explain(error, slug))?;
    Ok((found.value, found.tag))
}

/// Says how to find articles if none has the slug.
pub(super) fn explain(error: anyhow::Error, slug: &str) -> anyhow::Error {
    if is_problem(&error, "not_found") {
        anyhow!("no article has the slug {slug}: run `pamphlet post list` to list articles")
    } else {
        error
    }
}

/// Returns a text of a document; an empty one if it is absent.
pub(super) fn text_of(article: &Value, name: &str) -> String {
    article[name].as_str().unwrap_or_default().to_owned()
}

/// Returns the date of an article.
pub(super) fn date_of(article: &Value) -> Option<i64> {
    let date = time::parse_rfc3339(article["date"].as_str()?)?;
    Some(date.timestamp_millis())
}

/// Returns the name of a decision in the API.
pub(super) fn announcement(announcement: Announcement) -> Value {
    match announcement {
        Announcement::Tell => "tell".into(),
        Announcement::Silent => "silent".into(),
    }
}

/// Returns an article of the API as the local commands print it for scripts.
pub(super) fn summary(article: &Value) -> Value {
    let mut value = json!({
        "id": article["id"],
        "url": article["url"],
        "slug": article["slug"],
        "title": article["title"],
        "status": article["status"],
        "published": date_of(article).map(output::timestamp),
        "tags": article["tags"],
    });
    for name in ["federate", "comment_days", "comments"] {
        if !article[name].is_null() {
            value[name] = article[name].clone();
        }
    }
    if let Some(warnings) = article["warnings"]
        .as_array()
        .filter(|list| !list.is_empty())
    {
        value["advice"] = warnings.clone().into();
    }
    value
}

/// Prints articles after a change; `verb` says what happened.
pub(super) fn print_all(verb: &str, articles: &[Value], json: bool) -> Result<()> {
    match articles {
        [one] => print(verb, one, json),
        all if json => output::json(&all.iter().map(summary).collect::<Vec<_>>()),
        all => all
            .iter()
            .try_for_each(|article| print(verb, article, false)),
    }
}

/// Prints an article after a change.
pub(super) fn print(verb: &str, article: &Value, json: bool) -> Result<()> {
    if json {
        return output::json(&summary(article));
    }
    let verb = match date_of(article) {
        Some(at) if article["status"] == "scheduled" => {
            format!("Scheduled for {}", output::time(at))
        }
        _ => verb.to_owned(),
    };
    let (title, url) = (text_of(article, "title"), text_of(article, "url"));
    output::line(&format!(
        "{verb}: {}\n  {url}",
        output::one_line(&title, 300)
    ))?;
    let warnings = article["warnings"].as_array().into_iter().flatten();
    for warning in warnings.filter_map(Value::as_str) {
        output::line(&format!("  Note: {}.", output::one_line(warning, 500)))?;
    }
    Ok(())
}
