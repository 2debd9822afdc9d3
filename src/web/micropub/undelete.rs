//! Micropub's undelete: an article comes back from the bin.

use crate::{
    node::urls::Named,
    publishing::{PublishError, bin},
    web::{api::problem::ApiError, app::App},
};

/// Restores an article from the bin, as a draft. Returns its address.
///
/// # Errors
/// If the bin has none with this address, or its slug was taken since.
pub(super) async fn restore(app: &App, url: &str) -> Result<String, ApiError> {
    let Some(Named::Permalink { slug, .. }) = app.node.urls().read(url) else {
        return Err(ApiError::not_found("post"));
    };
    let restored = bin::restore_article(&app.node, &slug, None).await;
    let row = restored.map_err(|error| match error {
        PublishError::Mistake(_) => ApiError::not_found("post in the bin"),
        other => other.into(),
    })?;
    Ok(app.node.urls().permalink(&row))
}
