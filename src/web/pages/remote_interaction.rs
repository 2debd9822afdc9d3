//! Remote interaction: leads readers to their own server, where they follow or reply, and shows the admin, who comes from
//! another server, the commands to follow or reply.

use crate::{
    content::{FederatedForm, Handle},
    federation::{
        objects::articles,
        remote::remote_interaction::{self, Intent, InteractionError},
    },
    node::{
        target::{self, Target},
        urls::resolve,
    },
    store::{ActorKind, Article, Conn, Note, StoreError},
    web::{
        app::{App, own_link},
        request::{body::FormBody, is_same_origin},
        response::{self, WebError, see_other},
        views::{CONTENT_SECURITY_POLICY, CommandLine, CommandsPage, InteractionPage, Link},
    },
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Deserialize;

/// The longest address of another server that is accepted, in bytes.
const MAX_URI: usize = 2048;

/// `?uri=`: the id of an actor or object.
#[derive(Debug, Deserialize)]
pub(crate) struct UriQuery {
    uri: Option<String>,
}

/// The submitted form.
#[derive(Debug, Deserialize)]
pub(crate) struct ServerForm {
    uri: String,
    server: String,
}

/// The actor or post of this site that a reader wants to follow or reply to.
struct Subject {
    intent: Intent,
    /// Its ActivityPub id.
    id: String,
    page: Link,
    /// Its name for readers.
    name: String,
}

/// `GET /interact?uri=`: the form on which a reader names their own server.
pub(crate) async fn show_form(
    State(app): State<App>,
    Query(query): Query<UriQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let uri = query.uri.unwrap_or_default();
    let subject = find(&app, &uri).await?.ok_or(WebError::NotFound)?;
    form_page(&app, &headers, &subject, "", None)
}

/// `POST /interact`: redirects to the reader's own server.
pub(crate) async fn redirect(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody { form, .. }: FormBody<ServerForm>,
) -> Result<Response, WebError> {
    let subject = find(&app, &form.uri).await?.ok_or(WebError::NotFound)?;
    let refuse = |key: &str| {
        let problem = app.site.locale.text(key);
        let mut page = form_page(&app, &headers, &subject, &form.server, Some(&problem))?;
        *page.status_mut() = StatusCode::BAD_REQUEST;
        Ok(page)
    };
    if !is_same_origin(&app, &headers) {
        return refuse("interact-problem-form");
    }
    let address = app
        .questions
        .address(&form.server, &subject.id, subject.intent, &app.node)
        .await;
    match address {
        Ok(url) => Ok(see_other(url.as_str())),
        Err(InteractionError::Store(error)) => Err(error.into()),
        Err(InteractionError::Form) => refuse("interact-problem-server"),
        Err(InteractionError::Ours) => refuse("interact-problem-ours"),
        Err(InteractionError::Blocked) => refuse("interact-problem-blocked"),
    }
}

async fn find(app: &App, uri: &str) -> Result<Option<Subject>, WebError> {
    let node = &app.node;
    let mut conn = node.store.read().await?;
    let own = resolve(&mut conn, node.urls(), uri).await?;
    if let Some(username) = node.urls().actor_at(&own) {
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
            name: app.site.locale.text_with(
                "interact-comment",
                &[("author", comment.author_name.as_str().into())],
            ),
            id: comment.uri,
        }));
    }
    let is_federated =
        |article: &Article| articles::form_of(article, &node.config) != FederatedForm::No;
    Ok(article
        .filter(|article| article.is_visible() && is_federated(article))
        .map(|article| Subject {
            intent: Intent::Reply,
            id: node
                .urls()
                .article_id(&article.uid, article.object_uri.as_deref()),
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
            name: app.site.locale.text("interact-note").into_owned(),
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
    entered: &str,
    problem: Option<&str>,
) -> Result<Response, WebError> {
    let page = InteractionPage::new(
        &app.site,
        subject.intent == Intent::Follow,
        subject.name.clone(),
        subject.page.clone(),
        subject.id.clone(),
        entered.chars().take(200).collect(),
        problem.map(str::to_owned),
    );
    let mut response = response::page(headers, app.render(&page), None)?;
    allow_redirects(app, response.headers_mut());
    Ok(response)
}

/// Allows the form to redirect to other servers, because browsers check `form-action` for redirects too (CSP Level 3,
/// section 6.4.2). This is safe, because the page shows nothing from others except names.
pub(super) fn allow_redirects(app: &App, headers: &mut HeaderMap) {
    let targets = if app.node.config.development {
        "form-action 'self' https: http:"
    } else {
        "form-action 'self' https:"
    };
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", targets);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// `GET /authorize_interaction?uri=`: the page to which other servers send our admin to follow or reply. It shows
/// commands, because this site has no login.
pub(crate) async fn show_commands(
    State(app): State<App>,
    Query(query): Query<UriQuery>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let uri = query.uri.unwrap_or_default();
    if let Some(own) = app.node.urls().canonical(&uri) {
        return Ok(see_other(&own));
    }
    let lines = commands_for(&app, &uri).ok_or(WebError::NotFound)?;
    let page = CommandsPage::new(&app.site, lines);
    response::page(&headers, app.render(&page), None)
}

/// Returns the commands for an address or a handle; `None` for any other text.
fn commands_for(app: &App, uri: &str) -> Option<Vec<CommandLine>> {
    if uri.len() > MAX_URI {
        return None;
    }
    if let Ok(handle) = uri.parse::<Handle>() {
        return Some(vec![command(
            "commands-follow",
            format!("pamphlet follow {handle}"),
        )]);
    }
    let url = remote_interaction::foreign_address(uri, &app.node)?;
    let address = quoted(url.as_str());
    Some(vec![
        command("commands-follow", format!("pamphlet follow {address}")),
        command(
            "commands-reply",
            format!("pamphlet note \"…\" --reply-to {address}"),
        ),
        command("commands-like", format!("pamphlet like {address}")),
        command("commands-boost", format!("pamphlet boost {address}")),
    ])
}

fn command(label: &'static str, line: String) -> CommandLine {
    CommandLine { label, line }
}

/// Quotes a URL, which has no blanks or control characters, as one word for a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_an_address_as_one_word() {
        assert_eq!(quoted("https://a.example/$(x)"), "'https://a.example/$(x)'");
        assert_eq!(
            quoted("https://a.example/';x;'"),
            "'https://a.example/'\\'';x;'\\'''"
        );
    }
}
