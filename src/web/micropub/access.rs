//! The scopes of Micropub, and its form of errors.

use crate::{
    node::api_tokens::Scope,
    web::api::{
        caller::Caller,
        problem::{ApiError, Code},
    },
};
use axum::{
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    CreateArticle,
    CreateNote,
    UpdateArticle,
    UpdateNote,
    DeleteArticle,
    DeleteNote,
    Undelete,
    Upload,
    Read,
}

impl Right {
    /// Returns the scopes of which one is enough: Micropub's own, and the API's.
    fn scopes(self) -> &'static [Scope] {
        match self {
            Right::CreateArticle => &[Scope::Create, Scope::Draft, Scope::ArticlesWrite],
            Right::CreateNote => &[Scope::Create, Scope::NotesWrite],
            Right::UpdateArticle => &[Scope::Update, Scope::ArticlesWrite],
            Right::UpdateNote => &[Scope::Update, Scope::NotesWrite],
            Right::DeleteArticle => &[Scope::Delete, Scope::ArticlesWrite],
            Right::DeleteNote => &[Scope::Delete, Scope::NotesWrite],
            Right::Undelete => &[Scope::Undelete, Scope::ArticlesWrite],
            Right::Upload => &[Scope::Media, Scope::Create, Scope::Draft, Scope::MediaWrite],
            Right::Read => &[
                Scope::Update,
                Scope::Create,
                Scope::Draft,
                Scope::ArticlesRead,
            ],
        }
    }
}

/// Checks that a token has one of the scopes for what it does.
///
/// # Errors
/// If it has none.
pub(super) fn check(caller: &Caller, right: Right) -> Result<(), ApiError> {
    let scopes = right.scopes();
    if scopes.iter().any(|scope| caller.scopes.allow(*scope)) {
        return Ok(());
    }
    caller.check(scopes[0])
}

/// Returns whether everything that a token creates stays a draft.
pub(super) fn only_drafts(caller: &Caller) -> bool {
    let may_publish = [Scope::Create, Scope::ArticlesWrite];
    !may_publish.iter().any(|scope| caller.scopes.allow(*scope))
}

/// Returns an error in Micropub's form (section 3.8).
pub(super) fn error_response(error: &ApiError) -> Response {
    let name = match error.code {
        Code::TokenMissing | Code::TokenInvalid => "unauthorized",
        Code::ScopeMissing => "insufficient_scope",
        Code::NotFound => "not_found",
        Code::TooMany | Code::TooManyWrongTokens | Code::Busy => "temporarily_unavailable",
        Code::Internal | Code::DiskFull => "server_error",
        _ => "invalid_request",
    };
    let body = json!({"error": name, "error_description": error.detail});
    // A value that can't be stored is a bad request here.
    let status = match error.code {
        Code::Invalid | Code::AnnouncementNeeded => Code::BadRequest.status(),
        code => code.status(),
    };
    let mut response = (status, body.to_string()).into_response();
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    error.add_headers(&mut response);
    response
}
