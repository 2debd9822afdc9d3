//! Readers of other software's exports. Each yields the items of `model.rs`.

pub(crate) mod feed;
mod html;
mod json_items;
mod json_values;
pub(crate) mod markdown;
mod positions;
pub(crate) mod wordpress;
