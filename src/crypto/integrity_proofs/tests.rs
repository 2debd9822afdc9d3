//! The test vectors of FEP-8b32 and W3C, canonical JSON as RFC 8785 has it, and what a change of anything does.

use super::*;

/// What somebody does to a document or a proof.
type Change = fn(&mut Value);

/// The key pair of both sources of test vectors.
const SECRET: &str = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq";
const PUBLIC: &str = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";

fn public() -> PublicKey {
    PublicKey::from_multibase(PUBLIC).unwrap()
}

fn secret() -> PrivateKey {
    let bytes = bs58::decode(&SECRET[1..]).into_vec().unwrap();
    // After the two bytes of the multicodec `ed25519-priv` comes the seed; before it, the frame of PKCS#8.
    let frame = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    PrivateKey::from_pkcs8_der(&[&frame[..], &bytes[2..]].concat()).unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    parse_rfc3339(text).unwrap()
}

fn check(document: &Value) -> Result<(), ProofError> {
    let proof = Proof::of(document, moment("2026-01-01T00:00:00Z"))?;
    proof.expect("there is a proof").verify(&public())
}

/// `fep-8b32.feature`, "Signing document".
fn fep_document() -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/data-integrity/v2"],
        "id": "https://server.example/activities/1",
        "type": "Create",
        "actor": "https://server.example/users/alice",
        "object": {
            "id": "https://server.example/objects/1",
            "type": "Note",
            "attributedTo": "https://server.example/users/alice",
            "content": "Hello world",
            "location": {"type": "Place", "longitude": -71.184902, "latitude": 25.273962}
        }
    })
}

fn signed() -> Value {
    let mut document = fep_document();
    let method = "https://server.example/users/alice#ed25519-key";
    add(
        &mut document,
        &secret(),
        method,
        moment("2023-02-24T23:36:38Z"),
    )
    .unwrap();
    document
}

#[test]
fn the_feps_document_gets_the_feps_proof() {
    let document = signed();
    let proof = &document["proof"];
    assert_eq!(
        proof["proofValue"],
        "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL"
    );
    assert_eq!(proof["@context"], document["@context"]);
    assert_eq!(proof["created"], "2023-02-24T23:36:38Z");
    assert_eq!(check(&document), Ok(()));
    let read = Proof::of(&document, Utc::now()).unwrap().unwrap();
    assert_eq!(
        read.method,
        "https://server.example/users/alice#ed25519-key"
    );
}

/// TestVectors/eddsa-jcs-2022/signedJCS.json of w3c/vc-di-eddsa.
#[test]
fn the_w3cs_credential_verifies() {
    let credential = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "AlumniCredential"],
        "name": "Alumni Credential",
        "description": "A minimum viable example of an Alumni Credential.",
        "issuer": "https://vc.example/issuers/5678",
        "validFrom": "2023-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "created": "2023-02-24T23:36:38Z",
            "verificationMethod": "https://vc.example/issuers/5678#z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
            "proofPurpose": "assertionMethod",
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
            "proofValue": "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjmeEuCBEsddF9LsVogtuTsijJKh4"
        }
    });
    assert_eq!(check(&credential), Ok(()));
}

/// RFC 8785 3.2.2 and 3.2.3, and appendix B.
#[test]
fn canonical_json_is_rfc_8785s() {
    let canonical = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap();
        serde_json_canonicalizer::to_string(&value).unwrap()
    };
    assert_eq!(
        canonical(
            r#"{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"#
        ),
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
         \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
    );
    // By UTF-16 code units, in which the emoji comes before the Hebrew letter's presentation form.
    assert_eq!(
        canonical(r#"{"\ufb33": 1, "\ud83d\ude00": 2, "\u20ac": 3, "\r": 4, "1": 5}"#),
        "{\"\\r\":4,\"1\":5,\"\u{20ac}\":3,\"\u{1f600}\":2,\"\u{fb33}\":1}"
    );
    for (written, canonical_form) in [
        ("-0.0", "0"),
        ("5e-324", "5e-324"),
        ("1e21", "1e+21"),
        ("1e20", "100000000000000000000"),
        ("9007199254740993", "9007199254740992"),
        ("-71.184902", "-71.184902"),
        ("10.0", "10"),
    ] {
        assert_eq!(canonical(written), canonical_form, "{written}");
    }
}

#[test]
fn a_change_of_anything_breaks_the_proof() {
    let changes: [(&str, Change); 10] = [
        ("a word", |it| {
            it["object"]["content"] = json!("Hello, world")
        }),
        ("a number", |it| {
            it["object"]["location"]["latitude"] = json!(25.273963)
        }),
        ("something more", |it| it["to"] = json!("as:Public")),
        ("something less", |it| {
            drop(it.as_object_mut().unwrap().remove("actor"))
        }),
        ("the time", |it| {
            it["proof"]["created"] = json!("2023-02-24T23:36:39Z")
        }),
        ("the key", |it| {
            it["proof"]["verificationMethod"] = json!("https://server.example/x")
        }),
        ("the purpose", |it| {
            it["proof"]["proofPurpose"] = json!("authentication")
        }),
        ("the contexts", |it| {
            it["@context"] = json!(["https://w3id.org/security/data-integrity/v2"])
        }),
        ("the value", |it| it["proof"]["proofValue"] = json!("z0OIl")),
        ("the value's length", |it| {
            it["proof"]["proofValue"] = json!(format!("z{}", "1".repeat(100_000)))
        }),
    ];
    for (name, change) in changes {
        let mut document = signed();
        change(&mut document);
        assert!(
            matches!(check(&document), Err(ProofError::Broken(_))),
            "{name}"
        );
    }
    let other = PrivateKey::generate_ed25519().unwrap();
    let proof = Proof::of(&signed(), Utc::now()).unwrap().unwrap();
    assert!(proof.verify(other.public()).is_err());
}

#[test]
fn what_does_not_touch_it_leaves_it_whole() {
    let mut document = signed();
    document["signature"] = json!({"type": "RsaSignature2017"});
    document["@context"]
        .as_array_mut()
        .unwrap()
        .push(json!({"a": "https://a.example/"}));
    assert_eq!(check(&document), Ok(()));
    document["proof"] = json!([{"type": "Ed25519Signature2020"}, document["proof"]]);
    assert_eq!(check(&document), Ok(()));
}

#[test]
fn a_proof_of_another_kind_is_as_none() {
    let changes: [(&str, Change); 5] = [
        ("another suite", |it| {
            it["cryptosuite"] = json!("eddsa-rdfc-2022")
        }),
        ("another type", |it| {
            it["type"] = json!("Ed25519Signature2020")
        }),
        ("a key without address", |it| {
            it["verificationMethod"] = json!("did:key:z6Mk#z6Mk")
        }),
        ("expired", |it| {
            it["expires"] = json!("2024-01-01T00:00:00Z")
        }),
        ("a word", |it| *it = json!("proof")),
    ];
    for (name, change) in changes {
        let mut document = signed();
        change(&mut document["proof"]);
        assert!(
            matches!(check(&document), Err(ProofError::Ignored(_))),
            "{name}"
        );
    }
    assert!(Proof::of(&fep_document(), Utc::now()).unwrap().is_none());
    assert!(Proof::of(&json!([]), Utc::now()).unwrap().is_none());
}
