//! The HTML elements and attributes by what the sanitizer does with them.

/// Elements of which Mastodon shows more than the text.
pub(super) const FEDIVERSE: &[&str] = &[
    "p",
    "br",
    "span",
    "a",
    "abbr",
    "del",
    "s",
    "pre",
    "blockquote",
    "code",
    "b",
    "strong",
    "u",
    "sub",
    "sup",
    "i",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "ul",
    "ol",
    "li",
    "ruby",
    "rt",
    "rp",
];

/// What the site's own pages have beside those.
pub(super) const PAGE_ONLY: &[&str] = &[
    "h6",
    "hr",
    "img",
    "figure",
    "figcaption",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "dl",
    "dt",
    "dd",
    "section",
    "div",
    "kbd",
    "samp",
    "var",
    "mark",
    "small",
    "q",
    "cite",
    "ins",
    "details",
    "summary",
];

/// Elements that are removed with all their content from our own authors' HTML.
pub(in crate::content) const LOST_WITH_CONTENT: &[&str] = &["script", "style"];

/// Returns whether our own pages may have an element.
pub(in crate::content) fn is_own(name: &str) -> bool {
    FEDIVERSE.contains(&name) || PAGE_ONLY.contains(&name)
}

/// Elements that are removed with all their content from remote HTML.
pub(super) const REMOVED: &[&str] = &[
    "script",
    "style",
    "svg",
    "math",
    "iframe",
    "object",
    "applet",
    "form",
    "template",
    "noscript",
    "noembed",
    "noframes",
    "xmp",
    "plaintext",
    "textarea",
    "title",
    "select",
    "button",
    "datalist",
    "audio",
    "video",
    "canvas",
    "map",
    "frameset",
    "dialog",
    "portal",
    "fencedframe",
];

/// Attributes that some element may have. Which one may have which is `policy`'s matter.
pub(super) const ATTRIBUTES: &[&str] = &[
    "href",
    "cite",
    "rel",
    "class",
    "title",
    "lang",
    "dir",
    "start",
    "reversed",
    "value",
    "src",
    "alt",
    "width",
    "height",
    "align",
    "colspan",
    "rowspan",
    "scope",
    "id",
    "open",
    "data-embed-id",
    "aria-label",
];

/// The cells of a table.
pub(super) const CELLS: &[&str] = &["td", "th"];

/// What a table has around its cells.
pub(super) const TABLE_PARTS: &[&str] = &["table", "thead", "tbody", "tfoot", "tr"];

/// Elements without content and end tag.
pub(super) const VOID: &[&str] = &["br", "hr", "img"];

/// Elements before which an open paragraph ends (HTML Standard, 13.1.2.4).
pub(super) const BLOCKS: &[&str] = &[
    "p",
    "pre",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "hr",
    "figure",
    "figcaption",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "dl",
    "dt",
    "dd",
    "section",
    "div",
    "details",
    "summary",
    "address",
    "article",
    "aside",
    "center",
    "dir",
    "fieldset",
    "footer",
    "header",
    "hgroup",
    "legend",
    "main",
    "menu",
    "nav",
    "search",
];
