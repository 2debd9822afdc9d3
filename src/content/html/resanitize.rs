//! Sanitizes stored HTML again before it is shown.
//!
//! Nearly all of it is clean, and pages are rendered often. So the hashes of clean texts are cached, and such a text costs
//! no more than its hash.

use super::sanitize_remote;
use aws_lc_rs::digest::{SHA256, digest};
use moka::sync::Cache;
use std::sync::LazyLock;

/// The number of cached hashes: about 5 MB.
const MAX_CACHED: u64 = 32_768;

static CLEAN: LazyLock<Cache<[u8; 32], ()>> = LazyLock::new(|| Cache::new(MAX_CACHED));

/// Returns a comment's HTML as the current sanitizer would store it.
pub(super) fn clean(html: String) -> String {
    let Ok(hash) = <[u8; 32]>::try_from(digest(&SHA256, html.as_bytes()).as_ref()) else {
        return sanitize_remote(&html);
    };
    if CLEAN.contains_key(&hash) {
        return html;
    }
    let cleaned = sanitize_remote(&html);
    if cleaned == html {
        CLEAN.insert(hash, ());
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Html;

    #[test]
    fn a_clean_text_is_kept_and_any_other_is_sanitized_each_time() {
        let text = "<p>Why <em>slowly</em>? <a href=\"https://a.example/\" rel=\"nofollow ugc noopener\">x</a></p>";
        let hostile =
            "<p onclick=\"x()\">Hi</p><script>alert(1)</script><iframe src=\"/\"></iframe>";
        for _ in 0..2 {
            assert_eq!(clean(text.into()), text);
            assert_eq!(clean(hostile.into()), "<p>Hi</p>");
        }
    }

    #[test]
    fn the_sanitizers_own_output_is_kept() {
        for html in [
            "<p>a<br>b</p><blockquote cite=\"https://a.example/\"><p>c &amp; d &lt;e&gt;</p></blockquote>",
            "<table><tr><td>1</td><td>2</td></tr></table><img src=\"https://a.example/x.png\" alt=\"x\">",
            "<ul><li>a<ol start=\"3\"><li>b</li></ol></li></ul><pre><code>x\n\ny</code></pre>",
            "plain <span class=\"h-card\"><a class=\"u-url mention\" href=\"https://a.example/@b\">@<span>b</span></a></span>",
            "<h1>Title</h1><div>text<div>more</div></div>tail\u{202E}\u{200B}\u{200B}",
        ] {
            let once = Html::from_remote(html).into_string();
            assert_eq!(clean(once.clone()), once);
        }
    }
}
