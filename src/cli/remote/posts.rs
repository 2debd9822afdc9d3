//! `pamphlet post` by the API.

use super::{
    arguments::Arguments,
    articles::{announcement, article, date_of, explain, print, print_all, summary, text_of},
    client::{Client, is_problem},
    sources::with_uploads,
};
use crate::{
    base::time,
    cli::common::{
        Yes,
        editor::{self, Draft, Edited},
        output,
        telling::Telling,
        when,
    },
    content::Slug,
    publishing::Source,
    store::now,
};
use anyhow::{Result, anyhow};
use serde_json::{Map, Value, json};
use std::{
    io::Read,
    path::{Path, PathBuf},
};

/// The name of the text that is read from stdin.
const STDIN: &str = "-";

/// Returns whether a command of this group works by the API.
pub(super) fn is_possible(name: &str) -> bool {
    matches!(
        name,
        "publish"
            | "draft"
            | "list"
            | "search"
            | "show"
            | "edit"
            | "schedule"
            | "reschedule"
            | "unpublish"
            | "delete"
    )
}

pub(super) async fn run(name: &str, client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    match name {
        "publish" => publish(client, arguments).await,
        "draft" => draft(client, arguments).await,
        "list" => list(client, arguments).await,
        "search" => search(client, arguments).await,
        "show" => show(client, arguments).await,
        "edit" => edit(client, arguments).await,
        "schedule" => schedule(client, arguments).await,
        "reschedule" => reschedule(client, arguments).await,
        "unpublish" => unpublish(client, arguments).await,
        _ => delete(client, arguments).await,
    }
}

/// Returns the arguments that name files and slugs.
fn sources_of(arguments: &Arguments<'_>) -> Vec<String> {
    let mut sources = arguments.texts("sources");
    sources.extend(arguments.texts("source"));
    sources
}

fn is_slug_of_no_file(text: &str) -> bool {
    text != STDIN && !Path::new(text).exists() && text.parse::<Slug>().is_ok()
}

fn read_source(name: &str) -> Result<Source> {
    if name != STDIN {
        return Ok(Source::read(Path::new(name))?);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(Source::parse(
        "the text from stdin".to_owned(),
        Some(PathBuf::new()),
        &text,
    )?)
}

/// An article of the arguments: a file, or the slug of one that is stored there.
enum Named {
    File(Box<Source>),
    Stored(Value),
}

impl Named {
    async fn find(client: &Client, text: &str) -> Result<Named> {
        if is_slug_of_no_file(text) {
            return Ok(Named::Stored(article(client, text).await?.0));
        }
        Ok(Named::File(Box::new(read_source(text)?)))
    }

    /// Returns the date at which it would be published.
    fn published_at(&self) -> i64 {
        match self {
            Named::File(source) => source
                .article
                .date
                .map_or_else(now, |date| date.timestamp_millis()),
            Named::Stored(article) => date_of(article)
                .filter(|_| article["date"].is_string())
                .unwrap_or_else(now),
        }
    }
}

async fn publish(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, sources) = (arguments.flag("json"), sources_of(arguments));
    let telling = Telling::given(arguments.flag("tell"), arguments.flag("silent"));
    arguments.finish()?;
    let mut articles = Vec::new();
    for source in &sources {
        articles.push(Named::find(client, source).await?);
    }
    let dates: Vec<i64> = articles.iter().map(Named::published_at).collect();
    let decision = telling.decide(&dates)?;
    let mut published = Vec::new();
    for (named, date) in articles.into_iter().zip(dates) {
        let mut body = Map::new();
        body.insert("announcement".into(), announcement(decision.of(date)));
        published.push(match named {
            Named::File(source) => create(client, *source, "published", body).await?,
            Named::Stored(article) => {
                let slug = text_of(&article, "slug");
                client
                    .post(&format!("articles/{slug}/publish"), &body.into())
                    .await?
            }
        });
    }
    print_all("Published", &published, json)
}

async fn draft(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, sources) = (arguments.flag("json"), sources_of(arguments));
    arguments.finish()?;
    let files: Result<Vec<Source>> = sources.iter().map(|source| read_source(source)).collect();
    let mut stored = Vec::new();
    for source in files? {
        stored.push(create(client, source, "draft", Map::new()).await?);
    }
    print_all("Stored as a draft", &stored, json)
}

async fn create(
    client: &Client,
    source: Source,
    status: &str,
    mut body: Map<String, Value>,
) -> Result<Value> {
    let name = source.name.clone();
    let text = with_uploads(client, source, None).await?;
    body.insert("source".into(), text.into());
    body.insert("status".into(), status.into());
    let created = client.create("articles", &body.into()).await;
    created.map_err(|error| {
        let advice = if is_problem(&error, "taken") {
            ", or run `pamphlet post edit` to change that article"
        } else {
            ""
        };
        anyhow!("{name}: {error:#}{advice}")
    })
}

async fn list(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let json = arguments.flag("json");
    let mut query = Vec::new();
    for name in ["status", "author", "tag"] {
        query.extend(arguments.text(name).map(|value| (name, value)));
    }
    if arguments.flag("published") {
        query.push(("status", "published".to_owned()));
    }
    let limit = arguments.text("limit").and_then(|limit| limit.parse().ok());
    arguments.finish()?;
    let articles = client.list("articles", &query, limit.unwrap_or(50)).await?;
    if json {
        return output::json(&articles.iter().map(summary).collect::<Vec<_>>());
    }
    let row = |article: &Value| {
        vec![
            date_of(article).map(output::time).unwrap_or_default(),
            text_of(article, "status"),
            text_of(article, "slug"),
            output::one_line(&text_of(article, "title"), 60),
        ]
    };
    let rows: Vec<Vec<String>> = articles.iter().map(row).collect();
    output::table(
        &["DATE", "STATUS", "SLUG", "TITLE"],
        &rows,
        "There are no articles: run `pamphlet post publish FILE.md` to publish one.",
    )
}

