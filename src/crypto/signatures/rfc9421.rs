//! RFC 9421, HTTP Message Signatures: parses `Signature-Input` and `Signature`, and builds the signature base.

use super::{
    Message, SIGNATURE, SignatureError, Style, Unverified, check_expires, check_signed_at,
    digest::CONTENT_DIGEST, key_id,
};
use crate::crypto::keys::Algorithm;
use sfv::{BareItem, Dictionary, FieldType, InnerList, Item, ListEntry, Parser};

pub(super) const SIGNATURE_INPUT: &str = "signature-input";

/// The names of the supported algorithms in the registry of RFC 9421 6.2.2.
pub(super) const RSA_V1_5_SHA256: &str = "rsa-v1_5-sha256";
pub(super) const ED25519: &str = "ed25519";

/// The maximum number of signatures. Proxies may add some to the sender's.
const MAX_LABELS: usize = 4;
/// The maximum number of covered components, more than any server signs.
const MAX_COVERED: usize = 32;

/// Parses the RFC 9421 signatures of a request, and checks everything that needs no key. Returns the first valid one, or
/// else the error of the first.
pub(super) fn read(message: &Message<'_>) -> Result<Unverified, SignatureError> {
    let inputs = dictionary(message, SIGNATURE_INPUT)?;
    let signatures = dictionary(message, SIGNATURE)?;
    if inputs.len() > MAX_LABELS {
        return Err(SignatureError::malformed(
            "Signature-Input header",
            "of at most 4 signatures",
        ));
    }
    let mut first_error = None;
    for (label, input) in &inputs {
        match candidate(message, input, signatures.get(label)) {
            Ok(unverified) => return Ok(unverified),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(SignatureError::Unsigned))
}

fn dictionary(message: &Message<'_>, header: &str) -> Result<Dictionary, SignatureError> {
    Parser::new(&message.field(header)?)
        .parse()
        .map_err(|_| SignatureError::malformed(header, "a dictionary (RFC 9651)"))
}

fn candidate(
    message: &Message<'_>,
    input: &ListEntry,
    signature: Option<&ListEntry>,
) -> Result<Unverified, SignatureError> {
    let input = Input::read(input)?;
    let signature = signature_bytes(signature)?;
    check_coverage(message, &input.covered)?;
    check_signed_at(input.created, message.now)?;
    check_expires(input.expires, message.now)?;
    message.check_digests(&input.covered, &[CONTENT_DIGEST])?;
    let base = base(message, &input.covered, &input.text)?;
    Ok(Unverified {
        base_without_query: None,
        key_id: input.key_id,
        style: Style::Rfc9421,
        algorithm: input.algorithm,
        base,
        signature,
    })
}

/// One member of `Signature-Input` (section 4.1).
struct Input {
    covered: Vec<String>,
    key_id: String,
    algorithm: Option<Algorithm>,
    /// Unix seconds.
    created: i64,
    expires: Option<i64>,
    /// The serialized member, which is part of the signature base (section 2.3).
    text: String,
}

impl Input {
    fn read(entry: &ListEntry) -> Result<Self, SignatureError> {
        let ListEntry::InnerList(list) = entry else {
            return Err(SignatureError::malformed(
                "Signature-Input header",
                "a list",
            ));
        };
        let created = integer(list, "created")?;
        Ok(Self {
            covered: covered(list)?,
            key_id: key_id(&string(list, "keyid")?.ok_or_else(|| absent("keyid"))?)?,
            algorithm: algorithm(list)?,
            created: created.ok_or_else(|| absent("created"))?,
            expires: integer(list, "expires")?,
            text: serialized(list.clone()),
        })
    }
}

fn algorithm(list: &InnerList) -> Result<Option<Algorithm>, SignatureError> {
    match string(list, "alg")?.as_deref() {
        None => Ok(None),
        Some(RSA_V1_5_SHA256) => Ok(Some(Algorithm::RsaSha256)),
        Some(ED25519) => Ok(Some(Algorithm::Ed25519)),
        Some(other) => Err(SignatureError::unsupported("algorithm", other)),
    }
}

/// Returns the names of the covered components. Component parameters (`;req`, `;bs`, `;sf`, `;key`, `;tr`, `;name`) change
/// their meaning and are refused, since no fediverse server sends them.
fn covered(list: &InnerList) -> Result<Vec<String>, SignatureError> {
    let malformed = || SignatureError::malformed("component list", "a short one of distinct names");
    let mut names: Vec<String> = Vec::new();
    for item in &list.items {
        let name = item.bare_item.as_string().ok_or_else(malformed)?.as_str();
        if !item.params.is_empty() {
            return Err(SignatureError::unsupported(
                "parameter of the component",
                name,
            ));
        }
        let is_lower_case = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        let is_known = names.iter().any(|known| known == name);
        if !is_lower_case || is_known || names.len() == MAX_COVERED {
            return Err(malformed());
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

fn check_coverage(message: &Message<'_>, covered: &[String]) -> Result<(), SignatureError> {
    let covers = |name: &str| covered.iter().any(|covered| covered == name);
    if !covers("@method") {
        return Err(SignatureError::Uncovered("@method"));
    }
    let covers_query = message.query().is_none() || covers("@query");
    let covers_parts = covers("@authority") && covers("@path") && covers_query;
    if covers("@target-uri") || covers_parts {
        Ok(())
    } else {
        Err(SignatureError::Uncovered("@target-uri"))
    }
}

/// Returns the value of a component (sections 2.1 and 2.2).
fn component(message: &Message<'_>, name: &str) -> Result<String, SignatureError> {
    let authority = message.authority();
    match name {
        "@method" => Ok(message.method().to_owned()),
        "@target-uri" => Ok(target_uri(
            message.scheme(),
            authority,
            message.path_and_query(),
        )),
        "@authority" => Ok(authority.to_owned()),
        "@scheme" => Ok(message.scheme().to_owned()),
        "@request-target" => Ok(message.path_and_query().to_owned()),
        "@path" => Ok(message.path().to_owned()),
        "@query" => Ok(format!("?{}", message.query().unwrap_or_default())),
        _ if name.starts_with('@') => Err(SignatureError::unsupported("component", name)),
        _ => message.field(name),
    }
}

/// Returns the value of `@target-uri`.
pub(super) fn target_uri(scheme: &str, authority: &str, path_and_query: &str) -> String {
    format!("{scheme}://{authority}{path_and_query}")
}

fn base(
    message: &Message<'_>,
    covered: &[String],
    parameters: &str,
) -> Result<String, SignatureError> {
    let lines = covered
        .iter()
        .map(|name| Ok((name.as_str(), component(message, name)?)))
        .collect::<Result<Vec<_>, SignatureError>>()?;
    Ok(signature_base(&lines, parameters))
}

/// Returns the signature base (section 2.5) of the names and values of the covered components. `parameters` is the
/// [`serialized`] member of `Signature-Input`.
pub(super) fn signature_base(lines: &[(&str, String)], parameters: &str) -> String {
    let mut base = String::new();
    for (name, value) in lines {
        base += &format!("\"{name}\": {value}\n");
    }
    base + "\"@signature-params\": " + parameters
}

/// Serializes a member of `Signature-Input` without its label (RFC 9651 4.1.1.1).
pub(super) fn serialized(list: InnerList) -> String {
    // Only an empty list can't be serialized, and this one has a member.
    vec![ListEntry::InnerList(list)]
        .serialize()
        .unwrap_or_default()
}

fn signature_bytes(entry: Option<&ListEntry>) -> Result<Vec<u8>, SignatureError> {
    match entry {
        Some(ListEntry::Item(Item {
            bare_item: BareItem::ByteSequence(bytes),
            ..
        })) => Ok(bytes.clone()),
        Some(_) => Err(SignatureError::malformed("signature", "a byte sequence")),
        None => Err(absent("signature of the same label")),
    }
}

fn integer(list: &InnerList, name: &'static str) -> Result<Option<i64>, SignatureError> {
    parameter(list, name, "a Unix time in seconds", |value| {
        value.as_integer().map(i64::from)
    })
}

fn string(list: &InnerList, name: &'static str) -> Result<Option<String>, SignatureError> {
    parameter(list, name, "a string", |value| {
        value.as_string().map(|text| text.as_str().to_owned())
    })
}

fn parameter<T>(
    list: &InnerList,
    name: &'static str,
    expected: &'static str,
    read: impl Fn(&BareItem) -> Option<T>,
) -> Result<Option<T>, SignatureError> {
    match list.params.get(name) {
        None => Ok(None),
        Some(value) => match read(value) {
            None => Err(SignatureError::malformed(name, expected)),
            some => Ok(some),
        },
    }
}

fn absent(what: &str) -> SignatureError {
    SignatureError::Absent(what.to_owned())
}

/// Returns the signature base for a member of `Signature-Input`, without any other check.
#[cfg(test)]
pub(super) fn base_for_test(
    message: &Message<'_>,
    list: &InnerList,
) -> Result<String, SignatureError> {
    base(message, &covered(list)?, &serialized(list.clone()))
}
