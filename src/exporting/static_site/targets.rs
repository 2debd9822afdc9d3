//! Addresses of the site, and the files that stand for them.

use crate::node::urls::Urls;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use url::Url;

/// The longest name of a file or folder, in bytes. File systems allow 255.
const MAX_NAME: usize = 200;
/// The file of a page in its folder.
pub(super) const INDEX: &str = "index.html";

/// The characters that are escaped in a segment of a path.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\')
    .add(b'^')
    .add(b'[')
    .add(b']')
    .add(b'|');

/// Addresses that only a running node responds to.
const ONLY_LIVE: &[&str] = &[
    "/.well-known/",
    "/activities/",
    "/actor",
    "/api/",
    "/articles/",
    "/authorizations/",
    "/authorize_interaction",
    "/comments/",
    "/drafts/",
    "/features/",
    "/healthz",
    "/inbox",
    "/interact",
    "/micropub",
    "/moderate/",
    "/nodeinfo/",
    "/oembed",
    "/quotes/",
    "/search",
    "/source.tar",
    "/unsubscribe/",
    "/users/",
];

/// An address of the site, in one spelling for all that lead to the same file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Target {
    /// The path, as a request has it.
    pub path: String,
    /// The part of a list or document, such as `before=1700000000000-12`.
    pub part: Option<String>,
}

impl Target {
    /// Returns the target at a path without a query.
    pub(super) fn at(path: &str) -> Target {
        Target {
            path: path.to_owned(),
            part: None,
        }
    }

    /// Returns the target of an address of this site; `None` for one on another site.
    pub(super) fn of(url: &Url, urls: &Urls) -> Option<Target> {
        let base = urls.base();
        if url.origin() != base.origin() {
            return None;
        }
        let path = urls.canonical_path(url.path());
        let part = url.query().and_then(|query| part_of(&path, query));
        Some(Target { path, part })
    }

    /// Returns the path with its query.
    pub(super) fn request(&self) -> String {
        match &self.part {
            Some(part) => format!("{}?{part}", self.path),
            None => self.path.clone(),
        }
    }

    /// Returns whether only a running node responds to it.
    pub(super) fn is_only_live(&self) -> bool {
        let path = self.path.as_str();
        let is_form = path.ends_with("/report") || path.contains("/reply/");
        is_form && path.split('/').count() > 5
            || ONLY_LIVE.iter().any(|live| match live.strip_suffix('/') {
                Some(_) => path.starts_with(live),
                None => path == *live,
            })
    }

    /// Returns whether it is a document of its own: an address that other software gave away can have any query.
    pub(super) fn is_document(&self) -> bool {
        let names = ["before=", "after=", "page="];
        let part = self.part.as_deref();
        part.is_none_or(|part| names.iter().any(|name| part.starts_with(name)))
    }

    /// Returns whether it is a copy of a picture from another server, whose type its response says.
    pub(super) fn is_copy(&self) -> bool {
        self.path.starts_with("/pictures/")
    }

    /// Returns the path of the file, relative to the folder, and the path by which links lead to it. `ending` is added to
    /// what has no type in its name; `None` for a page.
    pub(super) fn file(&self, ending: Option<&str>) -> (String, String) {
        let mut names: Vec<String> = self
            .path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(safe_name)
            .collect();
        let is_page = ending.is_none() && !has_type(&self.path);
        if let Some(part) = &self.part {
            let part = safe_name(&part.replace('=', "-"));
            match names.last_mut() {
                Some(last) if !is_page => {
                    let (name, kind) = last.rsplit_once('.').unwrap_or((last, ""));
                    *last = format!("{name}_{part}.{kind}");
                }
                _ => names.push(format!("_{part}")),
            }
        }
        if let (Some(ending), Some(last)) = (ending, names.last_mut())
            && !has_type(&self.path)
        {
            last.push('.');
            last.push_str(ending);
        }
        let encoded: Vec<String> = names
            .iter()
            .map(|name| utf8_percent_encode(name, SEGMENT).to_string())
            .collect();
        let (mut file, mut link) = (names.join("/"), format!("/{}", encoded.join("/")));
        if is_page {
            if !names.is_empty() {
                file.push('/');
                link.push('/');
            }
            file.push_str(INDEX);
        }
        (file, link)
    }
}

