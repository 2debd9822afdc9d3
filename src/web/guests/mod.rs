//! Comments without an account: the form, its preview, and what becomes of what was written.

mod comment_target;
mod confirmation;
mod cookie;
mod form;
mod messages;
pub mod unsubscribe;

pub use confirmation::{confirm, show_confirmation};

use crate::{
    content::Html,
    guests::{self, Posted, Taken},
    quota::Limit,
    store::{self, CommentState, Conn, Guest},
    web::{
        app::App,
        comments::{self, Shown},
        page_cache,
        pages::permalink::{self, Permalink},
        request::{
            ClientNetwork,
            body::{self, MAX_FORM},
            is_same_origin,
        },
        response::{WebError, moved_permanently, personal_page, see_other},
        views::{FormProblem, WritePage},
    },
};
use askama::Template;
use axum::{
    body::Body,
    extract::{ConnectInfo, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use comment_target::CommentTarget;
use form::{Checked, SubmittedForm};
use messages::{Message, Refusal};
use serde::Deserialize;
use std::{net::SocketAddr, time::Duration};

/// `GET /{year}/{month}/{slug}/reply/{number}`: the form for an answer to a comment; to the article, if the
/// number is 0. A guest who is known finds their name in it.
pub async fn show_form(
    State(app): State<App>,
    Path((year, month, slug, number)): Path<(String, String, String, i64)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let path = format!("/{year}/{month}/{slug}");
    let mut conn = app.node.store.read().await?;
    let article = match permalink::find(&mut conn, &slug, &path).await? {
        Permalink::Article(article) => Some(*article),
        Permalink::Moved(now) => {
            return Ok(moved_permanently(
                app.node.urls(),
                &format!("{now}/reply/{number}"),
            ));
        }
        Permalink::Absent(_) => None,
    };
    let target = CommentTarget::find(&mut conn, article, number).await?;
    if !comments::is_open_to_guests(&app, &target.article) {
        return Refusal::CLOSED.page(&app, &target.page());
    }
    let guest = cookie::guest(&app, &mut conn, &headers).await?;
    let form = target.form(&app, guest.as_ref());
    let (title, page) = (target.article.title.clone(), target.page());
    let page = WritePage::new(&app.site, title, page, target.quoted(&app), None, form);
    personal_page(StatusCode::OK, page.render())
}

/// `GET /articles/{uid}/comments`: where a reader ends who asks again for what a form was answered.
pub async fn redirect_to_form(
    State(app): State<App>,
    Path(uid): Path<String>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = conn.article_by_uid(&uid).await?;
    let target = CommentTarget::find(&mut conn, article, 0).await?;
    Ok(see_other(&format!("{}#write", target.page())))
}

/// `POST /articles/{uid}/comments`: the form, to be previewed or taken.
pub async fn submit(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, WebError> {
    let network = ClientNetwork::of(peer.ip(), &headers, &app.node.config.comments.proxies);
    match read(&app, peer, network, &headers, body).await {
        Ok(submitted) => receive(&app, &uid, network, &headers, &submitted).await,
        Err(refusal) => refusal.page(&app, &app.site.home),
    }
}

/// The form, if it is looked at at all.
async fn read(
    app: &App,
    peer: SocketAddr,
    network: ClientNetwork,
    headers: &HeaderMap,
    body: Body,
) -> Result<SubmittedForm, Refusal> {
    let quota = &app.node.quota;
    let charged = quota.spend_for(Limit::FormsOfAddress, &network.to_string(), 1);
    let refusal = match (charged, is_same_origin(app, headers)) {
        (Err(_), _) => Refusal::RATE_LIMITED,
        (_, false) => Refusal::ELSEWHERE,
        _ if !body::is_form(headers) => Refusal::NO_FORM,
        _ => {
            let proxies = &app.node.config.comments.proxies;
            let client = ClientNetwork::behind_proxies(peer.ip(), headers, proxies);
            let kept = body::read(app, client, body, MAX_FORM).await?;
            return Ok(SubmittedForm::from_pairs(&kept));
        }
    };
    body::discard(app, body.into_data_stream());
    Err(refusal)
}

async fn receive(
    app: &App,
    uid: &str,
    network: ClientNetwork,
    headers: &HeaderMap,
    submitted: &SubmittedForm,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = conn.article_by_uid(uid).await?;
    let target = CommentTarget::find(&mut conn, article, submitted.parent).await?;
    if !comments::is_open_to_guests(app, &target.article) {
        return Refusal::CLOSED.page(app, &target.page());
    }
    let guest = cookie::guest(app, &mut conn, headers).await?;
    let shown = comments::shown_at(app, &target.article, &submitted.token);
    let checked = match submitted.check(guest.as_ref()) {
        Ok(checked) => checked,
        Err(problems) => return show_form_again(app, &target, submitted, problems).await,
    };
    if submitted.is_preview {
        return show_form_again(app, &target, submitted, Vec::new()).await;
    }
    drop(conn);
    if let Some(problem) = problem_of_time(app, shown).await {
        return show_form_again(app, &target, submitted, vec![problem]).await;
    }
    let mut conn = app.node.store.read().await?;
    let posted = posted(app, &mut conn, &target, guest, checked, submitted, network).await?;
    drop(conn);
    match guests::take(&app.node, &posted).await? {
        Taken::Stored {
            state,
            number,
            guest_id,
        } => Ok(thank(app, &target, state, number, guest_id)),
        Taken::TooMany => {
            let text = "Too many comments came within an hour. Keep yours, and send it later.";
            let problem = FormProblem::new("", text);
            let mut response = show_form_again(app, &target, submitted, vec![problem]).await?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            Ok(response)
        }
    }
}

/// What speaks against a form by the time at which it was made. A kept page may have been shown a moment later, so
/// that a comment waits for this moment: none is taken sooner than the least time after its form was shown.
async fn problem_of_time(app: &App, shown: Shown) -> Option<FormProblem> {
    let text = match shown {
        Shown::Unknown => "The form was open for too long. It is a new one now: send it again.",
        Shown::At(time) => {
            let least = app.node.config.comments.least_time.milliseconds();
            let age = store::now().saturating_sub(time);
            if age >= least {
                let left = page_cache::MAX_PAGE_AGE.saturating_sub(since(age - least));
                tokio::time::sleep(left).await;
                return None;
            }
            "That was very quick. Read your comment once more, and send it again."
        }
    };
    Some(FormProblem::new("", text))
}

fn since(milliseconds: i64) -> Duration {
    Duration::from_millis(milliseconds.unsigned_abs())
}

async fn posted(
    app: &App,
    conn: &mut Conn,
    target: &CommentTarget,
    guest: Option<Guest>,
    checked: Checked,
    submitted: &SubmittedForm,
    network: ClientNetwork,
) -> Result<Posted, WebError> {
    let gate = conn.article_gate_by_uid(&target.article.uid).await?;
    Ok(Posted {
        article: gate.ok_or(WebError::NotFound)?,
        parent: target.parent.clone(),
        guest_id: guest.map(|guest| guest.id),
        fields: checked.fields,
        markdown: checked.markdown,
        wants_answers: submitted.wants_answers,
        address_hash: guests::address_hash(&app.node, &network.to_string()),
        is_trapped: submitted.is_trapped,
        token: submitted.token.clone(),
    })
}

/// The form once more: with what is wrong, or else with a preview.
async fn show_form_again(
    app: &App,
    target: &CommentTarget,
    submitted: &SubmittedForm,
    problems: Vec<FormProblem>,
) -> Result<Response, WebError> {
    let status = match problems.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let preview = match problems.is_empty() {
        true => {
            let content = guests::render(&submitted.text).await;
            Some((submitted.name.clone(), Html::from_stored(content)))
        }
        false => None,
    };
    let form = target.form_again(app, submitted, problems);
    let page = WritePage::new(
        &app.site,
        target.article.title.clone(),
        target.page(),
        target.quoted(app),
        preview,
        form,
    );
    personal_page(status, page.render())
}

/// Leads to the comment, or to a page that says what it waits for.
fn thank(
    app: &App,
    target: &CommentTarget,
    state: CommentState,
    number: i64,
    guest_id: Option<i64>,
) -> Response {
    let uid = &target.article.uid;
    let target = match state {
        CommentState::Visible => comments::address_of_new(&target.article, number),
        CommentState::Unconfirmed => format!("/comments/mailed?article={uid}"),
        // What spam becomes of is not told.
        _ => format!("/comments/waiting?article={uid}"),
    };
    let mut response = see_other(&target);
    if let Some(id) = guest_id {
        cookie::set(app, response.headers_mut(), id);
    }
    response
}

/// `?article=`: the uid of the article.
#[derive(Debug, Deserialize)]
pub struct ArticleQuery {
    #[serde(default)]
    article: String,
}

/// `GET /comments/waiting`.
pub async fn show_waiting(
    State(app): State<App>,
    Query(query): Query<ArticleQuery>,
) -> Result<Response, WebError> {
    show_message(&app, Message::Waiting, &query.article).await
}

/// `GET /comments/mailed`.
pub async fn show_mailed(
    State(app): State<App>,
    Query(query): Query<ArticleQuery>,
) -> Result<Response, WebError> {
    show_message(&app, Message::Mailed, &query.article).await
}

async fn show_message(app: &App, message: Message, uid: &str) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = conn.article_by_uid(uid).await?;
    let article = Some(article.ok_or(WebError::NotFound)?);
    match CommentTarget::find(&mut conn, article, 0).await {
        Ok(target) => message.page(app, target.page(), "Back to the article"),
        Err(_) => message.page(app, app.site.home.clone(), "To the home page"),
    }
}
