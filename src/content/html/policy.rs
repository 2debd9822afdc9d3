//! The second pass of the sanitizer: ammonia with our lists of elements, attributes and URL schemes.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::elements::{FEDIVERSE, PAGE_ONLY, PLAYERS};

/// Classes that the HTML of the site's authors may have: those of rendered Markdown and of our style sheet.
const OWN_CLASSES: &[&str] = &[
    "embed",
    "embed-youtube",
    "embed-vimeo",
    "footnote-ref",
    "footnote-backref",
    "footnotes",
];

/// The `rel` of links in remote HTML: search engines give them no credit, and they get no access to our window.
const REMOTE_REL: &str = "nofollow ugc noopener";

static REMOTE: LazyLock<Builder<'static>> = LazyLock::new(|| fediverse(Some(REMOTE_REL)));
static FEDERATED: LazyLock<Builder<'static>> = LazyLock::new(federated);
static OWN: LazyLock<Builder<'static>> = LazyLock::new(own);

pub(super) fn clean_remote(html: &str) -> String {
    REMOTE.clean(html).to_string()
}

pub(super) fn clean_federated(html: &str) -> String {
    FEDERATED.clean(html).to_string()
}

pub(super) fn clean_own(html: &str) -> String {
    OWN.clean(html).to_string()
}

/// Resolves the addresses in HTML that is clean against `base`, and leaves out further sizes of pictures.
pub(super) fn clean_absolute(html: &str, base: &Url) -> String {
    own()
        .url_relative(UrlRelative::RewriteWithBase(base.clone()))
        .rm_tags(["picture", "source"])
        .rm_tag_attributes("img", ["srcset", "sizes"])
        .clean(html)
        .to_string()
}

fn fediverse(rel: Option<&'static str>) -> Builder<'static> {
    let mut attributes = fediverse_attributes();
    if rel.is_none() {
        attributes.entry("a").or_default().insert("rel");
    }
    let mut builder = Builder::empty();
    builder
        .tags(FEDIVERSE.iter().copied().collect())
        .generic_attributes(HashSet::from(["lang", "title"]))
        .tag_attributes(attributes)
        .url_schemes(HashSet::from(["http", "https"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(rel)
        .attribute_filter(move |_, name, value| match name {
            "class" => classes(value, is_fediverse_class),
            // Remote links get our own `rel`.
            "rel" if rel.is_none() => {
                classes(value, |rel| matches!(rel, "tag" | "nofollow" | "ugc"))
            }
            "start" | "value" => integer(value),
            _ => Some(value.into()),
        });
    builder
}

/// Links keep `rel`, which marks hashtags: Mastodon shows a card for any other link.
fn federated() -> Builder<'static> {
    let mut builder = fediverse(None);
    builder.add_tag_attributes("a", ["rel"]);
    builder
}

fn fediverse_attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    HashMap::from([
        ("a", HashSet::from(["href", "class"])),
        ("span", HashSet::from(["class"])),
        ("p", HashSet::from(["class"])),
        ("blockquote", HashSet::from(["cite"])),
        ("ol", HashSet::from(["start", "reversed"])),
        ("li", HashSet::from(["value"])),
    ])
}

fn own() -> Builder<'static> {
    let mut attributes = fediverse_attributes();
    attributes
        .entry("a")
        .or_default()
        .extend(["rel", "id", "aria-label"]);
    attributes.entry("li").or_default().insert("id");
    attributes.extend([
        ("code", HashSet::from(["class"])),
        ("sup", HashSet::from(["class"])),
        ("section", HashSet::from(["class"])),
        ("div", HashSet::from(["class"])),
        ("figure", HashSet::from(["class", "data-embed-id"])),
        ("img", HashSet::from(["src", "alt", "width", "height"])),
        (
            "th",
            HashSet::from(["align", "colspan", "rowspan", "scope"]),
        ),
        ("td", HashSet::from(["align", "colspan", "rowspan"])),
        ("details", HashSet::from(["open"])),
    ]);
    let player = HashSet::from([
        "src",
        "controls",
        "preload",
        "width",
        "height",
        "aria-label",
    ]);
    attributes.insert("audio", player.clone());
    attributes.insert("video", player.into_iter().chain(["poster"]).collect());
    let mut builder = Builder::empty();
    builder
        .tags(
            FEDIVERSE
                .iter()
                .chain(PAGE_ONLY)
                .chain(PLAYERS)
                .copied()
                .collect(),
        )
        .generic_attributes(HashSet::from(["lang", "title", "dir"]))
        .tag_attributes(attributes)
        .set_tag_attribute_value("img", "loading", "lazy")
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None)
        .attribute_filter(own_attribute);
    builder
}

fn own_attribute<'v>(element: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    match name {
        "class" => classes(value, |class| is_own_class(element, class)),
        "start" | "value" | "width" | "height" | "colspan" | "rowspan" => integer(value),
        // An id can shadow a name that scripts look up. Only the footnotes of Markdown need ids.
        "id" => (value.starts_with("fn-") || value.starts_with("fnref-")).then(|| value.into()),
        "data-embed-id" => is_token(value).then(|| value.into()),
        "preload" => (value == "metadata").then(|| value.into()),
        "src" | "poster"
            if value
                .trim_start()
                .get(..7)
                .is_some_and(|s| s.eq_ignore_ascii_case("mailto:")) =>
        {
            None
        }
        "cite" => None,
        _ => Some(value.into()),
    }
}

/// Returns the known words of `value`, or `None` to drop the attribute if there are none.
fn classes(value: &str, is_known: impl Fn(&str) -> bool) -> Option<Cow<'_, str>> {
    let known: Vec<&str> = value
        .split_ascii_whitespace()
        .filter(|class| is_known(class))
        .collect();
    (!known.is_empty()).then(|| known.join(" ").into())
}

/// Returns whether a class is a microformat (`h-card`, `u-url`, ...) or one by which Mastodon marks parts of a text.
fn is_fediverse_class(class: &str) -> bool {
    let is_microformat = ["h-", "p-", "u-", "dt-", "e-"]
        .iter()
        .any(|prefix| class.strip_prefix(prefix).is_some_and(is_token));
    is_microformat || matches!(class, "mention" | "hashtag" | "ellipsis" | "invisible")
}

fn is_own_class(element: &str, class: &str) -> bool {
    let is_language = element == "code" && class.strip_prefix("language-").is_some_and(is_token);
    is_language || is_fediverse_class(class) || OWN_CLASSES.contains(&class)
}

fn is_token(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+'))
}

fn integer(value: &str) -> Option<Cow<'_, str>> {
    value.parse::<i32>().is_ok().then(|| value.into())
}
