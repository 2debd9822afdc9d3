//! The pages of tags, to which the pages of other software's tags and categories lead.

use crate::content::hashtag;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that stay as they are in a segment of a path (RFC 3986 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns the path of a tag's page.
pub(super) fn tag_page(tag: &str) -> String {
    format!("/tags/{}", segment(&hashtag::key(tag)))
}

/// Returns a text as a segment of a path.
pub(super) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}
