//! Former addresses of an article, as other programs write them.

use url::Url;

/// The maximum length of a path, in bytes.
const MAX_BYTES: usize = 500;

/// Returns the path of a former address: `/blog/old/`, `blog/old.html` or a whole URL. Returns `None` for patterns such as
/// `/:year/:title/`, and for addresses that no path of this site can be.
///
/// A word alone is the name of a pattern in `permalink`, such as `pretty`, and an address elsewhere.
pub(super) fn former_path(text: &str, is_permalink: bool) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.contains(':') && !text.contains("://") {
        return None;
    }
    let base = Url::parse("http://site.invalid/").ok()?;
    let url = base.join(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let path = url.path();
    let is_address = !is_permalink || text.contains('/') || text.contains('.');
    let is_short = path.len() > 1 && path.len() <= MAX_BYTES && !path.starts_with("//");
    (is_web && is_address && is_short).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::former_path;

    #[test]
    fn addresses_become_paths() {
        for (text, path) in [
            ("/blog/old/", Some("/blog/old/")),
            ("blog/old.html", Some("/blog/old.html")),
            ("https://old.example/2014/03/a?x=1#y", Some("/2014/03/a")),
            ("/über/", Some("/%C3%BCber/")),
            ("../a/../b", Some("/b")),
            ("/:year/:title/", None),
            ("pretty", None),
            ("/", None),
            ("", None),
            ("javascript:alert(1)", None),
            ("ftp://a.example/x/", None),
        ] {
            assert_eq!(former_path(text, true).as_deref(), path, "{text}");
        }
        assert_eq!(former_path("pretty", false).as_deref(), Some("/pretty"));
    }
}
