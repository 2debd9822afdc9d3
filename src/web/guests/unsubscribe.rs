//! No more mails to a guest, by the link in each of them (RFC 8058): a GET asks, since programs that look
//! into mails follow links; a POST, by the page's button or by the reader's mail program, does it.

use crate::{
    node::tokens::Purpose,
    web::{
        app::App,
        request::signed_link,
        response::{WebError, private_page},
        views::UnsubscribePage,
    },
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

/// `GET /unsubscribe/{token}`.
pub async fn show_form(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    signed_link::verify(&app, Purpose::Unsubscribe, &token)?;
    page(&app, false)
}

/// `POST /unsubscribe/{token}`. From wherever: who has the link may do it, and mail programs do.
pub async fn unsubscribe(
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
        UnsubscribePage::new(&app.site, is_done).render(),
    )
}
