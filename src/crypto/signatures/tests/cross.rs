//! Another implementation (`actpub-httpsig`) reads what we sign, and we read what it signs.

use super::*;
use actpub_httpsig::{
    CavageSigner, Component, Rfc9421Signer, SigningKey, VerifyPolicy, VerifyingKey,
    verify_with_policy,
};

fn as_theirs(request: &Request) -> http::Request<Vec<u8>> {
    let mut theirs = http::Request::new(request.body.clone());
    *theirs.method_mut() = request.method.clone();
    *theirs.uri_mut() = format!("https://example.org{}", request.target)
        .parse()
        .unwrap();
    *theirs.headers_mut() = request.headers.clone();
    theirs
}

#[test]
fn they_accept_what_we_sign() {
    for (style, key) in [
        (Style::Cavage, &*RSA),
        (Style::Rfc9421, &*RSA),
        (Style::Rfc9421, &*ED25519),
    ] {
        let headers = signed(style, key, "https://example.org/inbox?a=1").unwrap();
        let mut request = Request::post().with_all(headers);
        request.target.push_str("?a=1");
        let pem = key.public_key_pem();
        let read = |request: &Request| {
            verify_with_policy(
                &as_theirs(request),
                &VerifyPolicy::mastodon(),
                now(),
                |id| {
                    assert_eq!(id, KEY_ID);
                    VerifyingKey::from_pem(&pem)
                },
            )
        };
        read(&request).unwrap();
        request.set("content-type", "text/html");
        assert!(read(&request).is_err());
    }
}

/// The same key on our side.
fn ours(key: &SigningKey) -> PrivateKey {
    let pem = pem::parse(key.to_pem()).unwrap();
    PrivateKey::from_pkcs8_der(pem.contents()).unwrap()
}

fn unsigned() -> Request {
    let digest = BodyDigest::of(BODY);
    let mut request = Request::post()
        .with("date", "Tue, 14 Nov 2023 22:13:20 GMT")
        .with("digest", &digest.digest_value())
        .with("content-digest", &digest.content_digest_value())
        .with("content-type", TYPE);
    request.target.push_str("?a=1");
    request
}

#[test]
fn we_accept_what_they_sign_by_draft_cavage() {
    let key = SigningKey::generate_rsa(actpub_httpsig::RsaBits::Rsa2048).unwrap();
    for emit in [true, false] {
        let mut request = unsigned();
        let mut theirs = as_theirs(&request);
        CavageSigner::new(&key, KEY_ID)
            .emit_algorithm(emit)
            .sign(&mut theirs)
            .unwrap();
        request.headers = theirs.headers().clone();
        let verified = request.check(&ours(&key)).unwrap();
        assert_eq!(verified.style(), Style::Cavage);
        request.target.push('0');
        assert_eq!(request.check(&ours(&key)), Err(SignatureError::Mismatch));
    }
}

#[test]
fn we_accept_what_they_sign_by_rfc_9421() {
    let keys = [
        SigningKey::generate_rsa(actpub_httpsig::RsaBits::Rsa2048).unwrap(),
        SigningKey::generate_ed25519(),
    ];
    let whole = vec![
        Component::Method,
        Component::parse("@target-uri").unwrap(),
        Component::Header("content-digest".into()),
    ];
    let parts = [
        "@method",
        "@authority",
        "@path",
        "@query",
        "content-digest",
        "date",
    ]
    .map(|name| Component::parse(name).unwrap())
    .to_vec();
    for key in keys {
        for (components, emit) in [(&whole, true), (&whole, false), (&parts, true)] {
            let mut request = unsigned();
            let mut theirs = as_theirs(&request);
            Rfc9421Signer::new(&key, KEY_ID)
                .with_components(components.clone())
                .with_created(now().timestamp())
                .with_expires(now().timestamp() + 60)
                .with_nonce("n")
                .emit_alg(emit)
                .sign(&mut theirs)
                .unwrap();
            request.headers = theirs.headers().clone();
            let verified = request.check(&ours(&key)).unwrap();
            assert_eq!(verified.style(), Style::Rfc9421);
            request.target.push('0');
            assert_eq!(request.check(&ours(&key)), Err(SignatureError::Mismatch));
        }
    }
}
