//! Finds the files to which unsanitized HTML refers.

use super::tokens::{Tag, Token, read_own};

/// How a text refers to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileRole {
    /// It is shown as a picture, or played if it is none.
    Image,
    /// It must be a picture.
    Picture,
    /// It is played as audio or video.
    Recording,
    /// It is linked.
    Link,
}

/// A reference to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::content) struct FileReference {
    pub(in crate::content) role: FileRole,
    /// The address as it is written, with its entities decoded.
    pub(in crate::content) address: String,
    /// Whether an `<img>` has no `alt`. An empty one means that the picture is decoration.
    pub(in crate::content) lacks_alt: bool,
}

/// The attributes that refer to files, by the element.
pub(in crate::content) const ATTRIBUTES: [(&str, &str, FileRole); 6] = [
    ("img", "src", FileRole::Image),
    ("video", "poster", FileRole::Picture),
    ("video", "src", FileRole::Recording),
    ("audio", "src", FileRole::Recording),
    ("source", "src", FileRole::Recording),
    ("a", "href", FileRole::Link),
];

/// Returns the files to which unsanitized HTML refers.
pub(in crate::content) fn file_references(html: &str) -> Vec<FileReference> {
    let mut found = Vec::new();
    read_own(html, |token| {
        if let Token::Start(tag) = token {
            found.extend(of_tag(&tag));
        }
    });
    found
}

fn of_tag(tag: &Tag) -> Vec<FileReference> {
    let of_element = ATTRIBUTES
        .iter()
        .filter(|(element, ..)| tag.name == *element);
    let reference = |(element, attribute, role): &(&str, &str, FileRole)| {
        Some(FileReference {
            role: *role,
            address: tag.get(attribute)?.trim().to_owned(),
            lacks_alt: *element == "img" && tag.get("alt").is_none(),
        })
    };
    of_element.filter_map(reference).collect()
}
