//! `Digest` (RFC 3230) and `Content-Digest` (RFC 9530), which bind a signature to a body.

use super::SignatureError;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The names of the two headers in signatures.
pub(super) const DIGEST: &str = "digest";
pub(super) const CONTENT_DIGEST: &str = "content-digest";

/// The SHA-256 of a body, computed once for all deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyDigest([u8; 32]);

impl BodyDigest {
    /// Computes the digest of a body.
    pub fn of(body: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, body).as_ref());
        Self(bytes)
    }

    /// Returns `SHA-256=...`, the value of `Digest`.
    pub fn digest_value(&self) -> String {
        format!("SHA-256={}", STANDARD.encode(self.0))
    }

    /// Returns `sha-256=:...:`, the value of `Content-Digest`.
    pub fn content_digest_value(&self) -> String {
        format!("sha-256=:{}:", STANDARD.encode(self.0))
    }
}

/// Checks that a `Digest` header has the SHA-256 of `body`. Digests of other algorithms are ignored.
///
/// # Errors
/// If the header is malformed, has no SHA-256, or has that of another body.
pub fn check_digest(value: &str, body: &[u8]) -> Result<(), SignatureError> {
    check("Digest", value, body, "")
}

/// Checks that a `Content-Digest` header has the SHA-256 of `body`. Digests of other algorithms are ignored.
///
/// # Errors
/// If the header is malformed, has no SHA-256, or has that of another body.
pub fn check_content_digest(value: &str, body: &[u8]) -> Result<(), SignatureError> {
    // A byte sequence is enclosed in colons (RFC 9651 3.3.5).
    check("Content-Digest", value, body, ":")
}

/// Checks a list of digests. `fence` encloses each base64 text.
fn check(
    header: &'static str,
    value: &str,
    body: &[u8],
    fence: &str,
) -> Result<(), SignatureError> {
    let malformed = || SignatureError::malformed(header, "a list of base64 digests");
    let mut claimed = None;
    for member in value.split(',') {
        let (algorithm, encoded) = member.trim().split_once('=').ok_or_else(malformed)?;
        if !algorithm.eq_ignore_ascii_case("sha-256") {
            continue;
        }
        let inner = encoded
            .strip_prefix(fence)
            .and_then(|rest| rest.strip_suffix(fence));
        let bytes = inner.and_then(|text| STANDARD.decode(text).ok());
        // With two digests of one algorithm, programs could differ in which one they verify.
        if claimed.replace(bytes.ok_or_else(malformed)?).is_some() {
            return Err(malformed());
        }
    }
    match claimed {
        None => Err(SignatureError::unsupported("digest", value)),
        Some(claimed) if claimed == BodyDigest::of(body).0 => Ok(()),
        Some(_) => Err(SignatureError::Digest(header)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\"hello\": \"world\"}";
    /// Of draft-cavage-12 appendix C and RFC 9530 (the same body in both).
    const SHA256: &str = "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";

    #[test]
    fn values_are_those_of_the_specifications() {
        let digest = BodyDigest::of(BODY);
        assert_eq!(digest.digest_value(), format!("SHA-256={SHA256}"));
        assert_eq!(digest.content_digest_value(), format!("sha-256=:{SHA256}:"));
    }

    #[test]
    fn any_case_and_further_algorithms_are_read() {
        for name in ["SHA-256", "sha-256", "Sha-256"] {
            let alone = format!("{name}={SHA256}");
            check_digest(&alone, BODY).unwrap();
            check_digest(&format!("md5=%%%, {alone} ,SHA-512=x"), BODY).unwrap();
            let wrapped = format!("{name}=:{SHA256}:");
            check_content_digest(&wrapped, BODY).unwrap();
            check_content_digest(&format!("sha-512=:AA==:, {wrapped}"), BODY).unwrap();
        }
    }

    #[test]
    fn another_body_is_unverified() {
        let error = check_digest(&format!("SHA-256={SHA256}"), b"{}").unwrap_err();
        assert_eq!(
            (error.status(), &error),
            (401, &SignatureError::Digest("Digest"))
        );
        let error = check_content_digest(&format!("sha-256=:{SHA256}:"), b"{}").unwrap_err();
        assert_eq!(error, SignatureError::Digest("Content-Digest"));
    }

    #[test]
    fn other_algorithms_only_are_refused() {
        for value in ["MD5=Sd/dVLAcvNLSq16eXua5uQ==", "SHA-512=AAAA", "sha-2560=x"] {
            let error = check_digest(value, BODY).unwrap_err();
            assert!(
                matches!(error, SignatureError::Unsupported { .. }),
                "{error}"
            );
        }
    }

    #[test]
    fn malformed_values_are_refused() {
        let twice = format!("SHA-256={SHA256},sha-256={SHA256}");
        let unpadded = format!("SHA-256={}", SHA256.trim_end_matches('='));
        let wrapped = format!("SHA-256=:{SHA256}:");
        for value in [
            "",
            ",",
            "SHA-256",
            "SHA-256=!",
            "SHA-256=é",
            &twice,
            &unpadded,
            &wrapped,
        ] {
            assert_eq!(
                check_digest(value, BODY).unwrap_err().status(),
                400,
                "{value}"
            );
        }
        let bare = format!("sha-256={SHA256}");
        for value in ["sha-256", "sha-256=:", "sha-256=::x", &bare] {
            assert_eq!(
                check_content_digest(value, BODY).unwrap_err().status(),
                400,
                "{value}"
            );
        }
    }

    #[test]
    fn a_short_digest_is_not_a_prefix_match() {
        assert!(check_digest("SHA-256=X48E", BODY).is_err());
        assert!(check_digest("SHA-256=", BODY).is_err());
    }
}
