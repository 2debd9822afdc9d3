//! Content codings (RFC 9110, section 8.4.1).

use axum::http::{HeaderMap, header::ACCEPT_ENCODING};

/// A content coding, the best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Zstd,
    Brotli,
}

impl Encoding {
    /// All codings but the identity.
    pub(crate) const COMPRESSED: [Encoding; 3] = [Encoding::Gzip, Encoding::Zstd, Encoding::Brotli];

    /// Returns its name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Encoding::Identity => "identity",
            Encoding::Gzip => "gzip",
            Encoding::Zstd => "zstd",
            Encoding::Brotli => "br",
        }
    }

    /// Returns the coding that `Accept-Encoding` prefers by its weights (RFC 9110, section 12.5.3); of equal ones, the one
    /// that compresses best.
    pub(crate) fn preferred(headers: &HeaderMap) -> Encoding {
        let weight = |encoding: &Encoding| weight(headers, encoding.as_str());
        Self::COMPRESSED
            .into_iter()
            .filter(|encoding| weight(encoding) > 0)
            .max_by_key(|encoding| (weight(encoding), *encoding))
            .unwrap_or(Encoding::Identity)
    }
}

/// Returns the weight of a coding in thousandths.
fn weight(headers: &HeaderMap, name: &str) -> u32 {
    let mut of_all = 0;
    for value in headers.get_all(ACCEPT_ENCODING) {
        for entry in value.to_str().unwrap_or_default().split(',') {
            let mut parts = entry.split(';').map(str::trim);
            let coding = parts.next().unwrap_or_default();
            let weight = parts
                .filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .find_map(|weight| weight.parse::<f32>().ok())
                .map_or(1000, |weight| (weight.clamp(0.0, 1.0) * 1000.0) as u32);
            if coding.eq_ignore_ascii_case(name) {
                return weight;
            }
            if coding == "*" {
                of_all = weight;
            }
        }
    }
    of_all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_accepted_coding_is_chosen() {
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip, deflate", Encoding::Gzip),
            ("zstd, gzip", Encoding::Zstd),
            ("GZIP;q=0.5, br;q=0.4", Encoding::Gzip),
            ("*", Encoding::Brotli),
            ("br;q=0, *", Encoding::Zstd),
            ("identity", Encoding::Identity),
            ("br;q=0", Encoding::Identity),
            ("br;q=NaN, gzip;q=x", Encoding::Gzip),
            ("", Encoding::Identity),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(Encoding::preferred(&headers), encoding, "{accepted}");
        }
        assert_eq!(Encoding::preferred(&HeaderMap::new()), Encoding::Identity);
    }
}
