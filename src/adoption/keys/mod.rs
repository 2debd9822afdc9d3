//! Private keys as other software stores them: PEM (PKCS#8 or PKCS#1), also inside of PHP's serialization, and JSON Web
//! Keys. All become PKCS#8.

mod stored;

pub(super) use stored::NewKey;

use crate::crypto::keys::{Algorithm, PrivateKey, PublicKey};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use zeroize::Zeroizing;

/// The beginning of a `PrivateKeyInfo` (RFC 5958) of an RSA key: version 0 and the algorithm.
const RSA_KEY_INFO: [u8; 18] = [
    0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
    0x05, 0x00,
];
/// The longest text of a key that is read, in bytes.
const MAX_TEXT: usize = 64 * 1024;

/// Reads an RSA key. The error is a sentence without the key's content.
fn read(key: &Value, public_key: Option<&str>) -> Result<PrivateKey, String> {
    let der = match key {
        Value::String(text) if text.len() > MAX_TEXT => return Err("it is too long".to_owned()),
        Value::String(text) if text.trim_start().starts_with('{') => {
            let parsed = serde_json::from_str(text).map_err(|_| "its JSON is broken".to_owned())?;
            of_jwk(&parsed)?
        }
        Value::String(text) => of_pem(text)?,
        Value::Object(_) => of_jwk(key)?,
        _ => return Err("it is neither PEM nor a JSON Web Key".to_owned()),
    };
    let key = PrivateKey::from_pkcs8_der(&der).map_err(|_| {
        "it is broken, or not an RSA key of 2048 to 8192 bits, which is what other servers accept".to_owned()
    })?;
    if key.algorithm() != Algorithm::RsaSha256 {
        return Err("it is not an RSA key".to_owned());
    }
    if let Some(public) = public_key {
        let public = PublicKey::from_pem(public)
            .map_err(|error| format!("its public key is unusable: {error}"))?;
        if public.to_pem() != key.public_key_pem() {
            return Err("it does not belong to the public key beside it".to_owned());
        }
    }
    Ok(key)
}

/// Finds the PEM in a text and returns its PKCS#8 form.
fn of_pem(text: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    // Some tools write a line end as the two characters \ and n.
    let text = Zeroizing::new(text.replace("\\n", "\n").replace('\r', ""));
    let found = text.find("-----BEGIN").and_then(|from| {
        let rest = &text[from..];
        let end = rest.find("-----END")?;
        let after = end + "-----END".len();
        Some(&rest[..after + rest[after..].find("-----")? + "-----".len()])
    });
    let found = found.ok_or("it is neither PEM nor a JSON Web Key")?;
    let block = pem::parse(found).map_err(|_| "its PEM is broken".to_owned())?;
    match block.tag() {
        "PRIVATE KEY" => Ok(Zeroizing::new(block.into_contents())),
        "RSA PRIVATE KEY" => Ok(pkcs8_of(&Zeroizing::new(block.into_contents()))),
        "ENCRYPTED PRIVATE KEY" => {
            Err("it is encrypted: write it without a passphrase into the export".to_owned())
        }
        _ => Err("it is not an RSA key".to_owned()),
    }
}

/// Converts a JSON Web Key (RFC 7517) of an RSA key.
fn of_jwk(key: &Value) -> Result<Zeroizing<Vec<u8>>, String> {
    if key["kty"] != "RSA" {
        return Err("it is not an RSA key".to_owned());
    }
    let mut numbers = Zeroizing::new(integer(&[0]));
    for name in ["n", "e", "d", "p", "q", "dp", "dq", "qi"] {
        let text = key[name].as_str();
        let text = text.ok_or_else(|| format!("its JSON Web Key lacks {name:?}"))?;
        let number = URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        let number = number.map_err(|_| format!("{name:?} of its JSON Web Key is broken"))?;
        numbers.extend_from_slice(&integer(&Zeroizing::new(number)));
    }
    Ok(pkcs8_of(&Zeroizing::new(tagged(0x30, &numbers))))
}

/// Wraps a PKCS#1 key (RFC 8017) as PKCS#8.
fn pkcs8_of(pkcs1: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut content = Zeroizing::new(RSA_KEY_INFO.to_vec());
    content.extend_from_slice(&Zeroizing::new(tagged(0x04, pkcs1)));
    Zeroizing::new(tagged(0x30, &content))
}

/// Encodes a positive number in DER.
fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0);
    let bytes = start.map_or(&[0][..], |start| &bytes[start..]);
    if bytes[0] < 0x80 {
        return tagged(0x02, bytes);
    }
    let mut positive = Zeroizing::new(vec![0]);
    positive.extend_from_slice(bytes);
    tagged(0x02, &positive)
}

/// Encodes a value with its tag and length in DER.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut encoded = vec![tag];
    let length = content.len().to_be_bytes();
    let first = length.iter().position(|byte| *byte != 0);
    let length = first.map_or(&[0][..], |first| &length[first..]);
    if content.len() >= 0x80 {
        encoded.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    }
    encoded.extend_from_slice(length);
    encoded.extend_from_slice(content);
    encoded
}

#[cfg(test)]
mod tests;
