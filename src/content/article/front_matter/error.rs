//! Errors in an article's file.

use super::MAX_BYTES;
use crate::content::article::MAX_FILE_BYTES;

/// A mistake in an article's file. Lines are counted from the beginning of the file, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrontMatterError {
    #[error(
        "the file has {bytes} bytes; an article has at most {}",
        MAX_FILE_BYTES
    )]
    TooLong { bytes: usize },
    #[error("line 1: the front matter begins with `{fence}` but has no closing line `{fence}`")]
    NotClosed { fence: &'static str },
    #[error(
        "line 1: the front matter has {bytes} bytes, at most {MAX_BYTES} are allowed; is its closing line `---` missing?"
    )]
    FrontMatterTooLong { bytes: usize },
    #[error("line {line}: the front matter is not valid {format}: {reason}")]
    Syntax {
        format: &'static str,
        line: usize,
        reason: String,
    },
    #[error("line {line}: unknown key `{key}`; did you mean `{closest}`?")]
    UnknownKey {
        key: String,
        line: usize,
        closest: &'static str,
    },
    #[error("line {line}: {key}: {reason}")]
    BadValue {
        key: String,
        line: usize,
        reason: String,
    },
    #[error(
        "the article has no title: add `title:` to the front matter or a `# heading` to the text"
    )]
    NoTitle,
}
