//! The page on which the admin moderates a comment, without a password: the signed link in an email names one comment and
//! expires. A GET changes nothing, because programs that scan emails open links.

mod view;

use crate::{
    federation::objects::notes::{self, NoteError},
    moderation::{self, By, Verdict},
    node::tokens::Purpose,
    store::{BlockKind, BlockRules, Comment, Conn, Decision, NewBlock, RemoteActorRow, Tx},
    web::{
        app::{App, own_link},
        comments::shown_text,
        request::{body::FormBody, is_from_private_page, signed_link},
        response::{WebError, private_page, see_other},
        views::{ModeratePage, NamedLink},
    },
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{Deserialize, Serialize};

/// The author of these decisions in the log.
const WHO: &str = "link";

/// The actions of the buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Action {
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

/// `?done=`: the action that was just taken.
#[derive(Debug, Deserialize)]
pub(super) struct DoneQuery {
    done: Option<Action>,
}

/// The submitted form.
#[derive(Debug, Deserialize)]
pub(super) struct DecisionForm {
    action: Action,
    text: Option<String>,
}

/// A comment, and its author if they are on another server.
struct Subject {
    comment: Comment,
    actor: Option<RemoteActorRow>,
}

/// `GET /moderate/{token}`.
pub(super) async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, WebError> {
    let subject = find(&app, &token).await?;
    page(&app, &token, &subject, query.done, None).await
}

/// `POST /moderate/{token}`.
pub(super) async fn decide(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
    FormBody { form, .. }: FormBody<DecisionForm>,
) -> Result<Response, WebError> {
    let subject = find(&app, &token).await?;
    if !is_from_private_page(&app, &headers) {
        return page(&app, &token, &subject, None, Some("moderate-problem-form")).await;
    }
    match act(&app, &subject, &form).await {
        Ok(()) => {
            let done = serde_json::to_value(form.action).unwrap_or_default();
            let done = done.as_str().unwrap_or_default();
            Ok(see_other(&format!("/moderate/{token}?done={done}")))
        }
        Err(NoteError::Node(error)) => Err(error.into()),
        Err(problem) => {
            let key = match problem {
                NoteError::TooLong => "moderate-problem-long",
                NoteError::NotVisible(..) => "moderate-problem-hidden",
                _ => "moderate-problem-empty",
            };
            page(&app, &token, &subject, None, Some(key)).await
        }
    }
}

async fn find(app: &App, token: &str) -> Result<Subject, WebError> {
    let id = signed_link::verify(app, Purpose::Moderate, token)?;
    let mut conn = app.node.store.read().await?;
    let comment = conn.comment(id).await?.ok_or(WebError::Gone)?;
    let actor = match comment.actor_id {
        Some(actor) => conn.remote_actor_by_id(actor).await?,
        None => None,
    };
    Ok(Subject { comment, actor })
}

async fn act(app: &App, subject: &Subject, form: &DecisionForm) -> Result<(), NoteError> {
    let node = &app.node;
    if form.action == Action::Reply {
        let text = form.text.clone().unwrap_or_default();
        return notes::reply(node, &subject.comment, text).await.map(drop);
    }
    let mut tx = node.store.begin().await?;
    match verdict_of(form.action) {
        Some(verdict) => {
            let by = By {
                who: WHO,
                why: None,
            };
            // Read it again: its author may have deleted it meanwhile.
            if let Some(comment) = tx.comment(subject.comment.id).await? {
                moderation::decide(node, &mut tx, &comment, verdict, by).await?;
            }
        }
        None => block(&mut tx, subject, form.action).await?,
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

/// Blocks or unblocks the author of the comment or their server.
async fn block(tx: &mut Tx, subject: &Subject, action: Action) -> Result<(), NoteError> {
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
    tx.clear_notify_pending(subject.comment.id).await?;
    Ok(())
}

/// Returns the host of an actor as blocks name it, without a port.
fn host_of(actor: &RemoteActorRow) -> &str {
    actor.host.split(':').next().unwrap_or(&actor.host)
}

/// Returns the page. `problem` is the key of a text.
async fn page(
    app: &App,
    token: &str,
    subject: &Subject,
    done: Option<Action>,
    problem: Option<&str>,
) -> Result<Response, WebError> {
    let status = if problem.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let article = article_of(app, &mut app.node.store.read().await?, &subject.comment).await?;
    let content = shown_text(app, &subject.comment.content);
    let locale = app.site.locale;
    let problem = problem.map(|key| locale.text(key).into_owned());
    let view = view::comment(locale, token, subject, content, article, done, problem);
    private_page(status, app.render(&ModeratePage::new(&app.site, view)))
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
