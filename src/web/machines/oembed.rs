//! The oEmbed provider (oembed.com, version 1.0): other sites show an article as a quotation with a link.

use crate::{
    content::{html::escape, markdown},
    node::{
        permalinks,
        urls::{Named, resolve},
    },
    store::{Article, Conn, StoreError},
    web::{
        app::App,
        response::{WebError, allow_all_origins, cached, problem_json, shared},
    },
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;

/// The width of an embedded article in pixels, if the consumer allows it.
const WIDTH: u32 = 600;
const HEIGHT: u32 = 220;
/// Seconds for which consumers may keep a response.
const CACHE_AGE: u32 = 3600;

/// The parameters of a request. Numbers that are none are ignored.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    url: Option<String>,
    format: Option<String>,
    maxwidth: Option<String>,
    maxheight: Option<String>,
}

/// `GET /oembed`.
pub(crate) async fn show(
    State(app): State<App>,
    Query(request): Query<Request>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let is_xml = match request.format.as_deref() {
        None | Some("" | "json") => false,
        Some("xml") => true,
        Some(_) => {
            let detail = "the format is json or xml";
            return Ok(problem_json(StatusCode::NOT_IMPLEMENTED, detail));
        }
    };
    let Some(url) = request.url.as_deref().filter(|url| !url.is_empty()) else {
        let detail = "the parameter url is missing";
        return Ok(problem_json(StatusCode::BAD_REQUEST, detail));
    };
    let mut conn = app.node.store.read().await?;
    let article = article_at(&app, &mut conn, url).await?;
    let article = article.ok_or(WebError::NotFound)?;
    let members = members(&app, &article, &request);
    let (kind, body) = if is_xml {
        ("text/xml; charset=utf-8", xml_of(&members))
    } else {
        ("application/json", json_of(&members))
    };
    let response = cached(&headers, StatusCode::OK, kind, "max-age=3600", body);
    Ok(shared(allow_all_origins(response)))
}

/// Returns the visible article whose page or id is at an address, in any spelling.
async fn article_at(app: &App, conn: &mut Conn, url: &str) -> Result<Option<Article>, StoreError> {
    let own = resolve(conn, app.node.urls(), url).await?;
    let named = match app.node.urls().read(&own) {
        Some(Named::Comment { article, .. }) => *article,
        Some(named) => named,
        None => return Ok(None),
    };
    let uid = permalinks::article_uid(conn, &named).await?;
    let Some(uid) = uid else { return Ok(None) };
    let article = conn.article_by_uid(&uid).await?;
    Ok(article.filter(Article::is_visible))
}

/// A value of the response.
enum Value {
    Text(String),
    Number(u32),
}

fn members(app: &App, article: &Article, request: &Request) -> Vec<(&'static str, Value)> {
    let urls = app.node.urls();
    let most = |text: &Option<String>, default: u32| {
        let most = text.as_ref().and_then(|text| text.parse::<u32>().ok());
        most.filter(|most| *most > 0)
            .unwrap_or(default)
            .min(default)
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let author_name = article.byline().unwrap_or(&app.site.name);
    let author_url = match &article.author_username {
        Some(username) => urls.at(&format!("/authors/{username}")),
        None => urls.home(),
    };
    vec![
        ("version", text("1.0")),
        ("type", text("rich")),
        ("title", text(&article.title)),
        ("author_name", text(author_name)),
        ("author_url", Value::Text(author_url)),
        ("provider_name", text(&app.site.name)),
        ("provider_url", Value::Text(urls.home())),
        ("cache_age", Value::Number(CACHE_AGE)),
        ("width", Value::Number(most(&request.maxwidth, WIDTH))),
        ("height", Value::Number(most(&request.maxheight, HEIGHT))),
        ("html", Value::Text(html_of(app, article, author_name))),
    ]
}

/// Returns a quotation without scripts, styles and pictures. A text behind a warning is not in it.
fn html_of(app: &App, article: &Article, author: &str) -> String {
    let urls = app.node.urls();
    let permalink = escape(&urls.permalink(article));
    let excerpt = match (article.warning(), article.summary()) {
        (Some(warning), _) => warning.to_owned(),
        (None, Some(summary)) => summary.to_owned(),
        (None, None) => markdown::render(&article.markdown, urls.base()).excerpt,
    };
    let language = article.language.as_ref().unwrap_or(&app.site.language);
    format!(
        "<blockquote cite=\"{permalink}\" lang=\"{language}\"><p dir=\"auto\"><a href=\"{permalink}\">{title}</a></p>\
         <p dir=\"auto\">{excerpt}</p><footer dir=\"auto\">{author} · <a href=\"{home}\">{site}</a></footer></blockquote>",
        language = escape(language),
        title = escape(&article.title),
        excerpt = escape(&excerpt),
        author = escape(author),
        home = escape(&urls.home()),
        site = escape(&app.site.name),
    )
}

fn json_of(members: &[(&'static str, Value)]) -> String {
    let members = members.iter().map(|(name, value)| {
        let value = match value {
            Value::Text(text) => text.as_str().into(),
            Value::Number(number) => (*number).into(),
        };
        ((*name).to_owned(), value)
    });
    serde_json::Value::Object(members.collect()).to_string()
}

fn xml_of(members: &[(&'static str, Value)]) -> String {
    let mut xml =
        "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<oembed>".to_owned();
    for (name, value) in members {
        let value = match value {
            Value::Text(text) => escape(text),
            Value::Number(number) => number.to_string(),
        };
        xml.push_str(&format!("<{name}>{value}</{name}>"));
    }
    xml.push_str("</oembed>\n");
    xml
}
