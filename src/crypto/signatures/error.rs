//! Why a signed request is refused, and with which HTTP status.

use crate::crypto::keys::KeyError;

/// The most that is repeated of a remote text, in characters.
const SNIPPET: usize = 60;

/// Why a request was not accepted as signed. The messages are one short sentence each and safe to
/// log and to answer: what they repeat of the request is cut and cleaned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header whose meaning would depend on which of its copies is read.
    #[error("the {0} header is there more than once")]
    Repeated(&'static str),
    /// A header that must be there, or that the signature covers, is not.
    #[error("there is no {0}")]
    Absent(String),
    /// A header or one of its parameters that cannot be read.
    #[error("the {what} is not {expected}")]
    Malformed {
        /// The header or parameter.
        what: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// Neither `Signature` nor `Signature-Input`.
    #[error("the request is not signed")]
    Unsigned,
    /// The signature leaves out what it must protect.
    #[error("the signature does not cover {0}")]
    Uncovered(&'static str),
    /// Well formed, and nothing that we verify.
    #[error("the {what} {value:?} is not supported")]
    Unsupported {
        /// The kind of thing.
        what: &'static str,
        /// As the request names it, cleaned.
        value: String,
    },
    /// Signed too long ago, too far ahead, or expired.
    #[error("the signature {0}")]
    Time(&'static str),
    /// Signed for, or sent to, another host.
    #[error("the Host header does not name this server")]
    Host,
    /// The body is not the one that was signed.
    #[error("the {0} header is not the digest of the body")]
    Digest(&'static str),
    /// The key's algorithm is not the signature's.
    #[error("the signature's algorithm is not the key's")]
    Algorithm,
    /// The signature was not made by this key over this request.
    #[error("the signature does not match the key")]
    Mismatch,
}

impl SignatureError {
    /// The HTTP status to answer with: 400 if the request is malformed (sending it again, signed
    /// otherwise, cannot help), 401 if it is well formed and not proven.
    pub fn status(&self) -> u16 {
        match self {
            Self::Repeated(_) | Self::Absent(_) | Self::Malformed { .. } => 400,
            _ => 401,
        }
    }

    pub(super) fn malformed(what: &str, expected: &'static str) -> Self {
        Self::Malformed {
            what: snippet(what),
            expected,
        }
    }

    pub(super) fn unsupported(what: &'static str, value: &str) -> Self {
        Self::Unsupported {
            what,
            value: snippet(value),
        }
    }
}

impl From<KeyError> for SignatureError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Algorithm => Self::Algorithm,
            _ => Self::Mismatch,
        }
    }
}

/// Remote text made fit for a log line: printable ASCII only, and short.
pub(super) fn snippet(text: &str) -> String {
    text.chars()
        .take(SNIPPET)
        .map(|c| match c {
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}
