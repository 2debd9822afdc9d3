//! Reads exports of WordPress, and converts the texts of their items.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pamphlet::entry_points::wordpress_items;

/// The maximum number of bytes of HTML for each byte of an export. A gallery of one shortcode may show many pictures.
const GROWTH: usize = 2000;

fuzz_target!(|export: &[u8]| {
    let (items, bytes) = wordpress_items(export);
    assert!(items <= export.len() + 10, "{items} items");
    assert!(bytes <= (export.len() + 1) * GROWTH, "{bytes} bytes of {}", export.len());
});
