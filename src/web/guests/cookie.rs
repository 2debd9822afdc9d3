//! The cookie that recognizes a returning guest. It is signed, and scripts can't read it.

use crate::{
    config::retention::GUEST_COOKIE,
    node::tokens::Purpose,
    store::{self, Conn, Guest},
    web::{app::App, response::WebError},
};
use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};

/// The lifetime of the cookie, in seconds.
const LIFETIME: i64 = GUEST_COOKIE / 1000;

/// Returns the name of the cookie. With HTTPS, its prefix ensures that no other host can set it (RFC 6265bis, section
/// 4.1.3.2).
fn name_of(app: &App) -> &'static str {
    if is_secure(app) {
        "__Host-guest"
    } else {
        "guest"
    }
}

fn is_secure(app: &App) -> bool {
    app.node.config.public_url.scheme() == "https"
}

/// Adds the cookie of a guest to a response.
pub(super) fn set(app: &App, headers: &mut HeaderMap, guest_id: i64) {
    let expires = store::now() + LIFETIME * 1000;
    let token = app
        .node
        .tokens
        .sign(Purpose::Guest, &guest_id.to_string(), expires);
    let secure = if is_secure(app) { "; Secure" } else { "" };
    let cookie = format!(
        "{}={token}; Max-Age={LIFETIME}; Path=/; HttpOnly; SameSite=Strict{secure}",
        name_of(app)
    );
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.insert(SET_COOKIE, cookie);
    }
}

/// Returns the guest whose cookie a request carries.
pub(super) async fn guest(
    app: &App,
    conn: &mut Conn,
    headers: &HeaderMap,
) -> Result<Option<Guest>, WebError> {
    let name = name_of(app);
    let id = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .find_map(|(_, token)| {
            let text = app.node.tokens.read(Purpose::Guest, token, store::now())?;
            text.parse::<i64>().ok()
        });
    match id {
        Some(id) => Ok(conn.guest(id).await?),
        None => Ok(None),
    }
}