async fn search(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, words) = (arguments.flag("json"), arguments.texts("words").join(" "));
    let limit = arguments.text("limit").and_then(|limit| limit.parse().ok());
    arguments.finish()?;
    let found = client.query("search", &[("q", words)]).await?;
    let found = found.as_array().cloned().unwrap_or_default();
    let articles = found.into_iter().filter(|found| found["kind"] == "article");
    let articles: Vec<Value> = articles.take(limit.unwrap_or(20)).collect();
    if json {
        return output::json(&articles);
    }
    if articles.is_empty() {
        return output::line("No article has these words.");
    }
    articles.iter().try_for_each(|article| {
        let title = output::one_line(&text_of(article, "title"), 200);
        output::line(&format!("{title}\n  {}", text_of(article, "url")))
    })
}

async fn show(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, slug) = (arguments.flag("json"), slug_of(arguments));
    arguments.finish()?;
    let (article, _) = article(client, &slug).await?;
    if json {
        let mut value = summary(&article);
        value["markdown"] = article["markdown"].clone();
        return output::json(&value);
    }
    output::line(text_of(&article, "source").trim_end_matches('\n'))
}

async fn edit(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, slug) = (arguments.flag("json"), slug_of(arguments));
    let (file, is_quiet) = (arguments.text("file"), arguments.flag("quiet"));
    arguments.finish()?;
    let (old, tag) = article(client, &slug).await?;
    let markdown = text_of(&old, "markdown");
    let store = async |source: Source| {
        let text = with_uploads(client, source, Some(&markdown)).await?;
        let mut body = json!({"source": text});
        if is_quiet {
            body["announcement"] = "quiet".into();
        }
        client
            .put(&format!("articles/{slug}"), &body, tag.as_deref())
            .await
    };
    let stored = match &file {
        Some(file) => store(read_source(file)?).await?,
        None => {
            let draft = Draft {
                name: &slug,
                text: &text_of(&old, "source"),
                command: &format!("--remote {} post edit {slug}", client.origin()),
            };
            let edited = editor::edit(draft, async |text: String| {
                let source = Source::parse(editor::NAME.to_owned(), Some(PathBuf::new()), &text)?;
                store(source).await
            });
            match edited.await? {
                Edited::Stored(stored) => stored,
                Edited::Unchanged => return print("Nothing changed", &old, json),
            }
        }
    };
    print("Updated", &stored, json)
}

async fn schedule(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, at) = (arguments.flag("json"), time_of(arguments)?);
    let source = sources_of(arguments).pop().unwrap_or_default();
    let is_silent = arguments.flag("silent");
    arguments.flag("tell");
    arguments.finish()?;
    let slug = match Named::find(client, &source).await? {
        Named::Stored(article) => text_of(&article, "slug"),
        Named::File(file) => {
            // One that is not scheduled, because the connection breaks now, remains a draft.
            let draft = create(client, *file, "draft", Map::new()).await?;
            text_of(&draft, "slug")
        }
    };
    let mut body = json!({"date": time::rfc3339_millis(at)});
    if is_silent {
        body["announcement"] = "silent".into();
    }
    let scheduled = client
        .post(&format!("articles/{slug}/schedule"), &body)
        .await?;
    print("Scheduled", &scheduled, json)
}

async fn reschedule(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, at) = (arguments.flag("json"), time_of(arguments)?);
    let slug = slug_of(arguments);
    arguments.finish()?;
    let body = json!({"date": time::rfc3339_millis(at)});
    let path = format!("articles/{slug}/schedule");
    let scheduled = client.post(&path, &body).await;
    print(
        "Scheduled",
        &scheduled.map_err(|error| explain(error, &slug))?,
        json,
    )
}

fn time_of(arguments: &Arguments<'_>) -> Result<i64> {
    when::future_argument(&arguments.text("time").unwrap_or_default())
}

async fn unpublish(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, slug) = (arguments.flag("json"), slug_of(arguments));
    let yes = Yes::given(arguments.flag("yes"));
    // It asks where the local command asks.
    let asks = arguments.has("yes");
    arguments.finish()?;
    let (article, _) = article(client, &slug).await?;
    if asks {
        let title = output::one_line(&text_of(&article, "title"), 80);
        yes.confirm(&format!(
            "Unpublish the article {title}, and delete it on other servers?"
        ))?;
    }
    let path = format!("articles/{slug}/unpublish");
    let draft = client.post(&path, &json!({})).await?;
    print("Unpublished", &draft, json)
}

async fn delete(client: &Client, arguments: &Arguments<'_>) -> Result<()> {
    let (json, slug) = (arguments.flag("json"), slug_of(arguments));
    let yes = Yes::given(arguments.flag("yes"));
    arguments.finish()?;
    let (article, _) = article(client, &slug).await?;
    let title = text_of(&article, "title");
    let shown = output::one_line(&title, 80);
    yes.confirm(&format!(
        "Delete the article {shown} with its comments at {}?",
        client.origin()
    ))?;
    client.delete(&format!("articles/{slug}")).await?;
    if json {
        let mut value = summary(&article);
        value["status"] = "deleted".into();
        return output::json(&value);
    }
    output::line(&format!("Deleted: {title}"))
}

fn slug_of(arguments: &Arguments<'_>) -> String {
    arguments.text("slug").unwrap_or_default()
}
