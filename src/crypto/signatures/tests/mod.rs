//! Tests of signatures: by rule, by the examples of the specifications, against another implementation, and against
//! random input.

mod cavage;
mod cross;
mod hosts;
mod random;
mod rfc9421;
mod vectors;

use super::{
    digest::BodyDigest,
    sign::{Action, RequestToSign, SignError, sign, sign_cavage, sign_rfc9421},
    *,
};
use crate::crypto::keys::PrivateKey;
use chrono::TimeDelta;
use http::{HeaderName, HeaderValue};
use std::sync::LazyLock;
use url::Url;

pub(super) const KEY_ID: &str = "https://remote.example/users/ann#main-key";
pub(super) const BODY: &[u8] = b"{\"type\":\"Create\"}";
pub(super) const TYPE: &str = "application/activity+json";

/// Generated once: RSA keys are slow to make.
pub(super) static RSA: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate_rsa().unwrap());
pub(super) static ED25519: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate_ed25519().unwrap());

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

/// A request on its way to us, and how it finds us.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) hosts: Vec<String>,
    pub(super) scheme: Scheme,
    pub(super) now: DateTime<Utc>,
}

impl Request {
    /// A POST of [`BODY`] to `/inbox` of `example.org`, with a host, unsigned.
    pub(super) fn post() -> Self {
        let request = Self {
            method: Method::POST,
            target: "/inbox".to_owned(),
            headers: HeaderMap::new(),
            body: BODY.to_vec(),
            hosts: vec!["example.org".to_owned()],
            scheme: Scheme::Https,
            now: now(),
        };
        request.with("host", "example.org")
    }

    /// A GET of `/users/blog`, likewise.
    pub(super) fn get() -> Self {
        let mut request = Self::post();
        request.method = Method::GET;
        request.target = "/users/blog".to_owned();
        request.body.clear();
        request
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers
            .insert(name, HeaderValue::from_str(value).unwrap());
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers
            .append(name, HeaderValue::from_str(value).unwrap());
    }

