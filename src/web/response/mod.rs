//! Responses: content negotiation, documents, pages, redirects and errors.

mod document;
mod encoding;
mod error;
mod negotiation;
mod page;
mod redirect;

pub(super) use document::{
    DEFAULT_HEADERS, Exact, Shared, Unannounced, activity, allow_all_origins, cached, gone,
    http_date, is_unmodified, let_shared_caches_store, matches_etag, private, shared, strong_etag,
    vary_by_accept, weaken_etag,
};
pub(super) use encoding::Encoding;
pub(super) use error::{WebError, inbox_error, problem_json, problem_page};
pub(super) use negotiation::{Format, preferred_format, wants_html};
pub(super) use page::{page, page_with_token, personal_page, private_page, with_page_policy};
pub(super) use redirect::{moved, moved_permanently, see_other, with_query};
