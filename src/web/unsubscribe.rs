//! No more mails to a guest, by the link in each of them (RFC 8058): a GET asks, since programs that look
//! into mails follow links; a POST, by the page's button or by the reader's mail program, does it.

use super::{app::App, links, pages::views::UnsubscribePage, problem::WebError};
use crate::node::tokens::Purpose;
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};

/// `GET /unsubscribe/{token}`.
pub async fn ask(
    State(app): State<App>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    links::read(&app, Purpose::Unsubscribe, &token)
        .and_then(|_| page(&app, false))
        .unwrap_or_else(|error| error.answer(&app, &headers))
}

/// `POST /unsubscribe/{token}`. From wherever: who has the link may do it, and mail programs do.
pub async fn go(State(app): State<App>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let served = async {
        let guest = links::read(&app, Purpose::Unsubscribe, &token)?;
        let mut tx = app.node.store.begin().await?;
        tx.unsubscribe_guest(guest).await?;
        tx.commit().await?;
        page(&app, true)
    };
    served
        .await
        .unwrap_or_else(|error: WebError| error.answer(&app, &headers))
}

fn page(app: &App, is_done: bool) -> Result<Response, WebError> {
    links::private_page(
        StatusCode::OK,
        UnsubscribePage::new(&app.site, is_done).render(),
    )
}
