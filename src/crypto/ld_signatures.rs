//! Linked Data Signatures (`RsaSignature2017`) of local public replies, for servers that accept forwarded activities only
//! with such a signature (Misskey, older Mastodon). This node never verifies one: it verifies the integrity proof of a
//! forwarded activity, or fetches its object.
//!
//! The signature covers hashes of canonical RDF. The JSON-LD contexts of local documents are built in, so that nothing is
//! fetched.

use super::keys::PrivateKey;
use crate::base::time::format_rfc3339;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use oxjsonld::{JsonLdParser, JsonLdRemoteDocument};
use oxrdf::{
    Dataset,
    dataset::{CanonicalizationAlgorithm, CanonicalizationHashAlgorithm},
};
use serde_json::{Value, json};

/// The maximum size of a signed activity, in bytes.
const MAX_BODY: usize = 64 * 1024;
/// The maximum number of statements, since the cost of naming blank nodes grows with it.
const MAX_QUADS: usize = 500;

/// The context that defines `signature`.
const SECURITY: &str = "https://w3id.org/security/v1";

/// The built-in contexts.
const CONTEXTS: [(&str, &str); 3] = [
    (
        "https://www.w3.org/ns/activitystreams",
        include_str!("contexts/activitystreams.json"),
    ),
    (SECURITY, include_str!("contexts/security-v1.json")),
    (
        "https://w3id.org/security/data-integrity/v1",
        include_str!("contexts/data-integrity-v1.json"),
    ),
];

/// Returns the contexts of an activity. One that may be signed defines `signature`, since some servers rewrite
/// activities into contexts of their own. The contexts are set before any other proof is made.
pub fn contexts(mut contexts: Value, kind: &str, object: &Value) -> Value {
    if let Some(list) = contexts.as_array_mut().filter(|_| is_signed(kind, object)) {
        list.push(json!(SECURITY));
    }
    contexts
}

/// Signs a public activity with its actor's RSA key `key_id`, if it is a reply, or a deletion that may be of a reply.
/// Returns `None` if it is neither, or can't be signed.
pub fn signed_reply(
    body: &str,
    key: &PrivateKey,
    key_id: &str,
    now: DateTime<Utc>,
) -> Option<String> {
    if body.len() > MAX_BODY {
        return None;
    }
    let mut document: Value = serde_json::from_str(body).ok()?;
    let contexts = document["@context"].as_array()?;
    let kind = document["type"].as_str()?;
    if !contexts.contains(&json!(SECURITY)) || !is_signed(kind, &document["object"]) {
        return None;
    }
    let created = format_rfc3339(now);
    let message = hash(&options(key_id, &created)) + &hash(&canonical(&document)?);
    let signature = key.sign(message.as_bytes()).ok()?;
    document["signature"] = json!({
        "type": "RsaSignature2017",
        "creator": key_id,
        "created": created,
        "signatureValue": BASE64.encode(signature),
    });
    Some(document.to_string())
}

fn is_signed(kind: &str, object: &Value) -> bool {
    match kind {
        "Create" | "Update" => object["inReplyTo"].is_string(),
        // The deletion of a reply no longer names its parent, but an article was never a reply.
        "Delete" => object["formerType"] != "Article",
        _ => false,
    }
}

/// Returns the options of the signature in canonical RDF, by the terms of <https://w3id.org/identity/v1>.
fn options(creator: &str, created: &str) -> String {
    format!(
        "_:c14n0 <http://purl.org/dc/terms/created> \"{created}\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n\
         _:c14n0 <http://purl.org/dc/terms/creator> <{creator}> .\n"
    )
}

/// Returns a document as canonical N-Quads (URDNA2015). Its successor RDFC-1.0 writes control characters differently,
/// so a text that contains any has no canonical form here.
fn canonical(document: &Value) -> Option<String> {
    let text = document.to_string();
    let mut dataset = Dataset::new();
    let parser = JsonLdParser::new()
        .for_slice(&text)
        .with_load_document_callback(|url, _| load(url));
    for quad in parser {
        let quad = quad.ok()?;
        if dataset.len() >= MAX_QUADS || has_controls(&quad.object.to_string()) {
            return None;
        }
        dataset.insert(&quad);
    }
    dataset.canonicalize(CanonicalizationAlgorithm::Rdfc10 {
        hash_algorithm: CanonicalizationHashAlgorithm::Sha256,
    });
    let mut lines: Vec<String> = dataset.iter().map(|quad| format!("{quad} .\n")).collect();
    lines.sort_unstable();
    Some(lines.concat())
}

/// Returns whether a term has an escape that the two algorithms do not share.
fn has_controls(term: &str) -> bool {
    let mut escapes = term.match_indices('\\');
    let mut skip = usize::MAX;
    escapes.any(|(at, _)| {
        if skip == at {
            return false;
        }
        skip = at + 1;
        !matches!(
            term.as_bytes().get(at + 1),
            Some(b'n' | b'r' | b'"' | b'\\')
        )
    })
}

