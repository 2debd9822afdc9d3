//! The examples of draft-cavage-12 (appendix C) and RFC 9421 (appendix B).
//!
//! Most of them sign less than we ask for, and the draft's key has 1024 bits; so they check the
//! text that is signed and the signature over it, below the rules of [`parse`].

use super::*;
use crate::crypto::{
    keys::PublicKey,
    signatures::{
        cavage as draft,
        message::Message,
        rfc9421::{self as rfc, SIGNATURE_INPUT},
    },
};
use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA512, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use sfv::{Dictionary, ListEntry, Parser};

const HELLO: &[u8] = b"{\"hello\": \"world\"}";

/// draft-cavage-12 C, `rsaKey`.
const CAVAGE_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCFENGw33yGihy92pDjZQhl0C3
6rPJj+CvfSC8+q28hxA161QFNUd13wuCTUcq0Qd2qsBe/2hFyc2DCJJg0h1L78+6
Z4UMR7EOcpfdUE9Hf3m/hs+FUR45uBJeDK1HSFHD8bHKD6kv8FPGfJTotc+2xjJw
oYi+1hqp1fIekaxsyQIDAQAB
-----END PUBLIC KEY-----";

/// RFC 9421 B.1.2, `test-key-rsa-pss`.
const PSS_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----";

/// RFC 9421 B.1.4, `test-key-ed25519`, and its private half (the JWK's `d`).
const ED25519_KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----";
const ED25519_SECRET: &str = "n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU=";

/// The request of draft-cavage-12 C.
fn cavage_request() -> Request {
    let mut request = Request::post()
        .with("host", "example.com")
        .with("date", "Sun, 05 Jan 2014 21:31:40 GMT")
        .with("content-type", "application/json")
        .with(
            "digest",
            "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
        )
        .with("content-length", "18");
    request.target = "/foo?param=value&pet=dog".to_owned();
    request.body = HELLO.to_vec();
    request.hosts = vec!["example.com".to_owned()];
    request.now = DateTime::from_timestamp(1_388_957_500, 0).unwrap();
    request
}

/// The `test-request` of RFC 9421 B.2.
fn rfc_request() -> Request {
    let mut request = Request::post()
        .with("host", "example.com")
        .with("date", "Tue, 20 Apr 2021 02:07:55 GMT")
        .with("content-type", "application/json")
        .with(
            "content-digest",
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        )
        .with("content-length", "18");
    request.target = "/foo?param=Value&Pet=dog".to_owned();
    request.body = HELLO.to_vec();
    request.hosts = vec!["example.com".to_owned()];
    request.now = DateTime::from_timestamp(1_618_884_473, 0).unwrap();
    request
}

/// C.1 to C.3: what is covered, the signing string, the signature.
const CAVAGE: [(&str, &str, &str); 3] = [
    (
        "date",
        "date: Sun, 05 Jan 2014 21:31:40 GMT",
        "SjWJWbWN7i0wzBvtPl8rbASWz5xQW6mcJmn+ibttBqtifLN7Sazz6m79cNfwwb8DMJ5cou1s7uEGKKCs+FLEEaDV5lp7q25WqS+lavg7T8hc0GppauB6hbgEKTwblDHYGEtbGmtdHgVCk9SuS13F0hZ8FD0k/5OxEPXe5WozsbM=",
    ),
    (
        "(request-target) host date",
        "(request-target): post /foo?param=value&pet=dog\nhost: example.com\ndate: Sun, 05 Jan 2014 21:31:40 GMT",
        "qdx+H7PHHDZgy4y/Ahn9Tny9V3GP6YgBPyUXMmoxWtLbHpUnXS2mg2+SbrQDMCJypxBLSPQR2aAjn7ndmw2iicw3HMbe8VfEdKFYRqzic+efkb3nndiv/x1xSHDJWeSWkx3ButlYSuBskLu6kd9Fswtemr3lgdDEmn04swr2Os0=",
    ),
    (
        "(request-target) host date content-type digest content-length",
        "(request-target): post /foo?param=value&pet=dog\nhost: example.com\ndate: Sun, 05 Jan 2014 21:31:40 GMT\ncontent-type: application/json\ndigest: SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=\ncontent-length: 18",
        "vSdrb+dS3EceC9bcwHSo4MlyKS59iFIrhgYkz8+oVLEEzmYZZvRs8rgOp+63LEM3v+MFHB32NfpB2bEKBIvB1q52LaEUHFv120V01IL+TAD48XaERZFukWgHoBTLMhYS2Gb51gWxpeIq8knRmPnYePbF5MOkR0Zkly4zKH7s1dE=",
    ),
];

#[test]
fn the_signing_strings_and_signatures_of_draft_cavage() {
    let key = PublicKey::short_rsa_for_test(CAVAGE_KEY);
    let request = cavage_request();
    for (covered, expected, signature) in CAVAGE {
        let base = with_message(&request, |message| draft::base_for_test(message, covered));
        assert_eq!(base, expected);
        let signature = STANDARD.decode(signature).unwrap();
        key.verify(Algorithm::RsaSha256, base.as_bytes(), &signature)
            .unwrap();
        assert!(
            key.verify(Algorithm::RsaSha256, b"date: x", &signature)
                .is_err()
        );
    }
}

