//! Signed links in emails.

use crate::{
    node::tokens::Purpose,
    store,
    web::{app::App, response::WebError},
};

/// Returns the id of the row that a token names.
///
/// # Errors
/// `LinkExpired` or `BadLink`.
pub(crate) fn verify(app: &App, purpose: Purpose, token: &str) -> Result<i64, WebError> {
    let tokens = &app.node.tokens;
    if let Some(text) = tokens.read(purpose, token, store::now()) {
        return text.parse().map_err(|_| WebError::BadLink);
    }
    // An expired token was valid at the beginning of time.
    Err(match tokens.read(purpose, token, i64::MIN) {
        Some(_) => WebError::LinkExpired,
        None => WebError::BadLink,
    })
}
