//! The pages people read in a browser: from rows to views.

mod article;
mod lists;
pub mod views;

pub use article::{CommentQuery, article};
pub use lists::{author, home, tag};
