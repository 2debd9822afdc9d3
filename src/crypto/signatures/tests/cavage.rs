//! The rules of draft-cavage, kept and broken one by one.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};

const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const COVERED: &str = "(request-target) host date digest";

/// A delivery with `Date`, `Digest` and this `Signature`, whose `SIG` is replaced by the signature
/// over the lines of `covered`.
fn signed_as(covered: &str, signature: &str) -> Request {
    let digest = BodyDigest::of(BODY).digest_value();
    let request = Request::post()
        .with("date", DATE)
        .with("digest", &digest)
        .with("content-type", TYPE);
    sign(request, covered, signature)
}

fn sign(request: Request, covered: &str, signature: &str) -> Request {
    let lines: Vec<String> = covered
        .split(' ')
        .map(|name| {
            let value = match name {
                "(request-target)" => {
                    format!(
                        "{} {}",
                        request.method.as_str().to_lowercase(),
                        request.target
                    )
                }
                "(created)" | "(expires)" => parameter(signature, name),
                _ => request.headers[name].to_str().unwrap().to_owned(),
            };
            format!("{name}: {value}")
        })
        .collect();
    let bytes = RSA.sign(lines.join("\n").as_bytes()).unwrap();
    request.with(
        "signature",
        &signature.replace("SIG", &STANDARD.encode(bytes)),
    )
}

/// The digits of `created=` or `expires=`, quoted or not.
fn parameter(signature: &str, name: &str) -> String {
    let name = format!("{}=", name.trim_matches(['(', ')']));
    let (_, value) = signature.split_once(&name).unwrap();
    let digits = value.trim_start_matches('"').chars();
    digits.take_while(char::is_ascii_digit).collect()
}

/// As [`signed_as`], with the usual parameters and these in front.
fn with_parameters(covered: &str, more: &str) -> Request {
    signed_as(
        covered,
        &format!("{more}keyId=\"{KEY_ID}\",headers=\"{covered}\",signature=\"SIG\""),
    )
}

#[test]
fn real_variations_pass() {
    for signature in [
        format!("keyId=\"{KEY_ID}\",headers=\"{COVERED}\",signature=\"SIG\""),
        format!(
            "keyId=\"{KEY_ID}\",algorithm=\"rsa-sha256\",headers=\"{COVERED}\",signature=\"SIG\""
        ),
        format!("keyId=\"{KEY_ID}\",algorithm=\"hs2019\",headers=\"{COVERED}\",signature=\"SIG\""),
        format!("signature=\"SIG\", headers=\"{COVERED}\", keyId=\"{KEY_ID}\""),
        format!("keyId=\"{KEY_ID}\" ,\theaders=\"{COVERED}\" , signature=\"SIG\""),
        format!(
            "keyId=\"{KEY_ID}\",headers=\"{COVERED}\",signature=\"SIG\",x-nonce_2=\"a,b\",created=1700000000"
        ),
        format!(
            "keyId=\"{KEY_ID}\",algorithm=hs2019,headers=\"(Request-Target) Host Date Digest\",signature=\"SIG\""
        ),
    ] {
        signed_as(COVERED, &signature).check(&RSA).unwrap();
    }
}

#[test]
fn key_ids_may_have_a_fragment_a_path_or_a_query() {
    for key_id in [
        "https://remote.example/users/ann/main-key",
        "https://remote.example/users/ann?key",
        "http://remote.example/key",
    ] {
        let signature = format!("keyId=\"{key_id}\",headers=\"{COVERED}\",signature=\"SIG\"");
        let verified = signed_as(COVERED, &signature).check(&RSA).unwrap();
        assert_eq!(verified.key_id(), key_id);
    }
}

#[test]
fn key_ids_that_nobody_could_fetch_are_malformed() {
    let long = format!("https://remote.example/{}", "a".repeat(MAX_KEY_ID));
    for key_id in [
        "",
        "Test",
        "/users/ann",
        "acct:ann@remote.example",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://remote.example/ a",
        &long,
    ] {
        let signature = format!("keyId=\"{key_id}\",headers=\"{COVERED}\",signature=\"SIG\"");
        let error = signed_as(COVERED, &signature).parse().unwrap_err();
        assert_eq!(error.status(), 400, "{key_id}");
    }
}

#[test]
fn other_algorithms_are_unverified() {
    for algorithm in [
        "rsa-sha512",
        "rsa-sha1",
        "hmac-sha256",
        "ed25519",
        "none",
        "",
    ] {
        let request = with_parameters(COVERED, &format!("algorithm=\"{algorithm}\","));
        let error = request.parse().unwrap_err();
        assert_eq!(error.status(), 401, "{algorithm}");
        assert!(matches!(error, SignatureError::Unsupported { .. }));
    }
}

