//! People on the page: their names, links and pictures.

use super::Link;

/// Who wrote an article or a comment.
#[derive(Debug, Clone)]
pub struct Author {
    /// Display name, plain text.
    pub name: String,
    /// Full handle, such as `@reader@example.org`; web visitors have none.
    pub handle: Option<String>,
    /// Their page, wherever it is.
    pub url: Option<Link>,
    /// Their picture.
    pub avatar: Avatar,
}

/// The picture beside a name: initials on a coloured disc, with a picture before them if there is one. It
/// repeats the name, so that screen readers skip it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    /// One or two letters.
    pub letters: String,
    /// 0 to 11: which of the style sheet's colours.
    pub hue: u8,
    /// Our own copy of their picture, in front of the letters.
    pub picture: Option<Link>,
}

impl Avatar {
    /// Initials from a name; the colour comes from `identity` (a handle, say) and stays with it.
    pub fn initials(name: &str, identity: &str) -> Self {
        Self {
            letters: letters(name),
            hue: hue(identity),
            picture: None,
        }
    }

    /// The same with a picture.
    pub fn with_picture(self, picture: Option<Link>) -> Self {
        Self { picture, ..self }
    }
}

/// First and last word's first letters. Scripts without capitals get one, because two would join into a
/// word of their own.
fn letters(name: &str) -> String {
    let mut initials = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let Some(first) = initials.next() else {
        return "?".to_owned();
    };
    let last = initials
        .next_back()
        .filter(|last| first.to_lowercase().ne(first.to_uppercase()) && last.is_alphabetic());
    std::iter::once(first)
        .chain(last)
        .flat_map(char::to_uppercase)
        .collect()
}

/// FNV-1a, folded to twelve: even, short, and the same in every version.
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
        assert_eq!(letters("another émigré reader"), "AR");
        assert_eq!(letters("Reader"), "R");
        assert_eq!(letters("🌵 (Fan) ~ !!"), "F");
        assert_eq!(letters("قارئة أخرى"), "ق");
        assert_eq!(letters("読者 三号"), "読");
        assert_eq!(letters("🌵 …"), "?");
        assert_eq!(letters(""), "?");
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
