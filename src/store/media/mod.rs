//! The site's pictures, audio and video files, and the texts that use them.

mod files;
mod uses;

pub use files::{Media, MediaKind, Variant, Variants};
pub use uses::{MediaUse, MediaUser};