#[test]
fn what_must_be_covered() {
    for covered in [
        "digest",
        "date",
        "host date digest",
        "(request-target) date digest",
        "(request-target) host date",
        "(request-target) host digest",
        "(request-target) host date content-type",
    ] {
        let error = with_parameters(covered, "").parse().unwrap_err();
        assert_eq!(error.status(), 401, "{covered}");
        assert!(matches!(error, SignatureError::Uncovered(_)), "{covered}");
    }
    // Without `headers` only `(created)` is signed.
    let signature = format!("created=1700000000,keyId=\"{KEY_ID}\",signature=\"SIG\"");
    let error = signed_as("(created)", &signature).parse().unwrap_err();
    assert!(matches!(error, SignatureError::Uncovered(_)));
}

#[test]
fn a_post_without_a_body_needs_a_digest_and_a_get_does_not() {
    let covered = "(request-target) host date";
    let signature = format!("keyId=\"{KEY_ID}\",headers=\"{covered}\",signature=\"SIG\"");
    let get = || Request::get().with("date", DATE);
    sign(get(), covered, &signature).check(&RSA).unwrap();

    let mut post = get();
    post.method = Method::POST;
    let error = sign(post, covered, &signature).parse().unwrap_err();
    assert!(matches!(error, SignatureError::Uncovered(_)));

    let mut with_body = get();
    with_body.body = BODY.to_vec();
    let error = sign(with_body, covered, &signature).parse().unwrap_err();
    assert!(matches!(error, SignatureError::Uncovered(_)));
}

#[test]
fn content_digest_serves_as_well() {
    let covered = "(request-target) host date content-digest";
    let signature = format!("keyId=\"{KEY_ID}\",headers=\"{covered}\",signature=\"SIG\"");
    let value = BodyDigest::of(BODY).content_digest_value();
    let request = Request::post()
        .with("date", DATE)
        .with("content-digest", &value);
    let mut request = sign(request, covered, &signature);
    request.check(&RSA).unwrap();
    request.body.clear();
    assert_eq!(
        request.parse().unwrap_err(),
        SignatureError::Digest("Content-Digest")
    );
}

#[test]
fn every_covered_digest_must_hold() {
    let covered = "(request-target) host date digest content-digest";
    let mut request = signed_as(COVERED, "x");
    request.set(
        "content-digest",
        &BodyDigest::of(b"other").content_digest_value(),
    );
    let signature = format!("keyId=\"{KEY_ID}\",headers=\"{covered}\",signature=\"SIG\"");
    let error = sign(request, covered, &signature).parse().unwrap_err();
    assert_eq!(error, SignatureError::Digest("Content-Digest"));
}

#[test]
fn bad_digests_are_refused() {
    for (digest, status) in [
        ("SHA-512=AAAA", 401),
        ("SHA-256=%%%", 400),
        ("SHA-256", 400),
        ("SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=", 401),
    ] {
        let request = Request::post().with("date", DATE).with("digest", digest);
        let signature = format!("keyId=\"{KEY_ID}\",headers=\"{COVERED}\",signature=\"SIG\"");
        let error = sign(request, COVERED, &signature).parse().unwrap_err();
        assert_eq!(error.status(), status, "{digest}");
    }
}

#[test]
fn created_may_stand_for_the_date() {
    let covered = "(request-target) host (created) (expires) digest";
    for times in [
        "created=1700000000,expires=1700000060,",
        "created=\"1700000000\", expires=\"1700000000\", ",
        "algorithm=\"hs2019\",created=1699999000,expires=1700000060,",
    ] {
        with_parameters(covered, times).check(&RSA).unwrap();
    }
    // Covered, but not given.
    let signature = format!("keyId=\"{KEY_ID}\",headers=\"{covered}\",signature=\"AAAA\"");
    let error = signed_as(COVERED, &signature).parse().unwrap_err();
    assert_eq!(error.status(), 400);
}

#[test]
fn times_outside_the_window_are_unverified_wherever_they_stand() {
    for covered in ["(request-target) host (created) digest", COVERED] {
        for times in [
            "created=1700003601,",
            "created=1699956799,",
            "created=0,",
            "created=9223372036854775807,",
            "created=1700000000,expires=1699999999,",
            "created=1700000000,expires=0,",
        ] {
            let error = with_parameters(covered, times).parse().unwrap_err();
            assert!(matches!(error, SignatureError::Time(_)), "{times} {error}");
        }
    }
}

#[test]
fn times_that_are_no_seconds_are_malformed() {
    for value in [
        "18446744073709551615",
        "9223372036854775808",
        "-1",
        "+1700000000",
        "1700000000.5",
        "0x10",
        "soon",
        "\"\"",
        "\" 1700000000\"",
        "",
    ] {
        for name in ["created", "expires"] {
            let request = with_parameters(COVERED, &format!("{name}={value},"));
            assert_eq!(request.parse().unwrap_err().status(), 400, "{value}");
        }
    }
}

