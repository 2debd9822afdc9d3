//! The host of a signed request must be one of this server.

use super::*;

#[test]
fn the_host_must_be_ours() {
    for style in STYLES {
        let request = delivery(style).with("host", "other.example");
        let error = request.parse().unwrap_err();
        assert_eq!((error.status(), error), (401, SignatureError::Host));
        for near in [
            "example.org:8443",
            "example.org.",
            "a.example.org",
            "example.org:80",
            "",
        ] {
            let request = delivery(style).with("host", near);
            assert_eq!(request.parse().unwrap_err(), SignatureError::Host, "{near}");
        }
        let mut request = delivery(style);
        request.headers.remove("host");
        assert_eq!(request.parse().unwrap_err().status(), 400);
    }
}

#[test]
fn hosts_differ_neither_by_case_nor_by_the_default_port() {
    let hosts = ["Example.ORG", "example.org:443", "EXAMPLE.org:443"];
    for ours in hosts {
        let mut request = delivery(Style::Rfc9421);
        request.hosts = vec!["unrelated.example".to_owned(), ours.to_owned()];
        request.check(&RSA).unwrap();
        // RFC 9421 normalizes what it signs, so what is sent may differ as well.
        for sent in hosts {
            request.set("host", sent);
            request.check(&RSA).unwrap();
        }
    }
}

#[test]
fn a_port_belongs_to_the_host() {
    for style in STYLES {
        let headers = signed(style, &RSA, "http://example.org:8080/inbox").unwrap();
        // The HTTP client sends this for the URL.
        let mut request = Request::post()
            .with_all(headers)
            .with("host", "example.org:8080");
        request.scheme = Scheme::Http;
        assert_eq!(request.parse().unwrap_err(), SignatureError::Host);
        request.hosts = vec!["example.org:8080".to_owned()];
        request.check(&RSA).unwrap();
        let headers = signed(style, &RSA, "https://example.org:443/inbox").unwrap();
        Request::post().with_all(headers).check(&RSA).unwrap();
    }
}

#[test]
fn our_host_is_known_in_every_spelling() {
    for (ours, host, is_ours) in [
        ("example.org", "EXAMPLE.org", true),
        ("example.org", "example.org:443", true),
        ("example.org", "example.org.", false),
        ("xn--bcher-kva.example", "b\u{fc}cher.example", true),
        ("xn--bcher-kva.example", "B\u{dc}CHER.example:443", true),
        ("example.org:8443", "example.org:8443", true),
        ("example.org", "example.org:8443", false),
        ("example.org", "example.org/", false),
        ("example.org", "a@example.org", false),
        ("example.org", "example.org?x", false),
        ("example.org", "b\u{fc}cher.example", false),
    ] {
        let mut request = delivery(Style::Cavage);
        request.hosts = vec![ours.to_owned()];
        let host_header = HeaderValue::from_bytes(host.as_bytes()).unwrap();
        request.headers.insert("host", host_header);
        assert_eq!(request.parse().is_ok(), is_ours, "{host} for {ours}");
    }
}
