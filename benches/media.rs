//! How long it takes to take in a photo of 24 megapixels, and how much memory.
//!
//!     cargo bench --bench media
fn main() {}
