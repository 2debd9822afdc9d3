//! The rules of RFC 9421, kept and broken one by one.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};

const COVERED: &str = "\"@method\" \"@target-uri\" \"content-digest\"";
const PARAMETERS: &str = ";created=1700000000;keyid=\"https://remote.example/users/ann#main-key\"";

fn digested() -> Request {
    let value = BodyDigest::of(BODY).content_digest_value();
    Request::post()
        .with("content-digest", &value)
        .with("content-type", TYPE)
}

/// Signs `request` with `key` over the components and parameters as written.
fn sign_with(key: &PrivateKey, request: Request, covered: &str, parameters: &str) -> Request {
    let member = format!("({covered}){parameters}");
    let mut base = String::new();
    for name in covered
        .split_ascii_whitespace()
        .map(|name| name.trim_matches('"'))
    {
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let value = match name {
            "@method" => request.method.to_string(),
            "@target-uri" => format!("https://example.org{}", request.target),
            "@authority" => "example.org".to_owned(),
            "@scheme" => "https".to_owned(),
            "@request-target" => request.target.clone(),
            "@path" => path.to_owned(),
            "@query" => format!("?{query}"),
            _ => match request.headers.get(name) {
                Some(value) => value.to_str().unwrap().to_owned(),
                None => String::new(),
            },
        };
        base += &format!("\"{name}\": {value}\n");
    }
    base += &format!("\"@signature-params\": {member}");
    let signature = STANDARD.encode(key.sign(base.as_bytes()).unwrap());
    request
        .with("signature-input", &format!("sig={member}"))
        .with("signature", &format!("sig=:{signature}:"))
}

fn sign(covered: &str, parameters: &str) -> Request {
    sign_with(&RSA, digested(), covered, parameters)
}

#[test]
fn both_forms_of_the_target_pass() {
    for covered in [
        COVERED,
        "\"content-digest\" \"@target-uri\" \"@method\"",
        "\"@method\" \"@authority\" \"@path\" \"content-digest\"",
        "\"@method\" \"@authority\" \"@path\" \"@query\" \"@scheme\" \"@request-target\" \"content-digest\" \"content-type\" \"host\"",
    ] {
        sign(covered, PARAMETERS).check(&RSA).unwrap();
    }
}

#[test]
fn a_query_must_be_covered_if_there_is_one() {
    let with_query = || {
        let mut request = digested();
        request.target = "/inbox?a=1".to_owned();
        request
    };
    let parts = "\"@method\" \"@authority\" \"@path\" \"content-digest\"";
    let error = sign_with(&RSA, with_query(), parts, PARAMETERS).parse();
    assert_eq!(error.unwrap_err(), SignatureError::Uncovered("@target-uri"));
    for covered in [format!("{parts} \"@query\""), COVERED.to_owned()] {
        sign_with(&RSA, with_query(), &covered, PARAMETERS)
            .check(&RSA)
            .unwrap();
    }
}

#[test]
fn what_must_be_covered() {
    for covered in [
        "",
        "\"content-digest\"",
        "\"@target-uri\" \"content-digest\"",
        "\"@method\" \"content-digest\"",
        "\"@method\" \"@path\" \"content-digest\"",
        "\"@method\" \"@authority\" \"content-digest\"",
        "\"@method\" \"@request-target\" \"content-digest\"",
        "\"@method\" \"@target-uri\"",
        "\"@method\" \"@target-uri\" \"content-type\"",
    ] {
        let error = sign(covered, PARAMETERS).parse().unwrap_err();
        assert_eq!(error.status(), 401, "{covered}");
        assert!(matches!(error, SignatureError::Uncovered(_)), "{covered}");
    }
}

#[test]
fn the_old_digest_does_not_serve() {
    let request = digested().with("digest", &BodyDigest::of(BODY).digest_value());
    let covered = "\"@method\" \"@target-uri\" \"digest\"";
    let error = sign_with(&RSA, request, covered, PARAMETERS).parse();
    assert!(matches!(error, Err(SignatureError::Uncovered(_))));
}

#[test]
fn a_get_needs_no_digest() {
    let covered = "\"@method\" \"@target-uri\"";
    sign_with(&RSA, Request::get(), covered, PARAMETERS)
        .check(&RSA)
        .unwrap();
}

