//! Keys, HTTP signatures and integrity proofs. Pure functions without I/O.

pub mod integrity_proofs;
pub mod keys;
pub mod ld_signatures;
pub mod signatures;

/// Returns whether a text is an `http` or `https` URL.
fn is_http_url(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}
