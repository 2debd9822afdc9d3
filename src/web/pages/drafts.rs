//! A draft behind a secret link, which the author shares with a few people.

use super::article;
use crate::{
    node::drafts,
    web::{
        app::App,
        response::{WebError, private_page, see_other},
    },
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};

/// `GET /drafts/{token}`: the article as its page will be, without comments. Once it is published, the link leads to its
/// page.
pub(crate) async fn show(
    State(app): State<App>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let mut conn = app.node.store.read().await?;
    let article = match drafts::read(&app.node, &mut conn, &token).await? {
        drafts::Shared::Article(article) => article,
        drafts::Shared::Ended => return Err(WebError::DraftEnded),
        drafts::Shared::Invalid => return Err(WebError::NotFound),
    };
    if article.is_visible() {
        return Ok(see_other(&app.node.urls().permalink(&article)));
    }
    let page = article::draft(&app, &mut conn, &article).await?;
    private_page(StatusCode::OK, app.render(&page))
}
