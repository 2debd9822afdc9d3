//! Random and mutated headers: never a panic, and never accepted.

use super::*;
use proptest::prelude::*;

/// Text that is likely to get past the first checks of a parser.
fn signature_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("keyId=".to_owned()),
        Just("signature=".to_owned()),
        Just("headers=".to_owned()),
        Just("\"(request-target) host date digest\"".to_owned()),
        Just("algorithm=\"hs2019\"".to_owned()),
        Just("sig=(".to_owned()),
        Just("\"@method\" \"@target-uri\" \"content-digest\"".to_owned()),
        Just(");keyid=\"https://a.example/\"".to_owned()),
        Just(";created=".to_owned()),
        Just(";expires=".to_owned()),
        Just("sig=:AAAA:".to_owned()),
        Just("sha-256=:AAAA:".to_owned()),
        Just("SHA-256=".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<u64>().prop_map(|number| number.to_string()),
        "[,;:=\"() \\\\]{1,3}",
        "[ -~]{0,12}",
    ];
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

fn header_value() -> impl Strategy<Value = HeaderValue> {
    let bytes = prop_oneof![
        signature_like().prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..64),
    ];
    bytes.prop_filter_map("a header value", |bytes| {
        HeaderValue::from_bytes(&bytes).ok()
    })
}

const NAMES: [&str; 7] = [
    "signature",
    "signature-input",
    "digest",
    "content-digest",
    "date",
    "host",
    "content-type",
];

proptest! {
    #[test]
    fn random_headers_are_refused(
        values in prop::collection::vec((0..NAMES.len(), header_value()), 1..8),
        target in "/[ -~]{0,20}",
        body in prop::collection::vec(any::<u8>(), 0..32),
    ) {
        let mut request = Request::post();
        request.target = target;
        request.body = body;
        for (name, value) in values {
            request.headers.insert(NAMES[name], value);
        }
        let result = request.check(&RSA);
        prop_assert!(result.is_err());
        let error = result.unwrap_err();
        prop_assert!(matches!(error.status(), 400 | 401));
        let message = error.to_string();
        prop_assert!(message.len() < 200 && !message.contains(|c: char| c.is_control()));
    }

    #[test]
    fn a_good_request_with_one_header_replaced_is_refused(
        is_cavage: bool,
        name in 0..NAMES.len(),
        value in header_value(),
    ) {
        let style = if is_cavage { Style::Cavage } else { Style::Rfc9421 };
        let mut request = delivery(style);
        let is_used = request.headers.contains_key(NAMES[name]);
        prop_assume!(is_used && request.headers[NAMES[name]] != value);
        request.headers.insert(NAMES[name], value);
        prop_assert!(request.check(&RSA).is_err());
    }

    #[test]
    fn digests_never_panic(value in signature_like(), body: Vec<u8>) {
        let _ = digest::check_digest(&value, &body);
        let _ = digest::check_content_digest(&value, &body);
    }
}