#[test]
fn dates_that_are_no_dates_are_malformed() {
    for date in ["", "today", "1700000000", "Tue, 99 Nov 2023 22:13:20 GMT"] {
        let request = Request::post()
            .with("date", date)
            .with("digest", &BodyDigest::of(BODY).digest_value());
        let signature = format!("keyId=\"{KEY_ID}\",headers=\"{COVERED}\",signature=\"SIG\"");
        let error = sign(request, COVERED, &signature).parse().unwrap_err();
        assert_eq!(error.status(), 400, "{date}");
    }
}

#[test]
fn broken_headers_are_malformed() {
    let many: String = (0..20).map(|n| format!("p{n}=1,")).collect();
    let usual = format!("keyId=\"{KEY_ID}\",headers=\"{COVERED}\",signature=\"AAAA\"");
    for signature in [
        String::new(),
        "garbage".to_owned(),
        "=".to_owned(),
        ",".to_owned(),
        "keyId=\"".to_owned(),
        format!("Signature {usual}"),
        format!("{usual},"),
        format!("{usual},,a=1"),
        format!("{usual} a=1"),
        format!("{usual}x"),
        format!("{usual},keyId=\"{KEY_ID}\""),
        format!("{usual},KEYID=\"{KEY_ID}\""),
        format!("{usual},a=1,a=1"),
        format!("{usual},a=\"\\\"\""),
        format!("{usual},a=\"b\\c\""),
        format!("{usual},a=b\\c"),
        format!("{usual},a=b\"c"),
        format!("{usual},a"),
        format!("{many}{usual}"),
        usual.replace("AAAA", "A"),
        usual.replace("AAAA", "!!!!"),
        usual.replace("keyId", "key"),
        usual.replace("signature=", "sig="),
        usual.replace("host", "host host"),
        usual.replace("host", "host Host"),
        usual.replace("host", "host absent"),
    ] {
        let error = signed_as(COVERED, &signature).parse().unwrap_err();
        assert_eq!(error.status(), 400, "{signature}: {error}");
    }
    let unknown = usual.replace("host", "host (status)");
    let error = signed_as(COVERED, &unknown).parse().unwrap_err();
    assert!(matches!(error, SignatureError::Unsupported { .. }));
}

#[test]
fn a_covered_header_of_other_bytes_is_malformed() {
    let usual = format!("keyId=\"{KEY_ID}\",headers=\"{COVERED} x\",signature=\"AAAA\"");
    let mut request = signed_as(COVERED, &usual);
    request
        .headers
        .insert("x", HeaderValue::from_bytes(b"\xff").unwrap());
    assert_eq!(request.parse().unwrap_err().status(), 400);
}

#[test]
fn lines_of_one_covered_header_are_joined_in_order() {
    let covered = format!("{COVERED} accept");
    let signature = format!("keyId=\"{KEY_ID}\",headers=\"{covered}\",signature=\"SIG\"");
    let joined = signed_as(COVERED, "x").with("accept", "a, b");
    let mut request = sign(joined, &covered, &signature);
    request.headers.remove("accept");
    request.add("accept", " a ");
    request.add("accept", "b");
    request.check(&RSA).unwrap();
}

/// NodeBB signs its fetches without the query, and Mastodon accepts that.
#[test]
fn a_get_may_be_signed_without_its_query_and_a_post_may_not() {
    let covered = "(request-target) host date";
    let parameters = format!("keyId=\"{KEY_ID}\",headers=\"{covered}\",signature=\"SIG\"");
    let signed_for = |mut request: Request, signed: &str, sent: &str| {
        signed.clone_into(&mut request.target);
        let mut request = sign(request.with("date", DATE), covered, &parameters);
        sent.clone_into(&mut request.target);
        request
    };
    for (signed, sent, fits) in [
        ("/outbox?page=1", "/outbox?page=1", true),
        ("/outbox", "/outbox?page=1", true),
        ("/outbox?", "/outbox?page=1", false),
        ("/outbox?page=2", "/outbox?page=1", false),
        ("/other", "/outbox?page=1", false),
        ("/outbox?page=1", "/outbox", false),
    ] {
        let get = signed_for(Request::get(), signed, sent).check(&RSA);
        assert_eq!(get.is_ok(), fits, "{signed} for {sent}");
        let mut head = Request::get();
        head.method = http::Method::HEAD;
        let head = signed_for(head, signed, sent).check(&RSA);
        assert_eq!(head.is_ok(), fits, "HEAD, {signed} for {sent}");
    }
    let mut delivery = signed_as(
        COVERED,
        &format!("keyId=\"{KEY_ID}\",headers=\"{COVERED}\",signature=\"SIG\""),
    );
    delivery.check(&RSA).unwrap();
    delivery.target.push_str("?page=1");
    assert_eq!(delivery.check(&RSA).unwrap_err(), SignatureError::Mismatch);
}
