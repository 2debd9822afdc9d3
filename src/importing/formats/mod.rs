//! Readers of other software's exports. Each yields the items of `model.rs`.

pub(crate) mod feed;
pub(crate) mod ghost;
mod html;
mod json_items;
mod json_values;
pub(crate) mod markdown;
pub(crate) mod mastodon;
mod positions;
mod tag_page;
pub(crate) mod wordpress;
pub(crate) mod writefreely;
