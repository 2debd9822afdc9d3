//! The API: its tokens, the responses that repeated requests get again, and its lists.

mod articles;
mod requests;
mod tokens;

pub use articles::ArticleQuery;
pub use requests::{Begun, KeyedRequest};
pub use tokens::{ApiToken, NewApiToken};
