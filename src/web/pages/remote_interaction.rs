//! Between this site and a reader's own server: from here to there to follow or answer, and from there to
//! here for the admin, who acts by the command line.

use crate::{
    content::{Federate, Handle},
    federation::{
        objects::articles,
        remote::remote_interaction::{self, Intent, InteractionError},
    },
    node::target::{self, Target},
    store::{ActorKind, Article, Conn, Note, StoreError},
    web::{
        app::{App, own_link},
        request::{body::FormBody, is_same_origin},
        response::{self, WebError, see_other},
        views::{CONTENT_SECURITY_POLICY, CommandLine, CommandsPage, InteractionPage, Link},
    },
};
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

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

/// `GET /interact?uri=`.
pub async fn show_form(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let uri = asked.uri.unwrap_or_default();
    let subject = find(&app, &uri).await?.ok_or(WebError::NotFound)?;
    form_page(&app, &headers, &subject, "", None)
}

/// `POST /interact`: on to the reader's own server.
pub async fn redirect(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody { form: filled, .. }: FormBody<Filled>,
) -> Result<Response, WebError> {
    let subject = find(&app, &filled.uri).await?.ok_or(WebError::NotFound)?;
    let refuse = |problem: &str| {
        let mut page = form_page(&app, &headers, &subject, &filled.server, Some(problem))?;
        *page.status_mut() = StatusCode::BAD_REQUEST;
        Ok(page)
    };
    if !is_same_origin(&app, &headers) {
        return refuse("Please send the form on this page.");
    }
    let address = app
        .questions
        .address(&filled.server, &subject.id, subject.intent, &app.node)
        .await;
    match address {
        Ok(url) => Ok(see_other(url.as_str())),
        Err(InteractionError::Store(error)) => Err(error.into()),
        Err(problem) => refuse(&problem.to_string()),
    }
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
    let mut response = response::page(headers, page.render(), None)?;
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
pub async fn show_commands(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let uri = asked.uri.unwrap_or_default();
    if let Some(own) = app.node.urls().canonical(&uri) {
        return Ok(see_other(&own));
    }
    let lines = commands_for(&app, &uri).ok_or(WebError::NotFound)?;
    let page = CommandsPage::new(&app.site, lines);
    response::page(&headers, page.render(), None)
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
