//! The pages people read in a browser: from rows to views.

mod article;
mod conversation;
mod lists;
mod reactions;
mod tag;
pub mod views;

pub use article::{CommentQuery, article, measured};
pub use conversation::{show_emoji, shown_text};
pub use lists::{author, home};
pub use reactions::{of_article as reactions_of_article, of_comment as reactions_of_comment};
pub use tag::tag;
