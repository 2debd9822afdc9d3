//! Object Integrity Proofs (FEP-8b32), made and checked: the cryptosuite `eddsa-jcs-2022` of W3C's Data
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

/// What the 64 bytes of a signature take in base58, at the most.
const MAX_VALUE: usize = 96;

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Of a kind that is not known here, or expired: as if it were absent (FEP-8b32, Proof verification).
    #[error("the proof is not used: {0}")]
    Ignored(&'static str),
    /// It says that the document is not what its author made, or says nothing at all.
    #[error("the proof is broken: {0}")]
    Broken(&'static str),
}

/// Adds the proof of `key`, which other servers find by the id `method`.
///
/// # Errors
/// If the document is no object, or the key can't sign.
pub fn add(
    document: &mut Value,
    key: &PrivateKey,
    method: &str,
    now: DateTime<Utc>,
) -> Result<(), KeyError> {
    let secured = document.as_object_mut().ok_or(KeyError::Sign)?;
    let mut options = Map::new();
    // The same contexts as the document's, in which both are to be read.
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

/// The proof of a document, not yet verified.
#[derive(Debug)]
pub struct Proof {
    /// The id of the key that made it.
    pub method: String,
    pub created: Option<DateTime<Utc>>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Proof {
    /// Reads the proof of a document; `None` if it has none.
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
        // A linked-data signature is made after the proof (FEP-8b32, Backward compatibility).
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

    /// Whether `key` made it, over just this document.
    ///
    /// # Errors
    /// [`ProofError::Broken`]
    pub fn verify(&self, key: &PublicKey) -> Result<(), ProofError> {
        key.verify(Algorithm::Ed25519, &self.message, &self.signature)
            .map_err(|_| ProofError::Broken("it does not fit the document and the key"))
    }
}

/// The first proof that is of our kind; a document should have one alone.
fn supported(proof: &Value) -> Option<&Map<String, Value>> {
    let is_ours = |proof: &&Map<String, Value>| {
        proof.get("type") == Some(&json!(TYPE)) && proof.get("cryptosuite") == Some(&json!(SUITE))
    };
    match proof {
        Value::Array(list) => list.iter().filter_map(Value::as_object).find(is_ours),
        one => one.as_object().filter(is_ours),
    }
}

/// When it was made, unless it has expired.
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

/// The document is read in the contexts that were signed; those it has must begin with them (3.3.2, step 4).
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

/// The hash of the proof's options, then that of the document (3.3.4).
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
