//! The page on which the admin decides on a comment: by the link out of a mail, which is signed, names one
//! comment and expires. There is no password.

use super::{
    addresses,
    app::{App, own_link},
    body::FormBody,
    links,
    pages::shown_text,
    pages::views::{
        Author, Avatar, Choice, Decided, Link, ModeratePage, Moderated, Moment, NamedLink,
    },
    problem::WebError,
};
use crate::{
    content::Html,
    federation::objects::notes::{self, SayError},
    moderation::{self, By, Verdict},
    node::tokens::Purpose,
    spam::Reason,
    store::{self, BlockKind, BlockRules, Comment, Conn, Decision, NewBlock, RemoteActorRow, Tx},
};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};

/// Who decides here, in the log.
const WHO: &str = "link";

/// What the page's buttons do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Approve,
    Hide,
    Spam,
    Delete,
    BlockActor,
    BlockHost,
    UnblockActor,
    UnblockHost,
    Reply,
}

/// `?done=`: what was just done.
#[derive(Debug, Deserialize)]
pub struct Done {
    done: Option<Action>,
}

/// The form, filled in.
#[derive(Debug, Deserialize)]
pub struct Filled {
    action: Action,
    text: Option<String>,
}

/// A comment, and whose it is, if they are on another server.
struct Subject {
    comment: Comment,
    actor: Option<RemoteActorRow>,
}