#[test]
fn algorithms_must_be_ours_and_the_keys() {
    let rsa = format!("{PARAMETERS};alg=\"rsa-v1_5-sha256\"");
    let ed25519 = format!("{PARAMETERS};alg=\"ed25519\"");
    sign(COVERED, &rsa).check(&RSA).unwrap();
    for parameters in [PARAMETERS, &ed25519] {
        sign_with(&ED25519, digested(), COVERED, parameters)
            .check(&ED25519)
            .unwrap();
    }
    let error = sign(COVERED, &ed25519).check(&RSA).unwrap_err();
    assert_eq!((error.status(), error), (401, SignatureError::Algorithm));
    let confused = sign_with(&ED25519, digested(), COVERED, &rsa);
    assert_eq!(confused.check(&ED25519), Err(SignatureError::Algorithm));
    for other in ["rsa-pss-sha512", "hmac-sha256", "RSA-v1_5-sha256", ""] {
        let error = sign(COVERED, &format!("{PARAMETERS};alg=\"{other}\"")).parse();
        assert!(matches!(error, Err(SignatureError::Unsupported { .. })));
    }
}

#[test]
fn created_and_key_id_are_required() {
    for parameters in [
        ";created=1700000000",
        ";keyid=\"https://remote.example/key\"",
        "",
    ] {
        let error = sign(COVERED, parameters).parse().unwrap_err();
        assert_eq!(error.status(), 400, "{parameters}");
    }
}

#[test]
fn times_outside_the_window_are_unverified() {
    let key = "keyid=\"https://remote.example/key\"";
    for times in [
        "created=1700003601",
        "created=1699956799",
        "created=-1",
        "created=999999999999999",
        "created=-999999999999999",
        "created=1700000000;expires=1699999999",
        "created=1700000000;expires=-1",
    ] {
        let error = sign(COVERED, &format!(";{times};{key}"))
            .parse()
            .unwrap_err();
        assert!(matches!(error, SignatureError::Time(_)), "{times}: {error}");
    }
    for times in [
        "created=1700003600",
        "created=1699956800",
        "created=1700000000;expires=1700000000",
    ] {
        sign(COVERED, &format!(";{times};{key}"))
            .check(&RSA)
            .unwrap();
    }
}

#[test]
fn parameters_of_another_type_are_malformed() {
    let key = "keyid=\"https://remote.example/key\"";
    for parameters in [
        format!(";created=18446744073709551615;{key}"),
        format!(";created=soon;{key}"),
        format!(";created=\"1700000000\";{key}"),
        format!(";created=1700000000.5;{key}"),
        format!(";created;{key}"),
        format!(";created=1700000000;expires=never;{key}"),
        format!("{PARAMETERS};alg=ed25519"),
        ";created=1700000000;keyid=ann".to_owned(),
        ";created=1700000000;keyid=1".to_owned(),
        ";created=1700000000;keyid=\"acct:ann@remote.example\"".to_owned(),
        ";created=1700000000;keyid=\"test-key-rsa\"".to_owned(),
    ] {
        let error = sign(COVERED, &parameters).parse().unwrap_err();
        assert_eq!(error.status(), 400, "{parameters}: {error}");
    }
}

#[test]
fn unknown_parameters_are_signed_like_known_ones() {
    let parameters = format!("{PARAMETERS};nonce=\"a;b\";tag=\"app\";other=?1;x");
    // The library spells a true parameter without its value, as RFC 9651 4.1.1.2 says.
    let spelled = parameters.replace("other=?1", "other");
    let mut request = sign(COVERED, &spelled);
    request.check(&RSA).unwrap();
    request.set("signature-input", &format!("sig=({COVERED}){parameters}"));
    request.check(&RSA).unwrap();
    request.set(
        "signature-input",
        &format!("sig=({COVERED}){}", parameters.replace("a;b", "c")),
    );
    assert_eq!(request.check(&RSA), Err(SignatureError::Mismatch));
}

#[test]
fn blanks_do_not_matter() {
    let mut request = sign(COVERED, PARAMETERS);
    let spaced = PARAMETERS.replace(';', ";  ");
    request.set(
        "signature-input",
        &format!(" sig=(  {}  ){spaced}", COVERED.replace(' ', "   ")),
    );
    request.check(&RSA).unwrap();
}

