//! The errors of signed requests, and their HTTP statuses.

use crate::crypto::keys::KeyError;

/// The maximum length of a remote text in an error, in characters.
const SNIPPET: usize = 60;

/// The reason why the signature of a request was not accepted. The messages are safe to log and to send: texts of the
/// request are truncated and cleaned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A header is repeated, so that programs could read different copies.
    #[error("the {0} header is there more than once")]
    Repeated(&'static str),
    /// A required or covered header is missing.
    #[error("there is no {0}")]
    Absent(String),
    /// A header or one of its parameters is malformed.
    #[error("the {what} is not {expected}")]
    Malformed {
        /// The header or parameter.
        what: String,
        /// The expected form.
        expected: &'static str,
    },
    /// The request has neither `Signature` nor `Signature-Input`.
    #[error("the request is not signed")]
    Unsigned,
    /// The signature does not cover a required component.
    #[error("the signature does not cover {0}")]
    Uncovered(&'static str),
    /// The signature is well formed but of an unsupported kind.
    #[error("the {what} {value:?} is not supported")]
    Unsupported {
        /// The kind of the value.
        what: &'static str,
        /// The value in the request, cleaned.
        value: String,
    },
    /// The signature is too old, dated in the future, or expired.
    #[error("the signature {0}")]
    Time(&'static str),
    /// The request is for another host.
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
    /// Returns the HTTP status of the response: 400 if the request is malformed (another signature would not help), 401 if
    /// it is well formed but unverified.
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

/// Returns a remote text for a log line: truncated, and only printable ASCII.
pub(super) fn snippet(text: &str) -> String {
    text.chars()
        .take(SNIPPET)
        .map(|c| match c {
            ' '..='~' => c,
            _ => '?',
        })
        .collect()
}
