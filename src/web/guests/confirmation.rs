//! Confirms the email address of a guest, by the link in an email.

use super::messages::{Message, Refusal, confirmation};
use crate::{
    guests::confirm,
    web::{
        app::{App, own_link},
        comments,
        request::{body::FormBody, is_same_origin},
        response::{WebError, see_other},
    },
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

/// The token in the link.
#[derive(Debug, Deserialize)]
pub(crate) struct Confirmation {
    #[serde(default)]
    token: String,
}

/// `GET /comments/confirm?token=`: changes nothing, because programs that scan emails open links.
pub(crate) async fn show_confirmation(
    State(app): State<App>,
    Query(query): Query<Confirmation>,
) -> Result<Response, WebError> {
    match confirm::read(&app.node, &query.token) {
        Some(_) => confirmation(&app, own_link("/comments/confirm"), query.token),
        None => Refusal::EXPIRED.page(&app, &app.site.home),
    }
}

/// `POST /comments/confirm`.
pub(crate) async fn confirm(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody { form, .. }: FormBody<Confirmation>,
) -> Result<Response, WebError> {
    if !is_same_origin(&app, &headers) {
        return Refusal::CROSS_SITE.page(&app, &app.site.home);
    }
    let Some((guest_id, mail)) = confirm::read(&app.node, &form.token) else {
        return Refusal::EXPIRED.page(&app, &app.site.home);
    };
    let Some(confirmed) = confirm::confirm(&app.node, guest_id, &mail).await? else {
        return Refusal::EXPIRED.page(&app, &app.site.home);
    };
    let shown = match confirmed.shown {
        Some((uid, number)) => {
            let mut conn = app.node.store.read().await?;
            let article = conn.article_by_uid(&uid).await?;
            article.map(|article| comments::address_of_new(&article, number))
        }
        None => None,
    };
    match shown {
        Some(target) => Ok(see_other(&target)),
        None => {
            let home = app.site.home.clone();
            Message::Confirmed.page(&app, app.site.locale, home, "link-home")
        }
    }
}