/// Returns whether the last segment of a path names a type that web servers know. A dot in a tag does not.
pub(super) fn has_type(path: &str) -> bool {
    let is_in_list = path.starts_with("/tags/") && path.matches('/').count() == 2;
    let name = path.rsplit('/').next().unwrap_or_default();
    !is_in_list && mime_guess::from_path(name).first().is_some()
        || path.ends_with(".atom")
        || path.ends_with(".webmanifest")
}

/// Returns the part of a query that makes another document: the position in a list. All comments of an article are on one
/// page.
fn part_of(path: &str, query: &str) -> Option<String> {
    let is_list = path.starts_with("/sitemap/") || matches!(path, "/tags" | "/authors");
    url::form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| {
        let counts = name == "before" || name == "after" && is_list || name == "page";
        let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        counts.then(|| format!("{name}={value}"))
    })
}

/// Returns the name of the file for a segment of a path. A segment that would leave the folder, or that a file system
/// does not allow, gets another name.
fn safe_name(segment: &str) -> String {
    let decoded = percent_decode_str(segment).decode_utf8();
    match decoded {
        Ok(name) if is_safe_name(&name) && !name.starts_with('~') => name.into_owned(),
        _ => {
            let hash = digest(&SHA256, segment.as_bytes());
            format!("~{}", HEXLOWER.encode(&hash.as_ref()[..8]))
        }
    }
}

/// Returns whether a name is one of a file in its folder, on each file system.
pub(super) fn is_safe_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !name.starts_with('.')
        && !name.ends_with(['.', ' '])
        && !name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|'])
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, part: Option<&str>) -> (String, String) {
        let target = Target {
            path: path.into(),
            part: part.map(Into::into),
        };
        target.file(None)
    }

    #[test]
    fn only_lists_have_parts() {
        for (path, query, part) in [
            ("/tags", "after=film", Some("after=film")),
            ("/authors", "after=ana", Some("after=ana")),
            ("/2026/05/x", "after=12", None),
            ("/", "before=5-6", Some("before=5-6")),
        ] {
            assert_eq!(part_of(path, query).as_deref(), part, "{path}?{query}");
        }
    }

    #[test]
    fn each_address_has_a_file_in_the_folder() {
        for (path, part, name, link) in [
            ("/", None, "index.html", "/"),
            ("/about", None, "about/index.html", "/about/"),
            ("/2026/05/x", None, "2026/05/x/index.html", "/2026/05/x/"),
            ("/feed.atom", None, "feed.atom", "/feed.atom"),
            (
                "/tags/b%C3%BCcher",
                None,
                "tags/bücher/index.html",
                "/tags/b%C3%BCcher/",
            ),
            (
                "/tags/node.js",
                None,
                "tags/node.js/index.html",
                "/tags/node.js/",
            ),
            (
                "/",
                Some("before=5-6"),
                "_before-5-6/index.html",
                "/_before-5-6/",
            ),
            (
                "/tags",
                Some("after=film"),
                "tags/_after-film/index.html",
                "/tags/_after-film/",
            ),
            (
                "/feed.atom",
                Some("before=5-6"),
                "feed_before-5-6.atom",
                "/feed_before-5-6.atom",
            ),
        ] {
            assert_eq!(file(path, part), (name.into(), link.into()), "{path}");
        }
        for path in [
            "/tags/..%2F..%2Fetc",
            "/tags/%2E%2E",
            "/tags/a%00b",
            "/tags/.git",
        ] {
            let (name, _) = file(path, None);
            assert!(
                name.starts_with("tags/~") && name.ends_with("/index.html"),
                "{name}"
            );
            assert_eq!(name.matches('/').count(), 2);
        }
    }
}
