//! The submission of the form.

use super::{
    comment_target::CommentTarget,
    cookie,
    form::{CheckedForm, SubmittedForm},
    messages::Refusal,
};
use crate::{
    content::Html,
    guests::{self, Submission, SubmissionOutcome},
    quota::Limit,
    store::{self, CommentState, Conn, Guest},
    web::{
        app::App,
        comments::{self, FormTime},
        page_cache,
        request::{
            ClientNetwork,
            body::{self, MAX_FORM, RequestBody},
            is_same_origin,
        },
        response::{WebError, personal_page, see_other},
        views::{FormProblem, WritePage},
    },
};
use axum::{
    body::Body,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::{net::SocketAddr, time::Duration};

/// `POST /articles/{uid}/comments`: previews or stores a comment.
pub(crate) async fn submit(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(uid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, WebError> {
    let network = ClientNetwork::of(peer.ip(), &headers, &app.node.config.comments.proxies);
    let is_ours = is_same_origin(&app, &headers);
    match read_form(&app, peer, network, &headers, is_ours, body).await {
        Ok(bytes) => {
            let submitted = SubmittedForm::parse(&bytes);
            process(&app, &uid, network, &headers, &submitted).await
        }
        Err(refusal) => refusal.page(&app, &app.site.home),
    }
}

/// Reads the body of a form. `is_ours`: whether it was sent from a page of this site.
///
/// # Errors
/// A limit is reached, the form came from another site, or it can't be read.
pub(super) async fn read_form(
    app: &App,
    peer: SocketAddr,
    network: ClientNetwork,
    headers: &HeaderMap,
    is_ours: bool,
    body: Body,
) -> Result<RequestBody, Refusal> {
    let quota = &app.node.quota;
    let charged = quota.charge_account(Limit::FormsOfAddress, &network.to_string(), 1);
    let refusal = match (charged, is_ours) {
        (Err(_), _) => Refusal::RATE_LIMITED,
        (_, false) => Refusal::CROSS_SITE,
        _ if !body::is_form(headers) => Refusal::UNREADABLE,
        _ => {
            let proxies = &app.node.config.comments.proxies;
            let client = ClientNetwork::behind_proxies(peer.ip(), headers, proxies);
            return Ok(body::read(app, client, body, MAX_FORM).await?);
        }
    };
    body::discard(app, body.into_data_stream());
    Err(refusal)
}

async fn process(
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
        return Refusal::CLOSED.page_in(app, target.locale(app), &target.page());
    }
    let guest = cookie::guest(app, &mut conn, headers).await?;
    let shown = comments::form_time(app, &target.article, &submitted.token);
    let checked = match submitted.check(guest.as_ref(), target.locale(app)) {
        Ok(checked) => checked,
        Err(problems) => return show_form_again(app, &target, submitted, problems).await,
    };
    if submitted.is_preview {
        return show_form_again(app, &target, submitted, Vec::new()).await;
    }
    drop(conn);
    if let Err(key) = check_time(app, shown).await {
        let problem = FormProblem::new("", target.locale(app).text(key));
        return show_form_again(app, &target, submitted, vec![problem]).await;
    }
    let mut conn = app.node.store.read().await?;
    let comment = new_comment(app, &mut conn, &target, guest, checked, submitted, network).await?;
    drop(conn);
    match guests::submit(&app.node, &comment).await? {
        SubmissionOutcome::Stored {
            state,
            number,
            guest_id,
        } => Ok(redirect_to_result(app, &target, state, number, guest_id)),
        SubmissionOutcome::TooMany => {
            let text = target.locale(app).text("write-problem-too-many");
            let problem = FormProblem::new("", text);
            let mut response = show_form_again(app, &target, submitted, vec![problem]).await?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            Ok(response)
        }
    }
}

/// Checks the time at which a form was shown. An error is the key of its text.
///
/// The page cache may have shown the form later than its token tells, by at most the maximum age of a page. So this waits
/// for the rest of that time: no comment is accepted sooner than the minimum time after its form was shown.
pub(super) async fn check_time(app: &App, shown: FormTime) -> Result<(), &'static str> {
    match shown {
        FormTime::Unknown => Err("write-problem-too-old"),
        FormTime::ShownAt(time) => {
            let minimum = app.node.config.comments.least_time.milliseconds();
            let age = store::now().saturating_sub(time);
            if age >= minimum {
                let rest = page_cache::MAX_PAGE_AGE.saturating_sub(duration(age - minimum));
                tokio::time::sleep(rest).await;
                return Ok(());
            }
            Err("write-problem-too-fast")
        }
    }
}

fn duration(milliseconds: i64) -> Duration {
    Duration::from_millis(milliseconds.unsigned_abs())
}

async fn new_comment(
    app: &App,
    conn: &mut Conn,
    target: &CommentTarget,
    guest: Option<Guest>,
    checked: CheckedForm,
    submitted: &SubmittedForm,
    network: ClientNetwork,
) -> Result<Submission, WebError> {
    let header = conn.article_header_by_uid(&target.article.uid).await?;
    Ok(Submission {
        article: header.ok_or(WebError::NotFound)?,
        parent: target.parent.clone(),
        guest_id: guest.map(|guest| guest.id),
        fields: checked.fields,
        markdown: checked.markdown,
        wants_answers: submitted.wants_replies,
        address_hash: guests::address_hash(&app.node, &network.to_string()),
        is_honeypot_filled: submitted.is_honeypot_filled,
        token: submitted.token.clone(),
    })
}

/// Shows the form again: with its problems, or with a preview if there are none.
async fn show_form_again(
    app: &App,
    target: &CommentTarget,
    submitted: &SubmittedForm,
    problems: Vec<FormProblem>,
) -> Result<Response, WebError> {
    let (status, preview) = if problems.is_empty() {
        let content = Html::from_stored(guests::render(&submitted.text).await);
        (StatusCode::OK, Some((submitted.name.clone(), content)))
    } else {
        (StatusCode::UNPROCESSABLE_ENTITY, None)
    };
    let form = target.form_again(app, submitted, problems);
    let page = WritePage::new(
        &app.site,
        target.locale(app),
        target.article.title.clone(),
        target.page(),
        target.quoted(app),
        preview,
        Some(form),
    );
    personal_page(status, app.render(&page))
}

/// Redirects to the comment, or to a page that tells what the comment waits for.
fn redirect_to_result(
    app: &App,
    target: &CommentTarget,
    state: CommentState,
    number: i64,
    guest_id: Option<i64>,
) -> Response {
    let uid = &target.article.uid;
    let location = match state {
        CommentState::Visible => comments::address_of_new(&target.article, number),
        CommentState::Unconfirmed => format!("/comments/mailed?article={uid}"),
        // The author of spam is not told about it.
        _ => format!("/comments/waiting?article={uid}"),
    };
    let mut response = see_other(&location);
    if let Some(id) = guest_id {
        cookie::set(app, response.headers_mut(), id);
    }
    response
}
