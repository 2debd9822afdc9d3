//! Finds the files that a text refers to by name.

mod replace;

pub(super) use replace::replace;

use crate::content::{
    FileRole,
    html::{self, FileReference},
};
use comrak::{Node, nodes::NodeValue};
use url::Url;

/// The file name extensions of linked pictures, audio and video.
const EXTENSIONS: [&str; 18] = [
    ".jpg", ".jpeg", ".png", ".webp", ".gif", ".mp4", ".m4v", ".mov", ".webm", ".weba", ".mp3",
    ".m4a", ".ogg", ".oga", ".ogv", ".opus", ".wav", ".flac",
];
/// The fragment that says which point of a picture stays visible; it is not stored in the text.
const FOCUS: &str = "#focus=";

/// A file that a text refers to by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The path as Markdown parses it. Escapes like `%20` are not decoded.
    pub name: String,
    /// The line of the text, from 1.
    pub line: usize,
    pub role: FileRole,
    /// Whether the file must exist. It need not if it is only linked, or if its path begins with `/` and may be an address
    /// on the site.
    pub is_required: bool,
}

/// Returns the files that a text refers to by name, each name once.
pub(super) fn of(root: Node<'_>) -> Vec<Picture> {
    let mut pictures: Vec<Picture> = Vec::new();
    for node in root.descendants() {
        let line = node.data.borrow().sourcepos.start.line;
        for FileReference { role, address, .. } in references(node) {
            let is_linked = role == FileRole::Link;
            if !is_file_name(&address) || is_linked && !has_known_extension(&address) {
                continue;
            }
            let is_required = !is_linked && !address.starts_with('/');
            match pictures.iter_mut().find(|known| known.name == address) {
                Some(known) => {
                    // A poster must be a picture, and what is played must not, wherever else they are.
                    if matches!(known.role, FileRole::Link | FileRole::Image) && !is_linked {
                        known.role = role;
                    }
                    known.is_required |= is_required;
                }
                None => pictures.push(Picture {
                    name: address,
                    line,
                    role,
                    is_required,
                }),
            }
        }
    }
    pictures
}

/// Returns the addresses of all links, pictures, audio and video files.
pub(super) fn addresses(root: Node<'_>) -> Vec<(FileRole, String)> {
    let references = root.descendants().flat_map(references);
    references
        .map(|reference| (reference.role, reference.address))
        .collect()
}

/// Returns the pictures without an alternative text, each as its line and address.
pub(super) fn without_alt(root: Node<'_>) -> Vec<(usize, String)> {
    let lacks_alt = |node: Node<'_>| {
        let line = node.data.borrow().sourcepos.start.line;
        let is_blank = is_blank(node);
        let lacking = references(node)
            .into_iter()
            .filter(|reference| reference.lacks_alt && is_blank);
        lacking
            .map(|reference| (line, reference.address))
            .collect::<Vec<_>>()
    };
    root.descendants().flat_map(lacks_alt).collect()
}

/// Returns whether the nodes below have no text.
fn is_blank(node: Node<'_>) -> bool {
    node.descendants()
        .skip(1)
        .all(|inner| match &inner.data.borrow().value {
            NodeValue::Text(text) => text.trim().is_empty(),
            NodeValue::Code(_) => false,
            _ => true,
        })
}

/// Returns the references to files of a node, whatever they refer to.
fn references(node: Node<'_>) -> Vec<FileReference> {
    let reference = |role, address: &str| FileReference {
        role,
        address: address.to_owned(),
        lacks_alt: role == FileRole::Image,
    };
    match &node.data.borrow().value {
        NodeValue::Image(image) => vec![reference(FileRole::Image, &image.url)],
        NodeValue::Link(link) => vec![reference(FileRole::Link, &link.url)],
        NodeValue::HtmlInline(html) => html::file_references(html),
        NodeValue::HtmlBlock(block) => html::file_references(&block.literal),
        _ => Vec::new(),
    }
}

fn has_known_extension(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let lower = path.to_lowercase();
    EXTENSIONS
        .iter()
        .any(|extension| lower.ends_with(extension))
}

