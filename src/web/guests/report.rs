//! Readers' reports of comments: a form without JavaScript, whose result is a notice for the admin.

use super::{
    comment_target::CommentTarget,
    pages::locate,
    submission::{check_time, read_form},
};
use crate::{
    content::{clean_text, truncate_at_word},
    guests::report,
    quota::Limit,
    store::Comment,
    web::{
        app::{App, own_link},
        comments,
        request::{ClientNetwork, is_same_origin},
        response::{WebError, personal_page, see_other},
        views::ReportPage,
    },
};
use axum::{
    body::Body,
    extract::{ConnectInfo, Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use std::net::SocketAddr;
use url::form_urlencoded;

/// The longest reason, in characters.
const MAX_REASON: usize = 1000;

/// The year, month and slug of the article, and the number of the comment.
type CommentPath = (String, String, String, i64);

/// The submitted form.
#[derive(Debug, Default)]
struct ReportForm {
    token: String,
    reason: String,
    is_honeypot_filled: bool,
}

impl ReportForm {
    fn parse(bytes: &[u8]) -> ReportForm {
        let mut form = ReportForm::default();
        for (name, value) in form_urlencoded::parse(bytes) {
            match name.as_ref() {
                "token" => form.token = value.into_owned(),
                "reason" => form.reason = truncate_at_word(&clean_text(&value), MAX_REASON),
                "subject" => form.is_honeypot_filled = !value.trim().is_empty(),
                _ => {}
            }
        }
        form
    }
}

/// `GET /{year}/{month}/{slug}/comments/{number}/report`.
pub(crate) async fn show(
    State(app): State<App>,
    Path((year, month, slug, number)): Path<CommentPath>,
) -> Result<Response, WebError> {
    let place = format!("comments/{number}/report");
    match locate(&app, (&year, &month, &slug), number, &place).await? {
        Ok(target) => page(&app, &target, String::new(), None),
        Err(redirect) => Ok(redirect),
    }
}

/// `POST /{year}/{month}/{slug}/comments/{number}/report`.
pub(crate) async fn submit(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path((year, month, slug, number)): Path<CommentPath>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, WebError> {
    let network = ClientNetwork::of(peer.ip(), &headers, &app.node.config.comments.proxies);
    let is_ours = is_same_origin(&app, &headers);
    let form = match read_form(&app, peer, network, &headers, is_ours, body).await {
        Ok(bytes) => ReportForm::parse(&bytes),
        Err(refusal) => return refusal.page(&app, &app.site.home),
    };
    let place = format!("comments/{number}/report");
    let target = match locate(&app, (&year, &month, &slug), number, &place).await? {
        Ok(target) => target,
        Err(redirect) => return Ok(redirect),
    };
    let Some(comment) = &target.parent else {
        return Err(WebError::NotFound);
    };
    let shown = comments::form_time(&app, &target.article, &form.token);
    if check_time(&app, shown).await.is_err() {
        let mut response = page(&app, &target, form.reason, Some("report-problem-time"))?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(response);
    }
    // A program that fills in every field is not told that its report is dropped.
    if !form.is_honeypot_filled {
        if !is_within_limits(&app, network) {
            let mut response = page(&app, &target, form.reason, Some("report-problem-many"))?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            return Ok(response);
        }
        store(&app, &target, comment, &form.reason).await?;
    }
    let uid = &target.article.uid;
    Ok(see_other(&format!("/comments/reported?article={uid}")))
}

fn is_within_limits(app: &App, network: ClientNetwork) -> bool {
    let quota = &app.node.quota;
    let address = network.to_string();
    quota
        .charge_account(Limit::ReportsOfAddress, &address, 1)
        .and_then(|()| quota.charge_account(Limit::Reports, "", 1))
        .is_ok()
}

async fn store(
    app: &App,
    target: &CommentTarget,
    comment: &Comment,
    reason: &str,
) -> Result<(), WebError> {
    let address = comments::address_of(&target.article, comment.number);
    let page = app.node.urls().at(&address);
    report::store(&app.node, comment, &target.article.title, &page, reason).await?;
    Ok(())
}

fn page(
    app: &App,
    target: &CommentTarget,
    reason: String,
    problem: Option<&'static str>,
) -> Result<Response, WebError> {
    let (Some(comment), Some(quoted)) = (&target.parent, target.quoted(app)) else {
        return Err(WebError::NotFound);
    };
    let locale = app.site.locale;
    let path = comments::path_of(&target.article);
    let page = ReportPage::new(
        &app.site,
        &locale.text("report-title"),
        own_link(&format!("{path}/comments/{}/report", comment.number)),
        quoted,
        comments::empty_form(app, &target.article).token,
        reason,
        problem,
    );
    personal_page(StatusCode::OK, app.render(&page))
}