/// `GET /moderate/{token}`.
pub async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
    Query(done): Query<Done>,
    headers: HeaderMap,
) -> Response {
    let served = async {
        let subject = find(&app, &token).await?;
        page(&app, &token, &subject, done.done, None).await
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

/// `POST /moderate/{token}`.
pub async fn decide(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    FormBody { form: filled, .. }: FormBody<Filled>,
) -> Response {
    let served = async {
        let subject = find(&app, &token).await?;
        if !links::is_own_form(&app, &headers) {
            let problem = "Please use the buttons on this page.";
            return page(&app, &token, &subject, None, Some(problem)).await;
        }
        match act(&app, &subject, &filled).await {
            Ok(()) => {
                let done = serde_json::to_value(filled.action).unwrap_or_default();
                let done = done.as_str().unwrap_or_default();
                Ok(addresses::see_other(&format!(
                    "/moderate/{token}?done={done}"
                )))
            }
            Err(SayError::Node(error)) => Err(error.into()),
            Err(problem) => page(&app, &token, &subject, None, Some(&problem.to_string())).await,
        }
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

async fn find(app: &App, token: &str) -> Result<Subject, WebError> {
    let id = links::read(app, Purpose::Moderate, token)?;
    let mut conn = app.node.store.read().await?;
    let comment = conn.comment(id).await?.ok_or(WebError::Gone)?;
    let actor = match comment.actor_id {
        Some(actor) => conn.remote_actor_by_id(actor).await?,
        None => None,
    };
    Ok(Subject { comment, actor })
}

async fn act(app: &App, subject: &Subject, filled: &Filled) -> Result<(), SayError> {
    let node = &app.node;
    if filled.action == Action::Reply {
        let text = filled.text.clone().unwrap_or_default();
        return notes::answer(node, &subject.comment, text).await.map(drop);
    }
    let mut tx = node.store.begin().await?;
    match verdict_of(filled.action) {
        Some(verdict) => {
            let by = By {
                who: WHO,
                why: None,
            };
            // As it is now: its author may have deleted it meanwhile.
            if let Some(comment) = tx.comment(subject.comment.id).await? {
                moderation::decide(node, &mut tx, &comment, verdict, by).await?;
            }
        }
        None => block(&mut tx, subject, filled.action).await?,
    }
    tx.commit().await?;
    node.store.wake();
    Ok(())
}

fn verdict_of(action: Action) -> Option<Verdict> {
    match action {
        Action::Approve => Some(Verdict::Approve),
        Action::Hide => Some(Verdict::Hide),
        Action::Spam => Some(Verdict::Spam),
        Action::Delete => Some(Verdict::Delete),
        _ => None,
    }
}

/// Blocks who wrote the comment, or their server, or takes that back.
async fn block(tx: &mut Tx, subject: &Subject, action: Action) -> Result<(), SayError> {
    let Some(actor) = &subject.actor else {
        return Ok(());
    };
    let (kind, value) = match action {
        Action::BlockActor | Action::UnblockActor => (BlockKind::Actor, actor.uri.clone()),
        _ => (BlockKind::Host, host_of(actor).to_owned()),
    };
    let word = match action {
        Action::BlockActor | Action::BlockHost => "block",
        _ => "unblock",
    };
    tx.log(&Decision {
        who: WHO,
        action: word,
        about: &value,
        ..Decision::default()
    })
    .await?;
    if word == "unblock" {
        tx.remove_block(kind, &value).await?;
        return Ok(());
    }
    let reason = Some(format!("comment {}", subject.comment.id));
    let rules = BlockRules::BLOCK;
    tx.set_blocks(&[NewBlock {
        kind,
        value,
        reason,
        rules,
    }])
    .await?;
    tx.set_comment_told(subject.comment.id).await?;
    Ok(())
}

/// An actor's host as blocks name it: without a port.
fn host_of(actor: &RemoteActorRow) -> &str {
    actor.host.split(':').next().unwrap_or(&actor.host)
}

async fn page(
    app: &App,
    token: &str,
    subject: &Subject,
    done: Option<Action>,
    problem: Option<&str>,
) -> Result<Response, WebError> {
    let status = match problem {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    let article = article_of(app, &mut app.node.store.read().await?, &subject.comment).await?;
    let content = shown_text(app, &subject.comment.content);
    let view = view(token, subject, content, article, done, problem);
    links::private_page(status, ModeratePage::new(&app.site, view).render())
}

async fn article_of(app: &App, conn: &mut Conn, comment: &Comment) -> Result<NamedLink, WebError> {
    let article = conn
        .article_by_id(comment.article_id)
        .await?
        .ok_or(WebError::Gone)?;
    Ok(NamedLink {
        url: own_link(&app.node.urls().permalink(&article)),
        label: article.title,
    })
}

fn view(
    token: &str,
    subject: &Subject,
    (content, is_shortened): (Html, bool),
    article: NamedLink,
    done: Option<Action>,
    problem: Option<&str>,
) -> Moderated {
    let comment = &subject.comment;
    let (is_deleted, is_visible) = (comment.state == "deleted", comment.state == "visible");
    let reasons = comment.score_reasons.as_deref().unwrap_or("[]");
    let reasons: Vec<Reason> = serde_json::from_str(reasons).unwrap_or_default();
    let mut buttons = vec![
        (!is_visible).then_some(button("approve", "Approve")),
        is_visible.then_some(button("hide", "Hide")),
        (comment.state != "spam").then_some(button("spam", "Spam")),
    ];
    if is_deleted {
        buttons.clear();
    }
    Moderated {
        address: format!("/moderate/{token}"),
        author: Author {
            name: comment.author_name.clone(),
            handle: Some(comment.author_handle.clone()).filter(|handle| !handle.is_empty()),
            url: comment.author_url.as_deref().and_then(Link::parse),
            avatar: Avatar::initials(&comment.author_name, &comment.author_handle),
        },
        received: Moment::from(store::moment(comment.received_at)),
        original: comment.url.as_deref().and_then(Link::parse),
        state: state_words(comment),
        language: comment.language.clone(),
        content_warning: comment.content_warning.clone(),
        content,
        is_shortened,
        reasons: reasons
            .into_iter()
            .map(|reason| (reason.points, reason.what))
            .collect(),
        done: done.and_then(|done| decided(done, subject)),
        problem: problem.map(str::to_owned),
        buttons: buttons.into_iter().flatten().collect(),
        block: subject.actor.as_ref().map(|actor| {
            let handle = handle_of(actor);
            [
                button("block-actor", &format!("Block {handle}")),
                button("block-host", &format!("Block all of {}", host_of(actor))),
            ]
        }),
        can_reply: is_visible,
        is_deleted,
        article,
    }
}

fn handle_of(actor: &RemoteActorRow) -> String {
    crate::node::Inner::remote_handle(&actor.username, &actor.handle_host)
}

fn button(value: &'static str, label: &str) -> Choice {
    Choice {
        value,
        label: label.to_owned(),
    }
}

/// Where a comment is, for people.
fn state_words(comment: &Comment) -> String {
    let words = match comment.state.as_str() {
        "visible" if comment.is_hidden_by_author() => {
            "on the page without its text, at its author's wish"
        }
        "visible" => "on the page",
        "held" => "held back",
        "unconfirmed" => "not confirmed by its author yet",
        "hidden" => "hidden",
        "spam" => "marked as spam",
        _ => "deleted",
    };
    match &comment.reason {
        Some(reason) => format!("{words}: {reason}"),
        None => words.to_owned(),
    }
}

/// What was done, and how it is undone.
fn decided(action: Action, subject: &Subject) -> Option<Decided> {
    let actor = subject.actor.as_ref();
    let (text, undo) = match action {
        Action::Approve => (
            "The comment is on the page.".to_owned(),
            Some(button("hide", "Undo: hide it")),
        ),
        Action::Hide => (
            "The comment is off the page.".to_owned(),
            Some(button("approve", "Undo: show it")),
        ),
        Action::Spam => (
            "The comment is marked as spam.".to_owned(),
            Some(button("approve", "Undo: show it")),
        ),
        Action::Delete => ("The comment is deleted.".to_owned(), None),
        Action::BlockActor => (
            format!("{} is blocked.", handle_of(actor?)),
            Some(button("unblock-actor", "Undo: unblock")),
        ),
        Action::BlockHost => (
            format!("{} is blocked.", host_of(actor?)),
            Some(button("unblock-host", "Undo: unblock")),
        ),
        Action::UnblockActor => (
            format!("{} is not blocked any more.", handle_of(actor?)),
            None,
        ),
        Action::UnblockHost => (
            format!("{} is not blocked any more.", host_of(actor?)),
            None,
        ),
        Action::Reply => ("Your answer is published.".to_owned(), None),
    };
    Some(Decided { text, undo })
}