/// Returns whether an address is neither a URL nor the path of a stored file. A stored picture with a focus counts, so
/// that the focus is read.
fn is_file_name(address: &str) -> bool {
    let is_relative = matches!(
        Url::parse(address),
        Err(url::ParseError::RelativeUrlWithoutBase)
    );
    let is_stored = address.starts_with("/media/") && !address.contains(FOCUS);
    let is_elsewhere = ["//", "#", "?"]
        .iter()
        .any(|start| address.starts_with(start));
    is_relative && !is_stored && !is_elsewhere && !address.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use crate::content::markdown::{pictures, replace_pictures, without_alt};
    use std::collections::HashMap;

    /// Returns the names with their lines, those not required in brackets, and the text with `/media/N.jpg` for each.
    fn imported(markdown: &str) -> (Vec<String>, String) {
        let found = pictures(markdown);
        let addresses: HashMap<String, String> = found
            .iter()
            .enumerate()
            .map(|(index, picture)| (picture.name.clone(), format!("/media/{index}.jpg")))
            .collect();
        let names = found.iter().map(|picture| {
            if picture.is_required {
                format!("{} {}", picture.line, picture.name)
            } else {
                format!("({} {})", picture.line, picture.name)
            }
        });
        (
            names.collect(),
            replace_pictures(markdown, &addresses).unwrap(),
        )
    }

    #[test]
    fn pictures_are_found_and_replaced_in_every_syntax() {
        for (markdown, names, rewritten) in [
            (
                "![A](a.jpg) and ![](a.jpg \"T\")",
                "1 a.jpg",
                "![A](/media/0.jpg) and ![](/media/0.jpg \"T\")",
            ),
            (
                "![](a%20b.jpg)\n\n![](<a b.jpg>)",
                "1 a%20b.jpg|3 a b.jpg",
                "![](/media/0.jpg)\n\n![](/media/1.jpg)",
            ),
            (
                "![](a(1).png 'T') ![](a\\_b.png) ![](a&amp;b.png)",
                "1 a(1).png|1 a_b.png|1 a&b.png",
                "![](/media/0.jpg 'T') ![](/media/1.jpg) ![](/media/2.jpg)",
            ),
            (
                "![x [y] `]`](../up/a.jpg)",
                "1 ../up/a.jpg",
                "![x [y] `]`](/media/0.jpg)",
            ),
            (
                "![x][r] ![r][] ![r]\n\n[r]: ./a.jpg \"T\"",
                "1 ./a.jpg",
                "![x][r] ![r][] ![r]\n\n[r]: /media/0.jpg \"T\"",
            ),
            (
                "> ![x][A r]\n>\n> [a r]: <a b.jpg>\n\n![y][q]\n\n[q]:\n  c.jpg\n",
                "1 a b.jpg|5 c.jpg",
                "> ![x][A r]\n>\n> [a r]: /media/0.jpg\n\n![y][q]\n\n[q]:\n  /media/1.jpg\n",
            ),
            (
                "[![t](small.jpg)](large.JPG)",
                "(1 large.JPG)|1 small.jpg",
                "[![t](/media/1.jpg)](/media/0.jpg)",
            ),
            (
                "<video poster='p.jpg' controls src=v.mp4></video>\n\n<audio><source src=\"a.MP3\"></audio> [t](t.ogg#t=1) <a href=\"x.flac\">x</a> <a href=\"page\">y</a>",
                "1 p.jpg|1 v.mp4|3 a.MP3|(3 t.ogg#t=1)|(3 x.flac)",
                "<video poster=\"/media/0.jpg\" controls src=/media/1.jpg></video>\n\n<audio><source src=\"/media/2.jpg\"></audio> [t](/media/3.jpg) <a href=\"/media/4.jpg\">x</a> <a href=\"page\">y</a>",
            ),
            (
                "![](a.jpg#focus=0,1) ![](/media/b.jpg#focus=1,0)",
                "1 a.jpg#focus=0,1|(1 /media/b.jpg#focus=1,0)",
                "![](/media/0.jpg) ![](/media/1.jpg)",
            ),
            (
                "a\n\n<figure>\n<img alt=\"x > y\" src=\"a.jpg\">\n</figure>\n\nb <IMG SRC='b.jpg'/> <img src=c.jpg>",
                "3 a.jpg|7 b.jpg|7 c.jpg",
                "a\n\n<figure>\n<img alt=\"x > y\" src=\"/media/0.jpg\">\n</figure>\n\nb <IMG SRC=\"/media/1.jpg\"/> <img src=/media/2.jpg>",
            ),
            (
                "- ![](a.jpg)\n- One[^1]\n\n[^1]: ![](b.jpg)\n\n| ![](c.jpg) |\n|---|\n",
                "1 a.jpg|6 c.jpg|4 b.jpg",
                "- ![](/media/0.jpg)\n- One[^1]\n\n[^1]: ![](/media/2.jpg)\n\n| ![](/media/1.jpg) |\n|---|\n",
            ),
            ("![](/srv/a.jpg)", "(1 /srv/a.jpg)", "![](/media/0.jpg)"),
            (
                "![](a.jpg) `![](a.jpg)`\n\n```\n![](a.jpg)\n```\n\n    [r]: a.jpg\n",
                "1 a.jpg",
                "![](/media/0.jpg) `![](a.jpg)`\n\n```\n![](a.jpg)\n```\n\n    [r]: a.jpg\n",
            ),
        ] {
            let (found, text) = imported(markdown);
            assert_eq!(found.join("|"), names, "{markdown}");
            assert_eq!(text, rewritten, "{markdown}");
        }
    }

    #[test]
    fn addresses_are_not_file_names() {
        for markdown in [
            "![](https://a.example/a.jpg) ![](//a.example/a.jpg) ![](data:image/png;base64,AAAA) ![](/media/a.jpg)",
            "`![](a.jpg)` \\![x](page.html) ![](#a) [a](b.html) \\!\\[](a.jpg)",
            "![]()",
        ] {
            assert_eq!(pictures(markdown), [], "{markdown}");
        }
    }
    #[test]
    fn pictures_that_say_nothing_to_the_blind_are_found() {
        let text = "![](a.jpg) ![b](b.jpg) ![`c`](c.jpg)\n\n<img src=d.jpg> <img src=\"e.jpg\" alt=\"\">\n![ ](/media/f.jpg) [](g.jpg)\n";
        let found = without_alt(text)
            .into_iter()
            .map(|(line, name)| format!("{line} {name}"));
        assert_eq!(
            found.collect::<Vec<_>>(),
            ["1 a.jpg", "3 d.jpg", "4 /media/f.jpg"]
        );
    }
}
