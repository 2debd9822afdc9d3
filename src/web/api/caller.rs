//! Who calls the API: a token in the `Authorization` header, and nothing else. Cookies are never read, so that no page of
//! another site can act for a reader of it.

use super::problem::{ApiError, Code};
use crate::{
    node::api_tokens::{Scope, Scopes, Secret},
    quota::{Limit, Permits},
    store::{ApiToken, now},
    web::{app::App, request::Peer},
};
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, Method, header::AUTHORIZATION, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::time::Duration;

/// The time within which the last use of a token is known, in milliseconds.
const USE_INTERVAL: i64 = 60 * 60 * 1000;
/// How long a request waits for others.
const WAIT: Duration = Duration::from_secs(2);

/// The token of a request.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) token_id: i64,
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
}

impl Caller {
    /// Returns the name in the moderation log.
    pub(crate) fn log_name(&self) -> String {
        format!("token {}", self.name)
    }

    /// Checks a scope.
    ///
    /// # Errors
    /// If the token lacks it.
    pub(crate) fn check(&self, scope: Scope) -> Result<(), ApiError> {
        if self.scopes.allow(scope) {
            return Ok(());
        }
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
        Err(ApiError {
            challenge: Some(challenge),
            ..ApiError::new(
                Code::ScopeMissing,
                format!(
                    "the token {} lacks the scope {scope}: make one with it by `pamphlet token create`",
                    self.name
                ),
            )
        })
    }

    /// Charges the token for something that it creates.
    ///
    /// # Errors
    /// If the limit is reached.
    pub(crate) fn charge_creation(&self, app: &App) -> Result<(), ApiError> {
        let quota = &app.node.quota;
        Ok(quota.charge_account(Limit::ApiCreations, &self.log_name(), 1)?)
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        // Every route has the layer that adds it: see `authorize`.
        let caller = parts.extensions.get::<Caller>().cloned();
        caller.ok_or_else(no_token)
    }
}

fn no_token() -> ApiError {
    ApiError {
        challenge: Some("Bearer realm=\"Pamphlet\"".to_owned()),
        ..ApiError::new(
            Code::TokenMissing,
            "send a token, which `pamphlet token create` makes, in the header `Authorization: Bearer TOKEN`",
        )
    }
}

fn invalid_token() -> ApiError {
    ApiError {
        challenge: Some("Bearer error=\"invalid_token\"".to_owned()),
        ..ApiError::new(
            Code::TokenInvalid,
            "the token is unknown, expired or revoked: make another one by `pamphlet token create`",
        )
    }
}

/// Returns the text of the token in the `Authorization` header.
///
/// # Errors
/// If the header has another form.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, ApiError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if values.next().is_some() || !scheme.eq_ignore_ascii_case("bearer") {
        return Err(no_token());
    }
    Ok(Some(token.trim()))
}

/// Finds the token of a request whose text is `text`, and charges address and token for the request. The permits are those
/// of one request at a time.
///
/// # Errors
/// If the token is missing or wrong, or a limit is reached.
pub(crate) async fn authenticate(
    app: &App,
    peer: Peer,
    headers: &HeaderMap,
    text: Option<&str>,
) -> Result<(Caller, Permits), ApiError> {
    let quota = &app.node.quota;
    let network = peer.network(headers, app);
    quota.charge_account(Limit::ApiRequestsOfAddress, &network, 1)?;
    let Some(text) = text else {
        return Err(no_token());
    };
    // An amount of zero passes only while there is something left.
    if let Err(exceeded) = quota.check_account(Limit::WrongTokens, &network) {
        return Err(ApiError {
            code: Code::TooManyWrongTokens,
            ..exceeded.into()
        });
    }
    let found = match Secret::parse(text) {
        Some(secret) => find(app, &secret).await?,
        None => None,
    };
    let Some(token) = found.filter(ApiToken::is_valid) else {
        // The answer to the last one is the same; the next one is not heard.
        let _ = quota.charge_account(Limit::WrongTokens, &network, 1);
        return Err(invalid_token());
    };
    let caller = Caller {
        token_id: token.id,
        scopes: Scopes::from_stored(&token.scopes),
        name: token.name,
    };
    quota.charge_account(Limit::ApiRequestsOfToken, &caller.log_name(), 1)?;
    let permits = quota.acquire(Limit::ApiRequests, "", 1, WAIT).await;
    let permits = permits.map_err(|_| {
        ApiError::new(
            Code::Busy,
            "too many requests to the API at once: try again",
        )
    })?;
    if token
        .last_used_at
        .is_none_or(|at| at < now() - USE_INTERVAL)
    {
        note_use(app, token.id).await;
    }
    Ok((caller, permits))
}

async fn find(app: &App, secret: &Secret) -> Result<Option<ApiToken>, ApiError> {
    let mut conn = app.node.store.read().await?;
    Ok(conn.api_token_by_hash(&secret.hash()).await?)
}

/// Notes the use of a token. A failure is no reason to refuse the request.
async fn note_use(app: &App, id: i64) {
    let noted = async {
        let mut tx = app.node.store.begin().await?;
        tx.set_api_token_used(id).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "the use of a token could not be noted");
    }
}

/// The layer of every route: lets only requests pass whose token has the scope; any token if the route needs none.
///
/// A request that may change something is finished even if its client has gone, so that nothing stays half done.
pub(super) async fn authorize(
    State((app, scope)): State<(App, Option<Scope>)>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = Peer::of(request.extensions());
    // A reference to the request itself could not be held while the database is asked.
    let headers = request.headers().clone();
    let checked = async {
        let text = bearer(&headers)?;
        let (caller, permits) = authenticate(&app, peer, &headers, text).await?;
        if let Some(scope) = scope {
            caller.check(scope)?;
        }
        Ok((caller, permits))
    };
    let (caller, permits) = match checked.await {
        Ok(found) => found,
        Err(error) => return ApiError::into_response(error),
    };
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    request.extensions_mut().insert(caller);
    if is_safe {
        let response = next.run(request).await;
        drop(permits);
        return response;
    }
    let finished = tokio::spawn(async move {
        let response = next.run(request).await;
        drop(permits);
        response
    });
    finished
        .await
        .unwrap_or_else(|error| ApiError::internal(&error.into()).into_response())
}
