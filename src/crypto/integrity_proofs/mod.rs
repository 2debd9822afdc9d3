//! Creates and verifies Object Integrity Proofs (FEP-8b32) of the cryptosuite `eddsa-jcs-2022` of W3C's Data
//! Integrity EdDSA Cryptosuites 1.0 (3.3), an Ed25519 signature over a document's canonical JSON (RFC 8785).

use super::{
    is_http_url,
    keys::{Algorithm, KeyError, PrivateKey, PublicKey},
};
use crate::base::time::{format_rfc3339, parse_rfc3339};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

const TYPE: &str = "DataIntegrityProof";
const SUITE: &str = "eddsa-jcs-2022";
const PURPOSE: &str = "assertionMethod";

/// The maximum length of a 64-byte signature in base58.
const MAX_VALUE: usize = 96;

/// The reason why a proof is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The proof has an unknown type or has expired. It counts as absent (FEP-8b32, Proof verification).
    #[error("the proof is not used: {0}")]
    Ignored(&'static str),
    /// The proof is malformed or does not match the document.
    #[error("the proof is broken: {0}")]
    Broken(&'static str),
}

/// Adds a proof by `key` to a document. Other servers find the key by the id `method`.
///
/// # Errors
/// If the document is not an object, or the key can't sign.
pub fn add(
    document: &mut Value,
    key: &PrivateKey,
    method: &str,
    now: DateTime<Utc>,
) -> Result<(), KeyError> {
    let secured = document.as_object_mut().ok_or(KeyError::Sign)?;
    let mut options = Map::new();
    // The proof has the document's contexts, in which both are interpreted.
    if let Some(context) = secured.get("@context") {
        options.insert("@context".into(), context.clone());
    }
    for (name, value) in [
        ("type", json!(TYPE)),
        ("cryptosuite", json!(SUITE)),
        ("verificationMethod", json!(method)),
        ("proofPurpose", json!(PURPOSE)),
        ("created", json!(format_rfc3339(now))),
    ] {
        options.insert(name.into(), value);
    }
    let message = hash_data(&options, secured).ok_or(KeyError::Sign)?;
    let signature = key.sign(&message)?;
    let value = format!("z{}", bs58::encode(signature).into_string());
    options.insert("proofValue".into(), json!(value));
    secured.insert("proof".into(), Value::Object(options));
    Ok(())
}

/// An unverified proof of a document.
#[derive(Debug)]
pub struct Proof {
    /// The id of the key that is said to have made the proof.
    pub method: String,
    pub created: Option<DateTime<Utc>>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Proof {
    /// Parses the proof of a document. Returns `None` if it has none.
    ///
    /// # Errors
    /// See [`ProofError`].
    pub fn of(document: &Value, now: DateTime<Utc>) -> Result<Option<Proof>, ProofError> {
        let Some(secured) = document.as_object() else {
            return Ok(None);
        };
        let Some(options) = secured.get("proof").and_then(supported) else {
            return match secured.get("proof") {
                None | Some(Value::Null) => Ok(None),
                Some(_) => Err(ProofError::Ignored("its kind is not known")),
            };
        };
        let text = |name: &str| options.get(name).and_then(Value::as_str);
        let method = text("verificationMethod")
            .filter(|method| is_http_url(method))
            .ok_or(ProofError::Ignored("its key has no address"))?;
        let created = check_times(options, now)?;
        if text("proofPurpose") != Some(PURPOSE) {
            return Err(ProofError::Broken("it is for another purpose"));
        }
        let signature = text("proofValue")
            .and_then(|value| value.strip_prefix('z'))
            .filter(|value| value.len() <= MAX_VALUE)
            .and_then(|value| bs58::decode(value).into_vec().ok())
            .ok_or(ProofError::Broken("its value is not base58"))?;
        let mut options = options.clone();
        options.remove("proofValue");
        let mut unsecured = secured.clone();
        unsecured.remove("proof");
        // A Linked Data Signature is added after the proof (FEP-8b32, Backward compatibility).
        unsecured.remove("signature");
        take_context(&mut unsecured, &options)?;
        let message = hash_data(&options, &unsecured)
            .ok_or(ProofError::Broken("the document has no canonical form"))?;
        Ok(Some(Proof {
            method: method.to_owned(),
            created,
            message,
            signature,
        }))
    }

    /// Verifies that `key` made the proof of this document.
    ///
    /// # Errors
    /// [`ProofError::Broken`] if it did not.
    pub fn verify(&self, key: &PublicKey) -> Result<(), ProofError> {
        key.verify(Algorithm::Ed25519, &self.message, &self.signature)
            .map_err(|_| ProofError::Broken("it does not fit the document and the key"))
    }
}

/// Returns the first proof with the supported type and cryptosuite.
fn supported(proof: &Value) -> Option<&Map<String, Value>> {
    let is_ours = |proof: &&Map<String, Value>| {
        proof.get("type") == Some(&json!(TYPE)) && proof.get("cryptosuite") == Some(&json!(SUITE))
    };
    match proof {
        Value::Array(list) => list.iter().filter_map(Value::as_object).find(is_ours),
        one => one.as_object().filter(is_ours),
    }
}

/// Returns the time of creation, if the proof has not expired.
fn check_times(
    options: &Map<String, Value>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, ProofError> {
    let time = |name: &str| match options.get(name) {
        None => Ok(None),
        Some(written) => written
            .as_str()
            .and_then(parse_rfc3339)
            .map(Some)
            .ok_or(ProofError::Broken("its time is no time")),
    };
    match time("expires")? {
        Some(expires) if expires < now => Err(ProofError::Ignored("it has expired")),
        _ => time("created"),
    }
}

/// Replaces the document's contexts by the signed ones, with which they must begin (3.3.2, step 4).
fn take_context(
    document: &mut Map<String, Value>,
    options: &Map<String, Value>,
) -> Result<(), ProofError> {
    let Some(signed) = options.get("@context") else {
        return Ok(());
    };
    let list = |context: Option<&Value>| match context {
        None => Vec::new(),
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
    };
    if !list(document.get("@context")).starts_with(&list(Some(signed))) {
        return Err(ProofError::Broken("it was made in another context"));
    }
    document.insert("@context".into(), signed.clone());
    Ok(())
}

/// Returns the hash of the proof's options followed by the hash of the document (3.3.4).
fn hash_data(options: &Map<String, Value>, document: &Map<String, Value>) -> Option<Vec<u8>> {
    let mut hashes = Vec::with_capacity(64);
    for part in [options, document] {
        let canonical = serde_json_canonicalizer::to_vec(part).ok()?;
        hashes.extend_from_slice(digest(&SHA256, &canonical).as_ref());
    }
    Some(hashes)
}

#[cfg(test)]
mod tests;
