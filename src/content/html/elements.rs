//! HTML elements and attributes, grouped by how the sanitizer treats them.

/// The elements that Mastodon keeps.
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

/// Further elements that the site's own pages may have.
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

/// Elements of the site's authors that become players, if they have an address.
pub(in crate::content) const PLAYERS: &[&str] = &["audio", "video"];

/// Elements that are removed with their content from the HTML of the site's authors.
pub(in crate::content) const REMOVED_WITH_CONTENT: &[&str] = &["script", "style"];

/// Returns whether the site's pages may have an element.
pub(in crate::content) fn is_allowed_on_pages(name: &str) -> bool {
    FEDIVERSE.contains(&name) || PAGE_ONLY.contains(&name)
}

/// Elements that are removed with their content from remote HTML.
pub(super) const REMOVED_FROM_REMOTE: &[&str] = &[
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

/// Attributes that any element may have. `policy` decides which element may have which.
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

/// The elements of a table around its cells.
pub(super) const TABLE_PARTS: &[&str] = &["table", "thead", "tbody", "tfoot", "tr"];

/// Elements without content and without an end tag.
pub(super) const VOID: &[&str] = &["br", "hr", "img"];

/// Elements that end an open paragraph before them (HTML Standard, 13.1.2.4).
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
