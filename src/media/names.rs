//! The names of files in `/media/`, and what texts say about them.
//!
//! A name is a stem, made from the content of the file that was taken in, and an extension. The names of its variants
//! have a width between the two: `0a1b.jpg`, `0a1b-960.webp`.

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use std::io::{self, Read};

/// The extensions of files that can be served.
const EXTENSIONS: [&str; 17] = [
    "jpg", "png", "gif", "webp", "mp4", "m4v", "mov", "webm", "weba", "mp3", "m4a", "ogg", "oga",
    "ogv", "opus", "wav", "flac",
];
/// The maximum number of digits of a width in a name.
const MAX_WIDTH_DIGITS: usize = 5;

/// Returns the stem of a file with this content: half of its SHA-256 hash, so that equal files are stored once.
///
/// # Errors
/// If the content can't be read.
pub(super) fn stem_of_content(mut content: impl Read) -> io::Result<String> {
    let mut hash = Context::new(&SHA256);
    let mut part = vec![0; 64 * 1024];
    loop {
        match content.read(&mut part)? {
            0 => break,
            length => hash.update(&part[..length]),
        }
    }
    Ok(HEXLOWER.encode(&hash.finish().as_ref()[..16]))
}

/// Returns the stem of a file name, if it is one that a file or variant may have.
pub(crate) fn stem(name: &str) -> Option<&str> {
    let (start, extension) = name.split_once('.')?;
    let (stem, width) = match start.split_once('-') {
        Some((stem, width)) => (stem, Some(width)),
        None => (start, None),
    };
    let is_number = |width: &str| {
        (1..=MAX_WIDTH_DIGITS).contains(&width.len())
            && width.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_ours = !stem.is_empty()
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && width.is_none_or(is_number)
        && EXTENSIONS.contains(&extension);
    is_ours.then_some(stem)
}

/// Returns the names that a file with this stem may have.
pub(crate) fn names_with_stem(stem: &str) -> Vec<String> {
    let name = |extension: &&str| format!("{stem}.{extension}");
    EXTENSIONS.iter().map(name).collect()
}

/// Returns the stems of our files to which a text refers as `/media/{name}`, each once.
pub(crate) fn stems_in_text(text: &str) -> Vec<String> {
    let mut stems: Vec<String> = Vec::new();
    for rest in text.split("/media/").skip(1) {
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let (stem, after) = rest.split_at(end);
        let is_name = !stem.is_empty() && after.starts_with(['.', '-']);
        if is_name && !stems.iter().any(|known| known == stem) {
            stems.push(stem.to_owned());
        }
    }
    stems
}

/// The fragment of a picture's name that says which point stays visible.
const FOCUS: &str = "#focus=";

/// Returns the point that stays visible when a picture is cropped, if its name ends in a fragment such as
/// `#focus=0.2,-0.4`, from -1 (left) to 1 (right) and from -1 (bottom) to 1 (top).
///
/// # Errors
/// If the fragment is not two such numbers.
pub(crate) fn focus(name: &str) -> Result<Option<(f64, f64)>, String> {
    let Some((_, value)) = name.split_once(FOCUS) else {
        return Ok(None);
    };
    let number = |text: &str| {
        let number: f64 = text.trim().parse().ok()?;
        (-1.0..=1.0).contains(&number).then_some(number)
    };
    value
        .split_once(',')
        .and_then(|(x, y)| Some((number(x)?, number(y)?)))
        .map(Some)
        .ok_or_else(|| {
            format!("{FOCUS}{value} is not a point: write two numbers from -1 to 1, such as {FOCUS}0.2,-0.4")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_files_are_found_in_a_text() {
        let text = "![a](/media/0a1b.jpg) <img src=\"https://blog.example/media/2c-480.webp\"> /media/0a1b.jpg \
             see /media/3d.png. /media/../y.jpg /media/ /media/none";
        assert_eq!(stems_in_text(text), ["0a1b", "2c", "3d"]);
    }

    #[test]
    fn only_names_that_we_give_have_a_stem() {
        for (name, expected) in [
            ("0a1b.jpg", Some("0a1b")),
            ("0a1b-960.webp", Some("0a1b")),
            ("0a1b-.webp", None),
            ("0a1b-960960.webp", None),
            ("0a1b-96x.webp", None),
            ("0a1b.svg", None),
            ("0a1b", None),
            (".jpg", None),
            ("../a.jpg", None),
            ("a%2fb.jpg", None),
            ("a.jpg.png", None),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn a_focus_is_two_numbers() {
        assert_eq!(focus("a.jpg"), Ok(None));
        assert_eq!(focus("a.jpg#focus=0.2,-1"), Ok(Some((0.2, -1.0))));
        for wrong in ["", "1", "1.5,0", "a,b", "NaN,0", "0,0,0"] {
            assert!(focus(&format!("a.jpg#focus={wrong}")).is_err(), "{wrong}");
        }
    }
}