fn load(url: &str) -> Result<JsonLdRemoteDocument, Box<dyn std::error::Error + Send + Sync>> {
    let found = CONTEXTS.iter().find(|(known, _)| *known == url);
    let (url, context) = found.ok_or("no such context")?;
    Ok(JsonLdRemoteDocument {
        document: context.as_bytes().to_vec(),
        document_url: (*url).to_owned(),
    })
}

/// Returns the SHA-256 hash in hexadecimal.
fn hash(text: &str) -> String {
    HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::keys::{Algorithm, PublicKey};

    /// Returns whether a signature matches its document and the key.
    fn verifies(document: &Value, key: &PublicKey) -> bool {
        let mut bare = document.clone();
        let signature = bare.as_object_mut().unwrap().remove("signature").unwrap();
        let text = |name: &str| signature[name].as_str().unwrap();
        let message =
            hash(&options(text("creator"), text("created"))) + &hash(&canonical(&bare).unwrap());
        let value = BASE64.decode(text("signatureValue")).unwrap();
        key.verify(Algorithm::RsaSha256, message.as_bytes(), &value)
            .is_ok()
    }

    /// The contexts of local documents, shortened.
    fn our_contexts() -> Value {
        json!([
            "https://www.w3.org/ns/activitystreams",
            "https://w3id.org/security/data-integrity/v1",
            {"Hashtag": "as:Hashtag"},
        ])
    }

    fn reply() -> Value {
        let object = json!({"inReplyTo": "https://b.example/notes/2"});
        json!({
            "@context": contexts(our_contexts(), "Create", &object),
            "id": "https://a.example/activities/1", "type": "Create", "actor": "https://a.example/users/blog",
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "object": {
                "id": "https://a.example/notes/1", "type": "Note", "attributedTo": "https://a.example/users/blog",
                "inReplyTo": "https://b.example/notes/2", "content": "<p>A \"word\" \\ or two.\nЁ 🎉</p>",
                "published": "2026-01-02T03:04:05Z", "contentMap": {"en": "<p>A word.</p>"},
                "tag": [{"type": "Mention", "href": "https://b.example/users/x", "name": "@x@b.example"},
                    {"type": "Mention", "href": "https://b.example/users/y", "name": "@y@b.example"}],
            }
        })
    }

    #[test]
    fn a_reply_is_signed_and_nothing_else() {
        let key = PrivateKey::generate_rsa().unwrap();
        let sign = |document: &Value| {
            signed_reply(
                &document.to_string(),
                &key,
                "https://a.example/users/blog#main-key",
                Utc::now(),
            )
        };
        let public = PublicKey::from_pem(&key.public_key_pem()).unwrap();
        let mut signed: Value = serde_json::from_str(&sign(&reply()).unwrap()).unwrap();
        assert!(verifies(&signed, &public));
        signed["object"]["content"] = json!("<p>Another word.</p>");
        assert!(!verifies(&signed, &public));
        let spoiled = |pointer: &str, value: Value| {
            let mut document = reply();
            *document.pointer_mut(pointer).unwrap() = value;
            document
        };
        for document in [
            spoiled("/object/inReplyTo", Value::Null),
            spoiled("/type", json!("Announce")),
            spoiled("/object/content", json!("A\tword")),
            spoiled("/object/content", json!("\u{7f}")),
            spoiled("/object/content", json!("x".repeat(MAX_BODY))),
            spoiled("/@context", json!(["https://unknown.example/", SECURITY])),
        ] {
            assert_eq!(sign(&document), None, "{document}");
        }
    }

    /// Recorded from Mastodon 4.6.5, with the key of the account that sent them.
    #[test]
    fn what_a_running_mastodon_signed_has_the_same_form_here() {
        let key = PublicKey::from_pem(include_str!("../../tests/fixtures/ld/key.pem")).unwrap();
        for activity in [
            include_str!("../../tests/fixtures/ld/create-note-nested.json"),
            include_str!("../../tests/fixtures/ld/create-note-picture.json"),
            include_str!("../../tests/fixtures/ld/create-question.json"),
            include_str!("../../tests/fixtures/ld/delete-tombstone.json"),
        ] {
            let activity: Value = serde_json::from_str(activity).unwrap();
            assert!(verifies(&activity, &key), "{}", activity["id"]);
        }
    }

    #[test]
    fn statements_are_named_in_the_same_order_whatever_that_of_the_document() {
        let mut turned = reply();
        turned["object"]["tag"].as_array_mut().unwrap().reverse();
        assert_eq!(canonical(&turned), canonical(&reply()));
        let canonical = canonical(&reply()).unwrap();
        assert!(
            canonical.contains("\"<p>A \\\"word\\\" \\\\ or two.\\nЁ 🎉</p>\""),
            "{canonical}"
        );
        assert!(
            canonical.contains("_:c14n0") && canonical.contains("_:c14n1"),
            "{canonical}"
        );
    }
}