#[test]
fn components_with_parameters_are_refused() {
    for more in [
        "\"x\";req",
        "\"x\";bs",
        "\"x\";sf",
        "\"x\";key=\"a\"",
        "\"x\";tr",
        "\"@query-param\";name=\"a\"",
        "\"@method\";req",
        "\"@status\"",
        "\"@query-param\"",
        "\"@unknown\"",
    ] {
        let covered = if more.starts_with("\"@method\"") {
            COVERED.replace("\"@method\"", more)
        } else {
            format!("{COVERED} {more}")
        };
        let request = sign(&covered, PARAMETERS).with("x", "a=1");
        let error = request.parse().unwrap_err();
        assert_eq!(error.status(), 401, "{more}");
        assert!(
            matches!(error, SignatureError::Unsupported { .. }),
            "{more}"
        );
    }
}

#[test]
fn component_lists_are_short_lower_case_and_distinct() {
    let many: String = (0..40).map(|n| format!(" \"x{n}\"")).collect();
    for more in [
        " \"@method\"",
        " \"Host\"",
        " host",
        " 1",
        " \"absent\"",
        &many,
    ] {
        let error = sign(&format!("{COVERED}{more}"), PARAMETERS)
            .parse()
            .unwrap_err();
        assert_eq!(error.status(), 400, "{more}");
    }
}

#[test]
fn a_body_under_a_wrong_digest_is_refused() {
    for (digest, status) in [
        ("sha-512=:AAAA:", 401),
        ("sha-256=:%%%:", 400),
        ("sha-256=AAAA", 400),
        (
            "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
            401,
        ),
    ] {
        let request = digested().with("content-digest", digest);
        let error = sign_with(&RSA, request, COVERED, PARAMETERS).parse();
        assert_eq!(error.unwrap_err().status(), status, "{digest}");
    }
}

#[test]
fn the_first_satisfying_signature_is_taken() {
    let good = sign(COVERED, PARAMETERS);
    let input = good.headers["signature-input"].to_str().unwrap().to_owned();
    let signature = good.headers["signature"].to_str().unwrap().to_owned();
    let proxy = "proxy=(\"@method\");created=1700000000;keyid=\"https://proxy.example/key\"";
    let both = || {
        sign(COVERED, PARAMETERS)
            .with("signature-input", &format!("{proxy}, {input}"))
            .with("signature", &format!("proxy=:AAAA:, {signature}"))
    };
    assert_eq!(both().check(&RSA).unwrap().key_id(), KEY_ID);

    let five = ["a", "b", "c", "d"].map(|label| proxy.replace("proxy=", &format!("{label}=")));
    let request = both().with("signature-input", &format!("{input}, {}", five.join(", ")));
    assert_eq!(request.parse().unwrap_err().status(), 400);

    let request = both().with("signature-input", proxy);
    assert_eq!(
        request.parse().unwrap_err(),
        SignatureError::Uncovered("@target-uri")
    );
}

#[test]
fn headers_that_do_not_fit_are_malformed() {
    for (input, signature) in [
        ("", ""),
        ("garbage(", "sig=:AAAA:"),
        ("sig=()", ""),
        ("sig=1", "sig=:AAAA:"),
        ("sig", "sig=:AAAA:"),
        ("sig=\"@method\"", "sig=:AAAA:"),
    ] {
        let request = digested()
            .with("signature-input", input)
            .with("signature", signature);
        let error = request.parse().unwrap_err();
        assert!(matches!(error.status(), 400 | 401), "{input}: {error}");
    }
    for signature in [
        "other=:AAAA:",
        "sig=AAAA",
        "sig=\"AAAA\"",
        "sig=:!:",
        "sig=()",
        "keyId=\"x\",a=\"b\"",
    ] {
        let request = sign(COVERED, PARAMETERS).with("signature", signature);
        assert_eq!(request.parse().unwrap_err().status(), 400, "{signature}");
    }
    let mut request = sign(COVERED, PARAMETERS);
    request.headers.remove("signature");
    assert_eq!(request.parse().unwrap_err().status(), 400);
}

#[test]
fn signature_input_decides_for_rfc9421() {
    let mut request = delivery(Style::Cavage);
    request.set("signature-input", &format!("sig=({COVERED}){PARAMETERS}"));
    assert_eq!(request.parse().unwrap_err().status(), 400);
}
