//! People: their names, links and avatars.

use super::Link;
use serde::Serialize;

/// The author of an article, a note or a comment.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Author {
    /// Display name, plain text.
    pub name: String,
    /// Full handle, such as `@reader@example.org`; guests have none.
    pub handle: Option<String>,
    /// Their page, here or on their own server.
    pub url: Option<Link>,
    /// Their picture.
    pub avatar: Avatar,
}

/// An avatar beside a name: a picture, or initials on a coloured disc. It repeats the name, so that screen readers skip it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Avatar {
    /// One or two letters.
    pub initials: String,
    /// The number of a colour in the style sheet, 0 to 11.
    pub hue: u8,
    /// The copy of their picture, which covers the initials.
    pub picture: Option<Link>,
}

impl Avatar {
    /// Returns the initials of a name. The colour depends on `identity`, such as a handle.
    pub(crate) fn initials(name: &str, identity: &str) -> Self {
        Self {
            initials: initials_of(name),
            hue: hue(identity),
            picture: None,
        }
    }

    /// Adds a picture.
    pub(crate) fn with_picture(self, picture: Option<Link>) -> Self {
        Self { picture, ..self }
    }
}

/// Returns the initials of the first and last word. Scripts without capitals get one letter, because two would look like
/// a word.
fn initials_of(name: &str) -> String {
    let mut letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let Some(first) = letters.next() else {
        return "?".to_owned();
    };
    let last = letters
        .next_back()
        .filter(|last| first.to_lowercase().ne(first.to_uppercase()) && last.is_alphabetic());
    std::iter::once(first)
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

/// Returns the FNV-1a hash modulo 12, which is evenly distributed and the same in every version.
fn hue(identity: &str) -> u8 {
    let hash = identity.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (hash % 12) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_short_in_every_script() {
        assert_eq!(initials_of("another émigré reader"), "AR");
        assert_eq!(initials_of("Reader"), "R");
        assert_eq!(initials_of("🌵 (Fan) ~ !!"), "F");
        assert_eq!(initials_of("قارئة أخرى"), "ق");
        assert_eq!(initials_of("読者 三号"), "読");
        assert_eq!(initials_of("🌵 …"), "?");
        assert_eq!(initials_of(""), "?");
    }

    #[test]
    fn one_identity_keeps_its_colour_and_many_use_all() {
        assert_eq!(hue("@reader@example.org"), hue("@reader@example.org"));
        let seen: std::collections::BTreeSet<u8> = (0..500)
            .map(|n| hue(&format!("@u{n}@example.org")))
            .collect();
        assert_eq!(seen, (0..12).collect());
    }
}