    pub(super) fn with_all(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    pub(super) fn parse(&self) -> Result<Unverified, SignatureError> {
        let request = RequestParts {
            method: &self.method,
            path_and_query: &self.target,
            headers: &self.headers,
            body: &self.body,
        };
        let expect = Expectation {
            hosts: &self.hosts,
            scheme: self.scheme,
            now: self.now,
        };
        parse(&request, &expect)
    }

    /// Whether it passes with `key`.
    pub(super) fn check(&self, key: &PrivateKey) -> Result<Verified, SignatureError> {
        self.parse()?.verify(key.public())
    }
}

pub(super) fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// Signs a delivery of [`BODY`] in `style`.
pub(super) fn signed(style: Style, key: &PrivateKey, url: &str) -> Result<HeaderMap, SignError> {
    let url = self::url(url);
    let digest = BodyDigest::of(BODY);
    let action = Action::Post {
        digest: &digest,
        content_type: TYPE,
        synchronization: None,
    };
    let request = RequestToSign {
        url: &url,
        now: now(),
        action,
    };
    sign(style, key, KEY_ID, &request)
}

/// A delivery as we sign it, in `style`.
pub(super) fn delivery(style: Style) -> Request {
    Request::post().with_all(signed(style, &RSA, "https://example.org/inbox").unwrap())
}

const STYLES: [Style; 2] = [Style::Cavage, Style::Rfc9421];

#[test]
fn what_we_sign_we_accept() {
    for style in STYLES {
        let verified = delivery(style).check(&RSA).unwrap();
        assert_eq!((verified.key_id(), verified.style()), (KEY_ID, style));
    }
    let headers = signed(Style::Rfc9421, &ED25519, "https://example.org/inbox").unwrap();
    Request::post().with_all(headers).check(&ED25519).unwrap();
}

#[test]
fn the_headers_that_we_send() {
    let text = |headers: &HeaderMap, name: &str| headers[name].to_str().unwrap().to_owned();
    let names = |headers: &HeaderMap| -> Vec<String> {
        let mut names: Vec<String> = headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    let headers = signed(Style::Cavage, &RSA, "https://example.org/inbox").unwrap();
    // No `host`: the HTTP client sends it, on HTTP/2 as `:authority`.
    let sent = ["content-type", "date", "digest", "signature"];
    assert_eq!(names(&headers), sent);
    assert_eq!(text(&headers, "date"), "Tue, 14 Nov 2023 22:13:20 GMT");
    assert_eq!(
        text(&headers, "digest"),
        BodyDigest::of(BODY).digest_value()
    );
    let start = "keyId=\"https://remote.example/users/ann#main-key\",algorithm=\"rsa-sha256\",headers=\"(request-target) host date digest content-type\",signature=\"";
    assert!(text(&headers, "signature").starts_with(start));

    let headers = signed(Style::Rfc9421, &RSA, "https://example.org/inbox").unwrap();
    let sent = [
        "content-digest",
        "content-type",
        "signature",
        "signature-input",
    ];
    assert_eq!(names(&headers), sent);
    assert_eq!(
        text(&headers, "signature-input"),
        "sig1=(\"@method\" \"@target-uri\" \"content-digest\" \"content-type\");created=1700000000;alg=\"rsa-v1_5-sha256\";keyid=\"https://remote.example/users/ann#main-key\""
    );
}

#[test]
fn fetches_are_signed_too() {
    let url = url("https://example.org/users/blog");
    let request = RequestToSign {
        url: &url,
        now: now(),
        action: Action::Get { accept: TYPE },
    };
    for headers in [
        sign_cavage(&RSA, KEY_ID, &request).unwrap(),
        sign_rfc9421(&RSA, KEY_ID, &request).unwrap(),
    ] {
        let request = Request::get().with_all(headers);
        request.check(&RSA).unwrap();
        let other = request.with("accept", "text/html");
        assert_eq!(other.check(&RSA), Err(SignatureError::Mismatch));
    }
}

#[test]
fn an_unsigned_request_is_unverified() {
    let error = Request::post().parse().unwrap_err();
    assert_eq!((error.status(), error), (401, SignatureError::Unsigned));
    let elsewhere = Request::post().with("authorization", "Signature keyId=\"x\"");
    assert_eq!(elsewhere.parse().unwrap_err(), SignatureError::Unsigned);
}

#[test]
fn a_wrong_key_is_unverified() {
    let other = PrivateKey::generate_rsa().unwrap();
    for style in STYLES {
        let error = delivery(style).check(&other).unwrap_err();
        assert_eq!((error.status(), error), (401, SignatureError::Mismatch));
        let error = delivery(style).check(&ED25519).unwrap_err();
        assert_eq!((error.status(), error), (401, SignatureError::Algorithm));
    }
}

#[test]
fn a_change_of_anything_signed_is_unverified() {
    for style in STYLES {
        let mut request = delivery(style);
        request.body.push(b' ');
        assert!(matches!(
            request.parse().unwrap_err(),
            SignatureError::Digest(_)
        ));

        let mut request = delivery(style);
        request.target.push_str("?page=1");
        assert_eq!(request.check(&RSA), Err(SignatureError::Mismatch));

        let mut request = delivery(style);
        request.method = Method::PUT;
        assert_eq!(request.check(&RSA), Err(SignatureError::Mismatch));

        let request = delivery(style).with("content-type", "text/html");
        assert_eq!(request.check(&RSA), Err(SignatureError::Mismatch));

        let mut request = delivery(style).with("host", "other.example");
        request.hosts.push("other.example".to_owned());
        assert_eq!(request.check(&RSA), Err(SignatureError::Mismatch));
    }
}

#[test]
fn each_decisive_header_may_stand_once() {
    for style in STYLES {
        for name in SINGLE {
            let mut request = delivery(style);
            request.set(name, "first");
            request.add(name, "second");
            let error = request.parse().unwrap_err();
            assert_eq!(
                (error.status(), error),
                (400, SignatureError::Repeated(name))
            );
        }
    }
}

#[test]
fn signed_within_12_hours_behind_and_1_ahead() {
    let hour = TimeDelta::hours(1);
    let second = TimeDelta::seconds(1);
    for style in STYLES {
        let at = |offset: TimeDelta| {
            let mut request = delivery(style);
            request.now -= offset;
            request.check(&RSA)
        };
        for good in [hour, TimeDelta::zero(), hour * -12] {
            at(good).unwrap();
        }
        for bad in [
            hour + second,
            hour * -12 - second,
            TimeDelta::days(3650),
            -TimeDelta::days(3650),
        ] {
            let error = at(bad).unwrap_err();
            assert_eq!(error.status(), 401);
            assert!(matches!(error, SignatureError::Time(_)), "{bad}: {error}");
        }
    }
}

#[test]
fn what_cannot_be_signed_is_an_error() {
    let cavage = signed(Style::Cavage, &ED25519, "https://example.org/inbox");
    assert_eq!(cavage.unwrap_err(), SignError::Algorithm);
    for style in STYLES {
        let error = signed(style, &RSA, "mailto:ann@example.org").unwrap_err();
        assert_eq!(error, SignError::Url);
        let error = signed(style, &RSA, "ftp://example.org/inbox").unwrap_err();
        assert_eq!(error, SignError::Url);
    }
    let url = url("https://example.org/");
    let request = RequestToSign {
        url: &url,
        now: now(),
        action: Action::Get { accept: "a\nb" },
    };
    assert!(sign_cavage(&RSA, KEY_ID, &request).is_err());
    assert!(sign_rfc9421(&RSA, KEY_ID, &request).is_err());
    let request = RequestToSign {
        action: Action::Get { accept: "a" },
        ..request
    };
    for key_id in ["https://a.example/\"", "https://a.example/\n"] {
        assert!(sign_cavage(&RSA, key_id, &request).is_err());
    }
    assert!(sign_rfc9421(&RSA, "https://a.example/\n", &request).is_err());
}

#[test]
fn the_signed_target_has_no_fragment_and_no_login() {
    for style in STYLES {
        let headers = signed(style, &RSA, "https://u:p@example.org/inbox?a=1#b").unwrap();
        let mut request = Request::post().with_all(headers);
        request.target = "/inbox?a=1".to_owned();
        request.check(&RSA).unwrap();
    }
}

#[test]
fn messages_are_short_and_clean() {
    let long = "ü\u{7}".repeat(5000);
    let errors = [
        SignatureError::malformed(&long, "text"),
        SignatureError::unsupported("algorithm", &long),
    ];
    for error in errors {
        let message = error.to_string();
        assert!(message.len() < 120 && message.is_ascii(), "{message}");
        assert!(!message.contains(|c: char| c.is_control()), "{message}");
    }
}

#[test]
fn header_bytes_above_7f_are_read_as_utf_8() {
    let mut request = delivery(Style::Cavage);
    let signature = request.headers["signature"].to_str().unwrap();
    let key_id = "https://b\u{fc}cher.example/users/ann#main-key";
    let signature = signature.replace(KEY_ID, key_id);
    let utf_8 = HeaderValue::from_bytes(signature.as_bytes()).unwrap();
    request.headers.insert("signature", utf_8);
    assert_eq!(request.parse().unwrap().key_id(), key_id);
    let latin_1: Vec<u8> = signature.chars().map(|c| c as u8).collect();
    let latin_1 = HeaderValue::from_bytes(&latin_1).unwrap();
    request.headers.insert("signature", latin_1);
    assert_eq!(request.parse().unwrap_err().status(), 400);
}
