//! Refuses JSON-LD that gives a document another meaning than its plain keys have.
//!
//! Documents are read by their plain keys, as on most servers. A JSON-LD processor would read another document if the
//! context redefined these keys, or if JSON-LD keywords hid content from a plain reader.

use serde_json::{Map, Value};

const VOCABULARY: &str = "https://www.w3.org/ns/activitystreams#";

/// The keys whose meaning must not change.
const PROTECTED: [&str; 12] = [
    "id",
    "type",
    "actor",
    "object",
    "target",
    "attributedTo",
    "inReplyTo",
    "to",
    "cc",
    "content",
    "url",
    "published",
];

/// The reason for which a document was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ContextError {
    #[error("{0} is not accepted")]
    Keyword(&'static str),
    #[error("the context redefines {0}")]
    Redefined(&'static str),
}

/// Checks a document and everything in it.
///
/// # Errors
/// If it has a forbidden keyword, or redefines a protected key.
pub fn check_json_ld(value: &Value) -> Result<(), ContextError> {
    match value {
        Value::Array(list) => list.iter().try_for_each(check_json_ld),
        Value::Object(object) => {
            refuse_keywords(object)?;
            if let Some(context) = object.get("@context") {
                check_context(context)?;
            }
            object
                .iter()
                .filter(|(key, _)| *key != "@context")
                .try_for_each(|(_, value)| check_json_ld(value))
        }
        _ => Ok(()),
    }
}

fn refuse_keywords(object: &Map<String, Value>) -> Result<(), ContextError> {
    for keyword in ["@graph", "@reverse", "@included", "@nest"] {
        if object.contains_key(keyword) {
            return Err(ContextError::Keyword(keyword));
        }
    }
    Ok(())
}

fn check_context(context: &Value) -> Result<(), ContextError> {
    match context {
        Value::Array(list) => list.iter().try_for_each(check_context),
        Value::Object(terms) => PROTECTED
            .iter()
            .try_for_each(|name| match terms.get(*name) {
                Some(meaning) if !is_standard(name, meaning) => Err(ContextError::Redefined(name)),
                _ => Ok(()),
            }),
        _ => Ok(()),
    }
}

/// Returns whether a term definition is the standard one.
fn is_standard(name: &str, meaning: &Value) -> bool {
    let iri = match meaning {
        Value::String(iri) => iri.as_str(),
        Value::Object(definition) => match definition.get("@id").and_then(Value::as_str) {
            Some(iri) if !definition.contains_key("@reverse") => iri,
            _ => return false,
        },
        _ => return false,
    };
    match name {
        "id" => iri == "@id",
        "type" => iri == "@type",
        _ => {
            let short = iri
                .strip_prefix("as:")
                .or_else(|| iri.strip_prefix(VOCABULARY));
            short == Some(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn contexts_of_real_servers_are_accepted() {
        let mastodon = json!({"@context": ["https://www.w3.org/ns/activitystreams",
            {"ostatus": "http://ostatus.org#", "sensitive": "as:sensitive", "toot": "http://joinmastodon.org/ns#",
             "votersCount": "toot:votersCount", "type": "@type", "id": "@id",
             "inReplyTo": {"@id": "as:inReplyTo", "@type": "@id"}}], "type": "Create"});
        assert_eq!(check_json_ld(&mastodon), Ok(()));
    }

    #[test]
    fn redefined_and_hidden_terms_are_refused() {
        for document in [
            json!({"@context": {"actor": "https://evil.example/x"}}),
            json!({"@context": [{"id": "https://evil.example/x"}]}),
            json!({"@context": {"object": {"@reverse": "as:object", "@id": "as:object"}}}),
            json!({"@graph": []}),
            json!({"object": {"@reverse": {}}}),
            json!({"object": [{"@included": {}}]}),
        ] {
            assert!(check_json_ld(&document).is_err(), "{document}");
        }
    }
}
