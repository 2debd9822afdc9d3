//! Readers of other software's exports. Each yields the items of `model.rs`.

mod html;
mod json_items;
mod json_values;
mod positions;
