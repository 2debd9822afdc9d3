//! Content negotiation: HTML for browsers, ActivityPub documents for servers.

use crate::protocol::ACTIVITY_JSON;
use axum::http::{HeaderMap, header::ACCEPT};

/// The representations of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Html,
    Activity,
}

/// Returns the format that `Accept` prefers by its weights (RFC 9110, section 12.5.1). HTML is the default.
pub(crate) fn preferred_format(headers: &HeaderMap) -> Format {
    let mut html = 0.0f32;
    let mut activity = 0.0f32;
    for value in headers.get_all(ACCEPT) {
        let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default();
        for entry in text.split(',') {
            let mut parts = entry.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let weight = parts
                .filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .find_map(|weight| weight.parse::<f32>().ok())
                .unwrap_or(1.0);
            match name.as_str() {
                ACTIVITY_JSON | "application/ld+json" => activity = activity.max(weight),
                "text/html" | "application/xhtml+xml" => html = html.max(weight),
                // ActivityPub is the only JSON served here.
                "application/json" => activity = activity.max(weight * 0.9),
                _ => {}
            }
        }
    }
    if activity > 0.0 && activity >= html {
        Format::Activity
    } else {
        Format::Html
    }
}

/// Returns whether the client asks for HTML by name, as browsers do, and does not prefer another format.
pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    let names_html = headers.get_all(ACCEPT).iter().any(|value| {
        let accepted = value.as_bytes().to_ascii_lowercase();
        accepted.windows(9).any(|part| part == b"text/html")
    });
    names_html && preferred_format(headers) == Format::Html
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(accept: &str) -> Format {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        preferred_format(&headers)
    }

    #[test]
    fn servers_get_documents_and_browsers_pages() {
        for accept in [
            "application/activity+json",
            "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
            "application/activity+json, application/ld+json",
            "application/ld+json;profile=\"https://www.w3.org/ns/activitystreams\", application/activity+json;q=0.9, text/html;q=0.1",
            "text/html;q=0.5, application/activity+json;q=0.8",
            "application/json",
        ] {
            assert_eq!(format(accept), Format::Activity, "{accept}");
        }
        for accept in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "*/*",
            "",
            "text/html, application/activity+json;q=0.5",
        ] {
            assert_eq!(format(accept), Format::Html, "{accept}");
        }
        assert_eq!(preferred_format(&HeaderMap::new()), Format::Html);
    }
}
