//! Serves the site's icons and the cards for link previews.

use crate::{
    store::Article,
    web::{
        app::App,
        artwork::{NoCard, card_of_article, card_of_site},
        response::{WebError, see_other},
    },
};
use axum::{
    extract::{Path, State},
    http::{
        Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

/// Icons have fixed addresses, so that caches must ask again after a day.
const ICON: &str = "public, max-age=86400";
const CARD: &str = "public, max-age=31536000, immutable";

/// `GET /favicon.ico`, `/apple-touch-icon.png`, `/icon-192.png` and `/icon-512.png`.
pub(crate) async fn icon(State(app): State<App>, uri: Uri) -> Result<Response, WebError> {
    let icons = app.icons.get(&app.node).await.map_err(WebError::Internal)?;
    let (kind, icon) = match uri.path() {
        "/favicon.ico" => ("image/x-icon", &icons.ico),
        "/icon-192.png" => ("image/png", &icons.small),
        "/icon-512.png" => ("image/png", &icons.large),
        _ => ("image/png", &icons.touch),
    };
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, ICON)];
    Ok((headers, icon.clone()).into_response())
}

/// `GET /cards/{subject}/{name}`: the card of the article with this uid, or of the site.
pub(crate) async fn card(
    State(app): State<App>,
    Path((subject, name)): Path<(String, String)>,
) -> Result<Response, WebError> {
    let card = if subject == "site" {
        card_of_site(&app.node)
    } else {
        let mut conn = app.node.store.read().await?;
        let article = conn.article_by_uid(&subject).await?;
        let article = article.filter(Article::is_visible);
        card_of_article(&app.node, &article.ok_or(WebError::NotFound)?)
    };
    let current = format!("{}.png", card.name());
    if name != current {
        let is_name = name.len() == current.len() && name.ends_with(".png");
        if !is_name {
            return Err(WebError::NotFound);
        }
        // A link preview made before the title changed.
        return Ok(see_other(&format!("/cards/{subject}/{current}")));
    }
    let picture = app.cards.picture(&app.node, &app.icons, card).await;
    let picture = picture.map_err(|reason| match reason {
        NoCard::Later(pause) => WebError::Later(pause),
        NoCard::Failed(error) => WebError::Internal(error),
    })?;
    let headers = [(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, CARD)];
    Ok((headers, picture).into_response())
}
