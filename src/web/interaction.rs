//! Between this site and a reader's own server: from here to there to follow or answer, and from there to
//! here for the admin, who acts by the command line.

use super::{
    addresses, answer,
    app::{App, own_link},
    body::FormBody,
    pages::views::{CONTENT_SECURITY_POLICY, CommandLine, CommandsPage, InteractionPage, Link},
    problem::WebError,
};
use crate::{
    content::{Federate, Handle},
    federation::{
        objects::articles,
        remote::remote_interaction::{self, Intent, InteractionError},
    },
    node::target::{self, Target},
    store::{ActorKind, Article, Conn, Note, StoreError},
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

/// Longest address that is taken from elsewhere, in bytes.
const MAX_URI: usize = 2048;

/// `?uri=`.
#[derive(Debug, Deserialize)]
pub struct Asked {
    uri: Option<String>,
}

/// The form, filled in.
#[derive(Debug, Deserialize)]
pub struct Filled {
    uri: String,
    server: String,
}

/// What of ours a reader wants to follow or answer.
struct Subject {
    intent: Intent,
    /// What servers know it by.
    id: String,
    /// Its page here.
    page: Link,
    /// Whose or which it is, for people.
    name: String,
}

/// The page on which a reader names their server, for one of our actors, an article or a comment.
pub fn way_out(uri: &str) -> Link {
    let encoded: String = byte_serialize(uri.as_bytes()).collect();
    own_link(&format!("/interact?uri={encoded}"))
}

/// `GET /interact?uri=`.
pub async fn ask(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let served = async {
        let uri = asked.uri.unwrap_or_default();
        let subject = find(&app, &uri).await?.ok_or(WebError::NotFound)?;
        form_page(&app, &headers, &subject, "", None)
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// `POST /interact`: on to the reader's own server.
pub async fn lead(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody { form: filled, .. }: FormBody<Filled>,
) -> Response {
    let served = async {
        let subject = find(&app, &filled.uri).await?.ok_or(WebError::NotFound)?;
        let refuse = |problem: &str| {
            let mut page = form_page(&app, &headers, &subject, &filled.server, Some(problem))?;
            *page.status_mut() = StatusCode::BAD_REQUEST;
            Ok(page)
        };
        if !is_from_here(&app, &headers) {
            return refuse("Please send the form on this page.");
        }
        let address = app
            .questions
            .address(&filled.server, &subject.id, subject.intent, &app.node)
            .await;
        match address {
            Ok(url) => Ok(addresses::see_other(url.as_str())),
            Err(InteractionError::Store(error)) => Err(error.into()),
            Err(problem) => refuse(&problem.to_string()),
        }
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// Whether a form was sent from one of our own pages: others must not use us to lead people elsewhere.
pub(super) fn is_from_here(app: &App, headers: &HeaderMap) -> bool {
    let own = app.node.config.public_url.origin().ascii_serialization();
    let says = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    says("origin").is_none_or(|origin| origin == own)
        && says("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"))
}

async fn find(app: &App, uri: &str) -> Result<Option<Subject>, WebError> {
    let node = &app.node;
    let mut conn = node.store.read().await?;
    if let Some(username) = node.urls().actor_at(uri) {
        drop(conn);
        return find_actor(app, &username).await;
    }
    let target = target::find(&mut conn, node.urls(), uri).await?;
    let Some(target) = target.filter(Target::is_visible) else {
        return Ok(find_note(app, &mut conn, uri).await?);
    };
    let article = conn.article_by_id(target.article.id).await?;
    if let Some(comment) = target.comment {
        return Ok(article.filter(Article::is_visible).map(|article| Subject {
            intent: Intent::Reply,
            page: own_link(&node.urls().permalink(&article)),
            name: format!("the comment of {}", comment.author_name),
            id: comment.uri,
        }));
    }
    let is_federated = |article: &Article| articles::form_of(article, &node.config) != Federate::No;
    Ok(article
        .filter(|article| article.is_visible() && is_federated(article))
        .map(|article| Subject {
            intent: Intent::Reply,
            id: node.urls().article(&article.uid),
            page: own_link(&node.urls().permalink(&article)),
            name: article.title,
        }))
}

async fn find_note(app: &App, conn: &mut Conn, uri: &str) -> Result<Option<Subject>, StoreError> {
    let Some(uid) = app.node.urls().note_uid(uri) else {
        return Ok(None);
    };
    let note = conn.note_by_uid(&uid).await?;
    Ok(note.filter(Note::is_visible).map(|note| {
        let id = app.node.urls().note(&note.uid);
        Subject {
            intent: Intent::Reply,
            page: own_link(&id),
            id,
            name: "this note".to_owned(),
        }
    }))
}

async fn find_actor(app: &App, username: &str) -> Result<Option<Subject>, WebError> {
    let found = app
        .node
        .local_actors
        .by_name(&app.node.store, username)
        .await?;
    let found = found.filter(|local| local.row.kind != ActorKind::Instance);
    Ok(found.map(|local| Subject {
        intent: Intent::Follow,
        id: local.uri.clone(),
        page: own_link(&app.node.urls().profile(local.row.kind, username)),
        name: app.node.handle(&local.row),
    }))
}

fn form_page(
    app: &App,
    headers: &HeaderMap,
    subject: &Subject,
    written: &str,
    problem: Option<&str>,
) -> Result<Response, WebError> {
    let page = InteractionPage::new(
        &app.site,
        subject.intent == Intent::Follow,
        subject.name.clone(),
        subject.page.clone(),
        subject.id.clone(),
        written.chars().take(200).collect(),
        problem.map(str::to_owned),
    );
    let mut response = answer::page(headers, page.render(), None)?;
    allow_leaving(app, response.headers_mut());
    Ok(response)
}

/// The form's answer leads elsewhere, which browsers hold against `form-action` too (CSP Level 3, 6.4.2).
/// Nothing that others wrote but names stands on this page.
fn allow_leaving(app: &App, headers: &mut HeaderMap) {
    let targets = match app.node.config.development {
        true => "form-action 'self' https: http:",
        false => "form-action 'self' https:",
    };
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", targets);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// `GET /authorize_interaction?uri=`: where other servers send an account of ours that wants to follow or
/// answer something there. Nobody logs in here: the admin is shown what to type.
pub async fn arrive(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let uri = asked.uri.unwrap_or_default();
    if let Some(own) = app.node.urls().canonical(&uri) {
        return addresses::see_other(&own);
    }
    let served = async {
        let lines = commands_for(&app, &uri).ok_or(WebError::NotFound)?;
        let page = CommandsPage::new(&app.site, lines);
        answer::page(&headers, page.render(), None)
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// What to type for an address or a handle; `None` for what is neither.
fn commands_for(app: &App, uri: &str) -> Option<Vec<CommandLine>> {
    if uri.len() > MAX_URI {
        return None;
    }
    if let Ok(handle) = uri.parse::<Handle>() {
        return Some(vec![command("Follow", format!("pamphlet follow {handle}"))]);
    }
    let url = remote_interaction::foreign_address(uri, &app.node)?;
    let address = quoted(url.as_str());
    Some(vec![
        command("Follow", format!("pamphlet follow {address}")),
        command("Reply", format!("pamphlet note \"…\" --reply-to {address}")),
        command("Like", format!("pamphlet like {address}")),
        command("Boost", format!("pamphlet boost {address}")),
    ])
}

fn command(label: &'static str, line: String) -> CommandLine {
    CommandLine { label, line }
}

/// A word for a shell that takes it as it is. A URL has no blanks or control characters.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_an_address_as_one_word() {
        assert_eq!(quoted("https://a.example/$(x)"), "'https://a.example/$(x)'");
        assert_eq!(
            quoted("https://a.example/';x;'"),
            "'https://a.example/'\\'';x;'\\'''"
        );
    }
}