#[test]
fn the_all_headers_example_passes_whole() {
    let (covered, _, signature) = CAVAGE[2];
    let value = format!(
        "keyId=\"{KEY_ID}\",algorithm=\"rsa-sha256\",headers=\"{covered}\",signature=\"{signature}\""
    );
    let request = cavage_request().with("signature", &value);
    let key = PublicKey::short_rsa_for_test(CAVAGE_KEY);
    request.parse().unwrap().verify(&key).unwrap();
    // As printed in the draft, the key id is no URL, and its key is too short.
    let printed = cavage_request().with("signature", &value.replace(KEY_ID, "Test"));
    assert_eq!(printed.parse().unwrap_err().status(), 400);
    assert!(PublicKey::from_pem(CAVAGE_KEY).is_err());
}

fn with_message<T>(
    request: &Request,
    read: impl Fn(&Message<'_>) -> Result<T, SignatureError>,
) -> T {
    let parts = RequestParts {
        method: &request.method,
        path_and_query: &request.target,
        headers: &request.headers,
        body: &request.body,
    };
    let expect = Expectation {
        hosts: &request.hosts,
        scheme: request.scheme,
        now: request.now,
    };
    read(&Message::new(&parts, &expect).unwrap()).unwrap()
}

/// The signature base for a `Signature-Input` of one member.
fn rfc_base(request: &Request, input: &str) -> String {
    let dictionary: Dictionary = Parser::new(input).parse().unwrap();
    let Some((_, ListEntry::InnerList(list))) = dictionary.first() else {
        panic!("{input} is no list");
    };
    with_message(request, |message| rfc::base_for_test(message, list))
}

fn check_pss(base: &str, signature: &str) {
    let der = pem::parse(PSS_KEY).unwrap().into_contents();
    UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA512, der)
        .verify(base.as_bytes(), &STANDARD.decode(signature).unwrap())
        .unwrap();
}

#[test]
fn b_2_1_nothing_covered() {
    let parameters =
        "();created=1618884473;keyid=\"test-key-rsa-pss\";nonce=\"b3k2pp5k7z-50gnwp.yemd\"";
    let base = rfc_base(&rfc_request(), &format!("sig-b21={parameters}"));
    assert_eq!(base, format!("\"@signature-params\": {parameters}"));
    check_pss(
        &base,
        "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==",
    );
}

#[test]
fn b_2_2_has_a_component_that_we_refuse() {
    let request = rfc_request()
        .with(
            SIGNATURE_INPUT,
            "sig-b22=(\"@authority\" \"content-digest\" \"@query-param\";name=\"Pet\");created=1618884473;keyid=\"https://remote.example/key\";tag=\"header-example\"",
        )
        .with("signature", "sig-b22=:AAAA:");
    let error = request.parse().unwrap_err();
    assert_eq!(
        error,
        SignatureError::unsupported("parameter of the component", "@query-param")
    );
}

#[test]
fn b_2_3_full_coverage() {
    let parameters = "(\"date\" \"@method\" \"@path\" \"@query\" \"@authority\" \"content-type\" \"content-digest\" \"content-length\");created=1618884473;keyid=\"test-key-rsa-pss\"";
    let base = rfc_base(&rfc_request(), &format!("sig-b23={parameters}"));
    let lines = [
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT",
        "\"@method\": POST",
        "\"@path\": /foo",
        "\"@query\": ?param=Value&Pet=dog",
        "\"@authority\": example.com",
        "\"content-type\": application/json",
        "\"content-digest\": sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        "\"content-length\": 18",
        &format!("\"@signature-params\": {parameters}"),
    ];
    assert_eq!(base, lines.join("\n"));
    check_pss(
        &base,
        "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==",
    );
}

#[test]
fn b_2_6_ed25519() {
    let parameters = "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\");created=1618884473;keyid=\"test-key-ed25519\"";
    let base = rfc_base(&rfc_request(), &format!("sig-b26={parameters}"));
    let lines = [
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT",
        "\"@method\": POST",
        "\"@path\": /foo",
        "\"@authority\": example.com",
        "\"content-type\": application/json",
        "\"content-length\": 18",
        &format!("\"@signature-params\": {parameters}"),
    ];
    assert_eq!(base, lines.join("\n"));
    let signature = STANDARD
        .decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==")
        .unwrap();
    let key = PublicKey::from_pem(ED25519_KEY).unwrap();
    key.verify(Algorithm::Ed25519, base.as_bytes(), &signature)
        .unwrap();
    // Ed25519 is deterministic: the private half gives the same bytes.
    let mut der = STANDARD.decode("MC4CAQAwBQYDK2VwBCIEIA==").unwrap();
    der.extend(STANDARD.decode(ED25519_SECRET).unwrap());
    let secret = PrivateKey::from_pkcs8_der(&der).unwrap();
    assert_eq!(secret.public(), &key);
    assert_eq!(secret.sign(base.as_bytes()).unwrap(), signature);
}

/// RFC 9421 B.4: a field in two lines, and the transformations that must break the signature.
#[test]
fn b_4_transformations() {
    let mut request = Request::get().with("host", "example.org");
    request.target = "/demo?name1=Value1&Name2=value2".to_owned();
    request.add("accept", "application/json");
    request.add("accept", "*/*");
    let input = "transform=(\"@method\" \"@path\" \"@authority\" \"accept\");created=1618884473;keyid=\"test-key-ed25519\"";
    let signature = STANDARD
        .decode("ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==")
        .unwrap();
    let key = PublicKey::from_pem(ED25519_KEY).unwrap();
    let verify = |request: &Request| {
        let base = rfc_base(request, input);
        key.verify(Algorithm::Ed25519, base.as_bytes(), &signature)
    };
    verify(&request).unwrap();
    request.set("accept", "application/json, */*");
    verify(&request).unwrap();
    request.method = Method::POST;
    assert!(verify(&request).is_err());
}
