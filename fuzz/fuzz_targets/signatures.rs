//! Parses signature headers of both styles. The input is a request in the form of HTTP/1.1.
#![no_main]

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use pamphlet::entry_points::{
    Action, BodyDigest, MAX_KEY_ID, ORIGIN, RequestToSign, PrivateKey, Style, sign, signature,
};
use std::sync::LazyLock;
use url::Url;

static RSA: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate_rsa().expect("a key can be made"));

const KEY_ID: &str = "https://remote.example/users/ann#main-key";
/// The largest body that is also signed, in bytes. Signing takes most of the time.
const MAX_SIGNED: usize = 64;

fuzz_target!(|data: &[u8]| {
    let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    let request = Request::read(data);
    if let Ok(read) = signature(&request.target, &request.headers, request.body, now) {
        let url = Url::parse(read.key_id()).expect("a key id is a URL");
        assert!(matches!(url.scheme(), "http" | "https") && read.key_id().len() <= MAX_KEY_ID);
        assert!(read.verify(RSA.public()).is_err(), "nobody signed this");
    }
    if request.body.len() <= MAX_SIGNED {
        assert_own_signature_is_read(&request, now);
    }
});

/// Signs the same target and body in both styles, and asserts that each signature is parsed and valid.
fn assert_own_signature_is_read(request: &Request, now: DateTime<Utc>) {
    let Ok(url) = Url::parse(&format!("{ORIGIN}{}", request.target)) else {
        return;
    };
    if url.host_str() != Some("blog.example") || url.port().is_some() {
        return;
    }
    let digest = BodyDigest::of(request.body);
    let outgoing = RequestToSign {
        url: &url,
        now,
        action: Action::Post {
            digest: &digest,
            content_type: "application/activity+json",
            synchronization: None,
        },
    };
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    for style in [Style::Cavage, Style::Rfc9421] {
        let mut headers = sign(style, &RSA, KEY_ID, &outgoing).expect("it can be signed");
        headers.insert("host", HeaderValue::from_static("blog.example"));
        let read = signature(target, &headers, request.body, now);
        let read = read.unwrap_or_else(|error| panic!("{style:?} {target:?}: {error}"));
        assert!(read.style() == style && read.key_id() == KEY_ID);
        assert!(read.verify(RSA.public()).is_ok(), "{style:?} {target:?}");
    }
}

struct Request<'a> {
    target: String,
    headers: HeaderMap,
    body: &'a [u8],
}

impl<'a> Request<'a> {
    /// Parses the target, one line for each header, and the body after an empty line.
    fn read(data: &'a [u8]) -> Self {
        let mut rest = data;
        let mut lines = std::iter::from_fn(|| {
            let end = rest.iter().position(|byte| *byte == b'\n')?;
            let (line, behind) = (&rest[..end], &rest[end + 1..]);
            rest = behind;
            Some(line)
        });
        let target = lines
            .next()
            .map(String::from_utf8_lossy)
            .unwrap_or_default();
        let mut headers = HeaderMap::new();
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            let colon = line
                .iter()
                .position(|byte| *byte == b':')
                .unwrap_or(line.len());
            let value = line.get(colon + 1..).unwrap_or_default().trim_ascii();
            let name = HeaderName::from_bytes(&line[..colon]);
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                headers.append(name, value);
            }
        }
        Request {
            target: target.into_owned(),
            headers,
            body: rest,
        }
    }
}
