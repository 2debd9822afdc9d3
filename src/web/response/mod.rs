//! Responses: content negotiation, documents, pages, redirects and errors.

mod document;
mod error;
mod negotiation;
mod page;
mod redirect;

pub(super) use document::{
    DEFAULT_HEADERS, Shared, activity, allow_all_origins, cached, gone, matches_etag, shared,
    vary_by_accept,
};
pub(super) use error::{WebError, inbox_error, problem_json, problem_page};
pub(super) use negotiation::{Format, preferred_format};
pub(super) use page::{page, page_with_token, personal_page, private_page, with_page_policy};
pub(super) use redirect::{moved_permanently, see_other, with_query};
