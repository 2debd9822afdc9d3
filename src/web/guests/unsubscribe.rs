//! Unsubscribes a guest from emails, by the link in each of them (RFC 8058). A GET shows a form, because programs that scan
//! emails open links. A POST, from the form or from a mail program, unsubscribes.

use crate::{
    node::tokens::Purpose,
    web::{
        app::App,
        request::signed_link,
        response::{WebError, private_page},
        views::UnsubscribePage,
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

/// `GET /unsubscribe/{token}`.
pub(crate) async fn show_form(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    signed_link::verify(&app, Purpose::Unsubscribe, &token)?;
    page(&app, false)
}

/// `POST /unsubscribe/{token}`: from any origin, because the link alone authorizes it, and mail programs send it.
pub(crate) async fn unsubscribe(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let guest = signed_link::verify(&app, Purpose::Unsubscribe, &token)?;
    let mut tx = app.node.store.begin().await?;
    tx.unsubscribe_guest(guest).await?;
    tx.commit().await?;
    page(&app, true)
}

fn page(app: &App, is_done: bool) -> Result<Response, WebError> {
    private_page(
        StatusCode::OK,
        app.render(&UnsubscribePage::new(&app.site, is_done)),
    )
}
