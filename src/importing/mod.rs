//! Brings a publication over from other software: what readers yield is stored as published before, and announced to
//! nobody.
//!
//! `formats/` has a reader for each format, which yields the items of `model.rs`. Nothing here prints.

pub(crate) mod archive;
pub(crate) mod formats;
pub(crate) mod model;
