//! Keys as other software writes them.

use super::read;
use crate::crypto::keys::PrivateKey;
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Returns the value of a DER element, and what comes after it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, head) = match der[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let count = usize::from(long & 0x7f);
            let bytes = &der[2..2 + count];
            let length = bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, 2 + count)
        }
    };
    der[head..].split_at(length)
}

/// Returns a new key with its PKCS#8 and PKCS#1 forms.
fn key() -> (PrivateKey, Vec<u8>, Vec<u8>) {
    let key = PrivateKey::generate_rsa().unwrap();
    let pkcs8 = key.to_pkcs8_der().unwrap().to_vec();
    let (info, _) = element(&pkcs8);
    let (_, rest) = element(info);
    let (_, rest) = element(rest);
    let (pkcs1, _) = element(rest);
    let pkcs1 = pkcs1.to_vec();
    (key, pkcs8, pkcs1)
}

fn pem(tag: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN {tag}-----\n{}\n-----END {tag}-----\n",
        lines.join("\n")
    )
}

fn jwk(pkcs1: &[u8]) -> Value {
    let (mut numbers, _) = element(pkcs1);
    let mut key = json!({"kty": "RSA", "alg": "RS256", "ext": true, "key_ops": ["sign"]});
    for name in ["version", "n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let (number, rest) = element(numbers);
        let number: Vec<u8> = number
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect();
        key[name] = URL_SAFE_NO_PAD.encode(number).into();
        numbers = rest;
    }
    key
}

#[test]
fn keys_of_all_programs_are_read() {
    let (key, pkcs8, pkcs1) = key();
    let public = key.public_key_pem();
    let modern = pem("PRIVATE KEY", &pkcs8);
    let php = format!(
        "a:2:{{s:11:\"private_key\";s:{}:\"{modern}\";s:10:\"public_key\";s:{}:\"{public}\";}}",
        modern.len(),
        public.len()
    );
    for text in [
        json!(modern),
        json!(modern.replace('\n', "\r\n")),
        json!(modern.replace('\n', "\\n")),
        json!(php),
        json!(pem("RSA PRIVATE KEY", &pkcs1)),
        jwk(&pkcs1),
        json!(jwk(&pkcs1).to_string()),
    ] {
        let read = read(&text, Some(&public)).unwrap();
        assert_eq!(read.public_key_pem(), public);
        assert_eq!(*read.to_pkcs8_der().unwrap(), pkcs8);
    }
}

#[test]
fn other_keys_are_refused_with_a_reason() {
    let (_, pkcs8, pkcs1) = key();
    let (other, ..) = key();
    let modern = json!(pem("PRIVATE KEY", &pkcs8));
    let mut incomplete = jwk(&pkcs1);
    incomplete.as_object_mut().unwrap().remove("qi");
    let ed25519 = PrivateKey::generate_ed25519()
        .unwrap()
        .to_pkcs8_der()
        .unwrap();
    let public = other.public_key_pem();
    for (text, public, reason) in [
        (modern.clone(), Some(public.as_str()), "does not belong"),
        (modern.clone(), Some("nonsense"), "public key is unusable"),
        (json!(pem("PRIVATE KEY", &pkcs8[..600])), None, "broken"),
        (json!(pem("PRIVATE KEY", &ed25519)), None, "not an RSA key"),
        (
            json!(pem("ENCRYPTED PRIVATE KEY", &pkcs8)),
            None,
            "encrypted",
        ),
        (json!(pem("EC PRIVATE KEY", &pkcs8)), None, "not an RSA key"),
        (json!("-----BEGIN PRIVATE KEY-----"), None, "neither PEM"),
        (json!(public), None, "not an RSA key"),
        (json!("{"), None, "JSON is broken"),
        (json!({"kty": "EC"}), None, "not an RSA key"),
        (incomplete, None, "lacks \"qi\""),
        (json!(7), None, "neither PEM"),
        (json!("x".repeat(70_000)), None, "too long"),
    ] {
        let error = read(&text, public).unwrap_err();
        assert!(error.contains(reason), "{error}, not {reason}");
    }
}
